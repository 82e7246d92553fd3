package slack

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func click1(p *posted, value, user string) []byte {
	a, ok := button(p, value)
	if !ok {
		return nil
	}
	return []byte("payload=" + url.QueryEscape(string(marshal(press(p, a, user)))))
}

const form = "application/x-www-form-urlencoded"

func TestAClickIsAnsweredOnceAndStaysReadable(t *testing.T) {
	w, c, e := hear(t, nil)
	r := answer("r1", "어느 쪽이 좋으세요? <!channel>")
	r.Parts[0].Choices = []bot.Choice{{ID: "refund", Label: "환불 & 취소"}, {ID: bot.ChoiceHuman, Label: "상담원 연결"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	p := *w.messages[0]
	w.mu.Unlock()
	for range 2 {
		if code := w.post(form, click1(&p, "refund", "U1")); code != 200 {
			t.Fatalf("status %d", code)
		}
	}
	if code := w.post(form, click1(&p, bot.ChoiceHuman, "U1")); code != 200 {
		t.Fatalf("status %d", code)
	}
	ids := e.ids()
	m := ids["T1/C1/"+p.TS+"/pick/refund/U1"]
	if len(ids) != 2 || m.Choice != "refund" || m.Text != "환불 & 취소" || m.From != to() || m.User != "T1/U1" {
		t.Fatalf("heard %+v", ids)
	}
	if h := ids["T1/C1/"+p.TS+"/pick/human/U1"]; h.Choice != bot.ChoiceHuman {
		t.Fatalf("asking for a person was lost: %+v", ids)
	}
	until(t, "the buttons are gone", func() bool {
		shown := strings.Join(w.shown("C1", "1700000000.000100"), "")
		return !strings.Contains(shown, "상담원 연결\n상") && strings.Contains(shown, "✓") && strings.Contains(shown, "어느 쪽이 좋으세요? <!channel>")
	})
	for _, f := range w.find("chat.update") {
		if strings.Contains(f.Get("blocks"), `"actions"`) || strings.Contains(f.Get("text"), "<!") {
			t.Errorf("updated to %s %s", f.Get("text"), f.Get("blocks"))
		}
	}
}

func TestAClickFromOutside(t *testing.T) {
	w, c, e := hear(t, nil)
	r := answer("r1", "고르세요")
	r.Parts[0].Choices = []bot.Choice{{ID: "a", Label: "가"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	a, _ := button(w.messages[0], "a")
	k := press(w.messages[0], a, "U7")
	k["team"], k["user"] = map[string]any{"id": "T7"}, map[string]any{"id": "U7", "team_id": "T7"}
	if code := w.post(form, []byte("payload="+url.QueryEscape(string(marshal(k))))); code != 200 {
		t.Fatalf("status %d", code)
	}
	if m := e.all()[0]; m.From != to() || m.User != "T7/U7" {
		t.Fatalf("heard %+v; want it in the conversation the button was shown in", m)
	}
}

func TestAMenu(t *testing.T) {
	w, c, e := hear(t, nil)
	r := answer("r1", "고르세요")
	for i := range 15 {
		r.Parts[0].Choices = append(r.Parts[0].Choices, bot.Choice{ID: strings.Repeat("a", i+1), Label: "선택"})
	}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	p := w.messages[0]
	k := press(p, map[string]any{"type": "static_select", "action_id": "m0"}, "U1")
	a := k["actions"].([]any)[0].(map[string]any)
	a["selected_option"] = map[string]any{"value": "aaa", "text": map[string]any{"type": "plain_text", "text": "선택 &lt;3"}}
	if code := w.post(form, []byte("payload="+url.QueryEscape(string(marshal(k))))); code != 200 {
		t.Fatalf("status %d", code)
	}
	if m := e.all()[0]; m.Choice != "aaa" || m.Text != "선택 <3" {
		t.Fatalf("heard %+v", m)
	}
}

func TestALinkThatIsOpenedIsNoMessage(t *testing.T) {
	w, c, e := hear(t, nil)
	r := answer("r1", "보기")
	r.Parts[0].Choices = []bot.Choice{{ID: "page", Label: "주문 보기", URL: "https://shop.example/o"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	k := press(w.messages[0], map[string]any{"type": "button", "action_id": "up0.0", "text": map[string]any{"text": "주문 보기"}}, "U1")
	if code := w.post(form, []byte("payload="+url.QueryEscape(string(marshal(k))))); code != 200 || len(e.all()) != 0 {
		t.Fatalf("status %d, heard %v", code, e.all())
	}
}

func TestARefusedClickComesAgain(t *testing.T) {
	w, c, e := hear(t, nil)
	r := answer("r1", "고르세요")
	r.Parts[0].Choices = []bot.Choice{{ID: "a", Label: "가"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	p := *w.messages[0]
	e.refuse = 1
	if code := w.post(form, click1(&p, "a", "U1")); code != 503 || len(w.find("chat.update")) != 0 {
		t.Fatalf("status %d, %d updates; want the buttons to stay", code, len(w.find("chat.update")))
	}
	if code := w.post(form, click1(&p, "a", "U1")); code != 200 || len(e.all()) != 1 {
		t.Fatalf("status %d, heard %v", code, e.all())
	}
}

// statuses returns what sessions were set to, in order.
func (w *wire) statuses() []string {
	var out []string
	for _, f := range w.find("agents.sessions.setStatus") {
		out = append(out, f.Get("status"))
	}
	return out
}

func TestTypingIsHonest(t *testing.T) {
	t.Run("it goes with the reply", func(t *testing.T) {
		w, c, _ := hear(t, nil)
		work, done := context.WithCancel(t.Context())
		for range 3 {
			c.Typing(work, to())
		}
		done()
		if err := c.Send(t.Context(), answer("r1", "네")); err != nil {
			t.Fatal(err)
		}
		until(t, "the sign is gone", func() bool { return slices.Equal(w.statuses(), []string{"processing", "active"}) })
		time.Sleep(30 * time.Millisecond)
		if got := w.statuses(); len(got) != 2 {
			t.Errorf("statuses %v", got)
		}
	})
	t.Run("none for a moment's work", func(t *testing.T) {
		w, c, _ := hear(t, nil)
		c.pace.sign = time.Minute
		work, done := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Millisecond, done)
		c.Typing(work, to())
		if err := c.Send(t.Context(), answer("r1", "네")); err != nil || len(w.statuses()) != 0 {
			t.Errorf("%v, statuses %v", err, w.statuses())
		}
	})
	t.Run("it goes without a reply", func(t *testing.T) {
		w, c, _ := hear(t, nil)
		work, done := context.WithCancel(t.Context())
		c.Typing(work, to())
		done()
		until(t, "the sign is gone", func() bool { return slices.Equal(w.statuses(), []string{"processing", "active"}) })
	})
	t.Run("no agent", func(t *testing.T) {
		w, c, _ := hear(t, nil)
		w.fault = only("agents.sessions.setStatus", fault{code: "not_an_agent"})
		work, done := context.WithCancel(t.Context())
		c.Typing(work, to())
		done()
		until(t, "the sign is shown and taken away", func() bool {
			f := w.find("assistant.threads.setStatus")
			return len(f) == 2 && f[0].Get("status") == "답변을 쓰고 있어요" && f[1].Get("status") == ""
		})
		if len(w.statuses()) != 1 {
			t.Errorf("asked for sessions again and again: %v", w.statuses())
		}
	})
	t.Run("the stop button", func(t *testing.T) {
		w, c, _ := hear(t, nil)
		work, done := context.WithCancel(t.Context())
		defer done()
		c.Typing(work, to())
		w.must(t, map[string]any{"type": "agent_session_stopped", "channel": "C1", "thread_ts": "1700000000.000100", "user": "U1", "streaming_message_ts": []string{}})
		until(t, "the sign is gone", func() bool { return slices.Equal(w.statuses(), []string{"processing", "active"}) })
		c.Typing(work, to())
		if got := w.statuses(); len(got) != 2 {
			t.Errorf("statuses %v; want no sign until the customer writes", got)
		}
		w.must(t, in("C1", "1700000000.000200", "1700000000.000100", "U1", "<@UBOT> 다시"))
		c.Typing(work, to())
		if got := w.statuses(); len(got) != 3 {
			t.Errorf("statuses %v; want the sign again", got)
		}
	})
}

func TestOptions(t *testing.T) {
	good := Options{BotToken: "xoxb-1", AppToken: "xapp-1"}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"BotToken":          {AppToken: "xapp-1"},
		"begin with xoxb":   {BotToken: "xoxp-1", AppToken: "xapp-1"},
		"begin with xapp":   {BotToken: "xoxb-1", AppToken: "1"},
		"SigningSecrets":    {BotToken: "xoxb-1"},
		"sockets":           {BotToken: "xoxb-1", AppToken: "xapp-1", Sockets: 9},
		"3 s":               {BotToken: "xoxb-1", AppToken: "xapp-1", Answer: time.Minute},
		"secret 2 is empty": {BotToken: "xoxb-1", SigningSecrets: []string{"a", ""}},
	} {
		if _, err := New(o); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error about %s", err, want)
		}
	}
}
