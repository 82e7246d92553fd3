package evaluate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteMarkdown prints the tables as MODEL_CARD.md holds them.
func (r Report) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("| measured on | read | rows | macro F1 (95 % interval) | micro F1 | calibration error |\n|---|---|---|---|---|---|\n")
	for _, t := range r.Tables {
		e := "–"
		if t.ECE > 0 {
			e = fmt.Sprintf("%.3f", t.ECE)
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %.3f | %s |\n", t.Name, t.Depth, t.Rows, cell(t.Macro), t.Micro.Value, e)
	}
	if len(r.Stored) > 0 {
		b.WriteString("\nCross-validated in training:\n\n| figure | value (95 % interval) |\n|---|---|\n")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Stored)) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, cell(r.Stored[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Stored)) {
		if labels := r.Stored[name].Labels; len(labels) > 0 && strings.Contains(name, "full") {
			fmt.Fprintf(&b, "\nBy label, %s:\n\n%s\n", name, sentence(labels))
		}
	}
	for _, t := range r.Tables {
		if t.Depth != "full" {
			continue
		}
		fmt.Fprintf(&b, "\n%s, full:\n\n| label | gold | precision | recall | F1 (95 %% interval) |\n|---|---|---|---|---|\n", t.Name)
		for _, l := range t.Labels {
			fmt.Fprintf(&b, "| %s | %d | %.3f | %.3f | %s |\n", l.Name, l.Gold, l.Precision, l.Recall, cell(l.F1))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sentence(labels map[string]float64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, fmt.Sprintf("%s %.3f", name, labels[name]))
	}
	return strings.Join(parts, " · ")
}
