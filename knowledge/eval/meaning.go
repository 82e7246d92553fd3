package eval

import (
	"context"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
)

// embedder is the vectors that need no download, as the product takes an
// embedder.
type embedder struct{ v *vectors }

// EmbedDocuments implements [knowledge.Embedder].
func (e embedder) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	out := make([][]float32, len(texts))
	for i, t := range texts {
		out[i] = e.v.embed(t)
	}
	return out, nil
}

// EmbedQuery implements [knowledge.Embedder].
func (e embedder) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	return e.v.embed(text), nil
}

// meaning is the search path of the product with an embedder: here a weak one,
// to see that it does no harm.
func meaning(ctx context.Context, passages []bot.Passage) (func(text, lang string) []bot.Passage, error) {
	v, err := newVectors(passages)
	if err != nil {
		return nil, err
	}
	return product(ctx, passages, knowledge.Options{Embedder: embedder{v}, Model: "random indexing"})
}
