package slack

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// plug sets up a channel over sockets.
func plug(t *testing.T) (*wire, *Channel, *ear) {
	w := newWire(t)
	c, e := w.channel(w.options()), &ear{}
	listen(t, c, e.deliver)
	until(t, "two sockets", func() bool { return len(w.live()) == 2 })
	return w, c, e
}

func TestAPlannedReconnectHasNoHole(t *testing.T) {
	for _, reason := range []string{"warning", "refresh_requested"} {
		t.Run(reason, func(t *testing.T) {
			w, _, e := plug(t)
			stop := make(chan struct{})
			var least atomic.Int64
			least.Store(99)
			var all sync.WaitGroup
			all.Go(func() { // somebody writes all the time
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					live := w.live()
					least.Store(min(least.Load(), int64(len(live))))
					text := fmt.Sprintf("말 %d", i)
					for try := 0; ; try++ { // Slack sends what was not acknowledged again, over any socket
						ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
						err := w.socket(ctx, "events_api", wrap("Ev", direct("D1", fmt.Sprintf("1700000000.%06d", i), "U1", text)))
						cancel()
						if err == nil {
							break
						}
						if try > 20 {
							t.Errorf("%q was never acknowledged: %v", text, err)
							break
						}
					}
				}
			})
			for range 5 {
				for _, s := range w.live() { // both at the same moment: the worst case
					_ = s.planned(reason)
				}
				opened := func() int { w.mu.Lock(); defer w.mu.Unlock(); return w.opened }
				before := opened()
				until(t, "both are replaced", func() bool { return opened() >= before+2 || len(w.live()) == 2 })
				time.Sleep(30 * time.Millisecond)
			}
			close(stop)
			all.Wait()
			if least.Load() < 2 {
				t.Errorf("only %d sockets were open at some moment; want two at any", least.Load())
			}
			if len(e.ids()) < 5 {
				t.Errorf("%d messages; the test proves little", len(e.ids()))
			}
		})
	}
}

func TestALostSocketComesBack(t *testing.T) {
	w, _, e := plug(t)
	for range 3 {
		w.live()[0].kill()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if err := w.socket(ctx, "events_api", wrap("Ev", direct("D1", w.stampNow(), "U1", "들리나요"))); err != nil {
			t.Fatalf("while one socket is away: %v", err)
		}
		cancel()
		until(t, "two sockets again", func() bool { return len(w.live()) == 2 })
	}
	if len(e.ids()) != 3 {
		t.Fatalf("heard %d", len(e.ids()))
	}
}

func TestASocketThatFellSilentIsReplaced(t *testing.T) {
	w := newWire(t)
	w.deaf = 2
	c := w.channel(w.options())
	c.pace.beat = 5 * time.Millisecond
	listen(t, c, (&ear{}).deliver)
	until(t, "sockets that live", func() bool { return len(w.live()) == 2 })
	time.Sleep(40 * time.Millisecond)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.opened != 4 {
		t.Errorf("opened %d; want the two silent ones replaced, and the others left", w.opened)
	}
}

func (w *wire) stampNow() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nextStamp()
}

func TestAnEnvelopeIsAcknowledgedOnlyWhenSafe(t *testing.T) {
	w, _, e := plug(t)
	e.mu.Lock()
	e.refuse = 1
	e.mu.Unlock()
	payload := wrap("Ev", direct("D1", "1700000000.000100", "U1", "안녕"))
	if err := w.envelope(t.Context(), w.live()[0], "events_api", payload, 50*time.Millisecond); err == nil {
		t.Fatal("acknowledged although it was refused")
	}
	if err := w.envelope(t.Context(), w.live()[1], "events_api", payload, time.Second); err != nil || len(e.ids()) != 1 {
		t.Fatalf("sent again: %v, heard %v", err, e.ids())
	}
	for _, kind := range []string{"slash_commands", "something_new"} {
		if err := w.envelope(t.Context(), w.live()[0], kind, map[string]any{"command": "/x"}, time.Second); err != nil {
			t.Errorf("%s: %v; want it acknowledged, as it would come for ever", kind, err)
		}
	}
	if err := w.envelope(t.Context(), w.live()[0], "events_api", []int{1}, time.Second); err != nil {
		t.Errorf("nonsense: %v", err)
	}
	_ = w.live()[0].send("just a string")
	if err := w.envelope(t.Context(), w.live()[0], "events_api", payload, time.Second); err != nil {
		t.Errorf("after nonsense: %v", err)
	}
}

func TestASlowConversationDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWire(t)
	c := w.channel(w.options())
	let := make(chan struct{})
	var order []string
	var mu sync.Mutex
	listen(t, c, func(ctx context.Context, m bot.Message) error {
		if strings.HasPrefix(m.From.Thread, "T1/DSLOW") {
			<-let
		}
		mu.Lock()
		defer mu.Unlock()
		order = append(order, m.Text)
		return nil
	})
	until(t, "two sockets", func() bool { return len(w.live()) == 2 })
	s := w.live()[0]
	var all sync.WaitGroup
	for i := range 3 {
		text := fmt.Sprintf("느린 %d", i)
		payload := map[string]any{"envelope_id": "e" + text, "type": "events_api", "payload": wrap("Ev", direct("DSLOW", fmt.Sprintf("1700000000.00010%d", i), "U1", text))}
		if err := s.send(payload); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.envelope(t.Context(), s, "events_api", wrap("Ev", direct("DFAST", "1700000000.000100", "U2", "빠른")), 2*time.Second); err != nil {
		t.Fatalf("held up by another conversation: %v", err)
	}
	close(let)
	all.Wait()
	until(t, "all are heard", func() bool { mu.Lock(); defer mu.Unlock(); return len(order) == 4 })
	if got := strings.Join(order, " "); got != "빠른 느린 0 느린 1 느린 2" {
		t.Fatalf("heard %s", got)
	}
}

func TestSocketsThatCannotBeOpened(t *testing.T) {
	t.Run("refused at the start", func(t *testing.T) {
		for method, want := range map[string]string{"auth.test": "copy it again", "apps.connections.open": "copy it again"} {
			w := newWire(t)
			w.fault = only(method, fault{code: "invalid_auth"})
			err := w.channel(w.options()).Listen(t.Context(), (&ear{}).deliver)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v; want a remedy", method, err)
			}
		}
	})
	for name, f := range map[string]func(string, url.Values) fault{
		"trouble":    first(4, "apps.connections.open", fault{status: 503}),
		"lost":       first(4, "apps.connections.open", fault{drop: true}),
		"limited":    first(1, "apps.connections.open", fault{status: 429, retry: "0"}),
		"first call": first(2, "auth.test", fault{status: 500}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			w.fault = f
			listen(t, w.channel(w.options()), (&ear{}).deliver)
			until(t, "sockets are open in the end", func() bool { return len(w.live()) == 2 })
		})
	}
	t.Run("too many", func(t *testing.T) {
		w := newWire(t)
		w.hello = `{"type":"disconnect","reason":"too_many_websockets"}`
		c := w.channel(w.options())
		c.pace.crowded = 30 * time.Millisecond
		listen(t, c, (&ear{}).deliver)
		time.Sleep(45 * time.Millisecond)
		w.mu.Lock()
		opened := w.opened
		w.hello = ""
		w.mu.Unlock()
		if opened > 4 {
			t.Errorf("opened %d times while there are too many; want it to wait", opened)
		}
		until(t, "sockets are open in the end", func() bool { return len(w.live()) >= 2 })
	})
	t.Run("Slack closes at once again and again", func(t *testing.T) {
		w := newWire(t)
		c := w.channel(w.options())
		c.pace.retry = 10 * time.Millisecond
		listen(t, c, (&ear{}).deliver)
		stop := time.Now().Add(45 * time.Millisecond)
		for time.Now().Before(stop) {
			for _, s := range w.live() {
				s.kill()
			}
			time.Sleep(time.Millisecond)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.opened > 12 {
			t.Errorf("opened %d times in 45 ms; want it to slow down", w.opened)
		}
	})
	t.Run("an address that is not safe", func(t *testing.T) {
		w := newWire(t)
		c := w.channel(w.options())
		c.o.APIURL = "https" + strings.TrimPrefix(w.server.URL, "http") // the server names ws:// all the same
		if _, err := c.dial(t.Context()); err == nil {
			t.Error("opened")
		}
	})
}

// TestThroughput is the figure of the issue: 200 events a second, 20 % of them
// repeated, acknowledged in time. It measures the wire and the channel; the
// ledger is memory.
func TestThroughput(t *testing.T) {
	w := newWire(t)
	c := w.channel(w.options())
	ledger := &bot.Memory{}
	listen(t, c, ledger.Receive)
	until(t, "two sockets", func() bool { return len(w.live()) == 2 })
	n := 200
	if testing.Short() {
		n = 50
	}
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for i := range n {
		<-tick.C
		all.Go(func() {
			id := i
			if i%5 == 4 {
				id = i - 1
			}
			start := time.Now()
			if err := w.socket(t.Context(), "events_api", wrap("Ev", direct(fmt.Sprintf("D%d", id%50), fmt.Sprintf("1700000000.%06d", id), "U1", "안녕"))); err != nil {
				t.Errorf("event %d: %v", i, err)
			}
			took[i] = time.Since(start)
		})
	}
	all.Wait()
	worst := percentile(took, 0.99)
	t.Logf("%d events at 200/s: p50 %v, p99 %v", n, percentile(took, 0.5), worst)
	if worst > 500*time.Millisecond { // ten times the goal: the machine may be busy
		t.Errorf("p99 %v", worst)
	}
}
