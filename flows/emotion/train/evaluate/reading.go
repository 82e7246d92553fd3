package evaluate

import (
	"fmt"
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// A Reading is what people and a model said of the same texts. Every figure of
// the model card is made from one: those of the folds in training and those of
// a file that is measured later.
type Reading struct {
	Name  string
	Depth string
	Space model.Space
	gold  [][]int
	got   [][]int
	sure  []float32 // probability of the most likely label
	right []bool    // whether that label is gold
}

// Add notes one text: its gold labels, those that were decided, and the
// probability of every label.
func (r *Reading) Add(gold, got []int, probs []float32) {
	top := 0
	for k := range probs {
		if probs[k] > probs[top] {
			top = k
		}
	}
	r.gold, r.got = append(r.gold, gold), append(r.got, got)
	r.sure, r.right = append(r.sure, probs[top]), append(r.right, slices.Contains(gold, top))
}

// Figure is one value with its 95 % bootstrap interval.
type Figure = model.Figure

// Table holds the figures of one grouping of labels.
type Table struct {
	Name   string  `json:"name"`  // such as "goemotions dev, 28 labels"
	Group  string  `json:"group"` // the grouping of mapping.txt; empty for the labels themselves
	Depth  string  `json:"depth"` // fast or full
	Rows   int     `json:"rows"`
	Macro  Figure  `json:"macro_f1"`
	Micro  Figure  `json:"micro_f1"`
	ECE    float64 `json:"ece,omitempty"` // expected calibration error of the most likely label
	Labels []Label `json:"labels"`
}

// Label is one line of a table.
type Label struct {
	Name      string  `json:"name"`
	Gold      int     `json:"gold"` // rows that have it
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        Figure  `json:"f1"`
}

// groupings are those of mapping.txt that are measured in each space.
var groupings = map[model.Space][]string{
	model.GoEmotions: {"ekman", "sentiment", "thirteen"},
	model.KOTE:       {"thirteen"},
	model.Care:       {"coarse"},
}

// Tables are the figures of the labels and then of each grouping of them. A
// group counts as decided when any of its labels is.
func (r *Reading) Tables() []Table {
	t := table(r.gold, r.got, model.Labels(r.Space))
	t.Name, t.ECE = fmt.Sprintf("%s, %d labels", r.Name, len(t.Labels)), learn.ECE(r.sure, r.right)
	tables := []Table{t}
	for _, g := range groupings[r.Space] {
		names, of := model.Groups(g, r.Space)
		t := table(grouped(r.gold, of), grouped(r.got, of), names)
		t.Name, t.Group = fmt.Sprintf("%s, %s (%d groups)", r.Name, g, len(names)), g
		tables = append(tables, t)
	}
	for i := range tables {
		tables[i].Depth, tables[i].Rows = r.Depth, len(r.gold)
	}
	return tables
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

func table(gold, got [][]int, names []string) Table {
	counts := learn.Tally(gold, got, len(names))
	boot := learn.Bootstrap(gold, got, len(names))
	t := Table{
		Macro: Figure{Value: learn.MacroF1(counts), Low: boot.Macro[0], High: boot.Macro[1]},
		Micro: Figure{Value: learn.MicroF1(counts), Low: boot.Micro[0], High: boot.Micro[1]},
	}
	for k, c := range counts {
		t.Labels = append(t.Labels, Label{
			Name: names[k], Gold: c.TP + c.FN, Precision: c.Precision(), Recall: c.Recall(),
			F1: Figure{Value: c.F1(), Low: boot.Label[k][0], High: boot.Label[k][1]},
		})
	}
	return t
}
