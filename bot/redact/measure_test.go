package redact

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestMeasure measures the finder on 10,000 generated messages of each
// language. A piece of personal data counts as found if nothing of it is left;
// a span counts as right if it lies on personal data and takes nothing else
// with it but its own particle or separator.
func TestMeasure(t *testing.T) {
	for lang, make := range map[string]func(maker) sample{"ko": maker.korean, "en": maker.english} {
		g := maker{rand.New(rand.NewPCG(20261122, 9))}
		const messages = 10_000
		var truths, found, spans, right int
		missed, wrong := map[string]int{}, 0
		for range messages {
			s := make(g)
			got := Find(s.text)
			for _, want := range s.truth {
				truths++
				if covered(want, got) {
					found++
				} else if missed[string(want.Kind)]++; missed[string(want.Kind)] <= 6 {
					t.Logf("%s: missed %s %q in %q: %q", lang, want.Kind, s.text[want.Start:want.End], s.text, Mask(s.text))
				}
			}
			for _, p := range got {
				spans++
				if on(p, s.truth) {
					right++
				} else if wrong++; wrong <= 25 {
					t.Logf("%s: wrong %s %q in %q", lang, p.Kind, s.text[p.Start:p.End], s.text)
				}
			}
		}
		recall, precision := float64(found)/float64(truths), float64(right)/float64(spans)
		line := fmt.Sprintf("%s: %d messages, %d pieces: recall %.2f %%, precision %.2f %%, missed by kind %v", lang, messages, truths, 100*recall, 100*precision, missed)
		t.Log(line)
		if truths < 4000 || recall < 0.99 || precision < 0.97 {
			t.Errorf("%s; want at least 99 %% and 97 %%", line)
		}
	}
}

// covered reports whether every byte of want lies in some span.
func covered(want Span, got []Span) bool {
	at := want.Start
	for _, p := range got {
		if p.Start <= at && p.End > at {
			at = p.End
		}
	}
	return at >= want.End
}

// slack is how far a span may reach over what it covers, in bytes: one
// syllable and a bracket or space.
const slack = 5

func on(p Span, truth []Span) bool {
	for _, w := range truth {
		if p.Start < w.End && w.Start < p.End {
			return p.Start >= w.Start-slack && p.End <= w.End+slack
		}
	}
	return false
}
