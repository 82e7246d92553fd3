// Package langchain joins a [knowledge.Base] and langchaingo, whose types stay
// in here. [NewEmbedder] lets a Base use any embedder that langchaingo reaches.
// A [Store] makes a Base a vectorstores.VectorStore, and by
// vectorstores.ToRetriever a retriever, so that a chain written for langchaingo
// can ask what a brand knows.
//
// A Base searches by words and concepts and needs no embedder; one in the
// options of a Store's methods is not used. Scores are chances in 0..1. What the
// Base does not know is an empty result, not the least bad document.
package langchain

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
)

// A Store is a Base as langchaingo sees it.
type Store struct{ Base *knowledge.Base }

// AddDocuments adds documents and returns their IDs: the metadata "id", or one
// made of the content, so that adding the same document again changes nothing.
// The metadata title, question, answer, source, url, lang and audience become
// those of the passage. It honours WithDeduplicater and WithNameSpace, which
// becomes part of the ID.
func (s Store) AddDocuments(ctx context.Context, docs []schema.Document, options ...vectorstores.Option) ([]string, error) {
	o := apply(options)
	var passages []bot.Passage
	var ids []string
	for _, d := range docs {
		if o.Deduplicater != nil && o.Deduplicater(ctx, d) {
			continue
		}
		text := func(key string) string {
			v, _ := d.Metadata[key].(string)
			return v
		}
		p := bot.Passage{
			ID: text("id"), Title: text("title"), Question: text("question"), Answer: text("answer"), Text: d.PageContent,
			Source: text("source"), URL: text("url"), Lang: text("lang"), Audience: text("audience"),
		}
		if p.ID == "" {
			sum := sha256.Sum256([]byte(p.Title + "\x00" + p.Text))
			p.ID = "langchain#" + hex.EncodeToString(sum[:8])
		}
		if o.NameSpace != "" {
			p.ID = o.NameSpace + "/" + p.ID
		}
		passages, ids = append(passages, p), append(ids, p.ID)
	}
	if len(passages) == 0 {
		return nil, nil
	}
	return ids, s.Base.Add(ctx, passages...)
}

// SimilaritySearch returns at most n documents that answer the query, best
// first. It honours WithScoreThreshold, and WithFilters given a
// map[string]string or map[string]any with lang, audience, or at (RFC 3339);
// other filters are an error rather than a result that they did not filter.
func (s Store) SimilaritySearch(ctx context.Context, query string, n int, options ...vectorstores.Option) ([]schema.Document, error) {
	o := apply(options)
	if o.NameSpace != "" {
		return nil, fmt.Errorf("similarity search: a Base has no name spaces to search in; make one Base for each")
	}
	if n <= 0 {
		return nil, nil
	}
	q := knowledge.Query{Text: query, N: n}
	if err := filter(&q, o.Filters); err != nil {
		return nil, fmt.Errorf("similarity search: %w", err)
	}
	answer, err := s.Base.Ask(ctx, q)
	if err != nil {
		return nil, err
	}
	var docs []schema.Document
	for _, p := range answer.Passages {
		if float32(p.Score) < o.ScoreThreshold {
			break
		}
		docs = append(docs, schema.Document{PageContent: p.Text, Score: float32(p.Score), Metadata: map[string]any{
			"id": p.ID, "title": p.Title, "question": p.Question, "answer": p.Answer,
			"source": p.Source, "url": p.URL, "lang": p.Lang, "audience": p.Audience,
		}})
	}
	return docs, nil
}

func apply(options []vectorstores.Option) vectorstores.Options {
	var o vectorstores.Options
	for _, f := range options {
		f(&o)
	}
	return o
}

// filter reads the filters that a Base knows.
func filter(q *knowledge.Query, filters any) error {
	values := map[string]string{}
	switch f := filters.(type) {
	case nil:
	case map[string]string:
		values = f
	case map[string]any:
		for key, v := range f {
			s, ok := v.(string)
			if !ok {
				return fmt.Errorf("filter %q is a %T; write a text", key, v)
			}
			values[key] = s
		}
	default:
		return fmt.Errorf("filters are a %T; write a map of texts", filters)
	}
	for key, v := range values {
		switch key {
		case "lang":
			q.Lang = v
		case "audience":
			q.Audience = v
		case "at":
			t, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return fmt.Errorf("filter at: %q is no time; write it as 2026-12-31T00:00:00Z", v)
			}
			q.At = t
		default:
			return fmt.Errorf("filter %q is unknown; lang, audience and at are known", key)
		}
	}
	return nil
}
