package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tg "github.com/go-telegram/bot"

	"github.com/onkihq/onki/bot"
)

func say(id string, to place, texts ...string) bot.Reply {
	r := bot.Reply{ID: id, To: to.address(), Lang: "ko"}
	for _, t := range texts {
		r.Parts = append(r.Parts, bot.Part{Stage: "guide", Text: t})
	}
	return r
}

func TestSendPlaces(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	listen(t, c, nil)
	hook(c, testSecret, update(77, "message", group(-5, 31, "/human")))
	for _, p := range []place{{chat: 7}, {chat: 7, topic: 3}, {chat: -5, topic: 12}, {chat: 7, business: "AbC-9"}} {
		if err := c.Send(t.Context(), say("r"+p.String(), p, "안녕하세요")); err != nil {
			t.Fatal(err)
		}
		c.Typing(t.Context(), p.address())
		got := w.last(p.chat)
		if got.topic != p.topic || got.business != p.business || got.answers != 0 || got.preview {
			t.Errorf("%s: shown as %+v", p, got)
		}
	}
	if a := w.made("sendChatAction"); len(a) != 4 || a[3].form["action"] != "typing" || a[3].form["business_connection_id"] != "AbC-9" || a[1].form["message_thread_id"] != "3" {
		t.Errorf("typing %v; want a sign for each call", a)
	}
	r := say("answer", place{chat: -5}, "네")
	r.Answers = []string{"424242/76", "424242/77"}
	if err := c.Send(t.Context(), r); err != nil || w.last(-5).answers != 31 {
		t.Errorf("in a group: error %v, stands below %d; want 31", err, w.last(-5).answers)
	}
	for _, thread := range []string{"", "x", "1/", "1/b/", "1/2/3", "9999999999999999999", "1 OR 1=1", "-", "1/b/x y"} {
		err := c.Send(t.Context(), bot.Reply{ID: "r", To: bot.Address{Channel: Name, Thread: thread}, Parts: []bot.Part{{Text: "x"}}})
		if !errors.Is(err, bot.ErrGone) {
			t.Errorf("thread %q: %v; want ErrGone", thread, err)
		}
	}
}

func TestSendShape(t *testing.T) {
	w := newWire(t)
	c := w.open(t, nil)
	r := say("r1", place{chat: 7}, "먼저 **듣습니다** 😀", "- 하나\n- 둘\n1. 셋 `code`", "[안내](https://help.shop.example/a?b=c) https://evil.example/x.")
	r.From = "person:김하나"
	r.Parts[1].Choices = []bot.Choice{
		{ID: "a", Label: "아주 긴 이름을 가진 첫 번째 선택지입니다"}, {ID: "b", Label: "둘"}, {ID: "c", Label: "셋"}, {ID: "d", Label: "넷"},
		{Label: "열기", URL: "https://shop.example"}, {Label: "나쁜 곳", URL: "https://evil.example"}, {Label: "이름만"}, {ID: "e"},
	}
	r.Parts[2].Files = []bot.File{{Name: "영수증.pdf", URL: "https://shop.example/r.pdf"}}
	if err := c.Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	got := w.texts(7)
	want := []string{"상담원 김하나\n\n먼저 듣습니다 😀\n\n• 하나\n• 둘\n1. 셋 code", "안내 https://evil.example/x.\n📎 영수증.pdf"}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("shown %q; want %q", got, want)
	}
	first, second := w.shown[0], w.shown[1]
	var rows []string
	for _, row := range first.buttons.InlineKeyboard {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Text)
		}
		rows = append(rows, strings.Join(labels, "+"))
	}
	if strings.Join(rows, "|") != "아주 긴 이름을 가진 첫 번째 선택지입니다|둘+셋|넷+열기" || second.buttons != nil {
		t.Errorf("buttons %q", rows)
	}
	kinds := ""
	for _, e := range append(first.entities, second.entities...) {
		kinds += fmt.Sprintf("%s:%s ", e.Type, e.URL)
	}
	if kinds != "bold: bold: code: text_link:https://help.shop.example/a?b=c code: text_link:https://shop.example/r.pdf " {
		t.Errorf("formats %s", kinds)
	}
	only := bot.Reply{ID: "r2", To: place{chat: 8}.address(), Lang: "en", Parts: []bot.Part{{Choices: choices("a", "A")}}}
	if err := c.Send(t.Context(), only); err != nil || w.last(8).text != "Please choose" {
		t.Errorf("choices without text: %v, shown %q", err, w.texts(8))
	}
	if err := c.Send(t.Context(), bot.Reply{ID: "r3", To: place{chat: 9}.address()}); err != nil || len(w.texts(9)) != 0 {
		t.Errorf("nothing to say: %v, shown %q", err, w.texts(9))
	}
}

func TestSendFaults(t *testing.T) {
	type limited interface{ RetryAfter() time.Duration }
	for _, s := range []struct {
		name string
		how  func(http.ResponseWriter)
		gone bool
		wait time.Duration // 0 for none
	}{
		{"limited", func(w http.ResponseWriter) {
			refuse(w, 429, "Too Many Requests: retry after 35", map[string]any{"retry_after": 35})
		}, false, 35 * time.Second},
		{"limited without a time", func(w http.ResponseWriter) { refuse(w, 429, "Too Many Requests", nil) }, false, time.Second},
		{"blocked", func(w http.ResponseWriter) { refuse(w, 403, "Forbidden: bot was blocked by the user", nil) }, true, 0},
		{"deactivated", func(w http.ResponseWriter) { refuse(w, 403, "Forbidden: user is deactivated", nil) }, true, 0},
		{"no chat", func(w http.ResponseWriter) { refuse(w, 400, "Bad Request: chat not found", nil) }, true, 0},
		{"no topic", func(w http.ResponseWriter) { refuse(w, 400, "Bad Request: message thread not found", nil) }, true, 0},
		{"business ended", func(w http.ResponseWriter) { refuse(w, 400, "Bad Request: BUSINESS_CONNECTION_INVALID", nil) }, true, 0},
		{"token revoked", func(w http.ResponseWriter) { refuse(w, 401, "Unauthorized", nil) }, false, time.Minute},
		{"bad gateway", func(w http.ResponseWriter) {
			http.Error(w, "<html>"+strings.Repeat("502 ", 9999), http.StatusBadGateway)
		}, false, 0},
		{"internal", func(w http.ResponseWriter) { refuse(w, 500, "Internal Server Error", nil) }, false, 0},
		{"cut off", func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "99")
			fmt.Fprint(w, `{"ok":`)
		}, false, 0},
	} {
		w := newWire(t)
		c := w.open(t, nil)
		w.fail("sendMessage", s.how)
		err := c.Send(t.Context(), say("r", place{chat: 7}, "안녕하세요"))
		var l limited
		var wait time.Duration
		if errors.As(err, &l) {
			wait = l.RetryAfter()
		}
		if err == nil || errors.Is(err, bot.ErrGone) != s.gone || wait != s.wait || len(err.Error()) > 700 {
			t.Errorf("%s: %.300v, wait %s; want gone %v, wait %s", s.name, err, wait, s.gone, s.wait)
		}
	}
}

// A limit holds for the whole chat and for its time, and for no other chat.
func TestSendLimitFreezesTheChat(t *testing.T) {
	w := newWire(t)
	now := time.Unix(1_790_000_000, 0)
	c := w.open(t, func(o *Options) { o.Now = func() time.Time { return now } })
	w.fail("sendMessage", func(rw http.ResponseWriter) {
		refuse(rw, 429, "Too Many Requests: retry after 5", map[string]any{"retry_after": 5})
	})
	for _, id := range []string{"r1", "r2"} {
		if err := c.Send(t.Context(), say(id, place{chat: 7, topic: len(id)}, "x")); refused(err) == false {
			t.Errorf("%s: %v; want a refusal", id, err)
		}
	}
	c.Typing(t.Context(), place{chat: 7}.address())
	if n := len(w.made("sendMessage")) + len(w.made("sendChatAction")); n != 0 {
		t.Errorf("%d calls to a chat that is limited", n)
	}
	if err := c.Send(t.Context(), say("r3", place{chat: 8}, "x")); err != nil {
		t.Error(err)
	}
	now = now.Add(5 * time.Second)
	if err := c.Send(t.Context(), say("r1", place{chat: 7}, "x")); err != nil || c.Flagged() != 0 {
		t.Errorf("after the time: %v, flagged %d; want sent and nothing in doubt", err, c.Flagged())
	}
}

func TestSendResumes(t *testing.T) {
	w := newWire(t)
	c := w.open(t, nil)
	r := say("r", place{chat: 7}, "하나", "둘", "셋")
	for i := range r.Parts {
		r.Parts[i].Choices = choices("a", "고름")
	}
	now := time.Now()
	c.o.Now = func() time.Time { return now }
	for _, how := range []int{429, 502, 429} {
		w.after = func(call) { // let one through, then refuse the next
			w.after = nil
			w.faults = append(w.faults, func(c call, rw http.ResponseWriter) bool {
				refuse(rw, how, "x", map[string]any{"retry_after": 1})
				return true
			})
		}
		_ = c.Send(t.Context(), r)
		now = now.Add(time.Minute)
	}
	for range 3 {
		if err := c.Send(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(w.texts(7), " "); got != "하나 둘 셋" {
		t.Errorf("shown %q; want each once", got)
	}
	if c.Flagged() != 1 {
		t.Errorf("flagged %d; want the one after 502", c.Flagged())
	}
}

func TestSendMigrates(t *testing.T) {
	w := newWire(t)
	c := w.open(t, nil)
	w.fail("sendMessage", func(rw http.ResponseWriter) {
		refuse(rw, 400, "Bad Request: group chat was upgraded to a supergroup chat", map[string]any{"migrate_to_chat_id": -1001234567890})
	})
	for _, id := range []string{"r1", "r2"} {
		if err := c.Send(t.Context(), say(id, place{chat: -5}, id)); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.texts(-1001234567890); strings.Join(got, " ") != "r1 r2" || len(w.made("sendMessage")) != 2 {
		t.Errorf("shown %q with %d calls", got, len(w.made("sendMessage")))
	}
}

// A form that Telegram refuses does not cost the customer the words, and one it
// refuses for ever does not hold up what follows.
func TestSendFallsBackToPlainText(t *testing.T) {
	w := newWire(t)
	c := w.open(t, nil)
	bad := func(rw http.ResponseWriter) { refuse(rw, 400, "Bad Request: BUTTON_TYPE_INVALID", nil) }
	w.fail("sendMessage", bad)
	r := say("r1", place{chat: 7}, "**하나**")
	r.Parts[0].Choices = choices("a", "A")
	if err := c.Send(t.Context(), r); err != nil || w.last(7).text != "하나" || w.last(7).buttons != nil {
		t.Errorf("%v, shown %+v", err, w.last(7))
	}
	w.fail("sendMessage", bad)
	w.fail("sendMessage", bad)
	if err := c.Send(t.Context(), say("r2", place{chat: 7}, "둘")); !errors.Is(err, bot.ErrGone) || !errors.Is(err, tg.ErrorBadRequest) {
		t.Errorf("refused twice: %v; want ErrGone with the reason", err)
	}
}

// The answer to an accepted message is lost now and then. At least once: none
// is missing and every second copy was flagged. At most once: no second copy,
// and what is missing was counted.
func TestLostResponses(t *testing.T) {
	for _, once := range []bool{false, true} {
		w := newWire(t)
		c := w.open(t, func(o *Options) { o.AtMostOnce = once })
		random := rand.New(rand.NewPCG(5, 5))
		var lost atomic.Int64
		w.faults = append(w.faults, func(cl call, rw http.ResponseWriter) bool {
			switch x := random.Float64(); {
			case x < .03: // accepted, and the answer is lost
				w.next++
				w.shown = append(w.shown, &posted{id: w.next, chat: 7, text: cl.form["text"]})
				lost.Add(1)
				http.Error(rw, "gateway timeout", http.StatusGatewayTimeout)
			case x < .06:
				refuse(rw, 429, "Too Many Requests", map[string]any{"retry_after": 1})
			default:
				return false
			}
			w.faults = append(w.faults, w.faults[0]) // stay
			return true
		})
		now := time.Now()
		c.o.Now = func() time.Time { return now }
		const replies = 2000
		for i := range replies {
			for c.Send(t.Context(), say(fmt.Sprint(i), place{chat: 7}, fmt.Sprint("text ", i))) != nil {
				now = now.Add(time.Minute)
			}
		}
		shown := map[string]int{}
		for _, text := range w.texts(7) {
			shown[text]++
		}
		second := int64(len(w.texts(7)) - len(shown))
		t.Logf("at most once %v: %d replies, %d answers lost, %d missing, %d second copies, %d flagged", once, replies, lost.Load(), replies-len(shown), second, c.Flagged())
		if lost.Load() == 0 || len(shown) != replies {
			t.Errorf("at most once %v: %d answers lost, %d replies shown; want all %d", once, lost.Load(), len(shown), replies)
		}
		want := lost.Load()
		if once {
			want = 0
		}
		if second != want || c.Flagged() != want {
			t.Errorf("at most once %v: %d second copies, %d flagged; want %d", once, second, c.Flagged(), want)
		}
	}
}

// After a restart nobody knows whether a reply arrived.
func TestResendInAnotherProcess(t *testing.T) {
	w := newWire(t)
	r := say("r", place{chat: 7}, "안녕하세요")
	if err := w.open(t, nil).Send(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	strict := w.open(t, func(o *Options) { o.AtMostOnce = true })
	if err := strict.Resend(t.Context(), r); !errors.Is(err, bot.ErrGone) || len(w.texts(7)) != 1 {
		t.Errorf("at most once: %v, shown %q; want given up", err, w.texts(7))
	}
	c := w.open(t, nil)
	w.fail("sendMessage", func(rw http.ResponseWriter) { refuse(rw, 401, "Unauthorized", nil) }) // the doubt outlives a refusal
	if err := c.Resend(t.Context(), r); !refused(err) || c.Flagged() != 0 {
		t.Errorf("refused: %v, flagged %d", err, c.Flagged())
	}
	if err := c.Resend(t.Context(), r); err != nil || len(w.texts(7)) != 2 || c.Flagged() != 1 {
		t.Errorf("at least once: %v, shown %q, flagged %d", err, w.texts(7), c.Flagged())
	}
	if err := c.Resend(t.Context(), r); err != nil || len(w.texts(7)) != 2 {
		t.Errorf("once more here: %v, shown %q; want no third", err, w.texts(7))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := c.Send(ended, say("r9", place{chat: 7}, "x")); !refused(err) {
		t.Errorf("ended before it began: %v; want an error that leaves no doubt", err)
	}
}

// Nobody home: surely not sent, so nothing is in doubt.
func TestSendWhenTelegramIsAway(t *testing.T) {
	w := newWire(t)
	c := w.open(t, nil)
	w.server.Close()
	if err := c.Send(t.Context(), say("r", place{chat: 7}, "x")); !refused(err) || errors.Is(err, bot.ErrGone) {
		t.Errorf("%v; want an error that says when to try again", err)
	}
}
