package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/onkihq/onki/flows/appraise"
	"github.com/onkihq/onki/flows/emotion/linear"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// How the weights are learned; chosen by cross-validation.
const (
	minTexts = 2     // an n-gram counts when this many texts have it
	keepMost = 24000 // n-grams kept, those with the largest weights
	penalty  = 6     // inverse strength of the L2 penalty
	steps    = 60
	light    = .4 // weight of a message that tells of no event
)

// row is one labelled message.
type row struct {
	text   string
	events []string // mostly one
	rules  map[string]float64
}

// readRows reads "text TAB event[,event]" lines under a header.
func readRows(name string) ([]row, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var rows []row
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		text, events, ok := strings.Cut(line, "\t")
		if n == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if !ok || events == "" {
			return nil, fmt.Errorf("%s:%d: want text, tab, event", name, n+1)
		}
		rows = append(rows, row{text, strings.Split(strings.TrimSpace(events), ","), appraise.RuleScores(text)})
	}
	return rows, nil
}

// labels lists the events of the rows, in alphabetical order.
func labels(rows []row) []string {
	var all []string
	for _, r := range rows {
		all = append(all, r.events...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// fit is a trained reader before it is packed.
type fit struct {
	lang   string
	events []string
	rules  []string
	voc    *learn.Vocabulary
	lin    *learn.Linear
}

func learnFrom(lang string, rows []row, events []string) *fit {
	f := &fit{lang: lang, events: events, rules: appraise.RuleEvents()}
	texts := make([]string, len(rows))
	targets := make([]float32, len(rows)*len(events))
	for i, r := range rows {
		texts[i] = r.text
		for _, e := range r.events {
			targets[i*len(events)+slices.Index(events, e)] = 1
		}
	}
	f.voc = learn.Count(texts, model.ShapeOf(lang), minTexts)
	dense := f.dense(rows)
	c := make([]float32, len(events))
	for e := range c {
		c[e] = penalty
	}
	solve := func() {
		f.lin = learn.Solve(&learn.Task{
			X: f.voc.Matrix(texts, model.ShapeOf(lang)), Dense: dense, Wide: len(f.rules),
			Targets: targets, Labels: len(events), C: c, Steps: steps, Weight: weights(rows),
		}, runtime.GOMAXPROCS(0))
	}
	solve()
	if keep := f.lin.Largest(len(f.voc.Hashes), keepMost); len(keep) < len(f.voc.Hashes) {
		f.voc = f.voc.Keep(keep)
		solve()
	}
	return f
}

// weights lets the many messages that tell of nothing count less: taking an
// event for none costs the customer an answer, the other way round a word.
func weights(rows []row) []float32 {
	out := make([]float32, len(rows))
	for i, r := range rows {
		out[i] = 1
		switch r.events[0] {
		case appraise.Nothing, "other":
			out[i] = light
		}
	}
	return out
}

func (f *fit) dense(rows []row) []float32 {
	out := make([]float32, 0, len(rows)*len(f.rules))
	for _, r := range rows {
		for _, name := range f.rules {
			out = append(out, float32(min(r.rules[name], appraise.RuleMax)))
		}
	}
	return out
}

// pack writes the file.
func (f *fit) pack(least float32) ([]byte, error) {
	head := linear.Head{Kind: appraise.Kind, Labels: f.events, Inputs: f.rules, Cuts: map[string]float64{appraise.Least: float64(least)}, Bias: f.lin.Bias}
	return linear.Pack(head, f.voc.Hashes, f.voc.IDF, f.lin.W)
}

// train learns from all rows and packs the result.
func train(lang string, rows []row, least float32) ([]byte, error) {
	return learnFrom(lang, rows, labels(rows)).pack(least)
}
