// Package learn holds the learners that make the recognizer's files: a sparse
// logistic regression, a small convolutional network, thresholds and
// calibration. Everything is deterministic: work is cut into parts that do not
// depend on the number of processors, and sums are taken in a fixed order.
package learn

import (
	"math"
	"slices"
	"sync"

	"github.com/onkihq/onki/flows/emotion/model"
)

// Sparse is a matrix of features, one row per text.
type Sparse struct {
	Start []int32   // Start[i]..Start[i+1] are the entries of row i
	ID    []int32   // column of each entry
	Value []float32 // its value
	Width int       // number of columns
}

// Rows is the number of rows.
func (m *Sparse) Rows() int { return len(m.Start) - 1 }

// Pick makes a matrix of the given rows, in that order.
func (m *Sparse) Pick(rows []int) *Sparse {
	out := &Sparse{Start: make([]int32, 1, len(rows)+1), Width: m.Width}
	for _, r := range rows {
		out.ID = append(out.ID, m.ID[m.Start[r]:m.Start[r+1]]...)
		out.Value = append(out.Value, m.Value[m.Start[r]:m.Start[r+1]]...)
		out.Start = append(out.Start, int32(len(out.ID)))
	}
	return out
}

// Parallel runs f(0) … f(n-1) on at most workers goroutines.
func Parallel(workers, n int, f func(i int)) {
	if workers < 2 {
		for i := range n {
			f(i)
		}
		return
	}
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(workers, n) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// Vocabulary is the set of n-grams a model knows, by hash.
type Vocabulary struct {
	Hashes []uint32 // column to hash, ascending
	IDF    []float32
	Soft   float64 // added to the squared length of every row, so that few features decide less
	index  map[uint32]int32
}

// Count makes the vocabulary of all n-grams found in at least minDF texts.
func Count(texts []string, shape model.Shape, minDF int) *Vocabulary {
	return CountOf(len(texts), hashesOf(texts, shape), minDF)
}

// hashesOf reads the n-grams of text i; the slice is good until the next call.
func hashesOf(texts []string, shape model.Shape) func(i int) []uint32 {
	var g model.Grams
	return func(i int) []uint32 {
		g.Read(texts[i], shape)
		return g.Hashes
	}
}

// CountOf makes the vocabulary of all features found in at least minDF of n
// texts; hashes gives those of text i.
func CountOf(n int, hashes func(i int) []uint32, minDF int) *Vocabulary {
	df := make(map[uint32]int32, 1<<20)
	var seen []uint32
	for i := range n {
		seen = append(seen[:0], hashes(i)...)
		slices.Sort(seen)
		for _, h := range slices.Compact(seen) {
			df[h]++
		}
	}
	var hs []uint32
	for h, count := range df {
		if int(count) >= minDF {
			hs = append(hs, h)
		}
	}
	slices.Sort(hs)
	v := &Vocabulary{Hashes: hs, IDF: make([]float32, len(hs))}
	for i, h := range hs {
		v.IDF[i] = float32(1 + math.Log(float64(n+1)/float64(df[h]+1)))
	}
	v.reindex()
	return v
}

func (v *Vocabulary) reindex() {
	v.index = make(map[uint32]int32, len(v.Hashes))
	for i, h := range v.Hashes {
		v.index[h] = int32(i)
	}
}

// Join makes the union of two vocabularies; where both know an n-gram, v's
// document frequency counts.
func (v *Vocabulary) Join(o *Vocabulary) *Vocabulary {
	out := &Vocabulary{}
	a, b := 0, 0
	for a < len(v.Hashes) || b < len(o.Hashes) {
		if b == len(o.Hashes) || a < len(v.Hashes) && v.Hashes[a] <= o.Hashes[b] {
			if b < len(o.Hashes) && v.Hashes[a] == o.Hashes[b] {
				b++
			}
			out.Hashes, out.IDF = append(out.Hashes, v.Hashes[a]), append(out.IDF, v.IDF[a])
			a++
			continue
		}
		out.Hashes, out.IDF = append(out.Hashes, o.Hashes[b]), append(out.IDF, o.IDF[b])
		b++
	}
	out.reindex()
	return out
}

// Keep makes the vocabulary of the given columns (ascending).
func (v *Vocabulary) Keep(columns []int) *Vocabulary {
	out := &Vocabulary{Soft: v.Soft}
	for _, c := range columns {
		out.Hashes = append(out.Hashes, v.Hashes[c])
		out.IDF = append(out.IDF, v.IDF[c])
	}
	out.reindex()
	return out
}

// Matrix reads texts into features: presence times inverse document frequency,
// each row of length one.
func (v *Vocabulary) Matrix(texts []string, shape model.Shape) *Sparse {
	return v.MatrixOf(len(texts), hashesOf(texts, shape))
}

// MatrixOf is Matrix for features that hashes gives for text i of n.
func (v *Vocabulary) MatrixOf(n int, hashes func(i int) []uint32) *Sparse {
	m := &Sparse{Start: make([]int32, 1, n+1), Width: len(v.Hashes)}
	var ids []int32
	for i := range n {
		ids = ids[:0]
		for _, h := range hashes(i) {
			if id, ok := v.index[h]; ok {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		sum := v.Soft
		for _, id := range ids {
			sum += float64(v.IDF[id]) * float64(v.IDF[id])
		}
		scale := float32(1 / math.Sqrt(max(sum, 1e-9)))
		for _, id := range ids {
			m.ID = append(m.ID, id)
			m.Value = append(m.Value, v.IDF[id]*scale)
		}
		m.Start = append(m.Start, int32(len(m.ID)))
	}
	return m
}
