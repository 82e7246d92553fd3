package slack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// echo is a flow that says what it heard, after a moment of work.
func echo(work time.Duration) bot.Flow {
	return bot.Flow{{Name: "guide", Doc: "Says what it heard.", Run: func(ctx context.Context, t *bot.Turn) error {
		edge.Sleep(ctx, work)
		for _, m := range t.Burst {
			t.Say(bot.Part{Stage: "guide", Text: "들었습니다: " + m.Text + "."})
		}
		t.Reply.Parts[0].Choices = []bot.Choice{{ID: bot.ChoiceHuman, Label: "상담원 연결"}}
		return nil
	}}}
}

// run starts an engine over the channel and ends it with the test.
func run(t *testing.T, c *Channel, ledger bot.Ledger, flow bot.Flow) *bot.LocalHints {
	t.Helper()
	hints := &bot.LocalHints{}
	e := &bot.Engine{Channels: []bot.Channel{c}, Flow: flow, Ledger: ledger, Hints: hints, Poll: 10 * time.Millisecond}
	ctx, stop := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- e.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-over; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	until(t, "listening", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.in.Listening()
	})
	return hints
}

// insist delivers as Slack does: again until it is acknowledged.
func (w *wire) insist(t *testing.T, payload map[string]any) {
	t.Helper()
	for range 50 {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		err := w.socket(ctx, "events_api", payload)
		cancel()
		if err == nil {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Error("an event was never acknowledged")
}

// TestAWholeConversation runs an engine over the wire for several turns, with
// sockets that break in the middle of an answer.
func TestAWholeConversation(t *testing.T) {
	w := newWire(t)
	c := w.channel(w.options())
	run(t, c, &bot.Memory{}, echo(20*time.Millisecond))
	until(t, "two sockets", func() bool { return len(w.live()) == 2 })
	root := "1700000000.000001"
	for i := 1; i <= 6; i++ {
		e := direct("D1", fmt.Sprintf("1700000000.%06d", i), "U1", fmt.Sprintf("말 %d", i))
		if i > 1 {
			e["thread_ts"] = root
		}
		w.insist(t, wrap("Ev", e))
		if i%2 == 0 { // while the flow is at work
			for _, s := range w.live() {
				s.kill()
			}
		}
		want := fmt.Sprintf("들었습니다: 말 %d.", i)
		until(t, want, func() bool { return strings.Contains(strings.Join(w.shown("D1", root), "\n"), want) })
	}
	until(t, "the sign is gone", func() bool { s := w.statuses(); return len(s) > 0 && s[len(s)-1] == "active" })
	all := strings.Join(w.shown("D1", root), "\n")
	for i := 1; i <= 6; i++ {
		if n := strings.Count(all, fmt.Sprintf("말 %d.", i)); n != 1 {
			t.Errorf("turn %d was answered %d times", i, n)
		}
	}
}

// TestRoughWeather is the figure of the issue in small: events repeated and out
// of order, limits, lost answers and lost sockets, and still each message is
// answered once.
func TestRoughWeather(t *testing.T) {
	n := 600
	if testing.Short() {
		n = 120
	}
	more, err := strconv.Atoi(os.Getenv("ONKI_SLACK_EVENTS")) // the whole figure: 10000
	if err == nil {
		n = more
	}
	w := newWire(t)
	c := w.channel(w.options())
	dice := rand.New(rand.NewPCG(7, 7))
	w.fault = func(method string, _ url.Values) fault {
		if method != "chat.postMessage" {
			return fault{}
		}
		switch x := dice.IntN(100); {
		case x < 3 && more > 0: // each costs a second
			return fault{status: 429, retry: "1"}
		case x < 6:
			return fault{lose: true}
		case x < 7:
			return fault{drop: true}
		case x < 8:
			return fault{code: "internal_error"}
		}
		return fault{}
	}
	run(t, c, &bot.Memory{}, echo(0))
	until(t, "two sockets", func() bool { return len(w.live()) == 2 })
	stop := make(chan struct{})
	var storm, all sync.WaitGroup
	storm.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(40 * time.Millisecond):
				if live := w.live(); len(live) > 1 {
					live[0].kill()
				}
			}
		}
	})
	queue := make(chan int, 2*n)
	order := rand.New(rand.NewPCG(3, 3)).Perm(n)
	for _, i := range order {
		queue <- i
		if i%5 == 0 {
			queue <- i
		}
	}
	close(queue)
	for range 8 {
		all.Go(func() {
			for i := range queue {
				w.insist(t, wrap("Ev", direct(fmt.Sprintf("D%d", i%40), fmt.Sprintf("1700000000.%06d", i), "U1", fmt.Sprintf("말 %d", i))))
			}
		})
	}
	all.Wait()
	close(stop)
	storm.Wait()
	answers := func() map[string]int {
		out := make(map[string]int)
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, p := range w.messages {
			out[visible(p)]++
		}
		return out
	}
	for end := time.Now().Add(time.Duration(n) * 50 * time.Millisecond); len(answers()) < n && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	twice := 0
	for _, k := range answers() {
		twice += k - 1
	}
	if got := len(answers()); got != n || twice != 0 {
		t.Fatalf("%d of %d answered, %d twice", got, n, twice)
	}
}

// mortal is a ledger seen by one process: after its death nothing it does counts.
type mortal struct {
	*bot.Memory
	dead *atomic.Bool
}

var errDead = errors.New("the process is dead")

func (m mortal) Receive(ctx context.Context, msg bot.Message) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Memory.Receive(ctx, msg)
}

func (m mortal) Commit(ctx context.Context, w *bot.Work) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Memory.Commit(ctx, w)
}

func (m mortal) Done(ctx context.Context, d *bot.Delivery) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Memory.Done(ctx, d)
}

func (m mortal) Again(ctx context.Context, d *bot.Delivery, wait time.Duration) error {
	if m.dead.Load() {
		return errDead
	}
	return m.Memory.Again(ctx, d, wait)
}

// TestProcessesThatDie kills one process after the other in the middle of its
// work. The next has nothing but the ledger and Slack's own history, and still
// no message is lost and none is answered twice.
func TestProcessesThatDie(t *testing.T) {
	n := 300
	if testing.Short() {
		n = 80
	}
	w := newWire(t)
	dice := rand.New(rand.NewPCG(5, 5))
	w.fault = func(method string, _ url.Values) fault {
		if method == "chat.postMessage" && dice.IntN(100) < 6 {
			return fault{lose: true}
		}
		return fault{}
	}
	ledger := &bot.Memory{Lease: 60 * time.Millisecond}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() {
		for ctx.Err() == nil {
			m := mortal{ledger, new(atomic.Bool)}
			e := &bot.Engine{Channels: []bot.Channel{w.channel(w.options())}, Flow: echo(0), Ledger: m, Poll: 5 * time.Millisecond, Drain: time.Millisecond}
			life, end := context.WithTimeout(ctx, 60*time.Millisecond)
			context.AfterFunc(life, func() { m.dead.Store(true) })
			_ = e.Run(life)
			end()
		}
	})
	for i := range n {
		w.insist(t, wrap("Ev", direct(fmt.Sprintf("D%d", i%20), fmt.Sprintf("1700000000.%06d", i), "U1", fmt.Sprintf("말 %d", i))))
		time.Sleep(3 * time.Millisecond)
	}
	answers := func() map[string]int {
		w.mu.Lock()
		defer w.mu.Unlock()
		out := make(map[string]int)
		for _, p := range w.messages {
			out[visible(p)]++
		}
		return out
	}
	for end := time.Now().Add(20 * time.Second); len(answers()) < n && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(50 * time.Millisecond) // whoever would answer twice does it now
	stop()
	all.Wait()
	twice := 0
	for _, k := range answers() {
		twice += k - 1
	}
	w.mu.Lock()
	lives := w.opened / 2
	w.mu.Unlock()
	t.Logf("%d messages, %d processes", n, lives)
	if got := len(answers()); got != n || twice != 0 {
		t.Fatalf("%d of %d answered, %d twice", got, n, twice)
	}
}
