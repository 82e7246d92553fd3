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

// task is a problem of the solver.
type task struct{ *learn.Task }

// only forgets all targets from a column on.
func (t task) only(columns int) {
	for i := range t.Targets {
		if i%t.Labels >= columns {
			t.Targets[i] = unknown
		}
	}
}

func (p plan) task(rows []row, x *learn.Sparse, steps int) task {
	t := &learn.Task{X: x, Labels: p.columns, C: p.strength(), Steps: steps}
	for _, r := range rows {
		t.Targets = append(t.Targets, r.target...)
		t.Weight = append(t.Weight, r.weight)
	}
	return task{t}
}

func texts(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.text
	}
	return out
}

// heldOut solves once per fold without its rows, and gives every row that is
// in a fold the logits of the model that has not seen it. Rows of no fold get
// zeros. The heads after the labels are solved once, on the rows of no fold.
// The last model is given back too: it tells which n-grams count.
func (j *job) heldOut(x *learn.Sparse) (out []float32, last *learn.Linear) {
	rows, labels := j.rows, j.head(0)
	out = make([]float32, len(rows)*j.columns)
	var free []int
	for i, r := range rows {
		if r.fold < 0 {
			free = append(free, i)
		}
	}
	heads := learn.Solve(j.task(pick(rows, free), x.Pick(free), j.steps).Task, j.workers)
	j.log("  heads on %d rows", len(free))
	for f := range j.folds {
		var in, held []int
		for i, r := range rows {
			switch {
			case r.fold == f:
				held = append(held, i)
			case r.fold >= 0 && !r.rest:
				in = append(in, i)
			}
		}
		xh := x.Pick(held)
		task := j.task(pick(rows, in), x.Pick(in), j.steps)
		task.only(labels)
		last = learn.Solve(task.Task, j.workers)
		z, zh := last.Logits(xh, nil, 0, j.workers), heads.Logits(xh, nil, 0, j.workers)
		for n, i := range held {
			to := out[i*j.columns : (i+1)*j.columns]
			copy(to[:labels], z[n*j.columns:])
			copy(to[labels:], zh[n*j.columns+labels:(n+1)*j.columns])
		}
	}
	j.log("  %d folds", j.folds)
	for f := range x.Width {
		copy(last.W[f*j.columns+labels:(f+1)*j.columns], heads.W[f*j.columns+labels:(f+1)*j.columns])
	}
	return out, last
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
func prune(l *learn.Linear, x *learn.Sparse, n int) []int {
	n = min(n, x.Width)
	score := make([]float64, x.Width)
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
	return keep
}

// pack turns the first level into bytes: the inverse document frequency is
// folded into the weights, one unit per column.
func (f *first) pack(used []int) *model.File {
	n, columns, all := len(f.vocab.Hashes), len(used), f.linear.Labels
	out := &model.File{
		Keys: f.vocab.Hashes, IDF: make([]byte, n), Rows: make([]byte, n*columns),
		Unit: make([]float32, columns), Bias: only(f.linear.Bias, all, used),
	}
	for i, v := range f.vocab.IDF {
		out.IDF[i] = byte(math.Round(float64(v) * 20))
	}
	folded := make([]float32, n)
	for k, c := range used {
		for i := range n {
			folded[i] = float32(math.Abs(float64(f.linear.W[i*all+c]))) * float32(out.IDF[i]) / 20
		}
		top := slices.Max(folded)
		out.Unit[k] = max(top, 1e-9) / 127
		for i := range n {
			w := f.linear.W[i*all+c] * float32(out.IDF[i]) / 20
			q := math.Round(float64(w / out.Unit[k]))
			out.Rows[i*columns+k] = byte(128 + int(math.Max(-127, math.Min(127, q))))
		}
	}
	return out
}
