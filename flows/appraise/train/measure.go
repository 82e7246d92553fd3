package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onkihq/onki/flows/appraise"
)

const folds = 5

// report is what cross-validation found.
type report struct {
	Lang  string
	Rows  int
	Least float32 // the probability from which believing the likeliest event pays
	lines []string
}

func (r report) String() string { return strings.Join(r.lines, "\n") + "\n" }

// guess is what a reader said of one row.
type guess struct {
	event string
	p     float64
	rules string // what the rules alone say
}

// crossValidate reads every row by weights that have not seen it, and compares
// them with the rules alone. The further rows are learned from in every fold and
// not measured: public messages look too much alike for that.
func crossValidate(lang string, rows, more []row) report {
	events := labels(rows)
	said := make([]guess, len(rows))
	for fold := range folds {
		in := slices.Clone(more)
		for i, r := range rows {
			if i%folds != fold {
				in = append(in, r)
			}
		}
		file, err := learnFrom(lang, in, events).pack(0)
		if err != nil {
			panic(err) // the weights were made a line above
		}
		w, err := appraise.Unpack("fold", file)
		if err != nil {
			panic(err)
		}
		for i, r := range rows {
			if i%folds == fold {
				said[i] = likeliest(w, lang, r)
			}
		}
	}
	out := report{Lang: lang, Rows: len(rows), Least: best(rows, said)}
	share := func(ok func(i int) bool) float64 {
		n := 0
		for i := range rows {
			if ok(i) {
				n++
			}
		}
		return float64(n) / float64(len(rows))
	}
	out.lines = append(out.lines,
		fmt.Sprintf("%s: %d messages, %d events, %d folds", lang, len(rows), len(events), folds),
		fmt.Sprintf("  likeliest event right       %.3f", share(func(i int) bool { return slices.Contains(rows[i].events, said[i].event) })),
		fmt.Sprintf("  rules alone right           %.3f", share(func(i int) bool { return slices.Contains(rows[i].events, said[i].rules) })),
		fmt.Sprintf("  believed from %.2f: right    %.3f of %.3f believed", out.Least,
			share(func(i int) bool {
				return said[i].p >= float64(out.Least) && slices.Contains(rows[i].events, said[i].event)
			})/max(share(func(i int) bool { return said[i].p >= float64(out.Least) }), 1e-9),
			share(func(i int) bool { return said[i].p >= float64(out.Least) })),
	)
	sum := 0.0
	for _, e := range events {
		p, r, f := scores(rows, said, e)
		sum += f
		out.lines = append(out.lines, fmt.Sprintf("  %-18s precision %.2f recall %.2f F1 %.2f", e, p, r, f))
	}
	out.lines = append(out.lines, fmt.Sprintf("  macro-F1 %.3f", sum/float64(len(events))))
	return out
}

func likeliest(w *appraise.Weights, lang string, r row) guess {
	p := w.Read(lang, r.text, r.rules)
	at := 0
	for i := range p {
		if p[i] > p[at] {
			at = i
		}
	}
	g := guess{event: w.Labels[at], p: p[at], rules: appraise.Nothing}
	most := .5
	for _, e := range appraise.RuleEvents() {
		if s := r.rules[e]; s > most {
			g.rules, most = e, s
		}
	}
	return g
}

// payoff is how much of what is just believed must be right. Naming the wrong
// event costs a customer more than naming none, and so does being asked what
// happened after having told it.
const payoff = .5

// best is the least probability at which believing the likeliest event pays.
func best(rows []row, said []guess) float32 {
	for least := .10; least < .6; least += .02 {
		right, all := 0, 0
		for i, g := range said {
			if g.p >= least && g.p < least+.06 {
				all++
				if slices.Contains(rows[i].events, g.event) {
					right++
				}
			}
		}
		if all > 0 && float64(right)/float64(all) >= payoff {
			return float32(least)
		}
	}
	return .5
}

func scores(rows []row, said []guess, event string) (precision, recall, f1 float64) {
	var hit, got, want float64
	for i, r := range rows {
		is, says := slices.Contains(r.events, event), said[i].event == event
		if is {
			want++
		}
		if says {
			got++
		}
		if is && says {
			hit++
		}
	}
	precision, recall = hit/max(got, 1), hit/max(want, 1)
	return precision, recall, 2 * precision * recall / max(precision+recall, 1e-9)
}
