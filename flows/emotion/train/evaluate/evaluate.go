// Package evaluate measures the recognizer on whichever data splits it finds
// and prints the tables of its model card, so that anybody can check them.
package evaluate

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// Report is what Eval measured.
type Report struct {
	Tables []Table           `json:"tables"`
	Speed  []Speed           `json:"speed"`
	Stored map[string]Figure `json:"stored"` // cross-validated in training, by language and name
}

// Figure is one value with its 95 % bootstrap interval.
type Figure = model.Figure

// Table holds the figures of one grouping of labels on one file.
type Table struct {
	Name   string  `json:"name"`  // such as "goemotions dev, 28 labels"
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

// Speed is how long short texts took on one core.
type Speed struct {
	Lang      string        `json:"lang"`
	Depth     string        `json:"depth"`
	PerSecond float64       `json:"per_second"`
	P99       time.Duration `json:"p99_ns"`
}

// split is one file of a set that may be measured on; what the model was
// trained on is not among them.
type split struct{ set, file, lang string }

var splits = []split{
	{"goemotions", "dev.tsv", "en"},
	{"goemotions", "test.tsv", "en"},
	{"kote", "test.tsv", "ko"},
}

// Eval measures the embedded model on every split found under dir.
func Eval(dir string) (Report, error) {
	m, err := model.Load()
	if err != nil {
		return Report{}, fmt.Errorf("eval: %w", err)
	}
	return With(m, dir)
}

// With measures the given model.
func With(m *model.Model, dir string) (Report, error) {
	var r Report
	found := false
	for _, s := range splits {
		rows, err := corpus.Load(dir, s.set, s.file)
		if errors.Is(err, corpus.ErrNone) {
			continue
		}
		if err != nil {
			return r, fmt.Errorf("eval: %w", err)
		}
		found = true
		for _, depth := range m.Depths(s.lang) {
			r.add(read(m, s, depth, rows))
		}
	}
	if err := r.customers(m, dir); err != nil {
		return r, fmt.Errorf("eval: %w", err)
	}
	if !found && len(r.Tables) == 0 {
		return r, fmt.Errorf("eval: no split found: want %s or another of the files that MODEL_CARD.md lists", filepath.Join(dir, "goemotions", "dev.tsv"))
	}
	r.Stored = make(map[string]Figure)
	for _, lang := range []string{"en", "ko"} {
		for name, f := range m.Meta(lang).Figures {
			r.Stored[lang+" "+name] = f
		}
	}
	return r, nil
}

// reading is a set's gold labels and what the model decided.
type reading struct {
	name, depth string
	space       model.Space
	gold, got   [][]int
	sure        []float32 // probability of the most likely label
	right       []bool    // whether that label is gold
	took        []time.Duration
	lang        string
}

func read(m *model.Model, s split, depth model.Depth, rows []corpus.Row) *reading {
	space := model.SpaceOf(s.lang)
	r := &reading{name: s.set + " " + s.file[:len(s.file)-len(".tsv")], depth: depth.String(), space: space, lang: s.lang}
	var sc model.Scores
	for _, row := range rows {
		r.one(m, &sc, depth, row)
	}
	return r
}

func (r *reading) one(m *model.Model, sc *model.Scores, depth model.Depth, row corpus.Row) {
	names := model.Labels(r.space)
	gold := []int{}
	for _, l := range row.Labels {
		if k := slices.Index(names, l); k >= 0 {
			gold = append(gold, k)
		}
	}
	start := time.Now()
	m.Score(r.lang, row.Text, depth, sc)
	if len(row.Text) <= 120 {
		r.took = append(r.took, time.Since(start))
	}
	probs := sc.Set
	if r.space == model.Care {
		probs = sc.Care[:]
	}
	top := 0
	for k := range probs {
		if probs[k] > probs[top] {
			top = k
		}
	}
	r.gold = append(r.gold, gold)
	r.got = append(r.got, m.DecideIndex(r.space, sc, nil))
	r.sure = append(r.sure, probs[top])
	r.right = append(r.right, slices.Contains(gold, top))
}

// add makes the tables of a reading: its labels, and each grouping of them.
func (r *Report) add(x *reading) {
	t := table(x.gold, x.got, model.Labels(x.space))
	t.Name = fmt.Sprintf("%s, %d labels", x.name, len(t.Labels))
	t.ECE = learn.ECE(x.sure, x.right)
	groupings := []string{"ekman", "sentiment", "thirteen"}
	switch x.space {
	case model.KOTE:
		groupings = []string{"thirteen"}
	case model.Care:
		groupings = []string{"coarse"}
	}
	tables := []Table{t}
	for _, g := range groupings {
		names, of := model.Groups(g, x.space)
		t := table(grouped(x.gold, of), grouped(x.got, of), names)
		t.Name = fmt.Sprintf("%s, %s (%d groups)", x.name, g, len(names))
		tables = append(tables, t)
	}
	for _, t := range tables {
		t.Depth, t.Rows = x.depth, len(x.gold)
		r.Tables = append(r.Tables, t)
	}
	r.Speed = append(r.Speed, speed(x))
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

func speed(x *reading) Speed {
	slices.Sort(x.took)
	var sum time.Duration
	for _, d := range x.took {
		sum += d
	}
	s := Speed{Lang: x.lang, Depth: x.depth}
	if n := len(x.took); n > 0 && sum > 0 {
		s.PerSecond = float64(n) / sum.Seconds()
		s.P99 = x.took[n*99/100]
	}
	return s
}

// customers measures on our own probe files, where dir has them: they are
// never trained on.
func (r *Report) customers(m *model.Model, dir string) error {
	for _, lang := range []string{"en", "ko"} {
		path := filepath.Join(dir, "probe."+lang+".tsv")
		rows, err := corpus.Read(path, corpus.Format{Text: 0, Labels: 1, Columns: 2, Split: ","})
		if errors.Is(err, corpus.ErrNone) {
			continue
		}
		if err != nil {
			return err
		}
		if len(rows) > 0 && rows[0].Text == "text" {
			rows = rows[1:]
		}
		for _, depth := range m.Depths(lang) {
			x := &reading{name: "customers " + lang, depth: depth.String(), space: model.Care, lang: lang}
			var sc model.Scores
			for _, row := range rows {
				x.one(m, &sc, depth, row)
			}
			r.add(x)
		}
	}
	return nil
}
