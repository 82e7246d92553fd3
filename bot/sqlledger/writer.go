package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// groupMax is how many waiting transactions share one fsync.
const groupMax = 32

// errClosed is returned for everything after Close.
var errClosed = errors.New("the ledger is closed")

// A job is one transaction that waits for the writer. run may be called a
// second time, when the group it was in failed as a whole.
type job struct {
	run  func(tx *tx) error
	done chan error
}

// A writer is the one goroutine that writes, on the one connection that may.
type writer struct {
	tx      *tx
	jobs    chan *job     // unbuffered: a job that was not taken has surely not run
	closing chan struct{} // closed to stop
	stopped chan struct{} // closed when the goroutine has ended
	groups  func(n int)   // told the size of every group that was committed
}

func newWriter(conn *sql.Conn, groups func(int)) *writer {
	w := &writer{
		tx: &tx{ctx: context.Background(), conn: conn, prepared: make(map[string]*sql.Stmt)}, groups: groups, // a transaction is short: stopping it half-way saves nothing
		jobs: make(chan *job), closing: make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.loop()
	return w
}

// do runs the transaction and returns once it is durable, or not done. With
// patient false it stops waiting when ctx ends, and then may have been done.
func (w *writer) do(ctx context.Context, patient bool, run func(tx *tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: run, done: make(chan error, 1)}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.closing:
		return errClosed
	}
	if patient {
		return <-j.done
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case <-w.closing:
			return
		case j := <-w.jobs:
			group := []*job{j}
		gather:
			for len(group) < groupMax {
				select {
				case j := <-w.jobs:
					group = append(group, j)
				default:
					break gather
				}
			}
			w.commit(group)
		}
	}
}

// commit runs the group in one transaction and tells each member its outcome.
// A member that fails is undone alone. When the transaction as a whole fails,
// as on a full disk, each member gets a transaction of its own, so that what
// still fits is kept and only who does not fit is refused.
func (w *writer) commit(group []*job) {
	outcomes := make([]error, len(group))
	err := w.try(group, outcomes)
	if err != nil && len(group) > 1 {
		for _, j := range group {
			w.commit([]*job{j})
		}
		return
	}
	for i, j := range group {
		if err != nil {
			j.done <- err
		} else {
			j.done <- outcomes[i]
		}
	}
}

// try is one transaction. An error means that nothing of it was kept.
func (w *writer) try(group []*job, outcomes []error) (err error) {
	if _, err := w.tx.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_, _ = w.tx.exec("ROLLBACK") // fails only if the database has rolled back by itself
		}
	}()
	kept := 0
	for i, j := range group {
		if _, err := w.tx.exec("SAVEPOINT member"); err != nil {
			return err
		}
		if outcomes[i] = runJob(j, w.tx); outcomes[i] != nil {
			if _, err := w.tx.exec("ROLLBACK TO member"); err != nil {
				return outcomes[i] // the database gave up the whole transaction; say why
			}
		} else {
			kept++
		}
		if _, err := w.tx.exec("RELEASE member"); err != nil {
			return err
		}
	}
	if kept == 0 {
		return nil // nothing to keep: the rollback needs no fsync
	}
	if _, err := w.tx.exec("COMMIT"); err != nil {
		return err
	}
	committed = true
	w.groups(len(group))
	return nil
}

// runJob keeps a panic in one transaction from ending all writing.
func runJob(j *job, tx *tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic in a transaction: %v", r)
		}
	}()
	return j.run(tx)
}

// stop ends the writer after the group it is at. A statement left open would
// keep SQLite from writing its log back into the file.
func (w *writer) stop() {
	close(w.closing)
	<-w.stopped
	for _, s := range w.tx.prepared {
		_ = s.Close() // nothing depends on it any more
	}
}
