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

// steps returns the names of the schema's files, in order.
func steps() []string {
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		panic(err) // the pattern is ours
	}
	return names
}

// forward takes the steps that the database has not taken, in the transaction
// of q, with the dialect's own words. Those of a new database also give it a name.
func forward(ctx context.Context, q querier, have int, words *strings.Replacer, now int64) error {
	if have == 0 {
		if _, err := q.ExecContext(ctx, "CREATE TABLE migration (version BIGINT PRIMARY KEY, at BIGINT NOT NULL)"); err != nil {
			return err
		}
	}
	for i, name := range steps()[have:] {
		body, err := schema.ReadFile(name)
		if err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, words.Replace(string(body))); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, err := q.ExecContext(ctx, "INSERT INTO migration (version, at) VALUES ($1, $2)", have+i+1, now); err != nil {
			return err
		}
	}
	if have > 0 {
		return nil
	}
	_, err := q.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('epoch', $1)", rand.Text())
	return err
}

// newer is the error for a database that this program does not know yet.
func newer(what string, have int) error {
	return fmt.Errorf("open ledger: %s is from a newer Onki (version %d, this program knows %d): run the newer program, or restore a backup from before the upgrade",
		what, have, len(steps()))
}
