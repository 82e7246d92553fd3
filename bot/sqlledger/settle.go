package sqlledger

import (
	"context"
	"crypto/rand"
	"time"
)

// settleIn ends an import: what was held by processes of the old database is
// free, and numbers go on where they were.
func (l *Ledger) settleIn(tx *tx, restored bool) error {
	if restored {
		if _, err := tx.exec("UPDATE meta SET value = $1 WHERE name = 'epoch'", rand.Text()); err != nil {
			return err
		}
		if _, err := tx.exec("UPDATE outbox SET ambiguous = 1 WHERE settled IS NULL"); err != nil {
			return err
		}
	}
	if err := l.recover(tx); err != nil {
		return err
	}
	if _, err := tx.exec("UPDATE outbox SET holder = '', ambiguous = 1 WHERE holder <> '' AND settled IS NULL"); err != nil {
		return err
	}
	if l.file != nil {
		return nil // SQLite goes on after the highest by itself
	}
	found, err := tx.texts(`SELECT CAST(table_name AS TEXT) FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES' AND column_name = 'id'`)
	if err != nil {
		return err
	}
	for _, table := range found {
		if _, err := tx.exec("SELECT setval(pg_get_serial_sequence('" + table + "', 'id'), COALESCE(MAX(id), 0) + 1, false) FROM " + table); err != nil {
			return err
		}
	}
	return nil
}

// atLength is once for a transaction that may take long.
func (s *server) atLength(ctx context.Context, run func(tx *tx) error) error {
	return s.within(ctx, 24*time.Hour, func(tx *tx) error {
		if _, err := tx.exec("SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		return run(tx)
	})
}

// Others returns the names of the other processes that use the ledger now.
func (l *Ledger) Others(ctx context.Context) ([]string, error) {
	if l.node == nil {
		return nil, nil
	}
	names, err := (&tx{ctx: ctx, conn: l.read}).texts(`SELECT name FROM node WHERE id <> $1 AND beat >= $2 ORDER BY name`,
		l.boot, l.micros()-deadAfter*l.node.every.Microseconds())
	return names, l.db.explain("look for other nodes", err)
}
