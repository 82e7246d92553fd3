package bot

import (
	"context"
	"errors"
	"time"
)

// moment is how long the end waits for a reply that was put off: a network that
// asks for this little is about to take it.
const moment = 200 * time.Millisecond

// send is step 6.
func (e *Engine) send(ctx context.Context, out Outbox, c Channel) error {
	d, err := out.Next(ctx, c.Name())
	if err != nil {
		return err
	}
	send := c.Send
	if r, ok := c.(Resender); ok && d.Ambiguous {
		send = r.Resend
	}
	deadline, cancel := context.WithTimeout(ctx, e.Deadline)
	err = send(deadline, d.Reply)
	cancel()
	if err == nil {
		return out.Done(ctx, d)
	}
	if errors.Is(err, ErrGone) {
		d.Failure = err.Error()
		return out.Done(ctx, d)
	}
	wait := min(time.Duration(1<<min(d.Attempt, 8))*250*time.Millisecond, time.Minute)
	var limited interface{ RetryAfter() time.Duration }
	if errors.As(err, &limited) {
		wait = max(limited.RetryAfter(), time.Millisecond)
	} else {
		d.Ambiguous = true // the network may have taken it and only its answer was lost
	}
	e.log().Warn("send failed", "channel", c.Name(), "attempt", d.Attempt, "wait", wait, "error", err)
	err = out.Again(ctx, d, wait)
	if err == nil && wait <= moment {
		e.soon.Store(time.Now().Add(wait + moment/10).UnixNano()) // the ledger's clock may be a little behind
	}
	return err
}
