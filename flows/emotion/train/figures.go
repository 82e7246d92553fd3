package main

import (
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/evaluate"
)

// figures measures held-out outputs: each fold is decided with thresholds that
// were found on the other folds.
func (j *job) figures(outs []float32, depth model.Depth, into map[string]model.Figure) {
	j.figure(outs, depth, j.space, func(r row) []int { return r.set }, 0, into)
	j.figure(outs, depth, model.Care, func(r row) []int { return r.care }, j.labels, into)
}

func (j *job) figure(outs []float32, depth model.Depth, space model.Space, gold func(row) []int, first int, into map[string]model.Figure) {
	read := &evaluate.Reading{Depth: depth.String(), Space: space}
	outputs := model.Outputs(j.lang)
	rows := 0
	for f := range j.folds {
		cuts := j.cuts(j.without(f), outs)
		cut, gates := cuts.Set, cuts.Gates(space, depth)
		if space == model.Care {
			cut = cuts.Care
		}
		for i, r := range j.rows {
			if r.fold != f || gold(r) == nil {
				continue
			}
			z := outs[i*outputs+first : i*outputs+first+len(cut)]
			read.Add(gold(r), model.Choose(z, cut, gates, nil), probabilities(z))
			rows++
		}
	}
	if rows == 0 {
		return
	}
	name := space.String() + " " + depth.String()
	for _, t := range read.Tables() {
		switch t.Group {
		case "":
			macro := t.Macro
			macro.Labels = map[string]float64{}
			for _, l := range t.Labels {
				macro.Labels[l.Name] = l.F1.Value
			}
			into[name+" macro F1"], into[name+" micro F1"] = macro, t.Micro
			into[name+" calibration error"] = model.Figure{Value: t.ECE}
		default:
			into[name+" "+t.Group+" macro F1"] = t.Macro
		}
		j.log("%s %s: %d rows, macro F1 %.4f", name, t.Group, t.Rows, t.Macro.Value)
	}
}

// without are all rows, those of a fold without their gold labels.
func (j *job) without(fold int) []row {
	rest := slices.Clone(j.rows)
	for i := range rest {
		if rest[i].fold == fold {
			rest[i].set, rest[i].care = nil, nil
		}
	}
	return rest
}

func probabilities(logits []float32) []float32 {
	out := make([]float32, len(logits))
	for k, z := range logits {
		out[k] = logistic(z)
	}
	return out
}
