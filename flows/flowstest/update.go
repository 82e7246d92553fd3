package flowstest

import (
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
)

// String shows the faults as a readable difference, want above got.
func (r *Result) String() string {
	var b strings.Builder
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "%s:%d:\n  want %s\n  got  %s\n", r.Talk.Name, f.Line, f.Want, f.Got)
	}
	return b.String()
}

// Update returns the talk file with every line that did not hold replaced by
// what happened; lines that hold stay as they were written. ! lines are never
// changed: words that must not be said are a person's decision.
func (r *Result) Update() string {
	wrong := make(map[int]bool)
	for _, f := range r.Faults {
		wrong[f.Line] = true
	}
	var out []string
	turn := 0
	skip := make(map[int]bool)
	insert := make(map[int][]string)
	for _, e := range r.Talk.Turns {
		if len(e.Said) == 0 && !e.Result {
			continue
		}
		entry := r.Entries[turn]
		turn++
		last := e.Line + max(len(e.Said), 1) + len(e.Files) - 1
		redo := len(e.Replies) == 0
		for _, l := range e.Replies {
			redo = redo || wrong[l.Line]
			last = max(last, l.Line)
		}
		for _, x := range e.Expect {
			last = max(last, x.Line)
			if wrong[x.Line] {
				skip[x.Line] = true
				insert[x.Line] = []string{"~ " + summary(entry)}
			}
		}
		if redo {
			for _, l := range e.Replies {
				skip[l.Line] = true
			}
			at := last
			for _, p := range entry.Reply.Parts {
				insert[at] = append(insert[at], "< "+p.Stage+": "+oneLine(p.Text))
			}
		}
	}
	for i, line := range r.Talk.lines {
		if !skip[i+1] {
			out = append(out, line)
		}
		out = append(out, insert[i+1]...)
	}
	return strings.Join(out, "\n") + "\n"
}

// summary is what was heard and decided, as a ~ line says it.
func summary(e bot.Entry) string {
	band := map[string]string{"L": "low", "M": "mid", "H": "high"}[e.Plan.Band]
	parts := []string{e.Reading.Top() + " " + band}
	if e.Reading.Risk > bot.R0 {
		parts = append(parts, "risk "+e.Reading.Risk.String())
	}
	if e.Case.Event != "" {
		c := "case: " + e.Case.Event
		for _, s := range e.Case.Stakes {
			c += ", " + s.Kind
		}
		parts = append(parts, c)
	}
	parts = append(parts, fmt.Sprintf("apology %d", e.Plan.Apology), "hand-off "+e.Plan.Handoff.Level, "forward "+e.Plan.Forward)
	return strings.Join(parts, " · ")
}
