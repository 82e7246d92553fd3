package evaluate

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// WriteText prints the tables for people.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	for _, t := range r.Tables {
		fmt.Fprintf(&b, "\n%s · %s · %d rows\n", t.Name, t.Depth, t.Rows)
		fmt.Fprintf(&b, "  macro F1 %s   micro F1 %s", cell(t.Macro), cell(t.Micro))
		if t.ECE > 0 {
			fmt.Fprintf(&b, "   calibration error %.3f", t.ECE)
		}
		b.WriteString("\n  gold  prec   rec    F1 (95 % interval)     label\n")
		for _, l := range t.Labels {
			fmt.Fprintf(&b, "%6d  %.3f  %.3f  %s  %s\n", l.Gold, l.Precision, l.Recall, cell(l.F1), l.Name)
		}
	}
	r.writeRisks(&b)
	if len(r.Speed) > 0 {
		b.WriteString("\nspeed on one core, texts of at most 120 bytes\n")
	}
	for _, s := range r.Speed {
		fmt.Fprintf(&b, "  %s %s: %.0f a second, 99 %% within %v\n", s.Lang, s.Depth, s.PerSecond, s.P99.Round(time.Microsecond))
	}
	if len(r.Stored) > 0 {
		b.WriteString("\ncross-validated in training\n")
	}
	for _, name := range slices.Sorted(maps.Keys(r.Stored)) {
		fmt.Fprintf(&b, "  %-40s %s\n", name, cell(r.Stored[name]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func cell(f Figure) string {
	if f.Low == 0 && f.High == 0 {
		return fmt.Sprintf("%.3f", f.Value)
	}
	return fmt.Sprintf("%.3f (%.3f–%.3f)", f.Value, f.Low, f.High)
}

// WriteJSON prints the report as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}
