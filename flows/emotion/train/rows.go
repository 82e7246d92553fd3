package main

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
)

// unknown marks a target that a set says nothing about.
const unknown = -1

// row is one text with everything that is known of it.
type row struct {
	text   string
	target []float32 // one per first-level column, 0..1 or unknown
	weight float32
	fold   int   // which fold holds it out; −1: none, it is always trained on
	set    []int // gold labels of the public set; nil: not from it
	care   []int // gold care labels; only of customer messages
	rest   bool  // what is left of a customer message: only scored by the folds, never learned
}

// plan is the layout of a language's first-level columns: the public set's
// labels, the care labels, then the further heads.
type plan struct {
	lang    string
	space   model.Space
	labels  int // of the public set
	columns int
	folds   int
}

// Further heads, counted from the end of the care labels. The first ones are
// outputs too; Korean also reads which of the chatbot questions speak of a break-up.
const (
	headValence = iota
	headArousal
	headAbuse
	headActs
	headBreakUp = headActs + 7
)

func planOf(lang string) plan {
	p := plan{lang: lang, space: model.SpaceOf(lang)}
	p.labels = len(model.Labels(p.space))
	p.columns, p.folds = p.head(headActs), 3
	if lang == "ko" {
		p.columns, p.folds = p.head(headBreakUp+1), 5
	}
	p.columns = (p.columns + 7) / 8 * 8
	return p
}

// head is the column of a further head. The heads begin a new block of the
// solver, which then skips the many rows that only they are trained on.
func (p plan) head(h int) int { return (p.labels+model.CareLabels+15)/16*16 + h }

// used lists the columns that go into the file, in the order of the outputs:
// those between the labels and the heads, and after the heads, are left out.
func (p plan) used() []int {
	var out []int
	for k := range p.labels + model.CareLabels {
		out = append(out, k)
	}
	heads := headActs
	if p.lang == "ko" {
		heads = headBreakUp + 1
	}
	for h := range heads {
		out = append(out, p.head(h))
	}
	return out
}

// only picks columns of every row of width wide.
func only(z []float32, wide int, columns []int) []float32 {
	out := make([]float32, 0, len(z)/wide*len(columns))
	for i := 0; i < len(z); i += wide {
		for _, k := range columns {
			out = append(out, z[i+k])
		}
	}
	return out
}

func (p plan) row(text string) row {
	r := row{text: text, target: make([]float32, p.columns), weight: 1, fold: -1}
	for k := range r.target {
		r.target[k] = unknown
	}
	return r
}

// sets collects the rows of all sets of a language and notes which were used.
type sets struct {
	plan
	dir, domain  string
	noShareAlike bool
	rows         []row
	sources      []model.Set
}

// load reads one file of a set; a set that is not there is left out.
func (s *sets) load(set, file, licence string) ([]corpus.Row, error) {
	if s.noShareAlike && strings.Contains(licence, "SA") {
		return nil, nil
	}
	rows, err := corpus.Load(s.dir, set, file)
	if errors.Is(err, corpus.ErrNone) {
		return nil, nil
	}
	if err == nil {
		s.sources = append(s.sources, model.Set{Name: set, Licence: licence, Rows: len(rows)})
	}
	return rows, err
}

func (s *sets) collect() error {
	steps := []func() error{s.goEmotions, s.emoBank, s.intents}
	if s.lang == "ko" {
		steps = []func() error{s.kote, s.reviews, s.speechActs, s.hate, s.chatbot}
	}
	for _, step := range append(steps, s.customers) {
		if err := step(); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(s.rows, func(r row) bool { return r.set != nil }) {
		return fmt.Errorf("train %s: no rows of %s under %s", s.lang, s.space, s.dir)
	}
	return nil
}

func (s *sets) goEmotions() error {
	rows, err := s.load("goemotions", "train.tsv", "Apache-2.0, data CC BY 4.0")
	s.labelled(rows)
	return err
}

func (s *sets) kote() error {
	rows, err := s.load("kote", "val.tsv", "MIT")
	s.labelled(rows)
	return err
}

// labelled adds rows of the language's own set: its labels, and by mapping.txt
// the care labels, valence and arousal.
func (s *sets) labelled(rows []corpus.Row) {
	names := model.Labels(s.space)
	can := s.canSay()
	for i, in := range rows {
		r := s.row(in.Text)
		r.fold, r.set = i%s.folds, []int{}
		for k := range names {
			r.target[k] = 0
		}
		for k, ok := range can {
			if ok {
				r.target[s.labels+k] = 0
			}
		}
		var care []int
		dumb := false
		for _, l := range in.Labels {
			k := slices.Index(names, l)
			if k < 0 {
				continue
			}
			r.set = append(r.set, k)
			r.target[k] = 1
			c := slices.Index(model.Labels(model.Care), model.Meaning("care", l))
			if c < 0 {
				dumb = true
				continue
			}
			r.target[s.labels+c] = 1
			care = append(care, c)
		}
		if dumb { // something was felt that the care labels have no word for
			for k := range model.CareLabels {
				if r.target[s.labels+k] == 0 {
					r.target[s.labels+k] = unknown
				}
			}
		}
		if s.lang == "en" && i%3 == 0 {
			s.affect(&r, care)
		}
		s.rows = append(s.rows, r)
	}
}

// canSay tells which care labels the language's set can speak of at all.
func (s *sets) canSay() []bool {
	can := make([]bool, model.CareLabels)
	for _, l := range model.Labels(s.space) {
		if c := slices.Index(model.Labels(model.Care), model.Meaning("care", l)); c >= 0 {
			can[c] = true
		}
	}
	return can
}

// affect sets valence and arousal to the mean of the care labels' own (care model 3.1).
func (s *sets) affect(r *row, care []int) {
	if len(care) == 0 {
		return
	}
	var v, a float64
	for _, c := range care {
		cv, ca := model.Affect(model.Labels(model.Care)[c])
		v += cv / float64(len(care))
		a += ca / float64(len(care))
	}
	r.target[s.head(headValence)] = float32((v + 1) / 2)
	r.target[s.head(headArousal)] = float32(a)
}

// emoBank rates from 1 to 5, nearly always between 2 and 4: that span is stretched to 0..1.
func (s *sets) emoBank() error {
	rows, err := s.load("emobank", "train.tsv", "CC BY-SA 4.0")
	for _, in := range rows {
		r := s.row(in.Text)
		r.target[s.head(headValence)] = clip((in.Values[0] - 2) / 2)
		r.target[s.head(headArousal)] = clip((in.Values[1] - 2) / 2)
		s.rows = append(s.rows, r)
	}
	return err
}

func clip(v float64) float32 { return float32(math.Min(1, math.Max(0, v))) }

// intents are customers' questions without feeling, some of them rude (register tag W).
func (s *sets) intents() error {
	rows, err := s.load("bitext-intents", "train.tsv", "CDLA-Sharing-1.0")
	if err != nil {
		return err
	}
	for i, in := range rows {
		rude := strings.Contains(in.Labels[0], "W")
		if !rude && i%4 != 0 {
			continue // many rows differ by one word
		}
		r := s.row(in.Text)
		r.target[s.head(headAbuse)] = 0
		if rude {
			r.target[s.head(headAbuse)] = 1
		}
		s.rows = append(s.rows, r)
	}
	return nil
}

func (s *sets) reviews() error {
	rows, err := s.load("nsmc", "raw-sample.tsv", "CC0 1.0")
	for i, in := range rows {
		if i%5 != 0 {
			continue // a fifth of them says nearly as much and takes a fifth of the time
		}
		r := s.row(in.Text)
		r.target[s.head(headValence)] = clip((in.Values[0] - 1) / 9)
		s.rows = append(s.rows, r)
	}
	return err
}

func (s *sets) speechActs() error {
	rows, err := s.load("3i4k", "trainval.tsv", "CC BY-SA 4.0")
	for i, in := range rows {
		if i%2 != 0 {
			continue
		}
		r := s.row(in.Text)
		for k := range model.Acts() {
			r.target[s.head(headActs)+k] = 0
		}
		if n := in.Labels[0]; len(n) == 1 && n[0] >= '0' && n[0] <= '6' {
			r.target[s.head(headActs)+int(n[0]-'0')] = 1
		}
		s.rows = append(s.rows, r)
	}
	return err
}

func (s *sets) hate() error {
	rows, err := s.load("korean-hate-speech", "train.tsv", "CC BY-SA 4.0")
	if err != nil {
		return err
	}
	more, err := s.load("apeach", "test.tsv", "CC BY-SA 4.0")
	values := map[string]float32{"none": 0, "Default": 0, "offensive": 0.8, "hate": 1, "Spoiled": 1}
	for _, in := range append(rows, more...) {
		r := s.row(in.Text)
		r.target[s.head(headAbuse)] = values[in.Labels[0]]
		s.rows = append(s.rows, r)
	}
	return err
}

func (s *sets) chatbot() error {
	rows, err := s.load("korean-chatbot-qa", "all.tsv", "MIT")
	for _, in := range rows {
		r := s.row(in.Text)
		r.target[s.head(headBreakUp)] = 0
		if in.Labels[0] == "1" {
			r.target[s.head(headBreakUp)] = 1
		}
		s.rows = append(s.rows, r)
	}
	return err
}

// customers are our own customer messages with care labels, and what is left
// of them without the parts that the rules set apart: the fusion needs to know
// what a model that has not seen the message hears in those.
func (s *sets) customers() error {
	path := filepath.Join(s.domain, "care."+s.lang+".tsv")
	rows, err := corpus.Read(path, corpus.Format{Text: 0, Labels: 1, Columns: 2, Split: ","})
	if errors.Is(err, corpus.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	rules, err := cues.Default()
	if err != nil {
		return err
	}
	names := model.Labels(model.Care)
	n := 0
	var rests []row
	for _, in := range rows {
		r := s.row(in.Text)
		for k := range names {
			r.target[s.labels+k] = 0
		}
		for _, l := range in.Labels {
			if k := slices.Index(names, l); k >= 0 {
				r.target[s.labels+k] = 1
				r.care = append(r.care, k)
			}
		}
		if len(r.care) == 0 {
			continue // the heading, or a label that is not ours
		}
		r.fold, r.weight = n%s.folds, 3
		n++
		s.affect(&r, r.care)
		s.rows = append(s.rows, r)
		page := rules.Read(in.Text)
		if rest := page.Rest(in.Text); rest != "" {
			left := s.row(rest)
			left.fold, left.rest = r.fold, true
			rests = append(rests, left)
		}
	}
	s.rows = append(s.rows, rests...)
	s.sources = append(s.sources, model.Set{Name: "onki customers", Licence: "Apache-2.0", Rows: n})
	return nil
}
