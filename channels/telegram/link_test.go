package telegram

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// TestGoingOnFromTheWeb: a deep link opens the bot, the customer is asked, and
// only a yes makes them one person; then what was remembered follows.
func TestGoingOnFromTheWeb(t *testing.T) {
	w := newWire(t)
	ledger := &bot.Memory{}
	c := w.open(t, func(o *Options) { webhook(o); o.Ledger = ledger })
	listen(t, c, func(m bot.Message) error { return ledger.Receive(context.Background(), m) })
	web := bot.Address{Channel: "web", Thread: "v"}
	turn := func(m bot.Message) *bot.Work {
		t.Helper()
		if err := ledger.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		work, err := ledger.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		work.Entry = bot.Entry{Messages: work.Messages, Session: work.Session}
		work.Entry.Session.Case.Event = "delivery_late"
		work.Customer.Promises = []bot.Promise{{What: "person", State: "open"}}
		if err := ledger.Commit(t.Context(), work); err != nil {
			t.Fatal(err)
		}
		return work
	}
	turn(bot.Message{ID: "a", From: web, Text: "선물이 안 와요"})
	offer := func() string {
		t.Helper()
		token, err := ledger.OfferLink(t.Context(), web, "", time.Now().Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		link, err := c.DeepLink(t.Context(), token)
		handle, ok := strings.CutPrefix(link, "https://t.me/CareBot?start=")
		if err != nil || !ok || !handleRule.MatchString(handle) {
			t.Fatalf("link %q, %v", link, err)
		}
		return handle
	}
	n := int64(0)
	say := func(text string) {
		t.Helper()
		n++
		if rec := hook(c, testSecret, update(n, "message", private(7, int(n), text))); rec.Code != 200 {
			t.Fatalf("%s: %d", text, rec.Code)
		}
	}
	press := func(label int) string {
		t.Helper()
		n++
		p := w.last(7)
		hook(c, testSecret, update(n, "callback_query", pressed(p, 7, p.buttons.InlineKeyboard[label][0].CallbackData)))
		soon(t, "the question is gone", func() bool { return w.last(7).buttons == nil })
		return w.last(7).text
	}
	customer := func() string {
		t.Helper()
		n++
		return turn(bot.Message{ID: "m" + string(rune('a'+n)), From: bot.Address{Channel: Name, Thread: "7"}, User: "7", Text: "네"}).Customer.ID
	}

	say("/start " + offer())
	if p := w.last(7); !strings.Contains(p.text, "이어서") || len(p.buttons.InlineKeyboard) != 2 {
		t.Fatalf("asked %+v", p)
	}
	if text := press(1); !strings.Contains(text, "잇지 않았습니다") || customer() != "telegram:user:7" {
		t.Fatalf("after a no: %q", text)
	}
	handle := offer()
	say("/start " + handle)
	if text := press(0); !strings.Contains(text, "이어졌습니다") {
		t.Fatalf("after a yes: %q", text)
	}
	if id := customer(); id != "web:thread:v" {
		t.Fatalf("remembered as %q; want the one of the web", id)
	}
	say("/start " + handle) // they do not know that it has worked
	if text := press(0); !strings.Contains(text, "이어졌습니다") {
		t.Fatalf("a second time: %q", text)
	}
	say("/unlink")
	if text := w.last(7).text; !strings.Contains(text, "끊었습니다") || customer() != "telegram:user:7" {
		t.Fatalf("after parting: %q", text)
	}
	say("/start " + handle)
	if text := press(0); !strings.Contains(text, "쓸 수 없는") {
		t.Fatalf("an old link after parting: %q", text)
	}
}
