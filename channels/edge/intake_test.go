package edge_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

func TestIntake(t *testing.T) {
	var in edge.Intake
	never := func(error) { t.Error("dropped what was not bad") }
	if err := in.Receive(t.Context(), bot.Message{}, never); !errors.Is(err, edge.ErrAway) || in.Listening() || in.Go(func() {}) {
		t.Fatalf("closed: %v", err)
	}
	busy := errors.New("busy")
	answer := map[string]error{"a": nil, "b": busy, "c": fmt.Errorf("no: %w", bot.ErrBad)}
	in.Open(func(_ context.Context, m bot.Message) error { return answer[m.ID] })
	if err := errors.Join(in.Receive(t.Context(), bot.Message{ID: "a"}, never)); err != nil || !in.Listening() {
		t.Fatalf("open: %v", err)
	}
	if err := in.Receive(t.Context(), bot.Message{ID: "b"}, never); !errors.Is(err, busy) {
		t.Fatalf("busy: %v; want the network to send again", err)
	}
	dropped := 0
	if err := in.Receive(t.Context(), bot.Message{ID: "c"}, func(error) { dropped++ }); err != nil || dropped != 1 {
		t.Fatalf("bad: %v, dropped %d; want it done with", err, dropped)
	}
}

// TestIntakeWaits: closing lets nothing in, and waiting covers what is under way.
func TestIntakeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var in edge.Intake
		in.Open(func(ctx context.Context, _ bot.Message) error { edge.Sleep(ctx, time.Second); return nil })
		var done atomic.Int32
		go func() {
			if in.Receive(t.Context(), bot.Message{}, nil) == nil {
				done.Add(1)
			}
		}()
		in.Aside(func(ctx context.Context) { <-ctx.Done(); done.Add(1) })
		synctest.Wait()
		in.Close()
		if err := in.Receive(t.Context(), bot.Message{}, nil); !errors.Is(err, edge.ErrAway) {
			t.Errorf("after closing: %v", err)
		}
		start := time.Now()
		in.Wait()
		synctest.Wait()
		if done.Load() != 2 || time.Since(start) != 5*time.Second {
			t.Errorf("%d done after %s; want both, and no call longer than five seconds", done.Load(), time.Since(start))
		}
	})
}

func TestLater(t *testing.T) {
	busy := errors.New("busy")
	err := fmt.Errorf("send: %w", edge.Later(busy, time.Minute))
	var limited interface{ RetryAfter() time.Duration }
	if !errors.As(err, &limited) || limited.RetryAfter() != time.Minute || !errors.Is(err, busy) || err.Error() != "send: busy" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if edge.Sleep(ctx, time.Hour) {
		t.Error("slept on after the end")
	}
}
