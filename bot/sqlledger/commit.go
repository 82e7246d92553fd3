package sqlledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// A turn is what a commit writes, encoded before it enters the writer.
type turn struct {
	work                            *bot.Work
	session, entry, reply, customer string // JSON
	epoch                           int64  // of the owner after the turn
	orders                          []string
	handed                          bool  // the turn changed the owner
	number                          int64 // of the turn in its conversation, given by the transaction
}

// Commit writes the turn; see [bot.Ledger].
func (l *Ledger) Commit(ctx context.Context, w *bot.Work) error {
	t, err := l.encode(w)
	if err != nil {
		return l.spoiled(ctx, w, err)
	}
	l.step("committed.before")
	var conflict bool
	err = l.do(ctx, "commit "+w.Address.String(), func(tx *tx) (err error) {
		conflict, err = l.commit(tx, t)
		return err
	})
	l.node.drop(holding{at: w.Address, fence: w.Fence}, err)
	switch {
	case errors.Is(err, bot.ErrLost):
		l.count.lost.Add(1)
		return err
	case err != nil:
		return err
	case conflict:
		l.count.conflicts.Add(1)
		return fmt.Errorf("commit %s: the customer or the opening changed: %w", w.Address, bot.ErrLost)
	}
	l.count.commits.Add(1)
	w.Entry.Seq, w.Entry.Session.Epoch = t.number, t.epoch
	if w.Customer.ID != "" {
		w.Customer.Rev++
	}
	l.step("committed.after")
	return nil
}

// encode lays the turn out as the database keeps it.
func (l *Ledger) encode(w *bot.Work) (*turn, error) {
	t := &turn{work: w, epoch: w.Session.Epoch, handed: w.Entry.Session.Owner != w.Session.Owner}
	if t.handed {
		t.epoch++
	}
	e, c := w.Entry, w.Customer
	e.Session.Epoch = t.epoch
	for _, part := range []struct {
		to   *string
		from any
	}{{&t.session, e.Session}, {&t.entry, e}, {&t.reply, e.Rest()}, {&t.customer, c}} {
		body, err := l.codec.pack(part.from)
		if err != nil {
			return nil, err
		}
		*part.to = body
	}
	for _, o := range e.Orders {
		body, err := l.codec.pack(o)
		if err != nil {
			return nil, err
		}
		t.orders = append(t.orders, body)
	}
	return t, nil
}

// spoiled gives a turn that cannot be written down (a number that is none) back
// at once, with its attempt counted, so that it soon ends with a person.
func (l *Ledger) spoiled(ctx context.Context, w *bot.Work, cause error) error {
	err := l.do(ctx, "commit "+w.Address.String(), func(tx *tx) error {
		_, err := tx.exec(`UPDATE conversation SET due = $1, holder = '' WHERE channel = $2 AND thread = $3 AND fence = $4 AND pending > 0`,
			l.micros(), w.Address.Channel, w.Address.Thread, w.Fence)
		return err
	})
	if err != nil {
		return err
	}
	return fmt.Errorf("commit %s: %w", w.Address, cause)
}

// A row is what a commit reads of the conversation.
type row struct {
	id, fence, epoch, event, turns, claimed int64
	owner, opening                          string
}

// commit is the transaction of Commit. With conflict, what it has written is to
// be kept although the turn does not count.
func (l *Ledger) commit(tx *tx, t *turn) (conflict bool, err error) {
	w, now := t.work, l.micros()
	var r row
	found, err := tx.row(`SELECT id, fence, owner, epoch, last_event, last_turn, claimed, opening FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock,
		[]any{w.Address.Channel, w.Address.Thread}, &r.id, &r.fence, &r.owner, &r.epoch, &r.event, &r.turns, &r.claimed, &r.opening)
	if err != nil {
		return false, err
	}
	// Fence 0 was never claimed. Owner and epoch cannot differ under the same fence, unless the caller changed them.
	if !found || w.Fence == 0 || r.fence != w.Fence || r.owner != w.Session.Owner || r.epoch != w.Session.Epoch {
		return false, fmt.Errorf("%w", bot.ErrLost)
	}
	kept, err := l.codec.opened(r.opening, w.Entry)
	if err == nil && kept {
		kept, err = keepCustomer(tx, t)
	}
	if err != nil {
		return false, err
	} else if !kept { // not this turn's fault: the attempt does not count, and it is thought again at once
		_, err := tx.exec(`UPDATE conversation SET due = CASE WHEN pending > 0 THEN CAST($1 AS BIGINT) END, attempt = attempt - 1, fence = fence + 1, holder = ''
			WHERE id = $2`, now, r.id)
		return true, err
	}
	t.number = r.turns + 1
	if err := l.writeTurn(tx, t, &r, now); err != nil {
		return false, err
	}
	l.step("committed.inside")
	return false, nil
}

// keepCustomer writes the customer if nobody has changed them meanwhile.
func keepCustomer(tx *tx, t *turn) (bool, error) {
	c := t.work.Customer
	if c.ID == "" {
		return true, nil
	}
	n, err := tx.exec(`INSERT INTO customer (id, rev, body) SELECT $1, CAST($2 AS BIGINT) + 1, $3
		WHERE $2 = 0 OR EXISTS (SELECT 1 FROM customer WHERE id = $1)
		ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, body = excluded.body WHERE customer.rev = $2`, c.ID, c.Rev, t.customer)
	return n == 1, err
}

// writeTurn writes everything a turn leaves behind.
func (l *Ledger) writeTurn(tx *tx, t *turn, r *row, now int64) error {
	answered, err := tx.exec(`UPDATE inbox SET turn = $1 WHERE conversation = $2 AND turn = 0 AND seq <= $3`, t.number, r.id, r.claimed)
	if err != nil {
		return err
	}
	if rest := t.work.Entry.Rest(); len(rest.Parts) > 0 {
		r.event++
		if err := l.addReply(tx, r.id, r.event, rest, t.reply, now); err != nil {
			return err
		}
	}
	for i, o := range t.work.Entry.Orders {
		if err := l.addOrder(tx, o, t.orders[i], now); err != nil {
			return err
		}
	}
	s := t.work.Entry.Session
	if t.handed {
		r.event++
		if err := addEvent(tx, r.id, r.event, "owner", s.Owner, now); err != nil {
			return err
		}
	}
	if err := tx.later(`INSERT INTO entry (conversation, seq, body, at) VALUES ($1, $2, $3, $4)`, r.id, t.number, t.entry, now); err != nil {
		return err
	}
	return tx.later(`UPDATE conversation SET session = $1, owner = $2, epoch = $3, updated = $4, last_event = $5, last_turn = $6,
			fence = fence + 1, attempt = 0, holder = '', opening = '', pending = pending - $7, due = CASE WHEN pending > $7 THEN CAST($8 AS BIGINT) END
		WHERE id = $9 AND fence = $10`,
		t.session, s.Owner, t.epoch, s.Updated.UnixMicro(), r.event, t.number, answered, now, r.id, r.fence)
}

// addOrder puts an order into the outbox of its own address.
func (l *Ledger) addOrder(tx *tx, o bot.Reply, body string, now int64) error {
	var id, seq int64
	if _, err := tx.row(`INSERT INTO conversation (channel, thread, last_event) VALUES ($1, $2, 1)
		ON CONFLICT (channel, thread) DO UPDATE SET last_event = conversation.last_event + 1
		RETURNING id, last_event`, []any{o.To.Channel, o.To.Thread}, &id, &seq); err != nil {
		return err
	}
	return l.addReply(tx, id, seq, o, body, now)
}

// addReply puts a reply into transcript and outbox, due at once if it is the
// oldest one that is not settled.
func (l *Ledger) addReply(tx *tx, conversation, seq int64, r bot.Reply, body string, now int64) error {
	if err := addEvent(tx, conversation, seq, "reply", body, now); err != nil {
		return err
	}
	waiting, err := open(tx, conversation)
	if err != nil {
		return err
	}
	var due any // NULL behind others
	if !waiting {
		due = now
	}
	return tx.later(`INSERT INTO outbox (conversation, seq, channel, reply_id, person, at, due) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		conversation, seq, r.To.Channel, r.ID, r.From, now, due)
}

// open reports whether the conversation has replies that are not settled, and
// locks them, the head first: who sends the head at this moment either finds
// what is added now and makes it due, or is done before it is added.
func open(tx *tx, conversation int64) (bool, error) {
	var seq int64
	return tx.row(`SELECT seq FROM outbox WHERE conversation = $1 AND settled IS NULL ORDER BY seq`+tx.lock, []any{conversation}, &seq)
}
