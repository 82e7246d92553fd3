package telegram

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// counter is a flow whose words show what it heard and how often, in the
// language of the customer.
func counter(w *wire) bot.Flow {
	return bot.Flow{{Name: "guide", Run: func(ctx context.Context, t *bot.Turn) error {
		for t.Message.Text == "Where is my parcel?" && len(w.made("sendChatAction")) == 0 && edge.Sleep(ctx, time.Millisecond) {
			continue // long enough for the typing sign
		}
		lines := map[string]string{"ko": "%d번째로 들었습니다: **%s**", "en": "Heard, number %d: **%s**"}
		heard := t.Message.Text
		if t.Message.Choice != "" {
			heard += " [" + t.Message.Choice + "]"
		}
		t.Say(bot.Part{Stage: "acknowledge", Text: fmt.Sprintf(lines[t.Reply.Lang], t.Session.Turns+1, heard)})
		t.Say(bot.Part{Stage: "guide", Text: "- refund\n- exchange", Choices: choices("refund", "환불", bot.ChoiceHuman, "사람")})
		return nil
	}}}
}

// running starts an engine and returns a function that ends it.
func running(t *testing.T, e *bot.Engine) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- e.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-over; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func TestConversations(t *testing.T) {
	for name, secrets := range map[string][]string{"webhook": {testSecret}, "polling": nil} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			c := w.open(t, func(o *Options) { o.Secrets = secrets })
			running(t, &bot.Engine{Channels: []bot.Channel{c}, Flow: counter(w), Poll: 5 * time.Millisecond})
			soon(t, "listening", c.listening)
			id := int64(500)
			give := func(kind string, what fields) {
				id += 3
				u := update(id, kind, what)
				if secrets == nil {
					w.push(u)
				} else if code := hook(c, testSecret, u).Code; code != 200 {
					t.Errorf("%v: %d", what, code)
				}
			}
			shows := func(chat int64, want string) {
				t.Helper()
				soon(t, want, func() bool { p := w.last(chat); return p != nil && strings.HasPrefix(p.text, want) && p.buttons != nil })
			}
			english := func(m fields) fields { return with(m, "from", fields{"id": 8, "language_code": "en"}) }
			give("message", private(7, 1, "/start abc"))
			shows(7, "1번째로 들었습니다: 안녕하세요\n\n• refund\n• exchange")
			give("message", english(private(8, 2, "Where is my parcel?")))
			shows(8, "Heard, number 1: Where is my parcel?")
			give("message", private(7, 3, "택배가 안 와요"))
			shows(7, "2번째로 들었습니다: 택배가 안 와요")
			give("edited_message", with(private(7, 3, "택배가 아직도 안 와요"), "edit_date", 1_790_000_009))
			shows(7, "3번째로 들었습니다: 택배가 아직도 안 와요")
			give("message", english(private(8, 4, "ok")))
			shows(8, "Heard, number 2: ok")
			p := w.last(7)
			give("callback_query", pressed(p, 7, p.buttons.InlineKeyboard[0][0].CallbackData))
			shows(7, "4번째로 들었습니다: 환불 [refund]")
			give("message", english(private(8, 5, "/human")))
			shows(8, "Heard, number 3: I would like to talk to a person [human]")
			give("message", with(group(-5, 6, "@CareBot 여기도요"), "entities", at("mention", 0, 8)))
			shows(-5, "1번째로 들었습니다: 여기도요")
			if w.last(-5).answers != 6 {
				t.Errorf("in the group the answer stands below %d; want 6", w.last(-5).answers)
			}
			if n := len(w.texts(7)); n != 4 {
				t.Errorf("chat 7 was shown %d messages; want 4: %q", n, w.texts(7))
			}
			if c.Flagged() != 0 {
				t.Errorf("flagged %d", c.Flagged())
			}
			if len(w.made("sendChatAction")) == 0 {
				t.Error("no typing sign")
			}
		})
	}
}

// A long run over a bad line: updates come twice and are refused now and then,
// one call in thirty is limited, one answer in thirty is lost. No message stays
// without a reply, and the second copies are exactly those that were flagged.
func TestBadLine(t *testing.T) {
	w := newWire(t)
	start := time.Now()
	fast := func() time.Time { return start.Add(time.Since(start) * 2000) } // limits last seconds
	c := w.open(t, func(o *Options) { webhook(o); o.Now = fast })
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(11, 12))
	chance := func(p float64) bool { mu.Lock(); defer mu.Unlock(); return random.Float64() < p }
	lost := 0
	w.faults = append(w.faults, nil)
	w.faults[0] = func(cl call, rw http.ResponseWriter) bool {
		if cl.method != "sendMessage" {
			return false
		}
		stay := w.faults[0]
		switch {
		case chance(.03):
			w.next++
			var chat int64
			fmt.Sscan(cl.form["chat_id"], &chat)
			w.shown = append(w.shown, &posted{id: w.next, chat: chat, text: cl.form["text"]})
			lost++
			http.Error(rw, "<html>504</html>", http.StatusGatewayTimeout)
		case chance(.03):
			refuse(rw, 429, "Too Many Requests", map[string]any{"retry_after": 2})
		default:
			return false
		}
		w.faults = append(w.faults, stay)
		return true
	}
	flow := bot.Flow{{Name: "guide", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: strings.Join(strings.Fields(t.Message.Text), " ")})
		return nil
	}}}
	stop := running(t, &bot.Engine{Channels: []bot.Channel{c}, Flow: flow, Poll: 2 * time.Millisecond, Ledger: &bot.Memory{Now: fast, Lease: 24 * time.Hour}, Now: fast})
	soon(t, "listening", c.listening)
	const chats, each = 50, 30
	var all sync.WaitGroup
	for chat := range chats {
		all.Go(func() {
			for i := range each {
				u := update(int64(chat*100_003+i*7+1), "message", private(int64(chat+1), i+1, fmt.Sprintf("m%d.%d", chat, i)))
				for hook(c, testSecret, u).Code != 200 {
				}
				if chance(.2) {
					hook(c, testSecret, u)
				}
				if chance(.8) { // waits for the answer, as people do
					soon(t, "answered", func() bool {
						p := w.last(int64(chat + 1))
						return p != nil && strings.HasSuffix(p.text, fmt.Sprintf("m%d.%d", chat, i))
					})
				}
			}
		})
	}
	all.Wait()
	count := func() (answered map[string]int, copies int) {
		answered = map[string]int{}
		for chat := range chats {
			seen := map[string]bool{}
			for _, text := range w.texts(int64(chat + 1)) {
				if seen[text] {
					copies++
					continue
				}
				seen[text] = true
				for _, word := range strings.Fields(text) {
					answered[word]++
				}
			}
		}
		return answered, copies
	}
	soon(t, "every message answered", func() bool { a, _ := count(); return len(a) == chats*each })
	soon(t, "every lost answer followed up", func() bool { // an engine that drains does not wait for a second attempt
		w.mu.Lock()
		defer w.mu.Unlock()
		return int(c.Flagged()) == lost
	})
	stop()
	answered, copies := count()
	for m, n := range answered {
		if n != 1 {
			t.Errorf("%s is answered in %d replies", m, n)
		}
	}
	t.Logf("%d messages, %d messages of ours, %d answers lost, %d second copies, %d flagged", chats*each, len(w.made("sendMessage"))+lost, lost, copies, c.Flagged())
	if lost == 0 || copies != lost || int(c.Flagged()) != lost {
		t.Errorf("%d answers lost, %d second copies, %d flagged; want all the same and some", lost, copies, c.Flagged())
	}
}
