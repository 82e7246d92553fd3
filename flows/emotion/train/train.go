package main

import (
	"fmt"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// train makes one language's file.
func (j *job) train() (*model.File, error) {
	if err := j.collect(); err != nil {
		return nil, err
	}
	shape := model.ShapeOf(j.lang)
	vocab := learn.Count(texts(j.foldRows()), shape, j.minDF).Join(learn.Count(texts(j.rows), shape, j.minDF*8))
	x := vocab.Matrix(texts(j.rows), shape)
	j.log("%d rows, %d n-grams, %d a row", len(j.rows), len(vocab.Hashes), len(x.ID)/len(j.rows))

	held := j.heldOut(j.rows, x)
	whole := learn.Solve(j.task(j.rows, x, j.steps), j.workers)
	small := prune(vocab, whole, x, j.keep)
	x = small.Matrix(texts(j.rows), shape)
	j.log("kept %d n-grams", len(small.Hashes))
	level := &first{vocab: small, linear: learn.Solve(j.task(j.rows, x, j.steps), j.workers)}

	f := level.pack(j.columns)
	mix, outs := j.second(held)
	f.Mix = mix
	f.Meta = model.Meta{
		Lang: j.lang, Version: fmt.Sprintf("seed %d", j.seed), Seed: j.seed, Columns: j.columns, Sets: j.used,
		Thresholds: map[string]model.Cut{"fast": j.cuts(j.rows, outs)},
		Figures:    map[string]model.Figure{},
	}
	return f, nil
}

// foldRows are the rows that final outputs are measured on.
func (j *job) foldRows() (out []row) {
	for _, r := range j.rows {
		if r.fold >= 0 {
			out = append(out, r)
		}
	}
	return out
}

// second fits the mixing on the held-out logits; the outputs it gives back are
// those of models that saw neither the row's text in level one nor in level two.
func (j *job) second(held []float32) (mix, outs []float32) {
	outputs := model.Outputs(j.lang)
	m := mixing{inputs: j.columns, own: make([][]int, outputs), c: 0.02, steps: 40}
	for o := range m.own {
		if c := j.column(o); c >= 0 {
			m.own[o] = []int{c}
		}
	}
	var rows []int
	for i, r := range j.rows {
		if r.fold >= 0 {
			rows = append(rows, i)
		}
	}
	part := func(want func(fold int) bool) (z, y []float32, at []int) {
		for _, i := range rows {
			if !want(j.rows[i].fold) {
				continue
			}
			at = append(at, i)
			z = append(z, held[i*j.columns:(i+1)*j.columns]...)
			y = append(y, j.outputTargets(j.rows[i])...)
		}
		return z, y, at
	}
	outs = make([]float32, len(j.rows)*outputs)
	for f := range j.folds {
		z, y, _ := part(func(g int) bool { return g != f })
		w := m.fit(z, y, outputs, j.workers)
		z, _, at := part(func(g int) bool { return g == f })
		got := apply(w, z, m.inputs)
		for n, i := range at {
			copy(outs[i*outputs:(i+1)*outputs], got[n*outputs:(n+1)*outputs])
		}
	}
	z, y, _ := part(func(int) bool { return true })
	return m.fit(z, y, outputs, j.workers), outs
}

// outputTargets are the targets of the final outputs: the set's labels of its
// rows, and the care labels of customer messages only, since that is what the
// care scores must be calibrated for.
func (j *job) outputTargets(r row) []float32 {
	y := make([]float32, model.Outputs(j.lang))
	for o := range y {
		y[o] = unknown
		if o < j.labels && r.set != nil || o >= j.labels && o < j.labels+model.CareLabels && r.care != nil {
			y[o] = r.target[o]
		}
	}
	return y
}
