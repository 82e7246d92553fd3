package sqlledger

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// Take makes a person the owner; see [bot.Desk].
func (l *Ledger) Take(ctx context.Context, a bot.Address, person string) (epoch int64, err error) {
	if person == "" {
		return 0, fmt.Errorf("take %s: a person needs a name", a)
	}
	if err := (bot.Message{ID: "take", From: a}).Check(); err != nil {
		return 0, fmt.Errorf("take: %w", err)
	}
	var cancelled int64
	err = l.do(ctx, "take "+a.String(), func(tx *tx) error {
		if _, err := tx.exec(`INSERT INTO conversation (channel, thread) VALUES ($1, $2) ON CONFLICT (channel, thread) DO NOTHING`,
			a.Channel, a.Thread); err != nil {
			return err
		}
		now := l.micros()
		id, e, err := l.own(tx, a, "person:"+person, now)
		if err != nil {
			return err
		}
		epoch = e
		if cancelled, err = tx.exec(`UPDATE outbox SET state = 'cancelled', settled = $1, due = NULL
			WHERE conversation = $2 AND settled IS NULL AND person = '' AND holder = ''`, now, id); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE outbox SET state = 'cancelling' WHERE conversation = $1 AND settled IS NULL AND person = ''`, id); err != nil {
			return err
		}
		return promote(tx, id, now)
	})
	if err != nil {
		return 0, err
	}
	l.count.taken.Add(1)
	l.count.cancelled.Add(cancelled)
	return epoch, nil
}

// Release gives the conversation back to the bot; see [bot.Desk].
func (l *Ledger) Release(ctx context.Context, a bot.Address) error {
	return l.do(ctx, "release "+a.String(), func(tx *tx) error {
		var owner, body string
		found, err := tx.row(`SELECT owner, session FROM conversation WHERE channel = $1 AND thread = $2`, []any{a.Channel, a.Thread}, &owner, &body)
		if err != nil || !found || owner == bot.OwnerBot {
			return err
		}
		id, epoch, err := l.own(tx, a, bot.OwnerBot, l.micros())
		if err != nil || body == "" {
			return err
		}
		s, err := session(a, body, bot.OwnerBot, epoch)
		if err != nil {
			return err
		}
		s.Called = ""
		cleared, err := json.Marshal(s)
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE conversation SET session = $1 WHERE id = $2`, string(cleared), id)
		return err
	})
}

// own changes the owner under a new fence, so that work begun before is lost
// and what is pending can be claimed at once.
func (l *Ledger) own(tx *tx, a bot.Address, owner string, now int64) (id, epoch int64, err error) {
	var seq int64
	if _, err := tx.row(`UPDATE conversation SET owner = $1, epoch = epoch + 1, fence = fence + 1, attempt = 0, holder = '', last_event = last_event + 1,
			due = CASE WHEN pending > 0 THEN CAST($2 AS BIGINT) END
		WHERE channel = $3 AND thread = $4 RETURNING id, epoch, last_event`, []any{owner, now, a.Channel, a.Thread}, &id, &epoch, &seq); err != nil {
		return 0, 0, err
	}
	return id, epoch, addEvent(tx, id, seq, "owner", owner, now)
}

// Say queues a person's reply; see [bot.Desk].
func (l *Ledger) Say(ctx context.Context, r bot.Reply, epoch int64) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("say in %s: %w", r.To, err)
	}
	return l.do(ctx, "say in "+r.To.String(), func(tx *tx) error {
		var id, seq, said int64
		found, err := tx.row(`SELECT id, last_event + 1 FROM conversation WHERE channel = $1 AND thread = $2 AND owner = $3 AND epoch = $4`,
			[]any{r.To.Channel, r.To.Thread, "person:" + r.From, epoch}, &id, &seq)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w", bot.ErrLost)
		}
		repeat, err := tx.row(`SELECT 1 FROM outbox WHERE conversation = $1 AND reply_id = $2 AND person <> ''`, []any{id, r.ID}, &said)
		if err != nil || repeat {
			return err
		}
		if _, err := tx.exec(`UPDATE conversation SET last_event = $1 WHERE id = $2`, seq, id); err != nil {
			return err
		}
		return l.addReply(tx, id, seq, r, string(body), l.micros())
	})
}
