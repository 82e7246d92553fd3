// Package fuse fits the weights that join the recognizer's evidence: how much
// the trained model, the feeling words, the facts and the marks count, and how
// sure a reading may be.
package fuse

import (
	"fmt"
	"math"
	"slices"

	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// A Row is one message with the numbers of its care labels.
type Row struct {
	Text   string
	Labels []int
	Weight float32
}

// Fit finds the weights with and without the trained model. The scorer must
// give every row what a model says that has not seen the row.
func Fit(rows []Row, loud []Loud, scorer emotion.Scorer) (emotion.Fusion, error) {
	var out emotion.Fusion
	var err error
	both := []emotion.Options{{Model: scorer}, {Model: scorer, Depth: model.Full}}
	if out.Beside, err = weights(rows, loud, both, func(w emotion.Weights) *emotion.Fusion { return &emotion.Fusion{Beside: w, Alone: w} }); err != nil {
		return out, err
	}
	out.Alone, err = weights(rows, loud, []emotion.Options{{NoModel: true}}, func(w emotion.Weights) *emotion.Fusion { return &emotion.Fusion{Beside: w, Alone: w} })
	return out, err
}

// weights fits the feelings first and then, with those weights, the certainty.
func weights(rows []Row, loud []Loud, read []emotion.Options, with func(emotion.Weights) *emotion.Fusion) (emotion.Weights, error) {
	w := blank()
	cases, err := weigh(texts(rows), read, with(w))
	if err != nil {
		return w, err
	}
	feelings(&w, rows, cases)
	if cases, err = weigh(texts(rows), read, with(w)); err != nil {
		return w, err
	}
	certainty(&w, rows, cases)
	return w, loudness(&w, loud, read, with)
}

func texts(rows []Row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Text
	}
	return out
}

// blank are weights that count nothing.
func blank() emotion.Weights {
	w := emotion.Weights{Loud: map[string]float64{}, Evidence: map[string]float64{}, Feeling: map[string]float64{}, Sure: map[string]float64{"bias": 0}}
	for _, n := range emotion.EvidenceNames() {
		w.Evidence[n] = 0
	}
	for _, n := range model.Labels(model.Care) {
		w.Feeling[n], w.Loud[n] = 0, 1
	}
	for _, n := range emotion.SureNames() {
		w.Sure[n] = 0
	}
	return w
}

// weigh reads all texts once for each way of reading.
func weigh(texts []string, read []emotion.Options, f *emotion.Fusion) ([]emotion.Case, error) {
	var out []emotion.Case
	for _, o := range read {
		o.Fusion = f
		r := emotion.New(o)
		for _, text := range texts {
			c, err := r.Weigh(text)
			if err != nil {
				return nil, fmt.Errorf("fit the fusion: %q: %w", text, err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// feelings is one logistic regression over all pairs of message and feeling:
// the weights of the evidence are shared, every feeling has its own bias.
func feelings(w *emotion.Weights, rows []Row, cases []emotion.Case) {
	names, kinds := emotion.EvidenceNames(), model.Labels(model.Care)
	t := task(len(names) + len(kinds))
	for i, c := range cases {
		row := rows[i%len(rows)]
		for e, x := range c.Evidence {
			one := make([]float64, len(kinds))
			one[e] = 1
			t.add(append(slices.Clone(x), one...), slices.Contains(row.Labels, e), row.Weight)
		}
	}
	got, bias := t.solve()
	for i, n := range names {
		w.Evidence[n] = round(got[i])
	}
	for i, n := range kinds {
		w.Feeling[n] = round(got[len(names)+i] + bias)
	}
}

// certainty is a logistic regression of "the first feeling is among the labels".
func certainty(w *emotion.Weights, rows []Row, cases []emotion.Case) {
	names := emotion.SureNames()
	t := task(len(names))
	for i, c := range cases {
		row := rows[i%len(rows)]
		t.add(c.Sure, slices.Contains(row.Labels, c.First), row.Weight)
	}
	got, bias := t.solve()
	for i, n := range names {
		w.Sure[n] = round(got[i])
	}
	w.Sure["bias"] = round(bias)
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// regression is a small dense problem with one target.
type regression struct{ learn.Task }

func task(wide int) *regression {
	return &regression{learn.Task{X: &learn.Sparse{Start: []int32{0}}, Wide: wide, Labels: 1, C: []float32{1}, Steps: 200}}
}

func (t *regression) add(x []float64, yes bool, weight float32) {
	for _, v := range x {
		t.Dense = append(t.Dense, float32(v))
	}
	y := float32(0)
	if yes {
		y = 1
	}
	t.Targets, t.Weight, t.X.Start = append(t.Targets, y), append(t.Weight, weight), append(t.X.Start, 0)
}

func (t *regression) solve() (weights []float64, bias float64) {
	l := learn.Solve(&t.Task, 1)
	for _, v := range l.W {
		weights = append(weights, float64(v))
	}
	return weights, float64(l.Bias[0])
}
