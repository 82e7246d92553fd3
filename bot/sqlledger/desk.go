package sqlledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/onkihq/onki/bot"
)

// State returns the conversation as it stands; see [bot.Desk].
func (l *Ledger) State(ctx context.Context, a bot.Address) (bot.Session, error) {
	found, err := list(ctx, l, "state of "+a.String(), func(rows *sql.Rows) (bot.Session, error) {
		var owner, body string
		var epoch int64
		if err := rows.Scan(&owner, &epoch, &body); err != nil {
			return bot.Session{}, err
		}
		return l.codec.session(a, body, owner, epoch)
	}, `SELECT owner, epoch, session FROM conversation WHERE channel = $1 AND thread = $2`, a.Channel, a.Thread)
	if err != nil || len(found) == 0 {
		return bot.Session{Address: a, Owner: bot.OwnerBot}, err
	}
	return found[0], nil
}

// A step is one step of a hand-over in the making.
type step struct {
	from  bot.Session // as the database has it
	owner string
	line  bot.Reply
	body  string // of the line, as JSON
	taken bool   // a person comes in
}

// Own makes one step of a hand-over; see [bot.Desk].
func (l *Ledger) Own(ctx context.Context, from bot.Session, owner string, line bot.Reply) (epoch int64, err error) {
	a := from.Address
	if err := (bot.Message{ID: "own", From: a}).Check(); err != nil {
		return 0, fmt.Errorf("hand over: %w", err)
	}
	body, err := l.codec.pack(line)
	if err != nil {
		return 0, fmt.Errorf("hand over %s: %w", a, err)
	}
	var cancelled int64
	var s step
	err = l.do(ctx, "hand over "+a.String(), func(tx *tx) error {
		s = step{from: bot.Session{Address: a, Owner: bot.OwnerBot}, owner: owner, line: line, body: body}
		cancelled = 0
		found, err := tx.row(`SELECT owner, epoch FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock, []any{a.Channel, a.Thread}, &s.from.Owner, &s.from.Epoch)
		if err != nil {
			return err
		}
		epoch = s.from.Epoch
		switch err := s.from.Step(owner); {
		case epoch != from.Epoch:
			return fmt.Errorf("%w", bot.ErrLost)
		case s.from.Owner == owner:
			return nil
		case err != nil:
			return err
		case !found:
			n, err := tx.exec(`INSERT INTO conversation (channel, thread) VALUES ($1, $2) ON CONFLICT (channel, thread) DO NOTHING`, a.Channel, a.Thread)
			if err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("%w", bot.ErrLost) // another node has just made it
			}
		}
		s.taken = bot.Session{Owner: owner}.Staffed() && !s.from.Staffed()
		epoch, cancelled, err = l.pass(tx, s)
		return err
	})
	if err != nil {
		return 0, err
	}
	if s.taken {
		l.count.taken.Add(1)
	}
	l.count.cancelled.Add(cancelled)
	return epoch, nil
}

// pass writes a step that may be made.
func (l *Ledger) pass(tx *tx, s step) (epoch, cancelled int64, err error) {
	now := l.micros()
	id, epoch, err := l.own(tx, s.from.Address, s.owner, now)
	if err != nil {
		return 0, 0, err
	}
	if s.taken {
		if cancelled, err = cancel(tx, id, now); err != nil {
			return 0, 0, err
		}
	}
	if s.owner == bot.OwnerBot || s.owner == bot.OwnerClosed {
		if err := l.arrived(tx, s, id, epoch); err != nil {
			return 0, 0, err
		}
	}
	if len(s.line.Parts) == 0 {
		return epoch, cancelled, nil
	}
	var seq int64
	if _, err := tx.row(`UPDATE conversation SET last_event = last_event + 1 WHERE id = $1 RETURNING last_event`, []any{id}, &seq); err != nil {
		return 0, 0, err
	}
	return epoch, cancelled, l.addReply(tx, id, seq, s.line, s.body, now)
}

// cancel keeps back what the bot had not sent yet: it stays as a draft. What is
// on its way may arrive and is not tried again.
func cancel(tx *tx, conversation, now int64) (int64, error) {
	if _, err := open(tx, conversation); err != nil { // none of them is handed out meanwhile
		return 0, err
	}
	if _, err := tx.exec(`UPDATE event SET kind = 'draft' WHERE conversation = $1 AND seq IN
		(SELECT seq FROM outbox WHERE conversation = $1 AND settled IS NULL AND person = '' AND holder = '')`, conversation); err != nil {
		return 0, err
	}
	n, err := tx.exec(`UPDATE outbox SET state = 'cancelled', settled = $1, due = NULL
		WHERE conversation = $2 AND settled IS NULL AND person = '' AND holder = ''`, now, conversation)
	if err != nil {
		return 0, err
	}
	if _, err := tx.exec(`UPDATE outbox SET state = 'cancelling' WHERE conversation = $1 AND settled IS NULL AND person = ''`, conversation); err != nil {
		return 0, err
	}
	return n, promote(tx, conversation, now)
}

// arrived stops the clock of waiting: nobody is called any more.
func (l *Ledger) arrived(tx *tx, p step, conversation, epoch int64) error {
	var body string
	if _, err := tx.row(`SELECT session FROM conversation WHERE id = $1`, []any{conversation}, &body); err != nil || body == "" {
		return err
	}
	s, err := l.codec.session(p.from.Address, body, p.owner, epoch)
	if err != nil {
		return err
	}
	s.Called, s.Asked = "", time.Time{}
	cleared, err := l.codec.pack(s)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE conversation SET session = $1 WHERE id = $2`, cleared, conversation)
	return err
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
	body, err := l.codec.pack(r)
	if err != nil {
		return fmt.Errorf("say in %s: %w", r.To, err)
	}
	return l.do(ctx, "say in "+r.To.String(), func(tx *tx) error {
		var id, seq, said int64
		found, err := tx.row(`SELECT id, last_event + 1 FROM conversation WHERE channel = $1 AND thread = $2 AND owner = $3 AND epoch = $4`+tx.lock,
			[]any{r.To.Channel, r.To.Thread, bot.OwnerPerson + r.From, epoch}, &id, &seq)
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
		return l.addReply(tx, id, seq, r, body, l.micros())
	})
}
