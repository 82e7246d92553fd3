package flowstest

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// hostile are texts that any recognizer or library must stand.
func hostile() map[string]string {
	return map[string]string{
		"empty": "", "space": " \n\t ", "one mark": "?", "emoji": "😡😡😡", "family": "👨‍👩‍👧‍👦", "jamo": "ㅠㅠ ㅋㅋ ㄱㅅ",
		"long": strings.Repeat("환불해 주세요! ", 2000), "mixed": "배송 tracking이 안 돼요 help", "numbers": "010-1234-5678 3,000원",
		"half a letter": "a\u0301\u0301\u0301", "only marks": "!!!???...", "right to left": "שלום", "markup": "<script>alert(1)</script>", "zero": "a\x00b",
	}
}

// TestRecognizer holds that a Recognizer keeps its promises: values within
// their ranges, strongest first, evidence inside the text, the same answer
// twice, for any text and with or without a session.
func TestRecognizer(t *testing.T, r flows.Recognizer) {
	t.Helper()
	for name, text := range hostile() {
		for _, s := range []*bot.Session{nil, {Turns: 3, Mood: bot.Mood{Recent: []float64{.5, .6}, Peak: .6}}} {
			m := bot.Clean(bot.Message{ID: "1", From: bot.Address{Channel: "t", Thread: "t"}, Text: text, Time: time.Unix(1, 0)}, time.Unix(1, 0))
			got, err := r.Recognize(context.Background(), m, s)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			checkReading(t, name, m.Text, got)
			again, _ := r.Recognize(context.Background(), m, s)
			if again.Top() != got.Top() || again.Intensity != got.Intensity {
				t.Errorf("%s: another answer the second time: %+v and %+v", name, got, again)
			}
		}
	}
}

func checkReading(t *testing.T, name, text string, r bot.Reading) {
	t.Helper()
	unit := func(what string, v float64) {
		if !(v >= 0 && v <= 1) {
			t.Errorf("%s: %s is %v, want 0..1", name, what, v)
		}
	}
	if len(r.Emotions) == 0 {
		t.Errorf("%s: no emotion at all; neutral is one", name)
	}
	last := 1.0
	for _, e := range r.Emotions {
		unit("strength of "+e.Name, e.Strength)
		if e.Strength > last {
			t.Errorf("%s: emotions are not in order of strength: %v", name, r.Emotions)
		}
		last = e.Strength
	}
	unit("arousal", r.Arousal)
	unit("intensity", r.Intensity)
	unit("confidence", r.Confidence)
	if !(r.Valence >= -1 && r.Valence <= 1) {
		t.Errorf("%s: valence is %v, want -1..1", name, r.Valence)
	}
	for _, e := range r.Evidence {
		if e.Start < 0 {
			continue
		}
		if e.Start > e.End || e.End > len(text) || !utf8.ValidString(text[e.Start:e.End]) {
			t.Errorf("%s: evidence %+v is not inside the text", name, e)
		}
	}
}

// TestWriter holds that a Writer has words for every listed moment in both
// languages and registers, leaves no hole in a text, says the same to the same
// turn, and stands hostile facts.
func TestWriter(t *testing.T, w flows.Writer, moments []string) {
	t.Helper()
	for _, moment := range moments {
		for lang, registers := range map[string][]string{"ko": {"haeyo", "hasipsio"}, "en": {"plain", "formal"}} {
			for _, register := range registers {
				for _, fact := range []string{"", "딸 생일 선물", "iPhone 15", "{fact}", strings.Repeat("가", 500)} {
					turn := SomeTurn(lang, register, fact)
					got, err := w.Write(context.Background(), moment, turn)
					if err != nil {
						t.Errorf("%s %s %s: %v", moment, lang, register, err)
						continue
					}
					if got == "" && moment != "guide.lead" {
						t.Errorf("%s %s %s: no words", moment, lang, register)
					}
					if strings.Contains(got, "{}") || strings.Contains(got, "{fact:") || strings.Contains(got, "%!") {
						t.Errorf("%s %s %s: a hole in %q", moment, lang, register, got)
					}
					if again, _ := w.Write(context.Background(), moment, SomeTurn(lang, register, fact)); again != got {
						t.Errorf("%s %s %s: %q and then %q for the same turn", moment, lang, register, got, again)
					}
				}
			}
		}
	}
}

// SomeTurn makes a turn about a late present with everything a writer may ask
// for.
func SomeTurn(lang, register, fact string) *bot.Turn {
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	session := &bot.Session{Address: bot.Address{Channel: "t", Thread: "t"}, Owner: bot.OwnerBot, Lang: lang}
	t := &bot.Turn{
		Message:  bot.Message{ID: "1", From: session.Address, Text: "?", Time: now},
		Session:  session,
		After:    session.Clone(),
		Customer: &bot.Customer{ID: "t"},
		Reading:  bot.Reading{Emotions: []bot.Emotion{{Name: "anxiety", Strength: .7}}, Valence: -.6, Arousal: .6, Intensity: .6, Confidence: .8, Lang: lang},
		Case:     bot.Case{Event: "delivery_late", Noun: fact, Agency: "firm", Contacts: 2},
		Reply:    bot.Reply{Lang: lang, Time: now},
		Others:   2,
	}
	t.Plan = bot.Plan{
		Acknowledge: bot.Acknowledge{Moment: "worry", Fact: fact, Budget: 2}, Apology: 3, Tone: "calm", Register: register,
		Persona: "unknown", Band: "M", Sentences: 5, Questions: 1, Ask: "order", Compensation: map[string]string{"ko": "배송비 쿠폰", "en": "a delivery coupon"}[lang],
		Options:  []bot.Choice{{ID: "a", Label: "A"}, {ID: "b", Label: "B"}},
		Promises: []bot.Promise{{What: map[string]string{"ko": "배송 확인", "en": "the delivery check"}[lang], Owner: map[string]string{"ko": "배송팀", "en": "the delivery team"}[lang], Due: now.Add(2 * time.Hour), Made: now, State: "open"}},
	}
	return t
}

// TestLibrary holds that a Library stands any question, returns at most what
// was asked for, best first, and knows what it is about.
func TestLibrary(t *testing.T, l flows.Library, knows, knowsNot flows.Question) {
	t.Helper()
	ctx := context.Background()
	for name, text := range hostile() {
		if _, err := l.Search(ctx, flows.Question{Text: text, Lang: "ko"}, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	found, err := l.Search(ctx, knows, 2)
	if err != nil || len(found) == 0 || len(found) > 2 {
		t.Errorf("%q: %d passages, %v; want one or two", knows.Text, len(found), err)
	}
	for i, p := range found {
		if p.ID == "" || p.Text == "" && p.Answer == "" || i > 0 && p.Score > found[i-1].Score {
			t.Errorf("%q: passage %d is incomplete or out of order: %+v", knows.Text, i, p)
		}
	}
	if found, err := l.Search(ctx, knowsNot, 3); err != nil || len(found) > 0 {
		t.Errorf("%q: %d passages, %v; want none", knowsNot.Text, len(found), err)
	}
}
