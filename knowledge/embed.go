package knowledge

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

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

// A meaner asks the embedder, and does without it for a while when it fails.
type meaner struct {
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
func (m *meaner) question(ctx context.Context, text string) []float32 {
	if m.Embedder == nil || text == "" {
		return nil
	}
	m.mu.Lock()
	v, ok := m.kept[text]
	rests := m.now().Before(m.until)
	m.mu.Unlock()
	if ok || rests {
		return v
	}
	quick, stop := context.WithTimeout(ctx, embedQuick)
	defer stop()
	v, err := m.EmbedQuery(quick, text)
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil || len(v) == 0 {
		if ctx.Err() == nil { // not the customer's own hanging up
			m.until = m.now().Add(embedRest)
			m.missed(fmt.Errorf("embed question: %w", err))
		}
		return nil
	}
	if len(m.kept) >= embedKept {
		clear(m.kept)
	}
	m.kept[text] = v
	return v
}

// passages gives the entries their vectors, and their hashes the mark of it.
// When the embedder fails the rest stays without: they are found by their words,
// and the next import tries again.
func (m *meaner) passages(ctx context.Context, entries []Entry, report *Report, progress func(string, int, int)) {
	if m.Embedder == nil {
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
		vectors, err := m.documents(ctx, texts)
		if err != nil {
			m.missed(err)
			report.Faults = append(report.Faults, importer.Remark{
				What:   fmt.Sprintf("passages without a vector: %d, since the embedder failed: %v", len(put)-from, err),
				Remedy: "they are found by their words; import again when it answers",
			})
			return
		}
		for i := range batch {
			batch[i].Vector = vectors[i]
			batch[i].Hash = m.mark(batch[i].Hash)
		}
	}
}

func (m *meaner) documents(ctx context.Context, texts []string) ([][]float32, error) {
	ctx, stop := context.WithTimeout(ctx, embedPatient)
	defer stop()
	vectors, err := m.EmbedDocuments(ctx, texts)
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
func (m *meaner) mark(hash string) string {
	if m.Embedder == nil {
		return hash
	}
	return hash + "-" + m.model
}

// keeps reports whether the vector that was stored is that of the new entry, too.
func (m *meaner) keeps(was, now *Entry) bool {
	return m.Embedder != nil && len(was.Vector) > 0 && strings.HasSuffix(was.Hash, m.mark("")) && meant(was) == meant(now)
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

// A likeness says from where on two vectors of this brand are more alike than
// neighbours are that answer different questions. Embedders differ in it, and so
// do brands, so it is learned from the passages themselves: each is compared
// with the one most like it.
type likeness struct{ half, width float64 }

const (
	likeLeast = 16  // passages with a vector; with fewer nothing is concluded
	likeSteep = 4.0 // widths from even odds to near certainty
	likeOrder = 2.0 // how much it counts for the order of passages: no harm even by a weak embedder (onki eval knowledge)
)

// learnLikeness looks at the nearest neighbour of each vector.
func learnLikeness(vectors [][]float32) *likeness {
	if len(vectors) < likeLeast {
		return nil
	}
	nearest := make([]float64, 0, len(vectors))
	for i, a := range vectors {
		best := -1.0
		for j, b := range vectors {
			if c := alikeness(a, b); i != j && c > best && c < 0.9999 { // not its own copy
				best = c
			}
		}
		nearest = append(nearest, best)
	}
	slices.Sort(nearest)
	half := nearest[len(nearest)-1]
	return &likeness{half, max(half-nearest[len(nearest)/2], 1e-6)}
}

// chance is how likely a passage is about the question whose vector is so like
// its own, by that alone.
func (l *likeness) chance(cosine float64) float64 {
	if l == nil || cosine == 0 {
		return 0
	}
	return 1 / (1 + math.Exp(-likeSteep*(cosine-l.half)/l.width))
}
