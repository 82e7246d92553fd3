package sqlledger

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A wire is a transaction on one connection to PostgreSQL. What nobody needs to
// know at once waits and travels with the next statement, the last of it with
// the commit: a transaction crosses the network as seldom as it can.
type wire struct {
	ctx     context.Context
	conn    *pgx.Conn
	batch   *pgx.Batch
	answers []func(pgx.BatchResults) error // one for each statement of the batch
}

func newWire(ctx context.Context, conn *pgx.Conn) *wire {
	w := &wire{ctx: ctx, conn: conn, batch: new(pgx.Batch)}
	w.later("begin", nil)
	return w
}

// later runs the statement with the next that is sent.
func (w *wire) later(query string, args []any) {
	w.add(query, args, func(r pgx.BatchResults) error { _, err := r.Exec(); return err })
}

func (w *wire) add(query string, args []any, answer func(pgx.BatchResults) error) {
	w.batch.Queue(query, args...)
	w.answers = append(w.answers, answer)
}

// send sends what waits and reads every answer.
func (w *wire) send() (err error) {
	batch, answers := w.batch, w.answers
	w.batch, w.answers = new(pgx.Batch), nil
	results := w.conn.SendBatch(w.ctx, batch)
	for _, answer := range answers {
		if err = answer(results); err != nil {
			break // those after it were not run
		}
	}
	if closing := results.Close(); err == nil {
		err = closing
	}
	return err
}

// exec runs the statement now and returns how many rows it changed.
func (w *wire) exec(query string, args []any) (n int64, err error) {
	w.add(query, args, func(r pgx.BatchResults) error {
		tag, err := r.Exec()
		n = tag.RowsAffected()
		return err
	})
	return n, w.send()
}

// each reads the rows of the statement when it is sent.
func (w *wire) each(query string, args []any, row func(scan func(...any) error) error) {
	w.add(query, args, func(r pgx.BatchResults) error {
		rows, err := r.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// commit ends the transaction with everything that waits.
func (w *wire) commit() error {
	w.add("commit", nil, func(r pgx.BatchResults) error {
		tag, err := r.Exec()
		if err == nil && tag.String() != "COMMIT" {
			err = fmt.Errorf("the server answered %s to a commit", tag)
		}
		return err
	})
	return w.send()
}

// rollback undoes what was sent. A connection on which that fails is of no use
// to anybody.
func (w *wire) rollback() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), time.Second)
	defer cancel()
	if w.conn.IsClosed() {
		return
	}
	if _, err := w.conn.Exec(ctx, "rollback"); err != nil {
		_ = w.conn.Close(ctx) // and with it the transaction
	}
}
