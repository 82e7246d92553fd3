package sqlledger

import (
	"context"
	"time"
)

// Lead waits until this process alone holds the name, such as that of a network
// that one process at a time may listen to. The context returned ends when it
// holds it no longer; release gives it back. Holding rests on being alive: a
// process that cannot reach the database lets go before the others count it as
// dead. With SQLite there are no others. The error is that of ctx.
func (l *Ledger) Lead(ctx context.Context, name string) (held context.Context, release func(), err error) {
	if l.node == nil {
		return ctx, func() {}, nil
	}
	return l.node.lead(ctx, name)
}

func (c *cluster) lead(ctx context.Context, name string) (context.Context, func(), error) {
	for {
		if mine, err := c.acquire(ctx, name); err == nil && mine {
			break
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(c.every):
		}
	}
	held, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	c.leases[name] = cancel
	c.mu.Unlock()
	c.ledger.count.leases.Add(1)
	c.server.log.Info("this node leads", "what", name)
	return held, func() { c.resign(ctx, name, cancel) }, nil
}

// acquire takes the name if nobody who lives holds it.
func (c *cluster) acquire(ctx context.Context, name string) (mine bool, err error) {
	if c.silent() {
		return false, nil // who may be thought dead must not begin
	}
	err = c.server.do(ctx, false, func(tx *tx) error {
		now := c.ledger.micros()
		n, err := tx.exec(`INSERT INTO lease (name, holder, since) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, since = excluded.since
			WHERE lease.holder = excluded.holder OR NOT EXISTS (SELECT 1 FROM node WHERE node.id = lease.holder AND node.beat >= $4)`,
			name, c.ledger.boot, now, now-deadAfter*c.every.Microseconds())
		mine = n == 1
		return err
	})
	return mine, err
}

// resign gives the name back.
func (c *cluster) resign(ctx context.Context, name string, cancel context.CancelFunc) {
	cancel()
	c.mu.Lock()
	delete(c.leases, name)
	c.mu.Unlock()
	after, done := context.WithTimeout(context.WithoutCancel(ctx), loneAfter*c.every)
	defer done()
	if _, err := c.server.pool.ExecContext(after, `DELETE FROM lease WHERE name = $1 AND holder = $2`, name, c.ledger.boot); err != nil {
		c.server.log.Warn("what this node led is free after a silence", "what", name, "error", err)
	}
}

// letGo ends everything that only one process may do.
func (c *cluster) letGo() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cancel := range c.leases {
		cancel()
	}
}
