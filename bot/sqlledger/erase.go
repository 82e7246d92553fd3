package sqlledger

import (
	"context"
	"database/sql"
	"time"

	"github.com/onkihq/onki/bot"
)

// Erase deletes what was said, felt and decided in a conversation and what is
// remembered of its customer, unless another conversation linked to it still
// needs that (see Linked): no byte of it stays in the database or its log.
// What stays are names without content (which messages were seen, so that a
// repeat is not a new message; how far the numbers have come) and the record of
// consent. A turn in the making is lost, and what was not sent is not sent.
// Copies made by Backup before are not reached.
func (l *Ledger) Erase(ctx context.Context, a bot.Address) error {
	return l.remove(ctx, "erase "+a.String(), a, nil)
}

// Lock does what Erase does, but keeps transcript and journal apart for a reason
// that the law gives, until then. Nothing that answers, shows, counts or exports
// sees them any more; Locked reads them.
func (l *Ledger) Lock(ctx context.Context, a bot.Address, reason string, until time.Time) error {
	return l.remove(ctx, "lock "+a.String(), a, func(tx *tx, id int64) error {
		for _, query := range []string{
			`INSERT INTO locked (conversation, kind, seq, at, body, reason, until)
				SELECT conversation, 'event', seq, at, body, $2, CAST($3 AS BIGINT) FROM event WHERE conversation = $1 AND kind <> 'owner'`,
			`INSERT INTO locked (conversation, kind, seq, at, body, reason, until)
				SELECT conversation, 'entry', seq, at, body, $2, CAST($3 AS BIGINT) FROM entry WHERE conversation = $1`,
		} {
			if _, err := tx.exec(query, id, reason, until.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
}

// remove is Erase, after first has put aside what is to be kept.
func (l *Ledger) remove(ctx context.Context, what string, a bot.Address, first func(tx *tx, id int64) error) error {
	err := l.do(ctx, what, func(tx *tx) error {
		var id int64
		var person string
		found, err := tx.row(`SELECT id, person FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock, []any{a.Channel, a.Thread}, &id, &person)
		if err != nil || !found {
			return err
		}
		if first != nil {
			if err := first(tx, id); err != nil {
				return err
			}
		}
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`DELETE FROM event WHERE conversation = $1`, []any{id}},
			{`DELETE FROM entry WHERE conversation = $1`, []any{id}},
			{`DELETE FROM outbox WHERE conversation = $1`, []any{id}},
			// What other systems were told because of it; what is on its way still goes, and is found by Quiet.
			{`DELETE FROM event WHERE conversation IN (SELECT id FROM conversation WHERE thread = $1) AND NOT EXISTS
				(SELECT 1 FROM outbox WHERE outbox.conversation = event.conversation AND outbox.seq = event.seq AND outbox.settled IS NULL)`, []any{a.String()}},
			{`DELETE FROM outbox WHERE conversation IN (SELECT id FROM conversation WHERE thread = $1) AND settled IS NOT NULL`, []any{a.String()}},
			{`DELETE FROM place WHERE channel = $1 AND conv = $2`, []any{a.Channel, a.Thread}},
			{`DELETE FROM rating WHERE conversation = $1`, []any{id}},
			{`DELETE FROM pass WHERE customer = $1 OR customer = $2 OR channel = $3 AND thread = $4`, []any{a.Customer(person), usedBy + a.Customer(person), a.Channel, a.Thread}},
			{`DELETE FROM link WHERE id = $1 AND customer <> $1`, []any{a.Customer(person)}},
			{`DELETE FROM customer WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM link WHERE customer = $1 AND id <> $1)`, []any{a.Customer(person)}},
			{`UPDATE inbox SET turn = -1 WHERE conversation = $1 AND turn = 0`, []any{id}},
			{`UPDATE conversation SET person = '', session = '', opening = '', owner = 'bot', epoch = epoch + 1, updated = 0, last_turn = 0, fence = fence + 1,
				attempt = 0, holder = '', claimed = 0, pending = 0, due = NULL WHERE id = $1`, []any{id}},
		} {
			if _, err := tx.exec(s.query, s.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return l.wipe(ctx, what)
}

// wipe takes what was deleted out of the log, too.
func (l *Ledger) wipe(ctx context.Context, what string) error {
	if l.file == nil {
		return nil
	}
	return l.db.explain(what, l.file.emptyLog(ctx))
}

// Of returns the conversations that a user had, as the channel knows them.
func (l *Ledger) Of(ctx context.Context, channel, user string) ([]bot.Address, error) {
	if user == "" {
		return nil, nil
	}
	return l.addresses(ctx, "conversations of a user", `SELECT channel, thread FROM conversation WHERE person = $1 AND ($2 = '' OR channel = $2) ORDER BY id`, user, channel)
}

// Quiet returns conversations in which nothing has happened since then and
// nothing is pending, at most limit.
func (l *Ledger) Quiet(ctx context.Context, since time.Time, limit int) ([]bot.Address, error) {
	return l.addresses(ctx, "quiet conversations", `SELECT channel, thread FROM conversation WHERE pending = 0 AND last_event > 0
		AND EXISTS (SELECT 1 FROM event WHERE event.conversation = conversation.id)
		AND NOT EXISTS (SELECT 1 FROM event WHERE event.conversation = conversation.id AND event.at >= $1)
		ORDER BY id LIMIT $2`, since.UnixMicro(), max(limit, 0))
}

func (l *Ledger) addresses(ctx context.Context, what, query string, args ...any) ([]bot.Address, error) {
	return list(ctx, l, what, func(rows *sql.Rows) (a bot.Address, err error) {
		return a, rows.Scan(&a.Channel, &a.Thread)
	}, query, args...)
}

// Expire deletes what is kept for a time of its own: the names of messages that
// were answered before seen, by which repeats are known, and locked records
// whose time has come. It returns how many there were of each.
func (l *Ledger) Expire(ctx context.Context, seen time.Time) (names, records int64, err error) {
	err = l.do(ctx, "expire", func(tx *tx) error {
		if names, err = tx.exec(`DELETE FROM inbox WHERE at < $1 AND turn <> 0`, seen.UnixMicro()); err != nil {
			return err
		}
		records, err = tx.exec(`DELETE FROM locked WHERE until < $1`, l.micros())
		return err
	})
	if err == nil && records > 0 {
		err = l.wipe(ctx, "expire")
	}
	return names, records, err
}

// A Record is a line of a locked conversation.
type Record struct {
	Kind   string // event or entry
	Body   string // JSON
	Reason string
	At     time.Time
	Until  time.Time
}

// Locked returns what is kept apart of a conversation, oldest first.
func (l *Ledger) Locked(ctx context.Context, a bot.Address) ([]Record, error) {
	return list(ctx, l, "locked records of "+a.String(), func(rows *sql.Rows) (r Record, err error) {
		var at, until int64
		err = rows.Scan(&r.Kind, &r.Body, &r.Reason, &at, &until)
		r.At, r.Until = time.UnixMicro(at), time.UnixMicro(until)
		if err == nil {
			r.Body, err = l.codec.open(r.Body)
		}
		return r, err
	}, `SELECT locked.kind, locked.body, locked.reason, locked.at, locked.until FROM locked JOIN conversation ON conversation.id = locked.conversation
		WHERE conversation.channel = $1 AND conversation.thread = $2 ORDER BY locked.at, locked.id`, a.Channel, a.Thread)
}
