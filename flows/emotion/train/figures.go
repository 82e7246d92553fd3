package main

import (
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// figures measures held-out outputs: each fold is decided with thresholds that
// were found on the other folds.
func (j *job) figures(outs []float32, depth string, into map[string]model.Figure) {
	j.figure(outs, depth, j.space, func(r row) []int { return r.set }, 0, into)
	j.figure(outs, depth, model.Care, func(r row) []int { return r.care }, j.labels, into)
}

func (j *job) figure(outs []float32, depth string, space model.Space, gold func(row) []int, first int, into map[string]model.Figure) {
	outputs := model.Outputs(j.lang)
	var golds, got [][]int
	var sure []float32
	var right []bool
	for f := range j.folds {
		rest := slices.Clone(j.rows)
		for i := range rest {
			if rest[i].fold == f {
				rest[i].set, rest[i].care = nil, nil
			}
		}
		cuts := j.cuts(rest, outs)
		cut, gates := cuts.Set, cuts.Gates(space)
		if space == model.Care {
			cut = cuts.Care
		}
		for i, r := range j.rows {
			g := gold(r)
			if r.fold != f || g == nil {
				continue
			}
			z := outs[i*outputs+first : i*outputs+first+len(cut)]
			golds, got = append(golds, g), append(got, model.Choose(z, cut, gates, nil))
			top := 0
			for k := range z {
				if z[k] > z[top] {
					top = k
				}
			}
			sure, right = append(sure, logistic(z[top])), append(right, slices.Contains(g, top))
		}
	}
	if len(golds) == 0 {
		return
	}
	counts := learn.Tally(golds, got, len(model.Labels(space)))
	b := learn.Bootstrap(golds, got, len(counts))
	name := space.String() + " " + depth
	fig := model.Figure{Value: learn.MacroF1(counts), Low: b.Macro[0], High: b.Macro[1], Labels: map[string]float64{}}
	for k, c := range counts {
		fig.Labels[model.Labels(space)[k]] = c.F1()
	}
	into[name+" macro F1"] = fig
	into[name+" micro F1"] = model.Figure{Value: learn.MicroF1(counts), Low: b.Micro[0], High: b.Micro[1]}
	into[name+" calibration error"] = model.Figure{Value: learn.ECE(sure, right)}
	groups := "thirteen"
	if space == model.Care {
		groups = "coarse"
	}
	names, of := model.Groups(groups, space)
	counts = learn.Tally(grouped(golds, of), grouped(got, of), len(names))
	into[name+" "+groups+" macro F1"] = model.Figure{Value: learn.MacroF1(counts)}
	j.log("%s: %d rows, macro F1 %.4f, %s %.4f, calibration error %.3f", name, len(golds), fig.Value, groups, learn.MacroF1(counts), learn.ECE(sure, right))
}

func grouped(sets [][]int, of []int) [][]int {
	out := make([][]int, len(sets))
	for i, s := range sets {
		for _, k := range s {
			if g := of[k]; g >= 0 && !slices.Contains(out[i], g) {
				out[i] = append(out[i], g)
			}
		}
	}
	return out
}
