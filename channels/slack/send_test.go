package slack

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// to is the conversation the tests of sending write to.
func to() bot.Address { return bot.Address{Channel: Name, Thread: "T1/C1/1700000000.000100"} }

func answer(id, text string) bot.Reply {
	return bot.Reply{ID: id, To: to(), Lang: "ko", Time: time.Now(), Parts: []bot.Part{{Stage: "guide", Text: text}}}
}

// sender sets up a channel to send with; nobody listens to it.
func sender(t *testing.T) (*wire, *Channel) {
	w := newWire(t)
	return w, w.channel(w.options())
}

// patient sends and waits when it is told to, as the engine does.
func patient(t *testing.T, send func(context.Context, bot.Reply) error, r bot.Reply) error {
	t.Helper()
	for range 10 {
		err := send(t.Context(), r)
		var wait interface{ RetryAfter() time.Duration }
		if !errors.As(err, &wait) || wait.RetryAfter() > 50*time.Millisecond {
			return err
		}
		time.Sleep(wait.RetryAfter() + time.Millisecond)
	}
	return errors.New("told to wait again and again")
}

func count(w *wire) int { return len(w.shown("C1", "1700000000.000100")) }

func TestWhatIsPosted(t *testing.T) {
	w, c := sender(t)
	r := answer("r1", "**환불**은 <!channel> 3일 걸립니다. [주문](https://shop.example/o)\n- 하나\n- 둘")
	r.From = "김하늘"
	r.Parts[0].Choices = []bot.Choice{{ID: "ok", Label: "좋아요"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	f := w.find("chat.postMessage")[0]
	if f.Get("thread_ts") != "1700000000.000100" || f.Get("channel") != "C1" || f.Get("unfurl_links") != "false" || f.Get("unfurl_media") != "false" {
		t.Errorf("form %v", f)
	}
	if text := f.Get("text"); strings.Contains(text, "<!") || !strings.Contains(text, "&lt;!channel&gt;") || !strings.Contains(text, "[좋아요]") {
		t.Errorf("fall-back %q", text)
	}
	if meta := f.Get("metadata"); meta != `{"event_type":"onki_reply","event_payload":{"part":"0","reply_id":"r1"}}` {
		t.Errorf("metadata %s", meta)
	}
	blocks := f.Get("blocks")
	for _, want := range []string{`"상담원 김하늘"`, `"bold":true`, `"url":"https://shop.example/o"`, `"style":"bullet"`, `"action_id":"p0.0"`, `"value":"ok"`} {
		if !strings.Contains(blocks, want) {
			t.Errorf("no %s in %s", want, blocks)
		}
	}
	if strings.Contains(f.Get("link_names")+f.Get("parse"), "1") || f.Get("parse") == "full" {
		t.Error("Slack is asked to look for names in the text")
	}
}

func TestALostAnswerIsFoundAndNotPostedTwice(t *testing.T) {
	for name, again := range map[string]func(*Channel) func(context.Context, bot.Reply) error{
		"this process is asked to send again": func(c *Channel) func(context.Context, bot.Reply) error { return c.Send },
		"it is told to look":                  func(c *Channel) func(context.Context, bot.Reply) error { return c.Resend },
	} {
		t.Run(name, func(t *testing.T) {
			w, c := sender(t)
			w.fault = first(1, "chat.postMessage", fault{lose: true})
			err := c.Send(t.Context(), answer("r1", "네"))
			if err == nil || errors.Is(err, bot.ErrGone) {
				t.Fatalf("Send: %v; want an error to try again", err)
			}
			err = again(c)(t.Context(), answer("r1", "네"))
			var wait interface{ RetryAfter() time.Duration }
			if !errors.As(err, &wait) || wait.RetryAfter() <= 0 {
				t.Fatalf("at once: %v; want to be told to wait, as the request may still land", err)
			}
			time.Sleep(wait.RetryAfter() + time.Millisecond)
			if err := again(c)(t.Context(), answer("r1", "네")); err != nil {
				t.Fatal(err)
			}
			if count(w) != 1 {
				t.Fatalf("shown %d times", count(w))
			}
			if q := w.find("conversations.replies"); len(q) != 1 || q[0].Get("include_all_metadata") != "1" || q[0].Get("ts") != "1700000000.000100" {
				t.Fatalf("looked %v", q)
			}
		})
	}
	t.Run("another process sent it", func(t *testing.T) {
		w, c := sender(t)
		if err := c.Send(t.Context(), answer("r1", "네")); err != nil {
			t.Fatal(err)
		}
		other := w.channel(w.options())
		if err := patient(t, other.Resend, answer("r1", "네")); err != nil || count(w) != 1 {
			t.Fatalf("%v, shown %d times", err, count(w))
		}
		if err := patient(t, other.Resend, answer("r2", "또")); err != nil || count(w) != 2 {
			t.Fatalf("%v, shown %d times; want the reply that is not there to be posted", err, count(w))
		}
	})
	t.Run("in a flat direct message", func(t *testing.T) {
		w, c := sender(t)
		r := answer("r1", "네")
		r.To.Thread = "T1/D1"
		w.fault = first(1, "chat.postMessage", fault{lose: true})
		_ = c.Send(t.Context(), r)
		time.Sleep(25 * time.Millisecond)
		if err := patient(t, c.Resend, r); err != nil || len(w.shown("D1", "")) != 1 || len(w.find("conversations.history")) != 1 {
			t.Fatalf("%v, shown %q", err, w.shown("D1", ""))
		}
	})
	t.Run("it was never carried out", func(t *testing.T) {
		w, c := sender(t)
		w.fault = first(1, "chat.postMessage", fault{drop: true})
		_ = c.Send(t.Context(), answer("r1", "네"))
		time.Sleep(25 * time.Millisecond)
		if err := patient(t, c.Resend, answer("r1", "네")); err != nil || count(w) != 1 {
			t.Fatalf("%v, shown %d times", err, count(w))
		}
	})
}

func TestALongReplyGoesOnWhereItStopped(t *testing.T) {
	for name, f := range map[string]fault{
		"the answer was lost": {lose: true}, "the request was lost": {drop: true}, "limited": {status: 429, retry: "1"}, "trouble": {status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			w, c := sender(t)
			now := time.Now()
			c.o.Now = func() time.Time { return now }
			posts := 0
			w.fault = func(method string, _ url.Values) fault {
				if method == "chat.postMessage" {
					if posts++; posts == 2 {
						return f
					}
				}
				return fault{}
			}
			r := answer("r1", strings.Repeat("긴 글입니다 ", 5000))
			pages := len(c.render(r))
			if err := c.Send(t.Context(), r); err == nil || pages < 3 {
				t.Fatalf("Send of %d pages: %v; want an error in the middle", pages, err)
			}
			now = now.Add(2 * time.Second)
			if err := patient(t, c.Resend, r); err != nil {
				t.Fatal(err)
			}
			shown := w.shown("C1", "1700000000.000100")
			if n := strings.Count(strings.Join(shown, ""), "글입니다"); len(shown) != pages || n != 5000 {
				t.Fatalf("%d messages with %d words; want %d with 5000", len(shown), n, pages)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	w, c := sender(t)
	now := time.Now()
	c.o.Now = func() time.Time { return now }
	w.fault = first(1, "chat.postMessage", fault{status: 429, retry: "7"})
	err := c.Send(t.Context(), answer("r1", "네"))
	var wait interface{ RetryAfter() time.Duration }
	if !errors.As(err, &wait) || wait.RetryAfter() != 7*time.Second {
		t.Fatalf("Send: %v; want to wait 7 s", err)
	}
	calls := len(w.find("chat.postMessage"))
	other := answer("r2", "다른 대화")
	other.To.Thread = "T1/C1/1700000000.000999"
	if err := c.Send(t.Context(), other); !errors.As(err, &wait) || wait.RetryAfter() > 7*time.Second || len(w.find("chat.postMessage")) != calls {
		t.Fatalf("the same Slack channel: %v; want it left alone", err)
	}
	elsewhere := answer("r3", "다른 채널")
	elsewhere.To.Thread = "T1/C2/1700000000.000100"
	if err := c.Send(t.Context(), elsewhere); err != nil {
		t.Fatalf("another Slack channel: %v", err)
	}
	now = now.Add(8 * time.Second)
	if err := c.Send(t.Context(), answer("r1", "네")); err != nil || count(w) != 1 {
		t.Fatalf("after the wait: %v, shown %d times", err, count(w))
	}
	if len(w.find("conversations.replies")) != 0 {
		t.Error("looked for a reply that Slack had said it did not take")
	}
}

func TestRefusals(t *testing.T) {
	for code, want := range map[string]string{
		"channel_not_found": "gone", "account_inactive": "gone", "is_archived": "gone", "not_in_channel": "gone",
		"msg_too_long": "gone", "invalid_blocks": "wait", "restricted_action": "wait",
		"missing_scope": "wait", "invalid_auth": "wait", "ratelimited": "wait",
		"internal_error": "unsure", "fatal_error": "unsure", "service_unavailable": "unsure",
	} {
		t.Run(code, func(t *testing.T) {
			w, c := sender(t)
			w.fault = only("chat.postMessage", fault{code: code, needed: "chat:write"})
			err := c.Send(t.Context(), answer("r1", "네"))
			var wait interface{ RetryAfter() time.Duration }
			got := "unsure"
			if errors.Is(err, bot.ErrGone) {
				got = "gone"
			} else if errors.As(err, &wait) {
				got = "wait"
			}
			if got != want || err == nil {
				t.Fatalf("%v is %s; want %s", err, got, want)
			}
			if code == "missing_scope" && !strings.Contains(err.Error(), "chat:write") {
				t.Errorf("%v does not name the scope", err)
			}
		})
	}
	for _, thread := range []string{"", "x", "T1/C1/", "T1/C1/1", "T1/C1/1.1/2", "t1/c1", "T1/C1/../x"} {
		w, c := sender(t)
		r := answer("r1", "네")
		r.To.Thread = thread
		if err := c.Send(t.Context(), r); !errors.Is(err, bot.ErrGone) || len(w.calls) != 0 {
			t.Errorf("thread %q: %v, %d calls", thread, err, len(w.calls))
		}
	}
}

func TestHistoryThatMayNotBeReadStillGetsAnAnswer(t *testing.T) {
	w, c := sender(t)
	w.fault = only("conversations.replies", fault{code: "missing_scope"})
	if err := patient(t, c.Resend, answer("r1", "네")); err != nil || count(w) != 1 {
		t.Fatalf("%v, shown %d times", err, count(w))
	}
	w.fault = only("conversations.replies", fault{status: 429, retry: "60"})
	var wait interface{ RetryAfter() time.Duration }
	if err := patient(t, c.Resend, answer("r2", "네")); !errors.As(err, &wait) || wait.RetryAfter() != time.Minute || count(w) != 1 {
		t.Fatalf("%v, shown %d times; want to wait and not to guess", err, count(w))
	}
}

func TestBlocksThatSlackRefusesGoAsText(t *testing.T) {
	w, c := sender(t)
	w.fault = func(method string, form url.Values) fault {
		if method == "chat.postMessage" && form.Get("blocks") != "" {
			return fault{code: "invalid_blocks"}
		}
		return fault{}
	}
	if err := c.Send(t.Context(), answer("r1", "a < b")); err != nil {
		t.Fatal(err)
	}
	if got := w.shown("C1", "1700000000.000100"); len(got) != 1 || got[0] != "a < b" {
		t.Fatalf("shown %q", got)
	}
}

func TestAReplacedTokenIsLookedUpAgain(t *testing.T) {
	w := newWire(t)
	o := w.options()
	token := "xoxb-old"
	o.BotToken, o.Lookup = "", func(context.Context, string, string) (Workspace, error) {
		return Workspace{Token: token, User: botUser}, nil
	}
	c := w.channel(o)
	w.fault = func(_ string, form url.Values) fault {
		if form.Get("token") == "xoxb-old" {
			return fault{code: "token_revoked"}
		}
		return fault{}
	}
	if err := c.Send(t.Context(), answer("r1", "네")); err == nil {
		t.Fatal("sent with a revoked token")
	}
	token = "xoxb-new"
	if err := c.Send(t.Context(), answer("r1", "네")); err != nil || count(w) != 1 {
		t.Fatalf("%v, shown %d times", err, count(w))
	}
}
