package bot

import (
	"context"
	"log/slog"
	"time"
)

// typing shows that work is going on, at once and every four seconds (Telegram
// clears the sign after five), until the returned function is called.
func (e *Engine) typing(ctx context.Context, to Address) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
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
