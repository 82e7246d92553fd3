package knowledge

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/onkihq/onki/knowledge/lexical"
	"github.com/onkihq/onki/knowledge/words"
)

// Memory is an [Index] in memory. Its zero value is empty and ready.
//
// What readers see is one immutable snapshot; a change builds the next one
// beside it and swaps them, so an import never stops a search.
type Memory struct {
	mu       sync.Mutex // held by writers
	now      atomic.Pointer[snapshot]
	searcher lexical.Searcher
}

// A snapshot is what the index holds at one time.
type snapshot struct {
	parts []Part
	where map[string]place // of each ID
	live  int
}

type place struct{ part, doc uint32 }

// A Part is some entries with their segment. Entries that are gone have an
// empty passage ID.
type Part struct {
	Segment *lexical.Segment
	Entries []Entry
	gone    int
}

// maxParts is how many parts stay apart before they are merged: every part
// costs each search a little, every merge copies all postings.
const maxParts = 6

func (m *Memory) load() *snapshot {
	if s := m.now.Load(); s != nil {
		return s
	}
	return &snapshot{where: map[string]place{}}
}

// Change implements [Index].
func (m *Memory) Change(ctx context.Context, put []Entry, remove []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.load()
	next := &snapshot{parts: slices.Clone(old.parts), where: maps.Clone(old.where), live: old.live}
	own := make([]bool, len(next.parts)) // parts whose entries are copied already
	drop := func(id string) {
		at, ok := next.where[id]
		if !ok {
			return
		}
		p := &next.parts[at.part]
		if int(at.part) < len(own) && !own[at.part] {
			p.Entries = slices.Clone(p.Entries)
			own[at.part] = true
		}
		p.Entries[at.doc] = Entry{}
		p.gone++
		delete(next.where, id)
		next.live--
	}
	for _, id := range remove {
		drop(id)
	}
	if len(put) > 0 {
		b := lexical.NewBuilder()
		next.parts = append(next.parts, Part{Entries: make([]Entry, 0, len(put))})
		part := &next.parts[len(next.parts)-1]
		for i := range put {
			if i%1000 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			e := put[i]
			drop(e.Passage.ID)
			doc, err := b.Add(lexical.Doc{Title: e.Title, Body: e.Body})
			if err != nil {
				return err
			}
			e.Title, e.Body = nil, nil
			part.Entries = append(part.Entries, e)
			next.where[e.Passage.ID] = place{uint32(len(next.parts) - 1), doc}
			next.live++
		}
		part.Segment = b.Segment()
	}
	next.merge()
	m.now.Store(next)
	return nil
}

// merge makes one part of all when there are many, or when much is gone.
func (s *snapshot) merge() {
	gone := 0
	for _, p := range s.parts {
		gone += p.gone
	}
	if len(s.parts) <= maxParts && gone*4 <= s.live+gone {
		return
	}
	one := Part{Entries: make([]Entry, 0, s.live)}
	segments := make([]*lexical.Segment, len(s.parts))
	for i, p := range s.parts {
		segments[i] = p.Segment
	}
	one.Segment = lexical.Merge(segments, func(i int, doc uint32) bool {
		e := s.parts[i].Entries[doc]
		if e.Passage.ID == "" {
			return false
		}
		one.Entries = append(one.Entries, e)
		return true
	})
	*s = *newSnapshot([]Part{one})
}

func newSnapshot(parts []Part) *snapshot {
	s := &snapshot{parts: parts, where: map[string]place{}}
	for i := range parts {
		for doc := range parts[i].Entries {
			if id := parts[i].Entries[doc].Passage.ID; id != "" {
				s.where[id] = place{uint32(i), uint32(doc)}
				s.live++
			}
		}
	}
	return s
}

// Search implements [Index].
func (m *Memory) Search(ctx context.Context, p Probe) ([]Hit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := m.load()
	question := s.weigh(p.Terms)
	var hits []Hit
	for i := range s.parts {
		part := &s.parts[i]
		keep := func(doc uint32) bool {
			e := &part.Entries[doc]
			return e.Passage.ID != "" && p.Filter.Accepts(&e.Passage)
		}
		for _, h := range m.searcher.Search(part.Segment, question, p.N, keep) {
			e := &part.Entries[h.Doc]
			hits = append(hits, Hit{e.Passage, float64(h.Score), Cosine(e.Vector, p.Vector)})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	hits = hits[:min(p.N, len(hits))]
	if len(p.Vector) > 0 {
		hits = Fuse(p.N, hits, s.nearest(p))
	}
	return hits, nil
}

// weigh multiplies the terms by their rarity. In a big index, terms that every
// third passage holds are left out when there are others: they cost the most
// and decide the least.
func (s *snapshot) weigh(terms []Weighted) []lexical.Weighted {
	out := make([]lexical.Weighted, 0, len(terms))
	var common []lexical.Weighted
	for _, t := range terms {
		h := t.Term.Hash()
		n := s.count(h)
		if n == 0 {
			continue
		}
		w := lexical.Weighted{Hash: h, Weight: float32(t.Weight * Rarity(n, s.live))}
		if s.live > 5000 && n > s.live/3 {
			common = append(common, w)
			continue
		}
		out = append(out, w)
	}
	if len(out) == 0 {
		return common
	}
	return out
}

// Rarity is the IDF of BM25: how much it says that a term is there which n of
// all passages hold.
func Rarity(n, all int) float64 {
	return math.Log(1 + (float64(all-n)+0.5)/(float64(n)+0.5))
}

func (s *snapshot) count(hash uint64) int {
	n := 0
	for i := range s.parts {
		n += s.parts[i].Segment.Count(hash)
	}
	return min(n, s.live)
}

// nearest returns the entries whose vectors point most nearly the same way.
func (s *snapshot) nearest(p Probe) []Hit {
	var hits []Hit
	for i := range s.parts {
		for j := range s.parts[i].Entries {
			e := &s.parts[i].Entries[j]
			if len(e.Vector) != len(p.Vector) || e.Passage.ID == "" || !p.Filter.Accepts(&e.Passage) {
				continue
			}
			c := Cosine(e.Vector, p.Vector)
			hits = append(hits, Hit{e.Passage, c, c})
		}
	}
	slices.SortStableFunc(hits, func(a, b Hit) int { return cmp.Compare(b.Score, a.Score) })
	return hits[:min(p.N, len(hits))]
}

// Cosine says how nearly two vectors point the same way, -1..1; 0 also when they
// cannot be compared.
func Cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var dot, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		dot += x * y
		aa += x * x
		bb += y * y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return dot / math.Sqrt(aa*bb)
}

// Fuse joins ranked lists by reciprocal rank (Cormack, Clarke and Büttcher
// 2009, k = 60): lists whose scores cannot be compared.
func Fuse(n int, lists ...[]Hit) []Hit {
	sum := map[string]float64{}
	found := map[string]Hit{}
	var order []string
	for _, list := range lists {
		for rank, h := range list {
			if _, ok := sum[h.Passage.ID]; !ok {
				order = append(order, h.Passage.ID)
				found[h.Passage.ID] = h
			}
			sum[h.Passage.ID] += 1 / float64(61+rank)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(sum[b], sum[a]) })
	out := make([]Hit, 0, min(n, len(order)))
	for _, id := range order[:min(n, len(order))] {
		h := found[id]
		h.Score = sum[id]
		out = append(out, h)
	}
	return out
}

// All implements [Index].
func (m *Memory) All(ctx context.Context) iter.Seq2[Entry, error] {
	s := m.load()
	return func(yield func(Entry, error) bool) {
		for i := range s.parts {
			for _, e := range s.parts[i].Entries {
				if e.Passage.ID == "" {
					continue
				}
				if err := ctx.Err(); err != nil {
					yield(Entry{}, err)
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// Whole implements [Whole]: readers see a change at once.
func (m *Memory) Whole() {}

// Len implements [Counter].
func (m *Memory) Len() int { return m.load().live }

// Count implements [Counter].
func (m *Memory) Count(t words.Term) int { return m.load().count(t.Hash()) }

// Near implements [Counter].
func (m *Memory) Near(word string, n int) []string {
	var near []string
	for _, p := range m.load().parts {
		near = append(near, p.Segment.Near(word, n)...)
	}
	return near[:min(n, len(near))]
}

// Parts returns what the index holds, for saving. The caller must not change
// it.
func (m *Memory) Parts() []Part { return m.load().parts }

// Restore replaces what the index holds by parts that were saved. Entries with
// an empty passage ID are gone.
func (m *Memory) Restore(parts []Part) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range parts {
		for _, e := range parts[i].Entries {
			if e.Passage.ID == "" {
				parts[i].gone++
			}
		}
	}
	m.now.Store(newSnapshot(parts))
}

// CountHash is Count by the hash of a term.
func (m *Memory) CountHash(h uint64) int { return m.load().count(h) }
