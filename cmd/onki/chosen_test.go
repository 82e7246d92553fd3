package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/brands"
)

// chosen is a first message and the flow that it should begin, "" for none.
type chosen struct{ text, flow string }

func chosenOf(t *testing.T, name string) (all []chosen) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "chosen", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	flow := ""
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			flow = strings.Trim(line, "[-]")
		default:
			all = append(all, chosen{line, flow})
		}
	}
	return all
}

// TestFlowChoice tells the example brands about problems, and about no problem,
// in words that are not among the examples of their flows. A flow that begins
// beside the point is worse than one that does not begin, because what a
// customer asks can still be answered without one.
func TestFlowChoice(t *testing.T) {
	var all, right, wrong int
	for _, name := range brands.Names() {
		if name == "empty" {
			continue
		}
		b, err := openBrand(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		care, _, err := b.connect(true, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		e := &bot.Engine{Flow: care.Flow(), Rescue: care.Rescue()}
		for _, lang := range []string{"ko", "en"} {
			messages, before := chosenOf(t, name+"."+lang), right
			if len(messages) < 60 {
				t.Errorf("%s %s: %d messages", name, lang, len(messages))
			}
			for i, c := range messages {
				m := bot.Message{ID: fmt.Sprint(i), From: bot.Address{Channel: "web", Thread: fmt.Sprint(i)}, Text: c.text, Lang: lang,
					Time: time.Date(2026, 3, 4, 10, 0, 0, 0, b.Zone())}
				w := &bot.Work{Address: m.From, Messages: []bot.Message{m}}
				e.Answer(t.Context(), w)
				got := w.Entry.Session.Journey.Flow
				all++
				if got == c.flow {
					right++
					continue
				}
				if got != "" {
					wrong++
				}
				t.Logf("%s %s: %q began %q, want %q", name, lang, c.text, got, c.flow)
			}
			t.Logf("%s %s: %d of %d", name, lang, right-before, len(messages))
		}
	}
	t.Logf("%d of %d right; %d began a flow beside the point", right, all, wrong)
	if right*100 < all*92 || wrong*100 > all*2 {
		t.Error("worse than before")
	}
}
