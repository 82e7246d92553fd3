package eval

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/words"
)

// dimensions of the vectors that need no download.
const dimensions = 300

// vectors are word vectors by random indexing (Kanerva, Kristofersson and
// Holst 2000): every term has a fixed random direction, and its vector is the
// sum of the directions of the terms around it, over the passages themselves.
// This is what can be had without a download; it is here to show what it adds.
type vectors struct {
	lexicon *words.Lexicon
	of      map[uint64][]float32
	weight  map[uint64]float64
	mean    []float32
}

func newVectors(passages []bot.Passage) (*vectors, error) {
	l, err := words.New()
	if err != nil {
		return nil, err
	}
	v := &vectors{lexicon: l, of: map[uint64][]float32{}, weight: map[uint64]float64{}}
	for i := range passages {
		terms := v.hashes(text(&passages[i]))
		for j, h := range terms {
			if v.of[h] == nil {
				v.of[h] = make([]float32, dimensions)
			}
			for k := max(0, j-4); k < min(len(terms), j+5); k++ {
				addDirection(v.of[h], terms[k], 1/float32(1+max(j-k, k-j)))
			}
		}
		slices.Sort(terms)
		for _, h := range slices.Compact(terms) {
			v.weight[h]++
		}
	}
	for h, n := range v.weight {
		v.weight[h] = math.Log(float64(1+len(passages)) / n)
		unit(v.of[h])
	}
	v.mean = make([]float32, dimensions)
	for i := range passages {
		x := v.sum(text(&passages[i]))
		for d := range x {
			v.mean[d] += x[d] / float32(len(passages))
		}
	}
	return v, nil
}

func (v *vectors) hashes(s string) []uint64 {
	var out []uint64
	for _, t := range v.lexicon.Terms(s) {
		out = append(out, t.Hash())
	}
	return out
}

// addDirection adds the random direction of a term: eight of the dimensions,
// half of them negative.
func addDirection(to []float32, h uint64, weight float32) {
	r := rand.New(rand.NewPCG(h, 7))
	for i := range 8 {
		sign := float32(1)
		if i%2 == 1 {
			sign = -1
		}
		to[r.IntN(dimensions)] += sign * weight
	}
}

func (v *vectors) sum(s string) []float32 {
	x := make([]float32, dimensions)
	for _, h := range v.hashes(s) {
		for d, y := range v.of[h] {
			x[d] += y * float32(v.weight[h])
		}
	}
	unit(x)
	return x
}

// embed is the vector of a text, without what all passages share.
func (v *vectors) embed(s string) []float32 {
	x := v.sum(s)
	for d := range x {
		x[d] -= v.mean[d]
	}
	unit(x)
	return x
}

func unit(x []float32) {
	var sum float64
	for _, y := range x {
		sum += float64(y) * float64(y)
	}
	if sum == 0 {
		return
	}
	for d := range x {
		x[d] /= float32(math.Sqrt(sum))
	}
}

// dense finds passages by their vectors alone.
func dense(_ context.Context, passages []bot.Passage) (func(string, string) []bot.Passage, error) {
	v, err := newVectors(passages)
	if err != nil {
		return nil, err
	}
	all := make([][]float32, len(passages))
	for i := range passages {
		all[i] = v.embed(text(&passages[i]))
	}
	return func(question, lang string) []bot.Passage {
		x := v.embed(question)
		scores := map[int]float64{}
		for i, y := range all {
			var dot float32
			for d := range y {
				dot += x[d] * y[d]
			}
			if dot > 0 {
				scores[i] = float64(dot)
			}
		}
		return top(passages, scores, lang, 1)
	}, nil
}

// hybrid joins plain BM25 and the vectors by reciprocal rank.
func hybrid(ctx context.Context, passages []bot.Passage) (func(string, string) []bot.Passage, error) {
	lexical, err := plainBM25(ctx, passages)
	if err != nil {
		return nil, err
	}
	meaning, err := dense(ctx, passages)
	if err != nil {
		return nil, err
	}
	return func(question, lang string) []bot.Passage {
		var lists [][]knowledge.Hit
		for _, found := range [][]bot.Passage{lexical(question, lang), meaning(question, lang)} {
			var hits []knowledge.Hit
			for _, p := range found {
				hits = append(hits, knowledge.Hit{Passage: p})
			}
			lists = append(lists, hits)
		}
		var out []bot.Passage
		for _, h := range knowledge.Fuse(5, lists...) {
			out = append(out, h.Passage)
		}
		return out
	}, nil
}
