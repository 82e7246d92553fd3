package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/danger"
	"github.com/onkihq/onki/flows/emotion/linear"
)

const folds = 5

// said is what a reader that has not seen a row makes of it.
type said struct {
	alone danger.Verdict // the reader
	ruled bot.Risk       // the rules
	heard danger.Verdict // both
}

// crossValidate reads every row by weights that have not seen it, once to
// choose the cuts and once more with them.
func (t *trainer) crossValidate() (string, map[string]float64, error) {
	fits := make([]*fit, folds)
	for fold := range fits {
		fits[fold] = t.learn(func(i int) bool { return i%folds != fold })
	}
	cuts := map[string]float64{danger.CutDoubt: 2, danger.CutGrave: 2, danger.CutNow: .5, danger.CutCalm: 0}
	all, err := t.readAll(fits, cuts)
	if err != nil {
		return "", nil, err
	}
	t.choose(all, cuts)
	if all, err = t.readAll(fits, cuts); err != nil {
		return "", nil, err
	}
	return t.report(all, cuts), cuts, nil
}

func (t *trainer) readAll(fits []*fit, cuts map[string]float64) ([]said, error) {
	all := make([]said, len(t.rows))
	for fold, f := range fits {
		file, err := f.pack(cuts)
		if err != nil {
			return nil, err
		}
		w, err := linear.Unpack(danger.FileKind, "fold", file)
		if err != nil {
			return nil, err
		}
		r := danger.New(t.concepts, map[string]*linear.Weights{t.lang: w})
		for i := fold; i < len(t.rows); i += folds {
			page := &t.rows[i].page
			all[i] = said{alone: r.Read(t.lang, t.rows[i].text, page.Risks), heard: r.Hear(t.lang, t.rows[i].text, page)}
			all[i].ruled, _ = danger.Ruled(page, false)
		}
	}
	return all, nil
}

// How many ordinary messages in a thousand may be taken for danger, and for a
// doubt that is asked about, by the reader.
const (
	alarmsMost = 1.6
	doubtsMost = 5.0
)

// choose sets the cuts: the lowest at which ordinary messages stay calm.
func (t *trainer) choose(all []said, cuts map[string]float64) {
	var grave, doubt, calm []float64
	for i, s := range all {
		switch r := t.rows[i]; {
		case r.ordinary:
			grave, doubt = append(grave, s.alone.Grave), append(doubt, s.alone.Doubt)
		case r.risk >= bot.R2 && s.ruled >= bot.R2:
			calm = append(calm, s.alone.Doubt)
		}
	}
	cuts[danger.CutGrave] = least(grave, alarmsMost)
	cuts[danger.CutDoubt] = least(doubt, doubtsMost)
	slices.Sort(calm)
	cuts[danger.CutCalm] = round(calm[len(calm)/50])
}

// least is the cut above which at most so many of a thousand scores lie.
func least(scores []float64, most float64) float64 {
	slices.SortFunc(scores, func(a, b float64) int { return cmp.Compare(b, a) })
	return round(scores[int(most/1000*float64(len(scores)))] + .0005)
}

func round(x float64) float64 { return float64(int(x*1000+.5)) / 1000 }

// report says how well the rules, the reader and both do.
func (t *trainer) report(all []said, cuts map[string]float64) string {
	var b strings.Builder
	labelled := 0
	for _, r := range t.rows {
		if !r.ordinary {
			labelled++
		}
	}
	fmt.Fprintf(&b, "%s: %d labelled messages, %d ordinary ones, %d folds; cuts R1 %.3f R2 %.3f R3 %.3f calm %.3f\n",
		t.lang, labelled, len(t.rows)-labelled, folds, cuts[danger.CutDoubt], cuts[danger.CutGrave], cuts[danger.CutNow], cuts[danger.CutCalm])
	b.WriteString("              R2–R3 heard  R1 or more  R2–R3 right  R0 taken for R2–R3   ordinary per 1,000: R2–R3  R1\n")
	for _, way := range []struct {
		name string
		risk func(s said) bot.Risk
	}{
		{"rules", func(s said) bot.Risk { return s.ruled }},
		{"reader", func(s said) bot.Risk { return s.alone.Risk }},
		{"both", func(s said) bot.Risk { return s.heard.Risk }},
	} {
		t.line(&b, way.name, all, way.risk)
	}
	b.WriteString("  by kind      R2–R3    heard  at least asked   kind right\n")
	for k, kind := range danger.Kinds {
		n, heard, asked, right := 0.0, 0.0, 0.0, 0.0
		for i, r := range t.rows {
			if r.kind == k && r.risk >= bot.R2 {
				n++
				heard += count(all[i].heard.Risk >= bot.R2)
				asked += count(all[i].heard.Risk >= bot.R1)
				right += count(all[i].heard.Risk >= bot.R1 && all[i].heard.Kind == kind)
			}
		}
		fmt.Fprintf(&b, "  %-10s %7.0f    %.3f           %.3f        %.3f\n", kind, n, heard/n, asked/n, right/max(asked, 1))
	}
	t.list(all)
	return b.String()
}

func (t *trainer) line(b *strings.Builder, name string, all []said, risk func(s said) bot.Risk) {
	var grave, heard, asked, flagged, right, calm, alarms, ordinary, ordinaryR2, ordinaryR1 float64
	for i, r := range t.rows {
		got := risk(all[i])
		switch {
		case r.ordinary:
			ordinary++
			ordinaryR2 += count(got >= bot.R2)
			ordinaryR1 += count(got == bot.R1)
			continue
		case r.risk >= bot.R2:
			grave++
			heard += count(got >= bot.R2)
			asked += count(got >= bot.R1)
		case r.risk == bot.R0:
			calm++
			alarms += count(got >= bot.R2)
		}
		flagged += count(got >= bot.R2)
		right += count(got >= bot.R2 && r.risk >= bot.R1)
	}
	fmt.Fprintf(b, "  %-10s        %.3f       %.3f        %.3f               %.3f                    %5.2f  %5.2f\n",
		name, heard/grave, asked/grave, right/max(flagged, 1), alarms/calm, 1000*ordinaryR2/ordinary, 1000*ordinaryR1/ordinary)
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// list prints what was read wrong, for those who improve the data.
func (t *trainer) list(all []said) {
	if !t.show {
		return
	}
	for i, r := range t.rows {
		s := all[i]
		what := ""
		switch {
		case r.risk >= bot.R2 && s.heard.Risk == bot.R0:
			what = "missed"
		case r.risk >= bot.R2 && s.heard.Risk == bot.R1:
			what = "asked"
		case r.risk == bot.R0 && s.heard.Risk >= bot.R2:
			what = "alarm"
		case r.risk == bot.R0 && s.heard.Risk == bot.R1:
			what = "doubt"
		default:
			continue
		}
		if r.ordinary {
			what += "-ordinary"
		}
		fmt.Printf("%s\t%s\trules %v reader %v %s\tdoubt %.2f grave %.2f\t%s\n", t.lang, what, s.ruled, s.alone.Risk, s.heard.Kind, s.alone.Doubt, s.alone.Grave, strings.ReplaceAll(r.text, "\n", " "))
	}
}
