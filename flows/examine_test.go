package flows

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
	"github.com/onkihq/onki/personas"
)

// A wording is one hand-checked text in its situation.
type wording struct {
	line   int
	good   bool
	reason string // for a bad one
	text   string
	turn   *bot.Turn
	draft  bot.Part
	known  []string
	title  string
}

// wordings reads a file of hand-checked texts.
func wordings(t *testing.T, lang string) []wording {
	t.Helper()
	f, err := os.Open("testdata/words/" + lang + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []wording
	var w wording
	in := bufio.NewScanner(f)
	for in.Scan() {
		w.line++
		line := strings.TrimSpace(in.Text())
		key, rest, _ := strings.Cut(line, " ")
		rest = strings.TrimSpace(rest)
		switch key {
		case "==":
			turn := &bot.Turn{Session: &bot.Session{}, Reply: bot.Reply{Lang: lang}, Reading: bot.Reading{Emotions: []bot.Emotion{{Name: "anger", Strength: .6}}}}
			w = wording{line: w.line, turn: turn, title: rest}
		case "say:":
			w.turn.Message.Text = rest
		case "plan:":
			planned(t, w.turn, rest)
		case "known:":
			w.known = append(w.known, rest)
		case "passage:":
			p := strings.SplitN(rest, "|", 3)
			w.turn.Passages = append(w.turn.Passages, bot.Passage{ID: strings.TrimSpace(p[0]), Title: strings.TrimSpace(p[1]), Text: strings.TrimSpace(p[2])})
		case "part:":
			w.draft.Stage = rest
		case "draft:":
			w.draft.Text = strings.ReplaceAll(rest, `\n`, "\n")
		case "+":
			x := w
			x.good, x.text = true, rest
			all = append(all, x)
		case "-":
			x := w
			x.reason, x.text, _ = strings.Cut(rest, ": ")
			all = append(all, x)
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func planned(t *testing.T, turn *bot.Turn, line string) {
	t.Helper()
	p := &turn.Plan
	for _, item := range strings.Fields(line) {
		key, value, _ := strings.Cut(item, "=")
		value = strings.ReplaceAll(value, "_", " ")
		n, _ := strconv.Atoi(value) // words are none of the numbers below
		switch key {
		case "register":
			p.Register = value
		case "apology":
			p.Apology = n
		case "sentences":
			p.Sentences = n
		case "questions":
			p.Questions = n
		case "event":
			turn.Case.Event = value
		case "noun":
			turn.Case.Noun = value
		case "fact":
			p.Acknowledge.Fact = value
		case "why":
			p.Acknowledge.Why = value
		case "ask":
			p.Ask = value
		case "handoff":
			p.Handoff.Level = value
		case "forward":
			p.Forward = value
		default:
			t.Fatalf("plan: %q is not known", key)
		}
	}
}

// carer is a brand whose words are examined.
func carer(t *testing.T) *Care {
	t.Helper()
	linter, err := personas.NewLinter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Care{Links: []string{"haneulmarket.example"}, Lint: func(text string, turn *bot.Turn) (faults, remarks []string) {
		for _, f := range linter.Lint(text, turn.Reply.Lang, personas.Saying{Complaint: policy.Negative(turn.Reading.Top()), Register: turn.Plan.Register}) {
			if f.Severity == "error" {
				faults = append(faults, f.String())
			}
		}
		return faults, nil
	}}
}

// refusals are those of a part and of its place in the reply.
func refusals(c *Care, w wording) []Refusal {
	c.Known = w.known
	turn := *w.turn
	turn.Reply.Parts = []bot.Part{w.draft}
	return c.accept(&turn, c.source(&turn, []bot.Part{w.draft}), []bot.Part{w.draft}, []bot.Part{{Stage: w.draft.Stage, Text: w.text}})
}

// TestWordings measures the guards on hand-checked texts: at most 3 % of the
// good ones refused, at most 2 % of the bad ones let through.
func TestWordings(t *testing.T) {
	c := carer(t)
	var good, bad, refused, missed, other int
	for _, lang := range []string{"ko", "en"} {
		for _, w := range wordings(t, lang) {
			found := refusals(c, w)
			switch {
			case w.good:
				good++
				if len(found) > 0 {
					refused++
					t.Logf("%s:%d: refused: %s\n\t%v", lang, w.line, w.text, found)
				}
			default:
				bad++
				if len(found) == 0 {
					missed++
					t.Logf("%s:%d: let through, %s: %s", lang, w.line, w.reason, w.text)
				} else if !slices.ContainsFunc(found, func(r Refusal) bool { return r.Reason == w.reason }) {
					other++
					t.Logf("%s:%d: stopped for another reason than %s: %v", lang, w.line, w.reason, found)
				}
			}
		}
	}
	t.Logf("%d of %d good texts refused (%.1f %%), %d of %d bad texts let through (%.1f %%), %d stopped for another reason",
		refused, good, 100*float64(refused)/float64(good), missed, bad, 100*float64(missed)/float64(bad), other)
	if good < 200 || bad < 200 {
		t.Errorf("%d good and %d bad texts; want at least 200 of each", good, bad)
	}
	if float64(refused) > .03*float64(good) {
		t.Error("too many good texts are refused")
	}
	if float64(missed) > .02*float64(bad) {
		t.Error("too many bad texts are let through")
	}
}

func TestQuantities(t *testing.T) {
	for text, want := range map[string]string{
		"3만 원":               "30000 money",
		"1만5천원":              "15000 money",
		"30,000 KRW":         "30000 money",
		"사흘에서 닷새":            "3 day, 5 day",
		"두 시간":               "2 hour",
		"삼만오천 원":             "35000 money",
		"three to five days": "5 day, 3 day",
		"two business days":  "2 day",
		"50%":                "50 percent",
		"세 번째":               "",
		"09:00~18:00":        "9 clock, 18 clock",
	} {
		var got []string
		for _, q := range quantities(text) {
			got = append(got, fmt.Sprintf("%v %s", q.value, q.unit))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %q; want %q", text, s, want)
		}
	}
}
