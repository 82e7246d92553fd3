package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/onkihq/onki/bot"
)

// deadAfter is after how many beats without a word a process counts as dead,
// and loneAfter after how many that failed it stops doing what only one may do:
// earlier than the others take that over.
const (
	deadAfter = 4
	loneAfter = 3
)

// A cluster is the processes that share one server. Each writes again and again
// that it lives and takes over what the dead have left. Nothing rests on its
// being right: who is thought dead and is not finds its fences moved on.
type cluster struct {
	ledger *Ledger
	server *server
	heart  *sql.DB // a connection that never waits for the others
	every  time.Duration
	timed  bool         // the server's clock counts
	ahead  atomic.Int64 // of the server's clock before this one, in microseconds
	born   time.Time
	alive  atomic.Int64 // when the last beat succeeded, in nanoseconds since then

	lone    *time.Timer // runs out when this process must stop doing what only one may do
	stop    context.CancelFunc
	stopped chan struct{}

	mu     sync.Mutex
	held   map[holding]bool // what somebody in this process works on
	doubt  map[holding]bool // held by this process as the database has it, but by nobody in it; seen once
	leases map[string]context.CancelFunc

	look      *lookout
	lookEvery int // beats
}

// A holding is a claim, or with seq a delivery.
type holding struct {
	at         bot.Address
	seq, fence int64
}

func newCluster(l *Ledger, s *server, every time.Duration, timed bool) *cluster {
	c := &cluster{ledger: l, server: s, every: every, timed: timed, born: time.Now(), heart: stdlib.OpenDB(*s.config),
		held: make(map[holding]bool), doubt: make(map[holding]bool), leases: make(map[string]context.CancelFunc)}
	c.heart.SetMaxOpenConns(1)
	c.lone = time.AfterFunc(time.Hour, c.letGo)
	c.lone.Stop() // until the first beat
	if timed {
		own := l.now
		l.now = func() time.Time { return own().Add(time.Duration(c.ahead.Load()) * time.Microsecond) }
	}
	return c
}

// synchronize sets this ledger's clock by the server's, so that the clocks of
// the machines need not agree.
func (c *cluster) synchronize(ctx context.Context) error {
	if !c.timed {
		return nil
	}
	before := c.ledger.now()
	var there int64
	if err := c.heart.QueryRowContext(ctx, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)").Scan(&there); err != nil {
		return err
	}
	here := before.Add(c.ledger.now().Sub(before) / 2)
	c.ahead.Add(there - here.UnixMicro())
	return nil
}

// join makes this process known and starts its heart.
func (c *cluster) join(ctx context.Context) error {
	if err := c.beat(ctx); err != nil {
		return err
	}
	if err := c.bury(ctx); err != nil {
		return err
	}
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.stopped = make(chan struct{})
	go c.live(ctx)
	return nil
}

func (c *cluster) live(ctx context.Context) {
	defer close(c.stopped)
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		within, cancel := context.WithTimeout(ctx, loneAfter*c.every)
		err := c.synchronize(within)
		if err == nil {
			err = c.beat(within)
		}
		if err == nil {
			err = errors.Join(c.bury(within), c.reconcile(within), c.lookAround(within, n))
		}
		cancel()
		if err != nil && ctx.Err() == nil {
			if lostTouch(err) || errors.Is(err, context.DeadlineExceeded) {
				c.server.gone(err)
			} else {
				c.server.log.Error("looking after the other processes failed", "error", err)
			}
		}
	}
}

// lookAround tells readers what the others did.
func (c *cluster) lookAround(ctx context.Context, beat int) error {
	c.mu.Lock()
	look, every := c.look, c.lookEvery
	c.mu.Unlock()
	if look == nil || beat%every != 0 {
		return nil
	}
	return look.round(ctx, c.server)
}

// silent reports whether the others may soon take this process for dead.
func (c *cluster) silent() bool {
	return time.Since(c.born)-time.Duration(c.alive.Load()) > loneAfter*c.every
}

// beat writes that this process lives.
func (c *cluster) beat(ctx context.Context) error {
	host, _ := os.Hostname() // for people only
	begin, now := time.Since(c.born), c.ledger.micros()
	_, err := c.heart.ExecContext(ctx, `INSERT INTO node (id, name, since, beat) VALUES ($1, $2, $3, $3)
		ON CONFLICT (id) DO UPDATE SET beat = excluded.beat`, c.ledger.boot, fmt.Sprintf("%s %d", host, os.Getpid()), now)
	if err == nil {
		c.alive.Store(int64(begin))
		c.lone.Reset(loneAfter*c.every - (time.Since(c.born) - begin))
	}
	return err
}

// bury removes the dead and frees what they held. A conversation that was being
// answered at several deaths in a row waits a little, as after a restart.
func (c *cluster) bury(ctx context.Context) error {
	now := c.ledger.micros()
	rows, err := c.heart.QueryContext(ctx, `DELETE FROM node WHERE beat < $1 RETURNING name`, now-deadAfter*c.every.Microseconds())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		c.ledger.count.buried.Add(1)
		c.server.log.Warn("a node has fallen silent; what it held is taken over", "node", name)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	return c.free(ctx, `holder NOT IN (SELECT id FROM node)`)
}

// free gives back what matches the condition, conversation by conversation, so
// that two processes that do the same cannot be in each other's way.
func (c *cluster) free(ctx context.Context, which string, args ...any) error {
	found, err := holdings(ctx, c.heart, which, args...)
	if err != nil {
		return err
	}
	for _, h := range found {
		if err := c.release(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// holdings lists claims and deliveries.
func holdings(ctx context.Context, db *sql.DB, which string, args ...any) ([]holding, error) {
	rows, err := db.QueryContext(ctx, `SELECT channel, thread, CAST(0 AS BIGINT), fence FROM conversation WHERE holder <> '' AND `+which+`
		UNION ALL SELECT conversation.channel, conversation.thread, held.seq, held.attempt FROM conversation
			JOIN (SELECT * FROM outbox WHERE holder <> '' AND settled IS NULL AND `+which+`) AS held ON held.conversation = conversation.id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []holding
	for rows.Next() {
		var h holding
		if err := rows.Scan(&h.at.Channel, &h.at.Thread, &h.seq, &h.fence); err != nil {
			return nil, err
		}
		found = append(found, h)
	}
	return found, rows.Err()
}

// release makes one holding free at once, if it has not moved on meanwhile.
func (c *cluster) release(ctx context.Context, h holding) error {
	now := c.ledger.micros()
	return c.server.do(ctx, false, func(tx *tx) error {
		var id int64
		found, err := tx.row(`SELECT id FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock, []any{h.at.Channel, h.at.Thread}, &id)
		if err != nil || !found {
			return err
		}
		var n int64
		if h.seq == 0 {
			n, err = tx.exec(`UPDATE conversation SET due = $1 + CASE WHEN attempt > 1 THEN attempt * attempt * $2 ELSE 0 END, holder = ''
				WHERE id = $3 AND fence = $4 AND pending > 0`, now, suspicion.Microseconds(), id, h.fence)
		} else {
			n, err = tx.exec(`UPDATE outbox SET due = $1, holder = '', ambiguous = 1 WHERE conversation = $2 AND seq = $3 AND attempt = $4 AND settled IS NULL`,
				now, id, h.seq, h.fence)
		}
		c.ledger.count.freed.Add(n)
		return err
	})
}

// hold and drop note what somebody in this process works on.
func (c *cluster) hold(h holding) {
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.held[h] = true
	}
}

func (c *cluster) drop(h holding, err error) {
	if c != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.held, h)
		if err != nil && !errors.Is(err, bot.ErrLost) {
			c.server.torn.Store(true) // given up, but the database may not know
		}
	}
}

// reconcile frees what the database says this process holds and nobody in it
// works on: a claim whose acknowledgement was lost with the connection, or a
// turn that could not be written. What is seen so at two beats in a row is so.
func (c *cluster) reconcile(ctx context.Context) error {
	if !c.server.torn.Load() {
		return nil
	}
	c.server.torn.Store(false)
	found, err := holdings(ctx, c.heart, `holder = $1`, c.ledger.boot)
	if err != nil {
		c.server.torn.Store(true)
		return err
	}
	c.mu.Lock()
	before := c.doubt
	c.doubt = make(map[holding]bool)
	var orphans []holding
	for _, h := range found {
		if c.held[h] {
			continue
		}
		if before[h] {
			orphans = append(orphans, h)
		} else {
			c.doubt[h] = true
		}
	}
	again := len(c.doubt) > 0
	c.mu.Unlock()
	for _, h := range orphans {
		if err := c.release(ctx, h); err != nil {
			c.server.torn.Store(true)
			return err
		}
	}
	if again {
		c.server.torn.Store(true)
	}
	return nil
}

// leave ends the heart and gives everything back, so that the others need not
// wait for a silence.
func (c *cluster) leave() {
	if c.stop == nil {
		c.heart.Close()
		return
	}
	c.stop()
	<-c.stopped
	c.lone.Stop()
	c.letGo()
	ctx, cancel := context.WithTimeout(context.Background(), onceTime)
	defer cancel()
	_, err := c.heart.ExecContext(ctx, `DELETE FROM node WHERE id = $1`, c.ledger.boot)
	if err == nil {
		err = c.free(ctx, `holder = $1`, c.ledger.boot)
	}
	if err != nil {
		c.server.log.Warn("left without a word; the others take over after a silence", "error", err)
	}
	c.heart.Close()
}
