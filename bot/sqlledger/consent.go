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
			id64, id, stars, l.codec.seal(text), l.micros())
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
