package phrases

import (
	"context"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func newWriter(t testing.TB, country string) *Writer {
	t.Helper()
	w, err := New(Options{
		Brand: map[string]string{"ko": "하늘마켓", "en": "Haneul Market"}, Country: country,
		Hours: map[string]string{"ko": "평일 9시–18시", "en": "9 am–6 pm on weekdays"}, Within: 30 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func turn(lang, register, band string) *bot.Turn {
	now := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	return &bot.Turn{
		Session: &bot.Session{Address: bot.Address{Channel: "web", Thread: "1"}},
		Message: bot.Message{Time: now},
		Plan:    bot.Plan{Register: register, Band: band},
		Reply:   bot.Reply{Lang: lang},
		Case:    bot.Case{Event: "delivery_late"},
	}
}

func TestEveryMomentHasWords(t *testing.T) {
	w := newWriter(t, "KR")
	for _, lang := range []string{"ko", "en"} {
		for _, reg := range []string{"haeyo", "hasipsio"} {
			for _, m := range Moments() {
				text, err := w.Write(context.Background(), m, turn(lang, reg, "M"))
				if err != nil || text == "" {
					t.Errorf("%s %s %s: %q, %v", lang, reg, m, text, err)
				}
			}
		}
	}
	if _, err := w.Write(context.Background(), "acknowledge.nothing", turn("ko", "", "L")); err == nil {
		t.Error("an unknown moment was worded")
	}
}
