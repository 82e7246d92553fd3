package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
	"github.com/onkihq/onki/flows/emotion/train/fuse"
)

// heldOut scores texts of the training data with what the folds said that had
// not seen them, and all others with the finished model.
type heldOut struct {
	*model.Model
	care [2]map[string][model.CareLabels]float32 // by depth and text
}

// Score gives the model's scores, with the care labels held out where the
// model was trained on the text.
func (h *heldOut) Score(lang, text string, depth model.Depth, s *model.Scores) {
	h.Model.Score(lang, text, depth, s)
	if care, ok := h.care[depth][text]; ok {
		s.Care = care
	}
}

// hold keeps the held-out care scores of a language's customer messages.
func (h *heldOut) hold(j *job, depth model.Depth, outs []float32) {
	if h.care[depth] == nil {
		h.care[depth] = map[string][model.CareLabels]float32{}
	}
	outputs := model.Outputs(j.lang)
	for i, r := range j.rows {
		if r.care == nil && !r.rest {
			continue
		}
		var p [model.CareLabels]float32
		for k := range p {
			p[k] = logistic(outs[i*outputs+j.labels+k])
		}
		h.care[depth][r.text] = p
	}
}

// sources of the fusion's messages: the training messages, and every second
// line of the hard cases, which hold what the training messages have little of.
// The probe and the other hard lines stay unseen.
var sources = []struct {
	name         string
	text, labels int // columns
	every        int // of so many lines one is taken
	weight       float32
}{
	{"care", 0, 1, 1, 1},
	{"hard", 1, 2, 2, 4},
}

// messages are what the fusion is fitted on, in both languages.
func messages(dir string) ([]fuse.Row, error) {
	var out []fuse.Row
	for _, lang := range []string{"en", "ko"} {
		for _, f := range sources {
			rows, err := corpus.Read(filepath.Join(dir, f.name+"."+lang+".tsv"), corpus.Format{Text: f.text, Labels: f.labels, Columns: f.labels + 1, Split: ","})
			if errors.Is(err, corpus.ErrNone) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for i, in := range rows[1:] { // the heading is no message
				if i%f.every == 0 {
					out = append(out, fuse.Row{Text: in.Text, Labels: numbers(in.Labels), Weight: f.weight})
				}
			}
		}
	}
	return out, nil
}

// bounds of the bands of intensity (care model 3.2).
var bounds = map[string][2]float64{"low": {0, .35}, "mid": {.35, .65}, "high": {.65, 1}}

// bands are the messages that a reader gave a band of intensity.
func bands(dir string) ([]fuse.Loud, error) {
	var out []fuse.Loud
	for _, lang := range []string{"en", "ko"} {
		path := filepath.Join(dir, "bands."+lang+".tsv")
		rows, err := corpus.Read(path, corpus.Format{Text: 1, Labels: 0, Columns: 2})
		if errors.Is(err, corpus.ErrNone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i, in := range rows[1:] { // the heading is no message
			b, ok := bounds[in.Labels[0]]
			if !ok {
				return nil, fmt.Errorf("%s line %d: no band %q: want low, mid or high", path, i+2, in.Labels[0])
			}
			out = append(out, fuse.Loud{Text: in.Text, Low: b[0], High: b[1]})
		}
	}
	return out, nil
}

// numbers are the places of care labels.
func numbers(names []string) (out []int) {
	for _, l := range names {
		if k := slices.Index(model.Labels(model.Care), l); k >= 0 {
			out = append(out, k)
		}
	}
	return out
}
