package emotion

import (
	"math"
	"slices"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/model"
)

// least is the share of right readings per kind of the hard sets, with the
// model and with rules alone: a little below what was measured, so that a
// change that hurts is seen. The weights of the fusion have seen every second
// line, the rules were written beside the misses; so these are figures of
// regression, not of promise.
var least = map[string][2]float64{
	"ko choseong": {.74, .62}, "ko codeswitch": {.9, .74}, "ko emoji_only": {.86, .86}, "ko idiom": {.7, .6},
	"ko negation": {.64, .68}, "ko past_now": {.6, .44}, "ko quote": {.5, .5}, "ko sarcasm": {.56, .14}, "ko typo": {.62, .4},
	"en codeswitch": {.66, .36}, "en emoji_only": {.84, .84}, "en idiom": {.56, .56}, "en negation": {.52, .52},
	"en past_now": {.58, .3}, "en quote": {.34, .2}, "en sarcasm": {.5, .42}, "en slang": {.68, .5}, "en typo": {.7, .12},
}

// right reports whether the first feeling is one of those wanted and none of
// those excluded is strong.
func right(x row, got bot.Reading) bool {
	if !set(x["labels"])[got.Top()] {
		return false
	}
	for e := range set(x["not"]) {
		if got.Strength(e) >= .5 {
			return false
		}
	}
	return true
}

func TestHard(t *testing.T) {
	for i, r := range []*Recognizer{reader(t, Options{Depth: model.Full}), reader(t, Options{NoModel: true})} {
		hits, all := map[string]float64{}, map[string]float64{}
		for _, lang := range []string{"ko", "en"} {
			for _, x := range table(t, "data/hard."+lang+".tsv") {
				k := lang + " " + x["kind"]
				all[k]++
				if right(x, read(t, r, x["text"])) {
					hits[k]++
				}
			}
		}
		for k, want := range least {
			got := hits[k] / all[k]
			t.Logf("%-14s with model: %-5v %.2f of %.0f", k, i == 0, got, all[k])
			if all[k] < 40 || got < want[i] {
				t.Errorf("%s (with model: %v): %.2f of %.0f right, want %.2f of 40 or more", k, i == 0, got, all[k], want[i])
			}
		}
	}
}

// The first feeling is one of those a careful reader gave, and confidence says
// how often that is so: expected calibration error. Neither the model nor the
// fusion has seen the probe.
func TestProbe(t *testing.T) {
	for _, depth := range []model.Depth{model.Fast, model.Full} {
		r := reader(t, Options{Depth: depth})
		var n, hit, sum [10]float64
		for lang, want := range map[string]float64{"ko": .68, "en": .5} {
			all, ok := 0.0, 0.0
			for _, x := range table(t, "data/probe."+lang+".tsv") {
				got := read(t, r, x["text"])
				y := 0.0
				if set(x["labels"])[got.Top()] {
					y = 1
				}
				all, ok = all+1, ok+y
				b := min(int(got.Confidence*10), 9)
				n[b], hit[b], sum[b] = n[b]+1, hit[b]+y, sum[b]+got.Confidence
			}
			t.Logf("probe %s %v: first feeling among the labels %.3f of %.0f", lang, depth, ok/all, all)
			if all < 500 || ok/all < want {
				t.Errorf("probe %s %v: %.3f of %.0f right, want %.2f of 500 or more", lang, depth, ok/all, all, want)
			}
		}
		off, all := 0.0, 0.0
		for b := range n {
			off, all = off+math.Abs(sum[b]-hit[b]), all+n[b]
		}
		t.Logf("expected calibration error %v on the probe: %.3f", depth, off/all)
		if off/all > .08 {
			t.Errorf("expected calibration error %.3f, want at most .08", off/all)
		}
	}
}

// TestRisk pins what the risk rules reach. testdata was written before the
// rules met data; on data their first reading reached a recall of .60 (Korean)
// and .54 (English), and they were then widened with these lines in view. What
// they hear in lines that nobody had in view is in the model card (fresh.risk).
func TestRisk(t *testing.T) {
	r := reader(t, Options{NoModel: true})
	for _, name := range []string{"testdata/risk.ko.tsv", "testdata/risk.en.tsv", "data/risk.ko.tsv", "data/risk.en.tsv"} {
		var grave, heard, calm, alarms, exact, n, flagged, rightly float64
		for _, x := range table(t, name) {
			var want bot.Risk
			if err := want.UnmarshalText([]byte(x["tier"])); err != nil {
				t.Fatal(name, err)
			}
			got := read(t, r, x["text"]).Risk
			n++
			if got == want {
				exact++
			}
			if got >= bot.R2 {
				flagged++
				if want >= bot.R1 {
					rightly++
				}
			}
			switch {
			case want >= bot.R2:
				grave++
				if got >= bot.R2 {
					heard++
				} else {
					t.Logf("%s: not heard: %s", name, x["text"])
				}
			case want == bot.R0:
				calm++
				if got >= bot.R2 {
					alarms++
					t.Logf("%s: false alarm: %s", name, x["text"])
				}
			}
		}
		t.Logf("%s: %.0f lines, recall R2–R3 %.3f, precision %.3f, false alarms %.3f, exact tier %.3f", name, n, heard/grave, rightly/flagged, alarms/calm, exact/n)
		if n < 60 || heard/grave < .95 || alarms/calm > .02 {
			t.Errorf("%s: recall %.3f of %.0f, false alarms %.3f of %.0f; want at least .95 and at most .02", name, heard/grave, grave, alarms/calm, calm)
		}
	}
}

// Ordinary customers are not taken for people in danger.
func TestRiskOrdinary(t *testing.T) {
	r := reader(t, Options{NoModel: true})
	for _, lang := range []string{"ko", "en"} {
		n, alarms := 0.0, 0.0
		for _, x := range table(t, "data/hard."+lang+".tsv") {
			got := read(t, r, x["text"])
			n++
			if got.Risk >= bot.R2 {
				alarms++
				t.Logf("%s: %v %q %+v", lang, got.Risk, x["text"], slices.Collect(func(yield func(string) bool) {
					for _, e := range got.Evidence {
						if e.Kind == "risk" && !yield(e.Text) {
							return
						}
					}
				}))
			}
		}
		if alarms/n > .005 {
			t.Errorf("%s: %.0f alarms in %.0f ordinary messages", lang, alarms, n)
		}
	}
}
