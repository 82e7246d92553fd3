package main

import (
	"fmt"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// learned is what takes time: the first level of both readers.
type learned struct {
	Held    []float32     // logits of every fold row by models that have not seen it
	HeldNet []float32     // the same of the network
	Vocab   []int         // which n-grams of the large vocabulary are kept
	Linear  *learn.Linear // weights of the kept n-grams
	Conv    *learn.Conv   // the network on all rows
}

// train makes one language's file.
func (j *job) train(h *heldOut) (*model.File, error) {
	if err := j.collect(); err != nil {
		return nil, err
	}
	return j.assemble(j.learn(), h), nil
}

func (j *job) vocabulary() *learn.Vocabulary {
	shape := model.ShapeOf(j.lang)
	return learn.Count(texts(j.foldRows()), shape, j.minDF).Join(learn.Count(texts(pick(j.rows, j.learnt())), shape, j.minDF*10))
}

func (j *job) learn() *learned {
	shape, vocab := model.ShapeOf(j.lang), j.vocabulary()
	x := vocab.Matrix(texts(j.rows), shape)
	j.log("%d rows, %d n-grams, %d a row", len(j.rows), len(vocab.Hashes), len(x.ID)/len(j.rows))
	l := &learned{}
	var last *learn.Linear
	l.Held, last = j.heldOut(x)
	l.Vocab = prune(last, x.Pick(j.learnt()), j.keep)
	x = vocab.Keep(l.Vocab).Matrix(texts(j.rows), shape)
	j.log("kept %d n-grams", len(l.Vocab))
	l.Linear = learn.Solve(j.task(j.rows, x, j.steps).Task, j.workers)
	l.Conv, l.HeldNet = j.reader2().run()
	return l
}

// assemble fits the second level and puts the file together.
func (j *job) assemble(l *learned, h *heldOut) *model.File {
	used := j.used()
	held, heldNet := only(l.Held, j.columns, used), only(l.HeldNet, j.columns, used)
	figures := map[string]model.Figure{}
	mix, outs := j.second(held, len(used))
	j.figures(outs, model.Fast, figures)
	fullMix, fullOuts := j.second(join(held, heldNet, len(used)), 2*len(used))
	j.figures(fullOuts, model.Full, figures)
	h.hold(j, model.Fast, outs)
	h.hold(j, model.Full, fullOuts)
	f := (&first{vocab: j.vocabulary().Keep(l.Vocab), linear: l.Linear}).pack(used)
	f.Mix, f.Net, f.FullMix = mix, j.reader2().pack(l.Conv), fullMix
	f.Meta = model.Meta{
		Lang: j.lang, Version: fmt.Sprintf("seed %d", j.seed), Seed: j.seed, Columns: len(used), Sets: j.sources,
		Thresholds: map[string]model.Cut{"fast": j.cuts(j.rows, outs), "full": j.cuts(j.rows, fullOuts)},
		Figures:    figures,
	}
	return f
}

// join puts the held-out logits of the two readers side by side.
func join(a, b []float32, wide int) []float32 {
	out := make([]float32, 0, len(a)+len(b))
	for i := 0; i < len(a); i += wide {
		out = append(append(out, a[i:i+wide]...), b[i:i+wide]...)
	}
	return out
}

// learnt are the numbers of the rows that a reader learns from.
func (j *job) learnt() (out []int) {
	for i, r := range j.rows {
		if !r.rest {
			out = append(out, i)
		}
	}
	return out
}

// foldRows are the rows that final outputs are measured on.
func (j *job) foldRows() (out []row) {
	for _, r := range j.rows {
		if r.fold >= 0 && !r.rest {
			out = append(out, r)
		}
	}
	return out
}

// second fits the mixing on the held-out logits; the outputs it gives back are
// those of models that saw the row neither in level one nor in level two.
func (j *job) second(held []float32, inputs int) (mix, outs []float32) {
	outputs, columns := model.Outputs(j.lang), len(j.used())
	m := mixing{inputs: inputs, own: make([][]int, outputs), c: make([]float32, outputs), steps: 40}
	for o := range m.own {
		m.c[o] = j.mix
		for c := o; c < inputs && o < columns; c += columns {
			m.own[o] = append(m.own[o], c)
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
			z = append(z, held[i*inputs:(i+1)*inputs]...)
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
	mix = m.fit(z, y, outputs, j.workers)
	j.trust(mix, j.rows, outs)
	return mix, outs
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
