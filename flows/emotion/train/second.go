package main

import (
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// mixing finds the second level: how every output is made of all first-level
// logits. It is fitted on held-out logits, by logistic regression whose penalty
// pulls to taking the output's own logit as it is; so its outputs are calibrated.
type mixing struct {
	inputs int
	own    [][]int // per output: inputs whose mean is the starting point
	c      float32
	steps  int
}

// fit gives outputs × (inputs + 1) weights. z holds the inputs of each row, y
// the targets of each row.
func (m mixing) fit(z, y []float32, outputs, workers int) []float32 {
	n := len(z) / max(1, m.inputs)
	prior := &learn.Linear{Labels: outputs, W: make([]float32, m.inputs*outputs), Bias: make([]float32, outputs)}
	for o, own := range m.own {
		for _, i := range own {
			prior.W[i*outputs+o] = 1 / float32(len(own))
		}
	}
	c := make([]float32, outputs)
	for o := range c {
		c[o] = m.c
	}
	empty := &learn.Sparse{Start: make([]int32, n+1)}
	l := learn.Solve(&learn.Task{
		X: empty, Dense: z, Wide: m.inputs, Targets: y, Labels: outputs, C: c, Steps: m.steps, Prior: prior,
	}, workers)
	out := make([]float32, outputs*(m.inputs+1))
	for o := range outputs {
		for i := range m.inputs {
			out[o*(m.inputs+1)+i] = l.W[i*outputs+o]
		}
		out[o*(m.inputs+1)+m.inputs] = l.Bias[o]
	}
	return out
}

// apply computes the outputs of every row.
func apply(mix, z []float32, inputs int) []float32 {
	outputs := len(mix) / (inputs + 1)
	n := len(z) / inputs
	out := make([]float32, n*outputs)
	for i := range n {
		for o := range outputs {
			row := mix[o*(inputs+1) : (o+1)*(inputs+1)]
			v := row[inputs]
			for k, x := range z[i*inputs : (i+1)*inputs] {
				v += x * row[k]
			}
			out[i*outputs+o] = v
		}
	}
	return out
}

// cuts finds the thresholds of the set's and the care labels on held-out outputs.
func (p plan) cuts(rows []row, out []float32) model.Cut {
	outputs := model.Outputs(p.lang)
	cut := model.Cut{Set: make([]float32, p.labels), Care: make([]float32, model.CareLabels)}
	find := func(k int, gold func(r row) []int, label int) float32 {
		var z []float32
		var yes []bool
		for i, r := range rows {
			g := gold(r)
			if g == nil {
				continue
			}
			z = append(z, out[i*outputs+k])
			hit := false
			for _, l := range g {
				hit = hit || l == label
			}
			yes = append(yes, hit)
		}
		if len(z) == 0 {
			return 0
		}
		t, f := learn.BestThreshold(z, yes, 4)
		if f == 0 {
			return 0
		}
		return t
	}
	for k := range cut.Set {
		cut.Set[k] = find(k, func(r row) []int { return r.set }, k)
	}
	for k := range cut.Care {
		cut.Care[k] = find(p.labels+k, func(r row) []int { return r.care }, k)
	}
	return cut
}
