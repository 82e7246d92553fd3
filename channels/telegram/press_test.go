package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func choices(pairs ...string) []bot.Choice {
	var out []bot.Choice
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, bot.Choice{ID: pairs[i], Label: pairs[i+1]})
	}
	return out
}

func offer(t *testing.T, c *Channel, id string, to place, all []bot.Choice) {
	t.Helper()
	err := c.Send(t.Context(), bot.Reply{ID: id, To: to.address(), Lang: "ko", Parts: []bot.Part{{Text: "어느 쪽이 **나을까요**?", Choices: all}}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPress(t *testing.T) {
	w := newWire(t)
	fail := errors.New("busy")
	c := w.open(t, webhook)
	e := listen(t, c, func(m bot.Message) error { err := fail; fail = nil; return err })
	long := strings.Repeat("선택", 40)
	offer(t, c, "r1", place{chat: 7}, choices("exchange", "교환", long, "환불"))
	p := w.last(7)
	row := p.buttons.InlineKeyboard[0]
	if len(row) != 2 {
		t.Fatalf("buttons %+v; want two short labels beside each other", p.buttons)
	}
	press := func(id int64, data string, want int) {
		t.Helper()
		if rec := hook(c, testSecret, update(id, "callback_query", pressed(p, 7, data))); rec.Code != want {
			t.Errorf("press %d: %d; want %d", id, rec.Code, want)
		}
	}
	press(1, row[1].CallbackData, 503) // the ledger is busy: Telegram brings it again
	if len(w.made("answerCallbackQuery")) != 0 {
		t.Error("answered before it was safe")
	}
	press(1, row[1].CallbackData, 200)
	press(2, row[1].CallbackData, 200) // pressed twice before the buttons were gone
	all := e.heard()
	if len(all) != 2 || all[0].ID != all[1].ID || all[0].Choice != long || all[0].Text != "환불" || all[0].From.Thread != "7" || all[0].User != "7" {
		t.Fatalf("heard %+v; want the same choice twice", all)
	}
	soon(t, "answered", func() bool { return len(w.made("answerCallbackQuery")) == 2 })
	soon(t, "buttons gone", func() bool { return w.last(7).buttons == nil })
	soon(t, "label readable", func() bool { return w.last(7).text == "어느 쪽이 나을까요?\n\n✓ 환불" })
	if n := w.last(7).entities; len(n) != 1 || n[0].Offset != 6 {
		t.Errorf("formats after the press: %+v", n)
	}
}

func TestPressThatIsNotOurs(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	other := w.open(t, func(o *Options) { webhook(o); o.Keys = [][]byte{[]byte(strings.Repeat("k", 32))} })
	e := listen(t, c, nil)
	offer(t, c, "r1", place{chat: 7}, choices("a", "하나"))
	mine := w.last(7).buttons.InlineKeyboard[0][0].CallbackData
	offer(t, other, "r2", place{chat: 7}, choices("a", "하나"))
	foreign := w.last(7)
	offer(t, c, "r3", place{chat: 8}, choices("a", "하나"))
	elsewhere := w.last(8)
	elsewhere.chat = 7
	changed := w.last(7)
	random := rand.New(rand.NewPCG(3, 4))
	n := 0
	try := func(name string, q fields) {
		n++
		if rec := hook(c, testSecret, update(int64(n), "callback_query", q)); rec.Code != 200 {
			t.Errorf("%s: %d; want 200", name, rec.Code)
		}
	}
	try("another key", pressed(foreign, 7, foreign.buttons.InlineKeyboard[0][0].CallbackData))
	try("another chat", pressed(elsewhere, 7, elsewhere.buttons.InlineKeyboard[0][0].CallbackData))
	try("no button of this message", with(pressed(foreign, 7, mine), "message", with(private(7, 3, "x"), "from", fields{"id": botID})))
	try("too old to be shown", with(pressed(foreign, 7, mine), "message", fields{"message_id": 3, "date": 0, "chat": fields{"id": 7, "type": "private"}}))
	try("empty", pressed(foreign, 7, ""))
	for range 100_000 {
		b := []byte(mine)
		b[random.IntN(len(b))] ^= byte(1 + random.IntN(60))
		changed.buttons.InlineKeyboard[0][0].CallbackData = string(b)
		if _, _, ok := c.opened(place{chat: 7}, string(b)); ok {
			t.Fatalf("forged %q is believed", b)
		}
	}
	if all := e.heard(); len(all) != 0 {
		t.Fatalf("heard %+v; want nothing", all)
	}
	soon(t, "every press is answered", func() bool { return len(w.made("answerCallbackQuery")) == n })
	for _, a := range w.made("answerCallbackQuery") {
		if !strings.Contains(a.form["text"], "적어 주세요") {
			t.Errorf("answered %q; want a way on", a.form["text"])
		}
	}
}

func TestSignedButtonsFit(t *testing.T) {
	w := newWire(t)
	c := w.open(t, func(o *Options) { o.Keys = [][]byte{[]byte(strings.Repeat("n", 32)), []byte(strings.Repeat("o", 32))} })
	old := w.open(t, func(o *Options) { o.Keys = [][]byte{[]byte(strings.Repeat("o", 32))} })
	for i, id := range []string{"a", bot.ChoiceHuman, strings.Repeat("x", 47), strings.Repeat("x", 48), strings.Repeat("한", 500), "nul\x00", "=", "!", "#x"} {
		p := place{chat: int64(i), topic: i, business: "b"}
		data := c.sign(p, kindChoice, id)
		if kind, got, ok := c.opened(p, data); len(data) > 64 || !ok || kind != kindChoice || got != id {
			t.Errorf("%q: %d bytes, opened as %q %v", id, len(data), got, ok)
		}
		if _, _, ok := c.opened(place{chat: int64(i)}, data); ok {
			t.Errorf("%q opens in another place", id)
		}
		if len(id) < 40 && !strings.Contains(id, "\x00") {
			if _, got, ok := c.opened(p, old.sign(p, kindChoice, id)); !ok || got != id {
				t.Errorf("%q signed with the key before: %q %v", id, got, ok)
			}
		}
	}
}

func FuzzOpened(f *testing.F) {
	w := newWire(f)
	c := w.open(f, nil)
	p := place{chat: 7}
	f.Add("")
	f.Add(c.sign(place{chat: 8}, kindChoice, "a"))
	f.Fuzz(func(t *testing.T, data string) {
		if _, _, ok := c.opened(p, data); ok && !strings.HasPrefix(data, mac(c.o.Keys[0], p, data[min(macSize, len(data)):])) {
			t.Errorf("%q is believed", data)
		}
	})
}

func (e *eraser) Consent(_ context.Context, a bot.Address, what string, given bool, _ string, _ time.Time) error {
	e.consent = append(e.consent, fmt.Sprint(a.Thread, " ", what, " ", given))
	return nil
}

// eraser is a ledger that can forget and keeps consent.
type eraser struct {
	bot.Memory
	erased, consent []string
	fault           error
}

func (e *eraser) Erase(_ context.Context, a bot.Address) error {
	if e.fault == nil {
		e.erased = append(e.erased, a.Thread)
	}
	return e.fault
}

func TestOwnQuestions(t *testing.T) {
	w, ledger := newWire(t), &eraser{}
	c := w.open(t, func(o *Options) { webhook(o); o.Ledger = ledger })
	e := listen(t, c, nil)
	n := int64(100)
	ask := func(command string) *posted {
		n++
		hook(c, testSecret, update(n, "message", private(7, int(n), command)))
		return w.last(7)
	}
	press := func(p *posted, row int) int {
		n++
		return hook(c, testSecret, update(n, "callback_query", pressed(p, 7, p.buttons.InlineKeyboard[row][0].CallbackData))).Code
	}
	shows := func(want string) {
		t.Helper()
		soon(t, want, func() bool { p := w.last(7); return p.buttons == nil && strings.Contains(p.text, want) })
	}
	if p := ask("/stop"); !strings.Contains(p.text, "먼저 연락드리지") || fmt.Sprint(ledger.consent) != "[7 contact false]" {
		t.Errorf("stop: said %q, kept %v", p.text, ledger.consent)
	}
	press(ask("/delete"), 1)
	shows("그대로 두었습니다")
	if len(ledger.erased) > 0 {
		t.Fatal("erased against the customer's will")
	}
	ledger.fault = errors.New("disk full")
	p := ask("/delete")
	if code := press(p, 0); code != 503 {
		t.Errorf("erasure that failed: %d; want 503", code)
	}
	ledger.fault = nil
	press(p, 0)
	shows("모두 지웠습니다")
	if fmt.Sprint(ledger.erased) != "[7]" {
		t.Errorf("erased %v", ledger.erased)
	}
	press(ask("/language"), 1)
	shows("We will go on in English.")
	soon(t, "menu in English", func() bool {
		m := w.made("setMyCommands")
		return len(m) == 1 && strings.Contains(m[0].form["scope"], `"chat_id":7`) && strings.Contains(m[0].form["commands"], "Talk to a person")
	})
	hook(c, testSecret, update(200, "message", private(7, 200, "ok")))
	if all := e.heard(); len(all) != 1 || all[0].Lang != "en" {
		t.Errorf("heard %+v; want the language chosen", all)
	}
	if ask("/privacy"); !strings.HasPrefix(w.last(7).text, "What you write") {
		t.Errorf("shown %q; want English", w.last(7).text)
	}
	w.fail("editMessageText", func(rw http.ResponseWriter) { refuse(rw, 400, "Bad Request: message can't be edited", nil) })
	press(ask("/language"), 0)
	soon(t, "buttons go even when the text stays", func() bool { return w.last(7).buttons == nil })
}
