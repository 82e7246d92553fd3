package sqlledger

import (
	"context"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// Open lets the first words leave; see [bot.Opener].
func (l *Ledger) Open(ctx context.Context, w *bot.Work, r bot.Reply) error {
	body, err := l.codec.pack(r)
	if err != nil {
		return fmt.Errorf("open %s: %w", w.Address, err)
	}
	parts, err := l.codec.pack(r.Parts)
	if err != nil {
		return fmt.Errorf("open %s: %w", w.Address, err)
	}
	l.step("opened.before")
	err = l.do(ctx, "open "+w.Address.String(), func(tx *tx) error {
		var id, seq int64
		found, err := tx.row(`UPDATE conversation SET opening = $1, last_event = last_event + 1
			WHERE channel = $2 AND thread = $3 AND fence = $4 AND fence > 0 AND owner = $5 AND epoch = $6 AND opening = '' RETURNING id, last_event`,
			[]any{parts, w.Address.Channel, w.Address.Thread, w.Fence, w.Session.Owner, w.Session.Epoch}, &id, &seq)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("%w", bot.ErrLost)
		}
		if err := l.addReply(tx, id, seq, r, body, l.micros()); err != nil {
			return err
		}
		l.step("opened.inside")
		return nil
	})
	if err != nil {
		return err
	}
	l.count.opened.Add(1)
	l.step("opened.after")
	return nil
}

// opened reports whether the parts that the turn takes for said are those that
// the conversation keeps.
func (k codec) opened(kept string, e bot.Entry) (bool, error) {
	var parts []bot.Part
	if kept != "" {
		if err := k.unpack(kept, &parts); err != nil {
			return false, fmt.Errorf("opening: %w", err)
		}
	}
	return len(parts) == e.Opened, nil
}
