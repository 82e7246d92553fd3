package knowledge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/knowledge/importer"
)

// An Embedder turns texts into vectors that point the same way when the texts
// mean the same. Any embeddings.Embedder of langchaingo is one.
type Embedder interface {
	// EmbedDocuments returns a vector for each text, all of one length.
	EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error)
	// EmbedQuery returns the vector of a question.
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

const (
	embedBatch   = 64                      // texts of one call
	embedPatient = time.Minute             // of one call at an import
	embedQuick   = 1500 * time.Millisecond // of a question: the customer waits
	embedRest    = 10 * time.Second        // how long questions do without after a failure
	embedKept    = 512                     // questions whose vectors are remembered
)

// A vectorizer asks the embedder, and does without it for a while when it fails.
// Without an embedder it does nothing.
type vectorizer struct {
	Embedder
	model  string // names the embedder in hashes
	missed func(error)
	now    func() time.Time

	mu    sync.Mutex
	until time.Time // no question is asked before
	kept  map[string][]float32
}

// question returns the vector of a question, nil when there is none to be had:
// the search goes on by words alone.
func (z *vectorizer) question(ctx context.Context, text string) []float32 {
	if z.Embedder == nil || text == "" {
		return nil
	}
	z.mu.Lock()
	v, ok := z.kept[text]
	rests := z.now().Before(z.until)
	z.mu.Unlock()
	if ok || rests {
		return v
	}
	quick, stop := context.WithTimeout(ctx, embedQuick)
	defer stop()
	v, err := z.EmbedQuery(quick, redact.Mask(text).String()) // it may be somebody else's machine
	if err == nil && len(v) == 0 {
		err = errors.New("it gave an empty vector")
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	if err != nil {
		if ctx.Err() == nil { // not the customer's own hanging up
			z.until = z.now().Add(embedRest)
			z.missed(fmt.Errorf("embed question: %w", err))
		}
		return nil
	}
	if len(z.kept) >= embedKept {
		clear(z.kept)
	}
	z.kept[text] = v
	return v
}

// passages gives the entries their vectors, and their hashes the mark of it.
// When the embedder fails the rest stays without: they are found by their words,
// and the next import tries again.
func (z *vectorizer) passages(ctx context.Context, entries []Entry, report *Report, progress func(string, int, int)) {
	if z.Embedder == nil {
		return
	}
	var put []*Entry
	for i := range entries {
		if len(entries[i].Vector) == 0 {
			put = append(put, &entries[i])
		}
	}
	for from := 0; from < len(put); from += embedBatch {
		if progress != nil {
			progress("embedding", from, len(put))
		}
		batch := put[from:min(from+embedBatch, len(put))]
		texts := make([]string, len(batch))
		for i := range batch {
			texts[i] = meant(batch[i])
		}
		vectors, err := z.documents(ctx, texts)
		if err != nil {
			z.missed(err)
			report.Faults = append(report.Faults, importer.Remark{
				What:   fmt.Sprintf("passages without a vector: %d, since the embedder failed: %v", len(put)-from, err),
				Remedy: "they are found by their words; import again when it answers",
			})
			return
		}
		for i := range batch {
			batch[i].Vector = vectors[i]
			batch[i].Hash = z.mark(batch[i].Hash)
		}
	}
}

func (z *vectorizer) documents(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, stop := context.WithTimeout(ctx, embedPatient)
	defer stop()
	vectors, err := z.EmbedDocuments(ctx, texts)
	if err != nil {
		return nil, err
	}
	if len(vectors) != len(texts) {
		return nil, fmt.Errorf("it gave %d vectors for %d texts", len(vectors), len(texts))
	}
	for _, v := range vectors {
		if len(v) == 0 || len(v) != len(vectors[0]) {
			return nil, fmt.Errorf("it gave vectors of %d and %d dimensions", len(vectors[0]), len(v))
		}
	}
	return vectors, nil
}

// mark is the hash of a passage that has a vector of this embedder.
func (z *vectorizer) mark(hash string) string {
	if z.Embedder == nil {
		return hash
	}
	return hash + "-" + z.model
}

// keeps reports whether the vector that was stored is that of the new entry, too.
func (z *vectorizer) keeps(was, now *Entry) bool {
	return z.Embedder != nil && len(was.Vector) > 0 && strings.HasSuffix(was.Hash, z.mark("")) && meant(was) == meant(now)
}

// meant is what an embedder reads of a passage.
func meant(e *Entry) string {
	p := &e.Passage
	head := p.Title
	if p.Question != "" {
		head = p.Question
	}
	return head + "\n" + p.Text
}

// A closeness says from where on two vectors of this brand are more alike than
// neighbours are that answer different questions. Embedders differ in it, and so
// do brands, so it is learned from the passages themselves: each is compared
// with the one most like it.
type closeness struct{ half, width float64 }

const (
	closeLeast = 16  // passages with a vector; with fewer nothing is concluded
	closeSteep = 4.0 // widths from even odds to near certainty
	closeOrder = 2.0 // how much it counts for the order of passages: no harm even by a weak embedder (onki eval knowledge)
)

// learnCloseness looks at the nearest neighbour of each vector.
func learnCloseness(vectors [][]float32) *closeness {
	if len(vectors) < closeLeast {
		return nil
	}
	nearest := make([]float64, 0, len(vectors))
	for i, a := range vectors {
		best := -1.0
		for j, b := range vectors {
			if c := Cosine(a, b); i != j && c > best && c < 0.9999 { // not its own copy
				best = c
			}
		}
		nearest = append(nearest, best)
	}
	slices.Sort(nearest)
	half := nearest[len(nearest)-1]
	return &closeness{half, max(half-nearest[len(nearest)/2], 1e-6)}
}

// chance is how likely a passage is about the question whose vector is so like
// its own, by that alone.
func (l *closeness) chance(cosine float64) float64 {
	if l == nil || cosine == 0 {
		return 0
	}
	return 1 / (1 + math.Exp(-closeSteep*(cosine-l.half)/l.width))
}
