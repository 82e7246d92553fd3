package slack

import (
	"context"
	"time"
)

// listen keeps the sockets open while this process leads, until ctx ends: Slack
// takes ten sockets of one app, which several nodes would soon use up.
func (c *Channel) listen(ctx context.Context) error {
	for ctx.Err() == nil {
		held, release := ctx, func() {}
		if c.o.Leader != nil {
			var err error
			if held, release, err = c.o.Leader(ctx); err != nil {
				c.o.Log.Warn("no leader yet", "channel", Name, "error", err)
				select {
				case <-ctx.Done():
				case <-time.After(500 * time.Millisecond):
				}
				continue
			}
		}
		err := c.sockets(held)
		release()
		if err != nil {
			return err
		}
	}
	return nil
}
