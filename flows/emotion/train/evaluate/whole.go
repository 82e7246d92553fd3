package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/corpus"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// Whole is what the whole recognizer, rules and model together, makes of our
// own messages.
type Whole struct {
	First []First `json:"first"`
	Risk  []Risk  `json:"risk"`
}

// First is how often the feeling named first is one of the labels.
type First struct {
	File  string  `json:"file"`
	Kind  string  `json:"kind,omitempty"`
	Rows  int     `json:"rows"`
	Right float64 `json:"right"`
	ECE   float64 `json:"ece"` // of the stated confidence
}

// MeasureWhole reads the message files of dir that are there.
func MeasureWhole(dir string) (Whole, error) {
	var w Whole
	r := emotion.New(emotion.Options{Depth: model.Full})
	if err := r.Check(); err != nil {
		return w, fmt.Errorf("measure: %w", err)
	}
	for _, lang := range []string{"en", "ko"} {
		for _, f := range []struct {
			name string
			read func(string, *emotion.Recognizer, []corpus.Row) error
			form corpus.Format
		}{
			{"probe", w.first, corpus.Format{Text: 0, Labels: 1, Columns: 2, Split: ","}},
			{"hard", w.kinds, corpus.Format{Text: 1, Labels: 2, Kind: 1, Columns: 3, Split: ","}},
			{"fresh.hard", w.kinds, corpus.Format{Text: 1, Labels: 2, Kind: 1, Columns: 3, Split: ","}},
			{"risk", w.risk, corpus.Format{Text: 1, Labels: 0, Columns: 2}},
			{"fresh.risk", w.risk, corpus.Format{Text: 1, Labels: 0, Columns: 2}},
		} {
			name := f.name + "." + lang + ".tsv"
			rows, err := corpus.Read(filepath.Join(dir, name), f.form)
			if errors.Is(err, corpus.ErrNone) {
				continue
			}
			if err == nil {
				err = f.read(name, r, rows[1:])
			}
			if err != nil {
				return w, fmt.Errorf("measure: %w", err)
			}
		}
	}
	return w, nil
}

// first measures all rows together.
func (w *Whole) first(file string, r *emotion.Recognizer, rows []corpus.Row) error {
	right, sure := make([]bool, len(rows)), make([]float32, len(rows))
	n := 0
	for i, row := range rows {
		got, err := r.Recognize(context.Background(), bot.Message{Text: row.Text}, nil)
		if err != nil {
			return err
		}
		right[i], sure[i] = slices.Contains(row.Labels, got.Top()), float32(got.Confidence)
		if right[i] {
			n++
		}
	}
	w.First = append(w.First, First{File: file, Rows: len(rows), Right: float64(n) / float64(max(1, len(rows))), ECE: learn.ECE(sure, right)})
	return nil
}

// kinds measures every kind of hard case on its own, then all of them.
func (w *Whole) kinds(file string, r *emotion.Recognizer, rows []corpus.Row) error {
	by := make(map[string][]corpus.Row)
	var order []string
	for _, row := range rows {
		if by[row.Kind] == nil {
			order = append(order, row.Kind)
		}
		by[row.Kind] = append(by[row.Kind], row)
	}
	slices.Sort(order)
	for _, kind := range order {
		if err := w.first(file, r, by[kind]); err != nil {
			return err
		}
		w.First[len(w.First)-1].Kind = kind
	}
	return w.first(file, r, rows)
}

func (w *Whole) risk(file string, r *emotion.Recognizer, rows []corpus.Row) error {
	x, err := danger(file, r, rows)
	w.Risk = append(w.Risk, x)
	return err
}

// WriteMarkdown prints the figures as MODEL_CARD.md holds them.
func (w Whole) WriteMarkdown(out io.Writer) error {
	var b strings.Builder
	b.WriteString("| messages | kind | rows | first feeling among the labels | calibration error |\n|---|---|---|---|---|\n")
	for _, f := range w.First {
		kind := f.Kind
		if kind == "" {
			kind = "all"
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %.3f |\n", f.File, kind, f.Rows, f.Right, f.ECE)
	}
	b.WriteString("\n| danger | rows | recall of R2–R3 | precision | false alarms among R0 | R2–R3 at least asked about |\n|---|---|---|---|---|---|\n")
	for _, r := range w.Risk {
		fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %.3f | %.3f |\n", r.File, r.Rows, r.Recall, r.Precision, r.Alarms, r.Asked)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
