package sqlledger

import (
	"context"
	"database/sql"
	"strings"
)

// A querier runs statements: a connection or a transaction.
type querier interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// A tx runs the statements of one transaction. The text of a statement is the
// same for every database; what differs are the locks that rows need where
// others may write at the same time.
type tx struct {
	ctx      context.Context // of a transaction that can hang: one over a network
	conn     querier
	prepared map[string]*sql.Stmt // kept by the writer of SQLite; nil where the driver keeps them itself
	lock     string               // ends a SELECT of a row that is changed next
	skip     string               // ends a SELECT of a row that is taken from a queue
	wire     *wire                // carries the statements, where there is a network; nil where there is none
}

// only is a lock of the rows of one table of a join.
func only(lock, table string) string { return strings.Replace(lock, "UPDATE", "UPDATE OF "+table, 1) }

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.prepared[query]; s != nil {
		return s, nil
	}
	s, err := t.conn.PrepareContext(t.ctx, query)
	if err == nil {
		t.prepared[query] = s
	}
	return s, err
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(query string, args ...any) (int64, error) {
	if t.wire != nil {
		return t.wire.exec(query, args)
	}
	r, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// later runs a statement of which nobody needs to know how many rows it changed:
// now, or with the next one. It has failed at the latest when the commit has.
func (t *tx) later(query string, args ...any) error {
	if t.wire != nil {
		t.wire.later(query, args)
		return nil
	}
	_, err := t.run(query, args)
	return err
}

func (t *tx) run(query string, args []any) (sql.Result, error) {
	if t.prepared == nil {
		return t.conn.ExecContext(t.ctx, query, args...)
	}
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(t.ctx, args...)
}

func (t *tx) query(query string, args []any) (*sql.Rows, error) {
	if t.prepared == nil {
		return t.conn.QueryContext(t.ctx, query, args...)
	}
	s, err := t.stmt(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// row reads one row; found is false if there is none.
func (t *tx) row(query string, args []any, to ...any) (found bool, err error) {
	err = t.rows(query, args, func(scan func(...any) error) error {
		found = true
		return scan(to...)
	})
	return found && err == nil, err
}

// texts reads one text column of many rows.
func (t *tx) texts(query string, args ...any) (out []string, err error) {
	err = t.rows(query, args, func(scan func(...any) error) error {
		var text string
		err := scan(&text)
		out = append(out, text)
		return err
	})
	return out, err
}

// rows reads rows now.
func (t *tx) rows(query string, args []any, each func(scan func(...any) error) error) error {
	err := t.soon(query, args, each)
	if err == nil && t.wire != nil {
		err = t.wire.send()
	}
	return err
}

// soon reads rows: now, or with the next statement. They are there at the latest
// after the commit.
func (t *tx) soon(query string, args []any, each func(scan func(...any) error) error) error {
	if t.wire != nil {
		t.wire.each(query, args, each)
		return nil
	}
	rows, err := t.query(query, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
