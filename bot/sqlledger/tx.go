package sqlledger

import (
	"context"
	"database/sql"
	"errors"
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
}

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
	r, err := t.run(query, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
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
	rows, err := t.query(query, args)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	return true, errors.Join(rows.Scan(to...), rows.Close())
}

// texts reads one text column of many rows.
func (t *tx) texts(query string, args ...any) ([]string, error) {
	rows, err := t.query(query, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, rows.Err()
}
