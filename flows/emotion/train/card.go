package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/baseline"
	"github.com/onkihq/onki/flows/emotion/train/evaluate"
)

// What stands between these lines of the model card is written by the program.
const (
	tablesBegin = "<!-- tables: written by make card -->\n"
	tablesEnd   = "<!-- end of tables -->\n"
)

// writeCard measures everything again and puts the tables into the model card.
func writeCard(path, data, messages string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(text), tablesBegin)
	_, after, closed := strings.Cut(rest, tablesEnd)
	if !ok || !closed {
		return fmt.Errorf("%s: no place for the tables: it needs the lines %q and %q", path, strings.TrimSpace(tablesBegin), strings.TrimSpace(tablesEnd))
	}
	var b strings.Builder
	if err := tables(&b, data, messages); err != nil {
		return err
	}
	return save(path, func(w io.Writer) error {
		_, err := io.WriteString(w, before+tablesBegin+"\n"+b.String()+"\n"+tablesEnd+after)
		return err
	})
}

// tables prints the model alone, the whole recognizer and the baselines.
func tables(w *strings.Builder, data, messages string) error {
	m, err := model.Load()
	if err != nil {
		return err
	}
	w.WriteString("### The whole recognizer\n\nRules, model and fusion together, `Full`, on our own messages (`flows/emotion/data`). The fusion has seen every second line of `hard`, the rules were written with `hard` and `risk` in view; nothing has seen `probe` and the `fresh` files.\n\n")
	whole, err := evaluate.MeasureWhole(messages)
	if err != nil {
		return err
	}
	if err := whole.WriteMarkdown(w); err != nil {
		return err
	}
	w.WriteString("\n### Beside simple readers\n\nTexts whose labels agree on one polarity. VADER is Hutto & Gilbert 2014, words counts our own feeling words, majority always says the most frequent polarity.\n\n")
	with, err := baseline.Parse(strings.Join(baseline.Names(), ","))
	if err != nil {
		return err
	}
	for _, dir := range []string{data, messages} {
		cs, err := evaluate.Compare(m, dir, with)
		if err != nil {
			return err
		}
		evaluate.WriteComparison(w, cs)
		w.WriteString("\n")
	}
	w.WriteString("### The model alone\n\n")
	for _, dir := range []string{data, messages} {
		report, err := evaluate.With(m, dir)
		if err != nil {
			return err
		}
		if dir == messages {
			report.Stored = nil // said above
		}
		if err := report.WriteMarkdown(w); err != nil {
			return err
		}
		w.WriteString("\n")
	}
	return nil
}
