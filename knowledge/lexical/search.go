package lexical

import (
	"cmp"
	"slices"
	"sync"
)

// A Weighted is a term of a question with how much it counts, its IDF already
// in it.
type Weighted struct {
	Hash   uint64
	Weight float32
}

// A Hit is a document and its score; scores of one search can be compared.
type Hit struct {
	Doc   uint32
	Score float32
}

// A Searcher keeps the memory that searches need, so that they allocate
// little. The zero value is ready; any number of goroutines may use it.
type Searcher struct{ pool sync.Pool }

// scores is the working memory of one search.
type scores struct {
	sum  []float32
	seen []uint32 // documents with a score
}

// Search returns the n best documents that keep accepts, best first; ties go
// to the lower number. keep may be nil.
func (r *Searcher) Search(s *Segment, question []Weighted, n int, keep func(doc uint32) bool) []Hit {
	w, _ := r.pool.Get().(*scores)
	if w == nil {
		w = &scores{}
	}
	defer r.pool.Put(w)
	if len(w.sum) < s.docs {
		w.sum = make([]float32, s.docs)
	}
	for _, q := range question {
		step := q.Weight / 255
		for _, p := range s.Postings(q.Hash) {
			d := p >> 8
			if w.sum[d] == 0 {
				w.seen = append(w.seen, d)
			}
			w.sum[d] += step * float32(p&255)
		}
	}
	hits := w.best(n, keep)
	for _, d := range w.seen {
		w.sum[d] = 0
	}
	w.seen = w.seen[:0]
	return hits
}

// best keeps the n best in a heap whose root is the worst of them.
func (w *scores) best(n int, keep func(uint32) bool) []Hit {
	if n <= 0 {
		return nil
	}
	heap := make([]Hit, 0, min(n, len(w.seen)))
	for _, d := range w.seen {
		h := Hit{d, w.sum[d]}
		if len(heap) == n && compare(h, heap[0]) > 0 {
			continue
		}
		if keep != nil && !keep(d) {
			continue
		}
		if len(heap) < n {
			heap = append(heap, h)
			up(heap)
			continue
		}
		heap[0] = h
		down(heap)
	}
	slices.SortFunc(heap, compare)
	return heap
}

// compare orders the better hit first.
func compare(a, b Hit) int {
	if c := cmp.Compare(b.Score, a.Score); c != 0 {
		return c
	}
	return cmp.Compare(a.Doc, b.Doc)
}

func up(h []Hit) {
	for i := len(h) - 1; i > 0; {
		p := (i - 1) / 2
		if compare(h[i], h[p]) <= 0 {
			return
		}
		h[i], h[p] = h[p], h[i]
		i = p
	}
}

func down(h []Hit) {
	for i := 0; ; {
		c := 2*i + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && compare(h[c+1], h[c]) > 0 {
			c++
		}
		if compare(h[c], h[i]) <= 0 {
			return
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
