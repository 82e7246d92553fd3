package sqlledger

import (
	"context"
	"fmt"

	"github.com/onkihq/onki/bot"
)

// Notify queues what the bot says of its own accord, once: a reply of that ID
// is never queued again, whatever dies meanwhile. Nothing is queued, and the
// answer is false, when the conversation has passed to another owner since s
// was read, or when the customer wants no messages they did not ask for.
func (l *Ledger) Notify(ctx context.Context, s bot.Session, r bot.Reply) (queued bool, err error) {
	body, err := l.codec.pack(r)
	if err != nil {
		return false, fmt.Errorf("notify %s: %w", s.Address, err)
	}
	err = l.do(ctx, "notify "+s.Address.String(), func(tx *tx) error {
		queued = false
		var id, seq, one int64
		found, err := tx.row(`SELECT id, last_event + 1 FROM conversation WHERE channel = $1 AND thread = $2 AND owner = $3 AND epoch = $4`+tx.lock,
			[]any{s.Address.Channel, s.Address.Thread, s.Owner, s.Epoch}, &id, &seq)
		if err != nil || !found {
			return err
		}
		if said, err := tx.row(`SELECT 1 FROM outbox WHERE conversation = $1 AND reply_id = $2`, []any{id, r.ID}, &one); err != nil || said {
			return err
		}
		var given int64
		asked, err := tx.row(`SELECT given FROM consent WHERE conversation = $1 AND what = 'contact' ORDER BY seq DESC LIMIT 1`, []any{id}, &given)
		if err != nil || asked && given == 0 {
			return err
		}
		if _, err := tx.exec(`UPDATE conversation SET last_event = $1 WHERE id = $2`, seq, id); err != nil {
			return err
		}
		queued = true
		return l.addReply(tx, id, seq, r, body, l.micros())
	})
	return queued && err == nil, err
}
