package personas

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
)

func linter(t testing.TB, v *Voice) *Linter {
	t.Helper()
	l, err := NewLinter(v)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// saying is a situation in which the rule applies.
func (r *rule) saying() Saying {
	s := Saying{Emoji: true}
	for _, w := range r.When {
		switch w {
		case "complaint":
			s.Complaint = true
		case "no_emoji":
			s.Emoji = false
		default:
			s.Register = w
		}
	}
	return s
}

func TestRulesByTheirExamples(t *testing.T) {
	l := linter(t, nil)
	for lang, rules := range l.rules {
		for _, r := range rules {
			if len(r.Good) == 0 || len(r.Bad) == 0 || r.Why == "" || r.Instead == "" || r.Severity != "error" && r.Severity != "warning" {
				t.Errorf("%s %s: needs a severity, why, instead, good and bad", lang, r.Name)
			}
			breaks := func(f Finding) bool { return f.Rule == r.Name }
			for _, bad := range r.Bad {
				if !slices.ContainsFunc(l.Lint(bad, lang, r.saying()), breaks) {
					t.Errorf("%s %s: %q passes", lang, r.Name, bad)
				}
			}
			for _, good := range r.Good {
				if f := l.Lint(good, lang, r.saying()); len(f) > 0 {
					t.Errorf("%s %s: good %q does not pass: %v", lang, r.Name, good, f)
				}
			}
		}
	}
}

func TestGoodSentencesPass(t *testing.T) {
	l := linter(t, nil)
	for _, lang := range []string{"ko", "en"} {
		f, err := os.Open("testdata/good." + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		n := 0
		for s := bufio.NewScanner(f); s.Scan(); {
			line := strings.TrimSpace(s.Text())
			if line == "" || line[0] == '#' {
				continue
			}
			n++
			for _, found := range l.Lint(line, lang, Saying{Complaint: true}) {
				t.Errorf("%s: %q: %v", lang, line, found)
			}
		}
		if n < 60 {
			t.Errorf("%s: %d sentences, want at least 60", lang, n)
		}
	}
}

func TestFindingsPointAtTheWords(t *testing.T) {
	l := linter(t, &Voice{Never: map[string][]string{"ko": {"호갱"}, "en": {"deal", "no-brainer"}}})
	text := "네, 알겠습니다. 고객님 진정하세요. 호갱은 없습니다."
	found := l.Lint(text, "ko", Saying{})
	if len(found) != 2 || found[0].Rule != "calm_down" || found[1].Rule != "brand_word" || found[1].Why == "" {
		t.Fatalf("found %v", found)
	}
	for _, f := range found {
		if text[f.Start:f.End] != f.Text {
			t.Errorf("%s points at %q, not at %q", f.Rule, text[f.Start:f.End], f.Text)
		}
	}
	for text, want := range map[string]int{
		"That's a good deal.":                        1,
		"We deliver ideally.":                        0, // a word inside a word is another word
		"It's a no-brainer.":                         1,
		"You wrote “calm down” and “deal”.":          0, // the customer's own words
		"See “Calm down” 「deal」, then relax please.": 1,
		"An open quote “calm down":                   1,
	} {
		if got := l.Lint(text, "en", Saying{}); len(got) != want {
			t.Errorf("%q: %v, want %d", text, got, want)
		}
	}
	if got := l.Lint("진정하세요", "fr", Saying{}); got != nil {
		t.Errorf("a language without rules: %v", got)
	}
}

// TestLiteralsNeverHideAFinding runs every rule with and without the shortcut.
func TestLiteralsNeverHideAFinding(t *testing.T) {
	l := linter(t, nil)
	for lang, rules := range l.rules {
		for _, r := range rules {
			for _, other := range rules {
				for _, text := range slices.Concat(other.Bad, other.Good) {
					upper := strings.ToUpper(text)
					if r.pattern.MatchString(text) && !r.mayHold(strings.ToLower(text)) || r.pattern.MatchString(upper) && !r.mayHold(strings.ToLower(upper)) {
						t.Errorf("%s %s: the words %q hide %q", lang, r.Name, r.words, text)
					}
				}
			}
		}
	}
}

func FuzzLint(f *testing.F) {
	l := linter(f, nil)
	for _, s := range []string{"죄송합니다만 혹시", "“”「", "Sorry!? … \n", "되시겠습니다"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []string{"ko", "en"} {
			for _, found := range l.Lint(text, lang, Saying{Complaint: true, Register: "hasipsio"}) {
				if found.Start < 0 || found.End > len(text) || found.Start >= found.End {
					t.Errorf("%q: %+v", text, found)
				}
			}
		}
	})
}

func BenchmarkLint(b *testing.B) {
	l := linter(b, nil)
	text := "내일이 따님 생일인데 선물이 아직 도착하지 않았으니 초조하실 수밖에 없습니다. 배송 지연, 저희 책임입니다. 사과드립니다. 배송팀이 오늘 오후 6시까지 진행 상황 안내를 맡습니다."
	for b.Loop() {
		l.Lint(text, "ko", Saying{Complaint: true, Register: "hasipsio"})
	}
}
