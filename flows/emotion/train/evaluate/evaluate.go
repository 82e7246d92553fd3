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
)

// Report is what Eval measured.
type Report struct {
	Tables []Table           `json:"tables"`
	Risks  []Risk            `json:"risks,omitempty"` // danger to a person
	Speed  []Speed           `json:"speed"`
	Stored map[string]Figure `json:"stored"` // cross-validated in training, by language and name
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
	if err := r.risks(dir); err != nil {
		return r, fmt.Errorf("eval: %w", err)
	}
	if !found && len(r.Tables)+len(r.Risks) == 0 {
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

// reading is a Reading of one file, with the time it took.
type reading struct {
	Reading
	took []time.Duration
	lang string
}

func read(m *model.Model, s split, depth model.Depth, rows []corpus.Row) *reading {
	r := &reading{lang: s.lang}
	r.Name, r.Depth, r.Space = s.set+" "+s.file[:len(s.file)-len(".tsv")], depth.String(), model.SpaceOf(s.lang)
	var sc model.Scores
	for _, row := range rows {
		r.one(m, &sc, depth, row)
	}
	return r
}

func (r *reading) one(m *model.Model, sc *model.Scores, depth model.Depth, row corpus.Row) {
	names := model.Labels(r.Space)
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
	if r.Space == model.Care {
		probs = sc.Care[:]
	}
	r.Add(gold, m.DecideIndex(r.Space, sc, nil), probs)
}

// add keeps the tables of a reading and how fast it was.
func (r *Report) add(x *reading) {
	r.Tables = append(r.Tables, x.Tables()...)
	r.Speed = append(r.Speed, speed(x))
}

func speed(x *reading) Speed {
	slices.Sort(x.took)
	var sum time.Duration
	for _, d := range x.took {
		sum += d
	}
	s := Speed{Lang: x.lang, Depth: x.Depth}
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
			x := &reading{lang: lang}
			x.Name, x.Depth, x.Space = "customers "+lang, depth.String(), model.Care
			var sc model.Scores
			for _, row := range rows {
				x.one(m, &sc, depth, row)
			}
			r.add(x)
		}
	}
	return nil
}
