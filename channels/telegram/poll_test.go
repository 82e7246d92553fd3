package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// While one chat's message is refused, nothing behind it is confirmed, other
// chats are heard, and in the end all have arrived in order.
func TestPollConfirmsOnlyWhatIsSafe(t *testing.T) {
	w := newWire(t)
	var open atomic.Bool
	for i, u := range []struct {
		chat int64
		text string
	}{{1, "one"}, {2, "held"}, {1, "two"}, {2, "after"}, {3, "three"}} {
		w.push(update(int64(900-i*100), "message", private(u.chat, i+1, u.text))) // falling IDs: no watermark survives this
	}
	c := w.open(t, nil)
	e := listen(t, c, func(m bot.Message) error {
		if m.Text == "held" && !open.Load() {
			return errors.New("busy")
		}
		return nil
	})
	soon(t, "other chats are heard", func() bool { return len(texts(e, 1)) >= 2 && len(texts(e, 3)) >= 1 })
	if w.pending(900) && len(w.made("getUpdates")) > 3 {
		t.Error("what is safe is not confirmed")
	}
	for _, id := range []int64{800, 600} {
		if !w.pending(id) {
			t.Errorf("update %d was confirmed although it was refused or not tried", id)
		}
	}
	if got := texts(e, 2); len(got) != 0 {
		t.Errorf("chat 2: heard %q before the first was accepted", got)
	}
	open.Store(true)
	soon(t, "all confirmed", func() bool { return !w.pending(800) && !w.pending(600) && !w.pending(500) })
	if got := texts(e, 2); strings.Join(got, " ") != "held after" {
		t.Errorf("chat 2: heard %q", got)
	}
}

// After a week of silence the numbers begin anew at a random place: an offset
// of before must not swallow what comes then.
func TestPollAfterAWeekOfSilence(t *testing.T) {
	w := newWire(t)
	e := listen(t, w.open(t, nil), nil)
	for i, id := range []int64{900_000_000, 900_000_001, 5, 6, 400_000_000, 399_999_999, 1} {
		before := len(w.made("getUpdates"))
		soon(t, "a silent call", func() bool { return len(w.made("getUpdates")) > before+2 })
		w.fail("getUpdates", func(rw http.ResponseWriter) { // it comes just behind an empty answer
			grant(rw, []any{})
			w.queue = append(w.queue, update(id, "message", private(1, i+1, fmt.Sprint(id))))
		})
		soon(t, fmt.Sprint(id, " heard"), func() bool { return len(texts(e, 1)) == i+1 && !w.pending(id) })
	}
}

// texts returns what was heard in a chat, repeats left out.
func texts(e *ear, chat int64) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range e.heard() {
		if m.From == (place{chat: chat}).address() && !seen[m.ID] {
			out, seen[m.ID] = append(out, m.Text), true
		}
	}
	return out
}

func TestPollThroughFaults(t *testing.T) {
	w := newWire(t)
	for i := range 6 {
		w.fail("getUpdates", func(rw http.ResponseWriter) {
			switch i {
			case 0:
				refuse(rw, 409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", nil)
			case 1:
				http.Error(rw, "<html>502 Bad Gateway</html>", http.StatusBadGateway)
			case 2:
				refuse(rw, 500, "Internal Server Error", nil)
			case 3:
				rw.Header().Set("Content-Length", "500")
				fmt.Fprint(rw, `{"ok":true,"result":[{"upd`)
			case 4:
				fmt.Fprint(rw, `{"ok":true,"result":[{"update_id":3,"message":7},{"update_id":4}]}`)
			default:
				refuse(rw, 429, "Too Many Requests: retry after 0", map[string]any{"retry_after": 0})
			}
		})
	}
	w.push(update(50, "message", private(1, 1, "안녕하세요")))
	e := listen(t, w.open(t, nil), nil)
	soon(t, "heard", func() bool { return len(texts(e, 1)) == 1 })
	soon(t, "confirmed", func() bool { return !w.pending(50) })
}

func TestPollWithWebhookSet(t *testing.T) {
	w := newWire(t)
	w.fail("getUpdates", func(rw http.ResponseWriter) {
		refuse(rw, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", nil)
	})
	err := w.open(t, nil).Listen(t.Context(), func(context.Context, bot.Message) error { return nil })
	if !errors.Is(err, errWebhook) {
		t.Errorf("Listen: %v; want an error that says that a webhook is set", err)
	}
	if len(w.made("deleteWebhook")) > 0 {
		t.Error("the webhook of a running service was deleted unasked")
	}
}

// Two nodes, one leader at a time: never two calls at once, and the other goes
// on when the first loses its right.
func TestPollLeader(t *testing.T) {
	w := newWire(t)
	right := make(chan struct{}, 1)
	right <- struct{}{}
	var lose atomic.Pointer[context.CancelFunc]
	leader := func(ctx context.Context) (context.Context, func(), error) {
		select {
		case <-right:
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
		held, cancel := context.WithCancel(ctx)
		lose.Store(&cancel)
		return held, func() { cancel(); right <- struct{}{} }, nil
	}
	one := listen(t, w.open(t, func(o *Options) { o.Leader = leader }), nil)
	two := listen(t, w.open(t, func(o *Options) { o.Leader = leader }), nil)
	for i := range 20 {
		id := int64(i*17 + 1)
		w.push(update(id, "message", private(1, i+1, fmt.Sprint(i))))
		soon(t, "confirmed", func() bool { return !w.pending(id) })
		(*lose.Load())()
	}
	seen := map[string]bool{}
	for _, m := range append(one.heard(), two.heard()...) {
		seen[m.ID] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d messages heard; want 20", len(seen))
	}
}

func TestPollEndsAtOnce(t *testing.T) {
	w := newWire(t)
	c := w.open(t, func(o *Options) { o.Wait = 50 * time.Second })
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- c.Listen(ctx, func(context.Context, bot.Message) error { return nil }) }()
	soon(t, "asking", func() bool { return len(w.made("getUpdates")) > 0 })
	cancel()
	select {
	case err := <-over:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Error("Listen waits for news although its context has ended")
	}
}
