package knowledge

import (
	"context"
	"sync"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// learn prepares everything that questions need from what the index holds.
func (b *Base) learn(ctx context.Context, lexicon *words.Lexicon) (*state, error) {
	s := &state{lexicon: lexicon, learned: true, cache: newCache()}
	if b.unasked {
		s.counter = &counts{}
		s.hashes, _ = hashCounter(s.counter)
		return s, nil
	}
	if c, ok := b.index.(Counter); ok {
		s.counter = c
	} else {
		counts, err := count(ctx, b.index, s)
		if err != nil {
			return nil, err
		}
		s.counter = counts
	}
	s.hashes, _ = hashCounter(s.counter)
	for _, name := range troubles() {
		if t, ok := lexicon.Concept(name); ok {
			s.troubles = append(s.troubles, t.Hash())
		}
	}
	var err error
	if b.vectors.Embedder != nil {
		if s.closeness, err = b.learnCloseness(ctx); err != nil {
			return nil, err
		}
	}
	s.classes, err = b.learnClasses(ctx, s)
	return s, err
}

// learnCloseness takes some vectors of the index, or asks the index for some.
func (b *Base) learnCloseness(ctx context.Context) (*closeness, error) {
	type sampler interface {
		Vectors(ctx context.Context, n int) ([][]float32, error)
	}
	const enough = 400
	if x, ok := b.index.(sampler); ok {
		vectors, err := x.Vectors(ctx, enough)
		return learnCloseness(vectors), err
	}
	var vectors [][]float32
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return nil, err
		}
		if len(e.Vector) > 0 {
			vectors = append(vectors, e.Vector)
		}
	}
	return learnCloseness(vectors), nil
}

// countHash returns how many passages hold the term with this hash.
func (s *state) countHash(h uint64) int { return s.hashes(h) }

// hashCounter returns the quick way to count by hash.
func hashCounter(c Counter) (func(uint64) int, bool) {
	type byHash interface{ CountHash(uint64) int }
	if h, ok := c.(byHash); ok {
		return h.CountHash, true
	}
	return func(uint64) int { return 1 }, false
}

// counts are the numbers of a Base whose index does not count.
type counts struct {
	all   int
	terms map[uint64]uint32
}

func count(ctx context.Context, index Index, s *state) (*counts, error) {
	c := &counts{terms: map[uint64]uint32{}}
	seen := map[uint64]bool{}
	for e, err := range index.All(ctx) {
		if err != nil {
			return nil, err
		}
		if isRecord(&e.Passage) {
			continue
		}
		c.all++
		clear(seen)
		title, body := s.terms(&e.Passage)
		for _, list := range [][]words.Term{title, body} {
			for _, t := range list {
				if h := t.Hash(); !seen[h] {
					seen[h] = true
					c.terms[h]++
				}
			}
		}
	}
	return c, nil
}

// Len implements [Counter].
func (c *counts) Len() int { return c.all }

// Count implements [Counter].
func (c *counts) Count(t words.Term) int { return int(c.terms[t.Hash()]) }

// CountHash counts by the hash of a term.
func (c *counts) CountHash(h uint64) int { return int(c.terms[h]) }

// Near implements [Counter]: words are not kept here, syllable pairs have to
// do.
func (c *counts) Near(string, int) []string { return nil }

// maxCached is how many passages keep their terms at hand (about 1 kB each).
const maxCached = 4096

// A cache keeps the terms of passages that were found lately.
type cache struct {
	mu   sync.RWMutex
	byID map[string]*content
}

func newCache() *cache { return &cache{byID: map[string]*content{}} }

func (c *cache) get(s *state, p *bot.Passage) *content {
	c.mu.RLock()
	found := c.byID[p.ID]
	c.mu.RUnlock()
	if found != nil {
		return found
	}
	found = s.content(p)
	c.mu.Lock()
	if len(c.byID) >= maxCached {
		clear(c.byID)
	}
	c.byID[p.ID] = found
	c.mu.Unlock()
	return found
}
