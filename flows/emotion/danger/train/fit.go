package main

import (
	"cmp"
	"math"
	"runtime"
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/danger"
	"github.com/onkihq/onki/flows/emotion/linear"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// How the weights are learned; chosen by cross-validation.
const (
	minTexts = 3    // a feature counts when this many texts have it
	keepMost = 8100 // features kept, those that tell most
	penalty  = 30   // inverse strength of the L2 penalty
	steps    = 60
	soft     = 400 // see linear.Weights
	light    = .3  // weight of an ordinary message beside a labelled one
	boost    = 5   // how much more a concept counts than an n-gram as rare
)

// fit is a trained reader before it is packed.
type fit struct {
	voc *learn.Vocabulary
	lin *learn.Linear
}

// learn trains on the rows that in chooses.
func (t *trainer) learn(in func(i int) bool) *fit {
	var rows []*row
	concept := make(map[uint32]bool)
	for i := range t.rows {
		if in(i) {
			rows = append(rows, &t.rows[i])
			for _, h := range t.rows[i].concepts {
				concept[h] = true
			}
		}
	}
	hashes := func(i int) []uint32 { return slices.Concat(rows[i].grams, rows[i].concepts) }
	f := &fit{voc: learn.CountOf(len(rows), hashes, minTexts)}
	for i, h := range f.voc.Hashes {
		if concept[h] {
			f.voc.IDF[i] *= boost
		}
	}
	f.voc.Soft = soft
	f.voc = f.voc.Keep(telling(f.voc, rows, hashes))
	task := task(rows)
	task.X = f.voc.MatrixOf(len(rows), hashes)
	f.lin = learn.Solve(task, runtime.GOMAXPROCS(0))
	return f
}

// telling returns the columns, ascending, that tell danger from calm best: by
// the z-score of their log-odds with a small prior (Monroe, Colaresi and Quinn
// 2008).
func telling(voc *learn.Vocabulary, rows []*row, hashes func(i int) []uint32) []int {
	x := voc.MatrixOf(len(rows), hashes)
	var texts [2]float64
	counts := make([][2]float64, len(voc.Hashes))
	for i, r := range rows {
		side, weight := 0, 1.0
		if r.risk > bot.R0 {
			side = 1
		}
		if r.ordinary {
			weight = light
		}
		texts[side] += weight
		for _, id := range x.ID[x.Start[i]:x.Start[i+1]] {
			counts[id][side] += weight
		}
	}
	z := make([]float64, len(counts))
	all := make([]int, len(counts))
	for id, n := range counts {
		const prior = .5
		a, b := n[1]+prior, n[0]+prior
		odds := math.Log(a/(texts[1]-n[1]+prior)) - math.Log(b/(texts[0]-n[0]+prior))
		z[id], all[id] = math.Abs(odds)/math.Sqrt(1/a+1/b), id
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(z[b], z[a]) })
	all = all[:min(keepMost, len(all))]
	slices.Sort(all)
	return all
}

// task sets the targets: the tiers for every row, the kinds where there is one.
func task(rows []*row) *learn.Task {
	columns := danger.Columns()
	k := &learn.Task{Labels: len(columns), Steps: steps, Weight: make([]float32, len(rows))}
	for range columns {
		k.C = append(k.C, penalty)
	}
	for i, r := range rows {
		k.Weight[i] = 1
		if r.ordinary {
			k.Weight[i] = light
		}
		for tier := bot.R1; tier <= bot.R3; tier++ {
			k.Targets = append(k.Targets, truth(r.risk >= tier))
		}
		for kind := range danger.Kinds {
			y := truth(r.kind == kind)
			if r.kind < 0 {
				y = -1 // a message without danger says nothing about its kind
			}
			k.Targets = append(k.Targets, y)
		}
	}
	return k
}

func truth(b bool) float32 {
	if b {
		return 1
	}
	return 0
}

// pack writes the file.
func (f *fit) pack(cuts map[string]float64) ([]byte, error) {
	head := linear.Head{Kind: danger.FileKind, Labels: danger.Columns(), Cuts: cuts, Bias: f.lin.Bias, Soft: soft}
	return linear.Pack(head, f.voc.Hashes, f.voc.IDF, f.lin.W)
}
