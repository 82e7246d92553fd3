package sqlledger

import (
	"context"
	"database/sql"

	"github.com/onkihq/onki/bot"
)

// KeepPlace remembers for a staff desk the thread that stands for a
// conversation, the last event shown there and the epoch of the last request.
func (l *Ledger) KeepPlace(ctx context.Context, desk, thread string, a bot.Address, seq, epoch int64) error {
	return l.do(ctx, "keep place of "+a.String(), func(tx *tx) error {
		_, err := tx.exec(`INSERT INTO place (desk, channel, conv, thread, seq, epoch) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (desk, channel, conv) DO UPDATE SET thread = excluded.thread, seq = excluded.seq, epoch = excluded.epoch`,
			desk, a.Channel, a.Thread, thread, seq, epoch)
		return err
	})
}

// Places calls each for everything that is remembered for a staff desk.
func (l *Ledger) Places(ctx context.Context, desk string, each func(thread string, a bot.Address, seq, epoch int64)) error {
	_, err := list(ctx, l, "places of "+desk, func(rows *sql.Rows) (bool, error) {
		var a bot.Address
		var thread string
		var seq, epoch int64
		if err := rows.Scan(&thread, &a.Channel, &a.Thread, &seq, &epoch); err != nil {
			return false, err
		}
		each(thread, a, seq, epoch)
		return true, nil
	}, `SELECT thread, channel, conv, seq, epoch FROM place WHERE desk = $1 ORDER BY channel, conv`, desk)
	return err
}
