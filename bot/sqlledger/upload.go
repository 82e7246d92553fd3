package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/onkihq/onki/bot"
)

// What customers attach, for nodes that have no folder in common.

// Put keeps an uploaded file under the name.
func (l *Ledger) Put(ctx context.Context, id string, data []byte) error {
	return l.do(ctx, "keep file "+id, func(tx *tx) error {
		_, err := tx.exec(`INSERT INTO upload (id, body, at) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET body = excluded.body`, id, data, l.micros())
		return err
	})
}

// Get reads an uploaded file. The error wraps fs.ErrNotExist when there is none.
func (l *Ledger) Get(ctx context.Context, id string) ([]byte, error) {
	var data []byte
	err := l.read.QueryRowContext(ctx, `SELECT body FROM upload WHERE id = $1`, id).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read file %q: %w", id, fs.ErrNotExist)
	}
	return data, l.db.explain("read file", err)
}

// Forget deletes the uploaded files whose names begin with the prefix.
func (l *Ledger) Forget(ctx context.Context, prefix string) error {
	if prefix == "" {
		return fmt.Errorf("forget files: no prefix, and all files are never meant: %w", bot.ErrBad)
	}
	return l.do(ctx, "forget files", func(tx *tx) error {
		_, err := tx.exec(`DELETE FROM upload WHERE SUBSTR(id, 1, LENGTH($1)) = $1`, prefix)
		return err
	})
}
