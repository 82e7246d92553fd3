package sqlledger

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// The schema, one file for each step forward. A file that was released is never
// changed again; there is no way back but a backup.
//
//go:embed schema/*.sql
var schema embed.FS

// application marks the file as Onki's, "Onki" in ASCII.
const application = 0x4f6e6b69

// migrate brings the database to the version this program knows, all steps in
// one transaction.
func (l *Ledger) migrate(ctx context.Context) error {
	steps, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	have, err := l.version(ctx)
	if err != nil {
		return err
	}
	if have > len(steps) {
		return fmt.Errorf("open ledger: %s is from a newer Onki (version %d, this program knows %d): run the newer program, or restore a backup from before the upgrade",
			l.path, have, len(steps))
	}
	if have == len(steps) {
		return nil
	}
	l.log.Info("bringing the database forward", "from", have, "to", len(steps))
	if err := l.forward(ctx, steps, have); err != nil {
		_, _ = l.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return l.explain("open ledger", err)
	}
	return nil
}

// version returns the newest step the database has taken, 0 for an empty one,
// and an error for a database of another program.
func (l *Ledger) version(ctx context.Context) (int, error) {
	var app, tables, known, version int
	if err := l.conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return 0, l.explain("open ledger", err)
	}
	if err := l.conn.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(name = 'migration'), 0) FROM sqlite_master WHERE type = 'table'").Scan(&tables, &known); err != nil {
		return 0, l.explain("open ledger", err)
	}
	if tables == 0 {
		return 0, nil
	}
	if app != application || known == 0 {
		return 0, fmt.Errorf("open ledger: %s belongs to another program: give the ledger a file of its own", l.path)
	}
	err := l.conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM migration").Scan(&version)
	return version, l.explain("open ledger", err)
}

func (l *Ledger) forward(ctx context.Context, steps []string, have int) error {
	run := func(query string, args ...any) error {
		_, err := l.conn.ExecContext(ctx, query, args...)
		return err
	}
	if err := run("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if have == 0 {
		if err := run(fmt.Sprintf("PRAGMA application_id = %d", application)); err != nil {
			return err
		}
		if err := run("CREATE TABLE migration (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)"); err != nil {
			return err
		}
	}
	for i, name := range steps[have:] {
		body, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		if err := run(strings.ReplaceAll(string(body), "ROW_ID", "INTEGER PRIMARY KEY")); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := run("INSERT INTO migration (version, at) VALUES ($1, $2)", have+i+1, l.micros()); err != nil {
			return err
		}
	}
	if have == 0 {
		if err := run("INSERT INTO meta (name, value) VALUES ('epoch', $1)", rand.Text()); err != nil {
			return err
		}
	}
	return run("COMMIT")
}
