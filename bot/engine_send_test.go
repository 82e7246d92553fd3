package bot_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onkihq/onki/bot"
)

// slowDown is what a network says that wants fewer messages.
type slowDown time.Duration

func (s slowDown) Error() string             { return "too many messages" }
func (s slowDown) RetryAfter() time.Duration { return time.Duration(s) }

// sendTimes sends one reply with a channel that refuses as told and returns
// when each attempt was made.
func sendTimes(t *testing.T, refuses func(r bot.Reply, attempt int) error) (after []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.refuses = refuses
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo), Poll: 100 * time.Millisecond}, func() {
			begin := time.Now()
			l.in <- hello("x", "a")
			time.Sleep(time.Hour)
			synctest.Wait()
			for _, at := range l.at {
				after = append(after, at.Sub(begin).Round(100*time.Millisecond))
			}
		})
	})
	return after
}

func TestEngineTriesAgain(t *testing.T) {
	got := sendTimes(t, func(_ bot.Reply, attempt int) error {
		if attempt < 5 {
			return errors.New("network down")
		}
		return nil
	})
	// 500 ms, 1 s, 2 s, 4 s between the attempts
	if want := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond, 7500 * time.Millisecond}; !slices.Equal(got, want) {
		t.Errorf("attempts after %v; want %v", got, want)
	}
}

func TestEngineWaitsAMinuteAtMost(t *testing.T) {
	got := sendTimes(t, func(bot.Reply, int) error { return errors.New("network down") })
	for i := 9; i < len(got); i++ {
		if wait := got[i] - got[i-1]; wait < 60*time.Second || wait > 61*time.Second {
			t.Fatalf("attempt %d came %v after the one before; want a minute", i+1, wait)
		}
	}
	if len(got) < 60 {
		t.Fatalf("%d attempts in an hour; want it not to give up", len(got))
	}
}

func TestEngineDoesAsTheNetworkSays(t *testing.T) {
	got := sendTimes(t, func(_ bot.Reply, attempt int) error {
		if attempt == 1 {
			return fmt.Errorf("send: %w", slowDown(37*time.Second))
		}
		return nil
	})
	if want := []time.Duration{0, 37 * time.Second}; !slices.Equal(got, want) {
		t.Errorf("attempts after %v; want %v", got, want)
	}
}

func TestEngineGivesUpWhoIsGone(t *testing.T) {
	got := sendTimes(t, func(bot.Reply, int) error { return fmt.Errorf("send: %w", bot.ErrGone) })
	if len(got) != 1 {
		t.Errorf("%d attempts; want one", len(got))
	}
}

func TestEngineDoesNotHoldOthersUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.refuses = func(r bot.Reply, _ int) error {
			if r.To.Thread == "x" {
				return slowDown(time.Hour)
			}
			return nil
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo)}, func() {
			l.in <- hello("x", "a")
			synctest.Wait()
			l.in <- hello("x", "b")
			l.in <- hello("y", "c")
			synctest.Wait()
			want(t, l.texts(), "you said hello from a", "you said hello from c")
		})
	})
}

// mindful can look whether a reply has arrived.
type mindful struct{ *line }

func (m mindful) Resend(_ context.Context, r bot.Reply) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resent = append(m.resent, r.ID)
	return nil
}

func TestEngineAsksBeforeItSendsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		resent []string
	}{
		"the network may have taken it": {errors.New("connection reset"), []string{"re:a"}},
		"the network has refused it":    {slowDown(time.Second), nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				l.refuses = func(_ bot.Reply, attempt int) error {
					if attempt == 1 {
						return c.err
					}
					return nil
				}
				run(t, &bot.Engine{Channels: []bot.Channel{mindful{l}}, Flow: flow(echo)}, func() {
					l.in <- hello("x", "a")
					time.Sleep(10 * time.Second)
				})
				if !slices.Equal(l.resent, c.resent) {
					t.Errorf("resent %v; want %v", l.resent, c.resent)
				}
			})
		})
	}
}

// stubborn never returns from Send before its context ends.
type stubborn struct{ *line }

func (s stubborn) Send(ctx context.Context, r bot.Reply) error {
	if r.To.Thread != "x" {
		return s.line.Send(ctx, r)
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestEngineLeavesAHangingNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		run(t, &bot.Engine{Channels: []bot.Channel{stubborn{l}}, Flow: flow(echo), Senders: 1, Deadline: 10 * time.Second}, func() {
			l.in <- hello("x", "a")
			synctest.Wait()
			l.in <- hello("y", "b")
			time.Sleep(11 * time.Second)
			want(t, l.texts(), "you said hello from b")
		})
	})
}

// shaky is a ledger whose methods fail as told.
type shaky struct {
	*bot.Memory
	mu    sync.Mutex
	fails map[string]int
	err   error
}

func (s *shaky) fail(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails[method] > 0 {
		s.fails[method]--
		return s.err
	}
	return nil
}

func (s *shaky) Claim(ctx context.Context) (*bot.Work, error) {
	if err := s.fail("Claim"); err != nil {
		return nil, err
	}
	return s.Memory.Claim(ctx)
}

func (s *shaky) Commit(ctx context.Context, w *bot.Work) error {
	if err := s.fail("Commit"); err != nil {
		return err
	}
	return s.Memory.Commit(ctx, w)
}

func (s *shaky) Done(ctx context.Context, d *bot.Delivery) error {
	if err := s.fail("Done"); err != nil {
		return err
	}
	return s.Memory.Done(ctx, d)
}

// TestEngineOutlivesALedgerThatFails: after the disk is back, everything is
// answered, once.
func TestEngineOutlivesALedgerThatFails(t *testing.T) {
	for _, method := range []string{"Claim", "Commit", "Done"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				ledger := &shaky{Memory: &bot.Memory{}, fails: map[string]int{method: 3}, err: errors.New("the disk is full")}
				run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo), Ledger: ledger}, func() {
					l.in <- hello("x", "a")
					time.Sleep(5 * time.Minute)
					l.in <- hello("x", "b")
					time.Sleep(5 * time.Minute)
				})
				var ids []string
				for _, r := range l.sent {
					if !slices.Contains(ids, r.ID) { // Done failed: the reply is sent again under its ID
						ids = append(ids, r.ID)
					}
				}
				if !slices.Equal(ids, []string{"re:a", "re:b"}) {
					t.Errorf("sent %q; want each once and in order", ids)
				}
			})
		})
	}
}

// doer is a channel that carries orders out and reports the result.
type doer struct {
	deliver atomic.Pointer[func(context.Context, bot.Message) error]
	did     atomic.Int32
}

func (*doer) Name() string { return "backoffice" }
func (d *doer) Listen(_ context.Context, deliver func(context.Context, bot.Message) error) error {
	d.deliver.Store(&deliver)
	return nil
}
func (d *doer) Send(ctx context.Context, r bot.Reply) error {
	deliver := d.deliver.Load()
	if deliver == nil {
		return slowDown(time.Millisecond)
	}
	d.did.Add(1)
	return (*deliver)(ctx, bot.Message{ID: "result:" + r.ID, From: bot.Address{Channel: "x", Thread: "t"}, Event: bot.EventAction, Time: r.Time})
}

// TestTheEndWaitsForResults: the input ends with an order, and its result is
// still told.
func TestTheEndWaitsForResults(t *testing.T) {
	ch, back := &oneLine{said: make(chan string, 9)}, &doer{}
	e := &bot.Engine{Channels: []bot.Channel{ch, back}, Flow: bot.Flow{{Name: "x", Run: func(_ context.Context, tt *bot.Turn) error {
		if tt.Message.Event != "" {
			tt.Say(bot.Part{Stage: "guide", Text: "done"})
			return nil
		}
		tt.Say(bot.Part{Stage: "guide", Text: "doing"})
		tt.Orders = append(tt.Orders, bot.Reply{ID: "do:1", To: bot.Address{Channel: "backoffice", Thread: "x:t"}, Parts: []bot.Part{{Stage: "action"}}})
		return nil
	}}}}
	if err := e.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := <-ch.said, <-ch.said; a != "doing" || b != "done" || back.did.Load() != 1 {
		t.Errorf("said %q and %q, did %d times", a, b, back.did.Load())
	}
}

// oneLine is a channel whose input is one line.
type oneLine struct{ said chan string }

func (*oneLine) Name() string { return "x" }
func (*oneLine) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	return deliver(ctx, bot.Message{ID: "1", From: bot.Address{Channel: "x", Thread: "t"}, Text: "yes", Time: time.Unix(1, 0)})
}
func (c *oneLine) Send(_ context.Context, r bot.Reply) error {
	c.said <- r.Text()
	return nil
}
