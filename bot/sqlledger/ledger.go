package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Ledger keeps every conversation safe in one SQL database. It is safe for
// concurrent use. Open makes one; the zero value does not work.
type Ledger struct {
	boot  string // names this process among the holders of claims
	lease time.Duration
	now   func() time.Time
	step  func(string)
	log   *slog.Logger
	codec codec

	db    database
	file  *file    // db, when it is SQLite
	node  *cluster // the other processes, when there may be some
	read  *sql.DB
	once  sync.Once // of Close
	count counters

	glances sync.Map // a *glance for each queue: of turns "", of replies by channel
}

// A database runs the transactions of a ledger in its own dialect.
type database interface {
	// do is one durable transaction. With patient it is done or not done when
	// it returns, and waits for a database that is away for a while; otherwise
	// it may give up soon, and then may have been done. run may be called more
	// than once, the last time in the transaction that counts.
	do(ctx context.Context, patient bool, run func(tx *tx) error) error
	// explain says what was being done and, for what an operator can mend, how.
	explain(what string, err error) error
	// close ends what is open. It works when not everything is.
	close() error
}

var (
	_ bot.Ledger     = (*Ledger)(nil)
	_ bot.Outbox     = (*Ledger)(nil)
	_ bot.Transcript = (*Ledger)(nil)
	_ bot.Journal    = (*Ledger)(nil)
	_ bot.Desk       = (*Ledger)(nil)
	_ bot.Opener     = (*Ledger)(nil)
)

// micros is the ledger's clock.
func (l *Ledger) micros() int64 { return l.now().UnixMicro() }

// do is one durable transaction, done or not when it returns.
func (l *Ledger) do(ctx context.Context, what string, run func(tx *tx) error) error {
	return l.db.explain(what, l.db.do(ctx, true, run))
}

// errRepeat undoes the transaction of a message that is known already.
var errRepeat = errors.New("known already")

// Receive takes the message; see [bot.Ledger]. When ctx ends first, the message
// may or may not have been taken, and sending it again finds out.
func (l *Ledger) Receive(ctx context.Context, m bot.Message) error {
	if err := m.Check(); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	body, err := l.codec.pack(m)
	if err != nil {
		return fmt.Errorf("receive %s: %w: %w", m.From, bot.ErrBad, err)
	}
	kind := "message"
	if m.Event != "" {
		kind = "event"
	}
	l.step("received.before")
	err = l.db.do(ctx, false, func(tx *tx) error {
		now := l.micros()
		var id, seq int64
		if _, err := tx.row(`INSERT INTO conversation (channel, thread, person, last_event, pending, due) VALUES ($1, $2, $3, 1, 1, $4)
			ON CONFLICT (channel, thread) DO UPDATE SET last_event = conversation.last_event + 1, pending = conversation.pending + 1,
				person = CASE WHEN excluded.person = '' THEN conversation.person ELSE excluded.person END,
				due = COALESCE(conversation.due, excluded.due)
			RETURNING id, last_event`, []any{m.From.Channel, m.From.Thread, m.User, now}, &id, &seq); err != nil {
			return err
		}
		added, err := tx.exec(`INSERT INTO inbox (channel, ext_id, conversation, seq, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (channel, ext_id) DO NOTHING`, m.From.Channel, m.ID, id, seq, now)
		if err != nil {
			return err
		}
		if added == 0 {
			return errRepeat
		}
		if err := addEvent(tx, id, seq, kind, body, now); err != nil {
			return err
		}
		l.step("received.inside")
		return nil
	})
	if errors.Is(err, errRepeat) {
		l.count.repeats.Add(1)
		return nil
	}
	if err != nil {
		return l.db.explain("receive", err)
	}
	l.count.received.Add(1)
	l.step("received.after")
	return nil
}

func addEvent(tx *tx, conversation, seq int64, kind, body string, at int64) error {
	return tx.later(`INSERT INTO event (conversation, seq, kind, body, at) VALUES ($1, $2, $3, $4, $5)`, conversation, seq, kind, body, at)
}

// A claim is what the database holds of a conversation when it is claimed.
type claim struct {
	id, fence, attempt, epoch, rev, ahead                               int64
	channel, thread, person, owner, session, customer, address, opening string
	messages                                                            []string
}

// Claim gives out the conversation that has waited longest; see [bot.Ledger].
func (l *Ledger) Claim(ctx context.Context) (*bot.Work, error) {
	if waiting, err := l.peek(ctx, "", `SELECT 1 FROM conversation WHERE due <= $1`, l.micros()); err != nil {
		return nil, l.db.explain("claim", err)
	} else if !waiting {
		return nil, bot.ErrIdle
	}
	var c claim
	err := l.do(ctx, "claim", func(tx *tx) error {
		c = claim{} // the transaction may run twice
		return l.take(tx, &c)
	})
	if err != nil {
		return nil, err
	}
	l.node.hold(holding{at: bot.Address{Channel: c.channel, Thread: c.thread}, fence: c.fence})
	l.count.claims.Add(1)
	if c.attempt > 1 {
		l.count.reclaims.Add(1)
	}
	l.step("claimed.after")
	return c.work(l.codec)
}

// peek looks for work without disturbing those who write.
func (l *Ledger) peek(ctx context.Context, queue, query string, args ...any) (bool, error) {
	g, _ := l.glances.LoadOrStore(queue, new(glance))
	found, err := g.(*glance).look(ctx, func(ctx context.Context) (n int, err error) {
		err = l.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+query+` LIMIT `+strconv.Itoa(glanceMax)+`) AS waiting`, args...).Scan(&n)
		return n, err
	})
	if l.node != nil && lostTouch(err) {
		return true, nil // the transaction waits until the server is back
	}
	return found, err
}

func (l *Ledger) take(tx *tx, c *claim) error {
	now := l.micros()
	found, err := tx.row(`UPDATE conversation SET fence = fence + 1, attempt = attempt + 1, holder = $1, claimed = last_event, due = $2
		WHERE id = (SELECT id FROM conversation WHERE due <= $3 ORDER BY due, id LIMIT 1`+tx.skip+`)
		RETURNING id, channel, thread, person, owner, epoch, session, fence, attempt, opening`,
		[]any{l.boot, now + l.lease.Microseconds(), now},
		&c.id, &c.channel, &c.thread, &c.person, &c.owner, &c.epoch, &c.session, &c.fence, &c.attempt, &c.opening)
	if err != nil {
		return err
	}
	if !found {
		return bot.ErrIdle
	}
	err = tx.soon(`SELECT event.body FROM inbox JOIN event ON event.conversation = inbox.conversation AND event.seq = inbox.seq
		WHERE inbox.conversation = $1 AND inbox.turn = 0 ORDER BY inbox.seq`, []any{c.id}, func(scan func(...any) error) error {
		c.messages = append(c.messages, "")
		return scan(&c.messages[len(c.messages)-1])
	})
	if err != nil {
		return err
	}
	c.address = bot.Address{Channel: c.channel}.Customer(c.person)
	if c.person == "" {
		c.address = bot.Address{Channel: c.channel, Thread: c.thread}.Customer("")
	}
	if c.address, err = remembered(tx, c.address); err != nil {
		return err
	}
	if err := tx.soon(`SELECT rev, body FROM customer WHERE id = $1`, []any{c.address}, func(scan func(...any) error) error {
		return scan(&c.rev, &c.customer)
	}); err != nil {
		return err
	}
	if err := tx.soon(`SELECT COUNT(*) FROM conversation WHERE owner IN ('waiting', 'queued') AND id <> $1`, []any{c.id}, func(scan func(...any) error) error {
		return scan(&c.ahead)
	}); err != nil {
		return err
	}
	l.step("claimed.inside")
	return nil
}

// work decodes the claim, outside the writer.
func (c *claim) work(k codec) (*bot.Work, error) {
	w := &bot.Work{Address: bot.Address{Channel: c.channel, Thread: c.thread}, Fence: c.fence, Attempt: int(c.attempt), Others: int(c.ahead)}
	for _, body := range c.messages {
		var m bot.Message
		if err := k.unpack(body, &m); err != nil {
			return nil, fmt.Errorf("claim %s: message: %w", w.Address, err)
		}
		w.Messages = append(w.Messages, m)
	}
	if c.opening != "" {
		if err := k.unpack(c.opening, &w.Opening); err != nil {
			return nil, fmt.Errorf("claim %s: opening: %w", w.Address, err)
		}
	}
	var err error
	if w.Session, err = k.session(w.Address, c.session, c.owner, c.epoch); err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	if c.customer != "" {
		if err := k.unpack(c.customer, &w.Customer); err != nil {
			return nil, fmt.Errorf("claim %s: customer: %w", w.Address, err)
		}
	}
	w.Customer.ID, w.Customer.Rev = c.address, c.rev
	return w, nil
}

// session decodes a stored session. Owner and epoch have columns of their own,
// which a take-over changes without touching the rest.
func (k codec) session(a bot.Address, body, owner string, epoch int64) (bot.Session, error) {
	var s bot.Session
	if body != "" {
		if err := k.unpack(body, &s); err != nil {
			return s, fmt.Errorf("session of %s: %w", a, err)
		}
	}
	s.Address, s.Owner, s.Epoch = a, owner, epoch
	return s, nil
}
