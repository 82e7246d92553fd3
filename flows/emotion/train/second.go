package main

import (
	"math"
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// mixing finds the second level: how every output is made of all first-level
// logits. It is fitted on held-out logits in two steps: the output's own logits
// are weighed and shifted (Platt 1999), then a logistic regression on all
// logits, whose penalty pulls to that, uses what the other labels say. So its
// outputs are calibrated.
type mixing struct {
	inputs int
	own    [][]int   // per output: its own logits, one per reader
	c      []float32 // per output: how far the other labels may move it
	steps  int
}

const plattRows = 12000 // more rows do not change two or three numbers

// scale fits the weights of an output's own logits and its bias.
func (m mixing) scale(z, y []float32, o, outputs int) *learn.Linear {
	n := len(z) / max(1, m.inputs)
	var dense, target []float32
	known := 0
	for i := range n {
		if y[i*outputs+o] >= 0 {
			known++
		}
	}
	every := known/plattRows + 1
	for i, seen := 0, 0; i < n; i++ {
		if y[i*outputs+o] < 0 {
			continue
		}
		if seen++; seen%every != 0 {
			continue
		}
		for _, k := range m.own[o] {
			dense = append(dense, z[i*m.inputs+k])
		}
		target = append(target, y[i*outputs+o])
	}
	wide := len(m.own[o])
	start := &learn.Linear{Labels: 1, W: make([]float32, wide), Bias: []float32{0}}
	for k := range start.W {
		start.W[k] = 1 / float32(wide)
	}
	if len(target) < 50 || wide == 0 {
		return start
	}
	return learn.Solve(&learn.Task{
		X: &learn.Sparse{Start: make([]int32, len(target)+1)}, Dense: dense, Wide: wide,
		Targets: target, Labels: 1, C: []float32{1}, Steps: 20, Prior: start,
	}, 1)
}

// fit gives outputs × (inputs + 1) weights. z holds the inputs of each row, y
// the targets of each row.
func (m mixing) fit(z, y []float32, outputs, workers int) []float32 {
	n := len(z) / max(1, m.inputs)
	prior := &learn.Linear{Labels: outputs, W: make([]float32, m.inputs*outputs), Bias: make([]float32, outputs)}
	scales := make([]*learn.Linear, outputs)
	learn.Parallel(workers, outputs, func(o int) { scales[o] = m.scale(z, y, o, outputs) })
	for o, own := range m.own {
		for n, i := range own {
			prior.W[i*outputs+o] = scales[o].W[n]
		}
		prior.Bias[o] = scales[o].Bias[0]
	}
	empty := &learn.Sparse{Start: make([]int32, n+1)}
	l := learn.Solve(&learn.Task{
		X: empty, Dense: z, Wide: m.inputs, Targets: y, Labels: outputs, C: m.c, Steps: m.steps, Prior: prior,
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

// cuts finds the thresholds of the set's and the care labels, and of their
// groups, on held-out outputs.
func (p plan) cuts(rows []row, out []float32) model.Cut {
	set := p.measured(rows, out, 0, p.labels, func(r row) []int { return r.set })
	care := p.measured(rows, out, p.labels, model.CareLabels, func(r row) []int { return r.care })
	cut := model.Cut{Set: set.cuts(), Care: care.cuts(), Groups: map[string][]float32{}}
	set.groups(p.space, cut.Groups)
	care.groups(model.Care, cut.Groups)
	return cut
}

// measured are the outputs of the rows that have gold labels of one space.
type measured struct {
	labels int
	logits [][]float32
	gold   [][]int
}

func (p plan) measured(rows []row, out []float32, first, labels int, gold func(row) []int) measured {
	m := measured{labels: labels}
	outputs := model.Outputs(p.lang)
	for i, r := range rows {
		if g := gold(r); g != nil {
			m.gold = append(m.gold, g)
			m.logits = append(m.logits, out[i*outputs+first:i*outputs+first+labels])
		}
	}
	return m
}

func (m measured) cuts() []float32 {
	cut := make([]float32, m.labels)
	z, yes := make([]float32, len(m.gold)), make([]bool, len(m.gold))
	for k := range cut {
		for i, g := range m.gold {
			z[i], yes[i] = m.logits[i][k], slices.Contains(g, k)
		}
		if t, f := learn.BestThreshold(z, yes, smoothing); f > 0 {
			cut[k] = t
		}
	}
	return cut
}

// smoothing keeps the thresholds of rare labels from following noise.
const smoothing = 4

func (m measured) groups(space model.Space, into map[string][]float32) {
	z, yes := make([]float32, len(m.gold)), make([]bool, len(m.gold))
	for _, table := range model.Tables(space) {
		names, of := model.Groups(table, space)
		gate := model.Gate{Of: of, Least: make([]float32, len(names))}
		likely := make([][]float32, len(m.gold))
		for i := range likely {
			likely[i] = gate.Likely(m.logits[i])
		}
		for o := range names {
			for i, g := range m.gold {
				z[i], yes[i] = likely[i][o], slices.ContainsFunc(g, func(k int) bool { return of[k] == o })
			}
			if t, f := learn.BestThreshold(z, yes, smoothing); f > 0 {
				gate.Least[o] = t
			}
		}
		into[table] = gate.Least
	}
}

// trust makes the care scores say how often the most likely label is right:
// one weight and one shift for all of them, fitted on the most likely label of
// held-out customer messages, so that no ranking changes.
func (p plan) trust(mix []float32, rows []row, outs []float32) {
	m := p.measured(rows, outs, p.labels, model.CareLabels, func(r row) []int { return r.care })
	if len(m.gold) < 50 {
		return
	}
	a, b := m.topScale()
	n := len(mix) / model.Outputs(p.lang)
	for o := p.labels; o < p.labels+model.CareLabels; o++ {
		for i := range n {
			mix[o*n+i] *= a
		}
		mix[o*n+n-1] += b
	}
	outputs := model.Outputs(p.lang)
	for i := 0; i < len(outs); i += outputs {
		for o := p.labels; o < p.labels+model.CareLabels; o++ {
			outs[i+o] = a*outs[i+o] + b
		}
	}
}

// topScale fits weight and shift of the largest logit to whether it is right.
func (m measured) topScale() (a, b float32) {
	var z, y []float32
	for i, logits := range m.logits {
		top := 0
		for k := range logits {
			if logits[k] > logits[top] {
				top = k
			}
		}
		z, y = append(z, logits[top]), append(y, 0)
		if slices.Contains(m.gold[i], top) {
			y[i] = 1
		}
	}
	l := learn.Solve(&learn.Task{
		X: &learn.Sparse{Start: make([]int32, len(y)+1)}, Dense: z, Wide: 1, Targets: y, Labels: 1,
		C: []float32{1}, Steps: 40, Prior: &learn.Linear{Labels: 1, W: []float32{1}, Bias: []float32{0}},
	}, 1)
	return max(0.2, l.W[0]), l.Bias[0]
}

func logistic(z float32) float32 { return float32(1 / (1 + math.Exp(-float64(z)))) }
