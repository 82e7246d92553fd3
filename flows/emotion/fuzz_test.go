package emotion

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

func FuzzRecognize(f *testing.F) {
	for _, s := range []string{"", "화나요!!", "ㅋㅋㅋ", "not happy :(", "제에에발", "\xff\xfe", "“걱정” 마세요", "e\u0301\u1100\u1161", strings.Repeat("😡", 50), "죽고 싶어요", "\"'\"'\""} {
		f.Add(s)
	}
	r := reader(f, Options{})
	s := &bot.Session{Turns: 2, Mood: bot.Mood{Peak: .9}, Case: bot.Case{Contacts: 3, Broken: 1}}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := r.Recognize(context.Background(), bot.Message{Text: text}, s)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Emotions) == 0 {
			t.Fatal("no emotion")
		}
		for i, e := range got.Emotions {
			if e.Strength < 0 || e.Strength > 1 || i > 0 && e.Strength > got.Emotions[i-1].Strength {
				t.Fatalf("strengths %v", got.Emotions)
			}
			if _, ok := index[e.Name]; !ok {
				t.Fatalf("unknown emotion %q", e.Name)
			}
		}
		for _, x := range []float64{got.Arousal, got.Intensity, got.Confidence, (got.Valence + 1) / 2} {
			if !(x >= 0 && x <= 1) {
				t.Fatalf("out of range: %+v", got)
			}
		}
		for _, e := range got.Evidence {
			if e.Start == -1 {
				continue
			}
			if e.Start < 0 || e.End > len(text) || e.Start >= e.End || text[e.Start:e.End] != e.Text {
				t.Fatalf("span %+v of %q", e, text)
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[e.Start]) || e.End < len(text) && !utf8.RuneStart(text[e.End])) {
				t.Fatalf("span %+v cuts a character of %q", e, text)
			}
		}
	})
}

// A hundred kilobytes cost little, whatever they are made of.
func TestLong(t *testing.T) {
	r := reader(t, Options{})
	for _, unit := range []string{"화나요 ", "ㅋ", "!", "안 ", "not ", "😡", "\"", "죽고 싶", "if it was angry but ", "а", "제에", "\x00", "한", "e\u0301"} {
		text := strings.Repeat(unit, 100_000/len(unit))
		start := time.Now()
		got := read(t, r, text)
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("100 kB of %q took %v", unit, d)
		}
		if len(got.Evidence) > 2*evidenceMax {
			t.Errorf("100 kB of %q: %d spans", unit, len(got.Evidence))
		}
	}
}
