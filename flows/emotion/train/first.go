package main

import (
	"math"
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// first is the first level: n-grams to columns.
type first struct {
	vocab  *learn.Vocabulary
	linear *learn.Linear
}

// strength is the inverse penalty of a column, found by cross-validation.
func (p plan) strength() []float32 {
	c := make([]float32, p.columns)
	for k := range c {
		c[k] = 2
	}
	return c
}

func (p plan) task(rows []row, x *learn.Sparse, steps int) *learn.Task {
	t := &learn.Task{X: x, Labels: p.columns, C: p.strength(), Steps: steps}
	for _, r := range rows {
		t.Targets = append(t.Targets, r.target...)
		t.Weight = append(t.Weight, r.weight)
	}
	return t
}

func texts(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.text
	}
	return out
}

// heldOut solves once per fold without its rows, and gives every row that is
// in a fold the logits of the model that has not seen it. Rows of no fold get zeros.
func (j *job) heldOut(rows []row, x *learn.Sparse) []float32 {
	out := make([]float32, len(rows)*j.columns)
	for f := range j.folds {
		var in, held []int
		for i, r := range rows {
			if r.fold == f {
				held = append(held, i)
			} else {
				in = append(in, i)
			}
		}
		l := learn.Solve(j.task(pick(rows, in), x.Pick(in), j.steps), j.workers)
		z := l.Logits(x.Pick(held), nil, 0, j.workers)
		for n, i := range held {
			copy(out[i*j.columns:(i+1)*j.columns], z[n*j.columns:(n+1)*j.columns])
		}
		j.log("  fold %d of %d", f+1, j.folds)
	}
	return out
}

func pick(rows []row, which []int) []row {
	out := make([]row, len(which))
	for n, i := range which {
		out[n] = rows[i]
	}
	return out
}

// prune keeps the n columns that move the logits most: weight length times the
// root of how often the n-gram occurs.
func prune(v *learn.Vocabulary, l *learn.Linear, x *learn.Sparse, n int) *learn.Vocabulary {
	if len(v.Hashes) <= n {
		return v
	}
	score := make([]float64, len(v.Hashes))
	for e, id := range x.ID {
		score[id] += float64(x.Value[e]) * float64(x.Value[e])
	}
	order := make([]int, len(score))
	for f := range score {
		var w float64
		for _, v := range l.W[f*l.Labels : (f+1)*l.Labels] {
			w += float64(v) * float64(v)
		}
		score[f] = w * math.Sqrt(score[f])
		order[f] = f
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case score[a] > score[b]:
			return -1
		case score[a] < score[b]:
			return 1
		}
		return a - b
	})
	keep := slices.Clone(order[:n])
	slices.Sort(keep)
	return v.Keep(keep)
}

// pack turns the first level into bytes: the inverse document frequency is
// folded into the weights, one unit per column.
func (f *first) pack(columns int) *model.File {
	n := len(f.vocab.Hashes)
	out := &model.File{
		Keys: f.vocab.Hashes, IDF: make([]byte, n), Rows: make([]byte, n*columns),
		Unit: make([]float32, columns), Bias: f.linear.Bias,
	}
	for i, v := range f.vocab.IDF {
		out.IDF[i] = byte(math.Round(float64(v) * 20))
	}
	folded := make([]float32, n)
	for k := range columns {
		for i := range n {
			folded[i] = float32(math.Abs(float64(f.linear.W[i*columns+k]))) * float32(out.IDF[i]) / 20
		}
		slices.Sort(folded)
		// The few largest weights are cut rather than make every step coarse.
		top := folded[n-1-n/2000]
		out.Unit[k] = max(top, 1e-9) / 127
		for i := range n {
			w := f.linear.W[i*columns+k] * float32(out.IDF[i]) / 20
			q := math.Round(float64(w / out.Unit[k]))
			out.Rows[i*columns+k] = byte(128 + int(math.Max(-127, math.Min(127, q))))
		}
	}
	return out
}
