package web

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func TestMyData(t *testing.T) {
	h := open(t, nil)
	a, b := h.begin(""), h.begin("")
	h.say(a.Token, "cid-00001", "from a")
	h.say(b.Token, "cid-00001", "from b")
	var out exportAnswer
	resp := h.want(200, "GET", "/v1/me/export", a.Token, nil, &out, nil)
	if len(out.Events) == 0 || out.Events[0].Text != "from a" || out.Brand != "Haneul Market" || resp.Header.Get("Content-Disposition") == "" {
		t.Errorf("export %+v", out)
	}
	h.want(204, "POST", "/v1/consent", a.Token, `{"what":"memory","given":true,"version":"notice-1"}`, nil, nil)
	h.want(400, "POST", "/v1/consent", a.Token, `{"what":"<b>","given":true}`, nil, nil)
	h.want(204, "POST", "/v1/typing", a.Token, `{}`, nil, nil)
	h.want(204, "DELETE", "/v1/me", a.Token, nil, nil, nil)
	h.want(401, "DELETE", "/v1/me", "", nil, nil, nil)
	if len(h.ledger.agreed) != 1 || len(h.ledger.erased) != 1 || h.ledger.erased[0].Thread != a.Thread {
		t.Errorf("the ledger was told %v and %v", h.ledger.agreed, h.ledger.erased)
	}
}

func TestWhatALedgerCannotDoIsNotOffered(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	if !s.Config.Erase {
		t.Error("deletion is not offered though the ledger can")
	}
	var plain bot.Memory
	h.o.Ledger = &plain
	s = h.begin(s.Visitor)
	if s.Config.Erase {
		t.Error("deletion is offered though the ledger cannot")
	}
	h.want(501, "DELETE", "/v1/me", s.Token, nil, nil, nil)
	h.want(501, "POST", "/v1/consent", s.Token, `{"what":"memory","given":true}`, nil, nil)
	h.want(501, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-stars", Kind: "rating", Stars: 4}, nil, nil)
}

func TestRatingAtTheRightMoment(t *testing.T) {
	met := bot.Entry{Plan: bot.Plan{Close: true}, Session: bot.Session{Mood: bot.Mood{Recent: []float64{0.8, 0.1}}}}
	for name, c := range map[string]struct {
		change func(*bot.Entry)
		want   bool
	}{
		"need met, calm": {func(*bot.Entry) {}, true},
		"still going on": {func(e *bot.Entry) { e.Plan.Close = false }, false},
		"angry end":      {func(e *bot.Entry) { e.Session.Mood.Recent = []float64{0.2, 0.7} }, false},
		"bereaved":       {func(e *bot.Entry) { e.Case.Event = "bereavement" }, false},
		"lost for good":  {func(e *bot.Entry) { e.Case.Lost = true }, false},
		"vulnerable":     {func(e *bot.Entry) { e.Case.Vulnerable = true }, false},
		"in danger":      {func(e *bot.Entry) { e.Plan.Safety = "R2" }, false},
		"person called":  {func(e *bot.Entry) { e.Plan.Handoff.Level = "now" }, false},
		"bot failed":     {func(e *bot.Entry) { e.Failure = "stage guide: x" }, false},
	} {
		h := &Channel{o: Options{Ledger: &shelf{}}}
		e := met
		c.change(&e)
		if got := h.mayRate(&e); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if (&Channel{o: Options{Ledger: &bot.Memory{}}}).mayRate(&met) {
		t.Error("a rating is asked for that nobody keeps")
	}
}

func TestRatingIsKept(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	frames, _ := h.listen(s.Token, "")
	h.say(s.Token, "cid-00001", "a question")
	if f := next(t, frames, "reply"); bytes.Contains([]byte(f.data), []byte(`"rate"`)) {
		t.Errorf("a rating is asked for in the middle: %s", f.data)
	}
	h.say(s.Token, "cid-00002", "thanks")
	if f := next(t, frames, "reply"); !bytes.Contains([]byte(f.data), []byte(`"rate":true`)) {
		t.Errorf("no rating is asked for at the end: %s", f.data)
	}
	h.want(202, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-stars", Kind: "rating", Stars: 4}, nil, nil)
	if len(h.ledger.stars) != 1 || h.ledger.stars[0] != 4 {
		t.Errorf("kept %v", h.ledger.stars)
	}
}

func TestSwitchedOffToneIsNotLookedAt(t *testing.T) {
	c := &Channel{o: Options{Context: []string{"order"}, Now: time.Now}}
	m, _ := c.message(access{Thread: "t"}, messageCall{CID: "c", Kind: "text", Text: "a", Signals: signalCall{Repeats: 5, Clicks: 9, NoTone: true}})
	if m.Signals.Repeats != 0 || m.Signals.Clicks != 0 || !m.Signals.NoTone {
		t.Errorf("signals %+v, want only that tone is off", m.Signals)
	}
	m, _ = c.message(access{Thread: "t"}, messageCall{CID: "c", Kind: "text", Text: "a", Signals: signalCall{Repeats: -5, Clicks: 1e9, Waiting: 1e15}, Context: map[string]string{"order": "A-1\nB", "password": "x"}})
	if m.Signals.Repeats != 0 || m.Signals.Clicks != 1000 || m.Signals.Waiting.Hours() != 24 {
		t.Errorf("signals %+v are not bounded", m.Signals)
	}
	if len(m.Context) != 1 || m.Context["order"] != "A-1 B" {
		t.Errorf("context %v, want the listed key only", m.Context)
	}
}

// TestGoingOnElsewhere: a deep link is handed out for this conversation and
// nobody else's, and only where there is somewhere to go.
func TestGoingOnElsewhere(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	if s.Config.Link != "" {
		t.Error("going on elsewhere is offered although there is nowhere to go")
	}
	h.want(501, "POST", "/v1/link", s.Token, map[string]any{}, nil, nil)

	h = open(t, func(o *Options) {
		o.App = "Telegram"
		o.Continue = func(_ context.Context, token string) (string, error) {
			return "https://t.me/CareBot?start=onki-" + token, nil
		}
	})
	s = h.begin("")
	var got linkAnswer
	h.want(200, "POST", "/v1/link", s.Token, map[string]any{}, &got, nil)
	token, ok := strings.CutPrefix(got.URL, "https://t.me/CareBot?start=onki-")
	if s.Config.Link != "Telegram" || !ok || !got.Until.After(time.Now()) {
		t.Fatalf("offered %v, %+v", s.Config.Link, got)
	}
	there := bot.Address{Channel: "telegram", Thread: "7"}
	if linked, err := h.ledger.RedeemLink(t.Context(), token, there, "7"); err != nil || !linked {
		t.Fatalf("redeem: %v, %v", linked, err)
	}
	if err := h.ledger.Receive(t.Context(), bot.Message{ID: "a", From: there, User: "7", Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	w, err := h.ledger.Claim(t.Context())
	if err != nil || w.Customer.ID != address(s.Thread).Customer("") {
		t.Fatalf("remembered as %q, %v; want the visitor of the web", w.Customer.ID, err)
	}
	h.want(401, "POST", "/v1/link", "forged", map[string]any{}, nil, nil)
}
