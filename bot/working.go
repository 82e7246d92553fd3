package bot

import (
	"context"
	"log/slog"
	"time"
)

// typing shows that work is going on, at once and every four seconds (Telegram
// clears the sign after five), until the returned function is called. When a
// person has taken over, the bot will stay silent and shows nothing.
func (e *Engine) typing(ctx context.Context, w *Work) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	to := w.Address
	if w.Session.Staffed() {
		return cancel
	}
	for _, c := range e.Channels {
		t, ok := c.(Typist)
		if !ok || c.Name() != to.Channel {
			continue
		}
		go func() {
			tick := time.NewTicker(4 * time.Second)
			defer tick.Stop()
			for ctx.Err() == nil {
				t.Typing(ctx, to)
				select {
				case <-tick.C:
				case <-ctx.Done():
				}
			}
		}()
	}
	return cancel
}

func (e *Engine) log() *slog.Logger {
	if e.Log != nil {
		return e.Log
	}
	return slog.New(slog.DiscardHandler)
}

func (e *Engine) now() time.Time {
	if e.Now != nil {
		return e.Now()
	}
	return time.Now()
}
