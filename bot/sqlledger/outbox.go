package sqlledger

import (
	"context"
	"fmt"
	"time"

	"github.com/onkihq/onki/bot"
)

// Next hands out the head of some conversation's outbox; see [bot.Outbox].
func (l *Ledger) Next(ctx context.Context, channel string) (*bot.Delivery, error) {
	if due, err := l.peek(ctx, channel, `SELECT 1 FROM outbox WHERE channel = $1 AND due <= $2`, channel, l.micros()); err != nil {
		return nil, l.db.explain("next", err)
	} else if !due {
		return nil, bot.ErrIdle
	}
	var d bot.Delivery
	var body string
	idle := false
	err := l.do(ctx, "next", func(tx *tx) (err error) {
		d = bot.Delivery{}
		idle, err = l.head(tx, channel, &d, &body)
		return err
	})
	if err != nil {
		return nil, err
	}
	if idle {
		return nil, bot.ErrIdle
	}
	l.count.handed.Add(1)
	if d.Ambiguous {
		l.count.ambiguous.Add(1)
	}
	l.step("next.after")
	if err := l.codec.unpack(body, &d.Reply); err != nil {
		return nil, fmt.Errorf("next: reply %d: %w", d.Seq, err)
	}
	l.node.hold(holding{at: d.Reply.To, seq: d.Seq, fence: d.Fence})
	return &d, nil
}

// head takes the oldest due head for this process. Heads that a take-over has
// cancelled and whose sender was never heard of again are settled on the way;
// that is kept even when nothing is left to hand out.
func (l *Ledger) head(tx *tx, channel string, d *bot.Delivery, body *string) (idle bool, err error) {
	for {
		now := l.micros()
		var conversation, ambiguous int64
		var state string
		found, err := tx.row(`UPDATE outbox SET attempt = attempt + 1, ambiguous = CASE WHEN holder = '' THEN ambiguous ELSE 1 END, holder = $1, due = $2
			WHERE (conversation, seq) = (SELECT conversation, seq FROM outbox
				WHERE channel = $3 AND due <= $4 ORDER BY due, conversation LIMIT 1`+tx.skip+`)
			RETURNING conversation, seq, attempt, ambiguous, state`,
			[]any{l.boot, now + l.lease.Microseconds(), channel, now}, &conversation, &d.Seq, &d.Attempt, &ambiguous, &state)
		if err != nil {
			return false, err
		}
		if !found {
			return true, nil
		}
		if state == "cancelling" {
			if err := l.settle(tx, conversation, d.Seq, "cancelled", "", now); err != nil {
				return false, err
			}
			continue
		}
		d.Fence, d.Ambiguous = int64(d.Attempt), ambiguous == 1
		found, err = tx.row(`SELECT body FROM event WHERE conversation = $1 AND seq = $2`, []any{conversation, d.Seq}, body)
		if err == nil && !found {
			err = fmt.Errorf("reply %d has no text", d.Seq)
		}
		l.step("next.inside")
		return false, err
	}
}

// settle ends a reply and makes the next of its conversation due.
func (l *Ledger) settle(tx *tx, conversation, seq int64, state, failure string, now int64) error {
	if err := tx.later(`UPDATE outbox SET state = $1, failure = $2, settled = $3, due = NULL, holder = '' WHERE conversation = $4 AND seq = $5`,
		state, failure, now, conversation, seq); err != nil {
		return err
	}
	return promote(tx, conversation, now)
}

// promote makes the oldest unsettled reply of the conversation due, if it is
// not due or on its way already.
func promote(tx *tx, conversation, now int64) error {
	return tx.later(`UPDATE outbox SET due = $1 WHERE conversation = $2 AND due IS NULL
		AND seq = (SELECT MIN(seq) FROM outbox WHERE conversation = $2 AND settled IS NULL)`, now, conversation)
}

// mine finds the delivery if this process still holds it under its fence.
func (l *Ledger) mine(tx *tx, d *bot.Delivery) (conversation int64, state string, err error) {
	found, err := tx.row(`SELECT outbox.conversation, outbox.state FROM outbox JOIN conversation ON conversation.id = outbox.conversation
		WHERE conversation.channel = $1 AND conversation.thread = $2 AND outbox.seq = $3 AND outbox.attempt = $4 AND outbox.holder = $5 AND outbox.settled IS NULL`+only(tx.lock, "outbox"),
		[]any{d.Reply.To.Channel, d.Reply.To.Thread, d.Seq, d.Fence, l.boot}, &conversation, &state)
	if err == nil && !found {
		err = fmt.Errorf("%w", bot.ErrLost)
	}
	return conversation, state, err
}

// Done frees the next reply; see [bot.Outbox].
func (l *Ledger) Done(ctx context.Context, d *bot.Delivery) error {
	l.step("done.before")
	state, count := "sent", &l.count.sent
	if d.Failure != "" {
		state, count = "failed", &l.count.givenUp
	}
	err := l.do(ctx, "done "+d.Reply.ID, func(tx *tx) error {
		conversation, _, err := l.mine(tx, d)
		if err != nil {
			return err
		}
		if err := l.settle(tx, conversation, d.Seq, state, d.Failure, l.micros()); err != nil {
			return err
		}
		l.step("done.inside")
		return nil
	})
	l.node.drop(holding{at: d.Reply.To, seq: d.Seq, fence: d.Fence}, err)
	if err != nil {
		return err
	}
	count.Add(1)
	l.step("done.after")
	return nil
}

// Again puts the reply back; see [bot.Outbox].
func (l *Ledger) Again(ctx context.Context, d *bot.Delivery, wait time.Duration) error {
	ambiguous := 0
	if d.Ambiguous {
		ambiguous = 1
	}
	err := l.do(ctx, "again "+d.Reply.ID, func(tx *tx) error {
		conversation, state, err := l.mine(tx, d)
		if err != nil {
			return err
		}
		now := l.micros()
		if state == "cancelling" { // a person has taken over: not tried again
			return l.settle(tx, conversation, d.Seq, "cancelled", "", now)
		}
		err = tx.later(`UPDATE outbox SET holder = '', ambiguous = $1, due = $2 WHERE conversation = $3 AND seq = $4`,
			ambiguous, now+max(wait, 0).Microseconds(), conversation, d.Seq)
		l.step("again.inside")
		return err
	})
	l.node.drop(holding{at: d.Reply.To, seq: d.Seq, fence: d.Fence}, err)
	if err == nil {
		l.count.again.Add(1)
	}
	return err
}
