package evaluate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/baseline"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// A Comparison is how well a reader tells negative, neutral and positive texts
// apart.
type Comparison struct {
	On     string  `json:"on"`
	Reader string  `json:"reader"`
	Rows   int     `json:"rows"`
	Macro  Figure  `json:"macro_f1"`
	Right  float64 `json:"accuracy"`
}

// polarities are the classes of a comparison.
var polarities = []string{baseline.Negative, baseline.Neutral, baseline.Positive}

// polar is one text whose labels agree on a polarity.
type polar struct {
	text string
	gold int
}

// polarityOf gives the class of a public set's label or of a care label; −1
// where it has none, as curiosity and surprise.
func polarityOf(space model.Space, label string) int {
	name := model.Meaning("sentiment", label)
	if space == model.Care {
		switch emotion.Group(label) {
		case "positive", "neutral":
			name = emotion.Group(label)
		case "complaint", "vulnerable", "confusion":
			name = baseline.Negative
		}
	}
	return slices.Index(polarities, name)
}

// polars are the rows whose labels agree on one polarity; the others would
// measure the mapping and not the readers.
func polars(rows []corpus.Row, space model.Space) (out []polar) {
	for _, r := range rows {
		classes := []int{}
		for _, l := range r.Labels {
			classes = append(classes, polarityOf(space, l))
		}
		slices.Sort(classes)
		if classes = slices.Compact(classes); len(classes) == 1 && classes[0] >= 0 {
			out = append(out, polar{r.Text, classes[0]})
		}
	}
	return out
}

// Compare measures the recognizer's model beside baselines on the polarity of
// the development split and of the probe, whichever dir has. "majority" is who
// always says the most frequent polarity.
func Compare(m *model.Model, dir string, with []*baseline.Baseline) ([]Comparison, error) {
	var out []Comparison
	for _, s := range []struct {
		file, name, lang string
		space            model.Space
	}{
		{"goemotions/dev.tsv", "goemotions dev", "en", model.GoEmotions},
		{"probe.en.tsv", "customers en", "en", model.Care},
		{"probe.ko.tsv", "customers ko", "ko", model.Care},
	} {
		rows, err := corpus.Read(filepath.Join(dir, s.file), corpus.Format{Text: 0, Labels: 1, Columns: 2, Split: ","})
		if errors.Is(err, corpus.ErrNone) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("compare: %w", err)
		}
		texts := polars(rows, s.space)
		for _, depth := range m.Depths(s.lang) {
			var sc model.Scores
			out = append(out, compare(s.name, "onki "+depth.String(), texts, func(text string) int {
				m.Score(s.lang, text, depth, &sc)
				for _, l := range m.Decide(s.space, &sc) {
					if p := polarityOf(s.space, l); p >= 0 {
						return p
					}
				}
				return slices.Index(polarities, baseline.Neutral)
			}))
		}
		for _, b := range with {
			if b.Name == "vader" && s.lang != "en" {
				continue
			}
			out = append(out, compare(s.name, b.Name, texts, func(text string) int {
				p, _ := b.Read(text)
				return slices.Index(polarities, p)
			}))
		}
		most := majority(texts)
		out = append(out, compare(s.name, "majority", texts, func(string) int { return most }))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("compare: %s has neither goemotions/dev.tsv nor a probe file", dir)
	}
	return out, nil
}

func majority(texts []polar) int {
	count := make([]int, len(polarities))
	for _, t := range texts {
		count[t.gold]++
	}
	return slices.Index(count, slices.Max(count))
}

func compare(on, reader string, texts []polar, read func(string) int) Comparison {
	var gold, got [][]int
	right := 0
	for _, t := range texts {
		p := read(t.text)
		gold, got = append(gold, []int{t.gold}), append(got, []int{p})
		if p == t.gold {
			right++
		}
	}
	boot := learn.Bootstrap(gold, got, len(polarities))
	return Comparison{
		On: on, Reader: reader, Rows: len(texts), Right: float64(right) / float64(cmp.Or(len(texts), 1)),
		Macro: Figure{Value: learn.MacroF1(learn.Tally(gold, got, len(polarities))), Low: boot.Macro[0], High: boot.Macro[1]},
	}
}

// WriteComparison prints comparisons as the table of MODEL_CARD.md.
func WriteComparison(w io.Writer, cs []Comparison) {
	fmt.Fprint(w, "| polarity on | reader | rows | macro F1 (95 % interval) | right |\n|---|---|---|---|---|\n")
	for _, c := range cs {
		fmt.Fprintf(w, "| %s | %s | %d | %s | %.3f |\n", c.On, c.Reader, c.Rows, cell(c.Macro), c.Right)
	}
}
