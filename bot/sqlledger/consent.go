package sqlledger

import (
	"context"
	"fmt"
	"time"

	"github.com/onkihq/onki/bot"
)

// What customers decide about their own conversation.

// Rate keeps what a customer thought of a conversation, 1 to 5 stars and a few
// words. The same ID is the same rating: the last one counts.
func (l *Ledger) Rate(ctx context.Context, a bot.Address, id string, stars int, text string) error {
	if stars < 1 || stars > 5 {
		return fmt.Errorf("rate %s: %d stars, want 1 to 5: %w", a, stars, bot.ErrBad)
	}
	return l.about(ctx, "rate "+a.String(), a, func(tx *tx, id64 int64) error {
		_, err := tx.exec(`INSERT INTO rating (conversation, id, stars, body, at) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (conversation, id) DO UPDATE SET stars = excluded.stars, body = excluded.body, at = excluded.at`,
			id64, id, stars, text, l.micros())
		return err
	})
}

// Consent records that a customer has given or withdrawn consent, to which
// version of which text and when. Nothing is overwritten.
func (l *Ledger) Consent(ctx context.Context, a bot.Address, what string, given bool, version string, at time.Time) error {
	yes := 0
	if given {
		yes = 1
	}
	return l.about(ctx, "consent of "+a.String(), a, func(tx *tx, id int64) error {
		_, err := tx.exec(`INSERT INTO consent (conversation, seq, what, given, version, at)
			SELECT CAST($1 AS BIGINT), COALESCE(MAX(seq), 0) + 1, $2, CAST($3 AS BIGINT), $4, CAST($5 AS BIGINT) FROM consent WHERE conversation = $1`, id, what, yes, version, at.UnixMicro())
		return err
	})
}

// about runs a transaction about a conversation, which is made if need be: a
// customer may decide before they write.
func (l *Ledger) about(ctx context.Context, what string, a bot.Address, run func(tx *tx, conversation int64) error) error {
	if err := (bot.Message{ID: what, From: a}).Check(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return l.do(ctx, what, func(tx *tx) error {
		if _, err := tx.exec(`INSERT INTO conversation (channel, thread) VALUES ($1, $2) ON CONFLICT (channel, thread) DO NOTHING`,
			a.Channel, a.Thread); err != nil {
			return err
		}
		var id int64
		if _, err := tx.row(`SELECT id FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock, []any{a.Channel, a.Thread}, &id); err != nil {
			return err
		}
		return run(tx, id)
	})
}

// Erase deletes what was said, felt and decided in a conversation and what is
// remembered of its customer: no byte of it stays in the database or its log.
// What stays are names without content (which messages were seen, so that a
// repeat is not a new message; how far the numbers have come) and the record of
// consent. A turn in the making is lost, and what was not sent is not sent.
// Copies made by Backup before are not reached.
func (l *Ledger) Erase(ctx context.Context, a bot.Address) error {
	err := l.do(ctx, "erase "+a.String(), func(tx *tx) error {
		var id int64
		var person string
		found, err := tx.row(`SELECT id, person FROM conversation WHERE channel = $1 AND thread = $2`+tx.lock, []any{a.Channel, a.Thread}, &id, &person)
		if err != nil || !found {
			return err
		}
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`DELETE FROM event WHERE conversation = $1`, []any{id}},
			{`DELETE FROM entry WHERE conversation = $1`, []any{id}},
			{`DELETE FROM outbox WHERE conversation = $1`, []any{id}},
			{`DELETE FROM place WHERE channel = $1 AND conv = $2`, []any{a.Channel, a.Thread}},
			{`DELETE FROM rating WHERE conversation = $1`, []any{id}},
			{`DELETE FROM customer WHERE id = $1`, []any{a.Customer(person)}},
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
	if l.file == nil {
		return nil
	}
	return l.db.explain("erase "+a.String(), l.file.emptyLog(ctx))
}
