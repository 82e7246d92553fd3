package sqlledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Options tune a Ledger. The zero value is right for a small machine.
type Options struct {
	// Lease is how long a claim or a delivery stays with one worker before
	// another may try. It must be longer than the engine's Deadline; 0 means
	// 60 s.
	Lease time.Duration
	// Now is the clock; nil means a clock that starts with the wall and never
	// goes back.
	Now func() time.Time
	// Log is told what an operator should know; nil discards.
	Log *slog.Logger
	// Step is called at every named step of the path of a message, so that a
	// test can kill the process there; see StepNames. Nil does nothing.
	Step func(name string)
}

// StepNames are the steps at which Options.Step is called, in the order of the
// path of one message. At "inside" the transaction has written but not
// committed; what comes "after" is durable.
func StepNames() []string {
	return []string{
		"received.before", "received.inside", "received.after",
		"claimed.inside", "claimed.after",
		"opened.before", "opened.inside", "opened.after",
		"committed.before", "committed.inside", "committed.after",
		"next.inside", "next.after",
		"done.before", "done.inside", "done.after", "again.inside",
	}
}

// checkTime bounds how long opening waits for the check of a large database;
// a larger one is checked as far as that.
const checkTime = 500 * time.Millisecond

// suspicion times the square of its attempts is how long a conversation waits
// that was being answered at more than one death: 200 ms after the second,
// 1.25 s after the fifth.
const suspicion = 50 * time.Millisecond

// Open opens the ledger at the URL, "sqlite:PATH", and makes it if it is not
// there. The file belongs to one process at a time and is readable by its owner
// alone. A database that is damaged, of a newer version, of another program or
// not writable is refused with an error that says what to do.
func Open(ctx context.Context, url string, o Options) (*Ledger, error) {
	path, err := parse(url)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, boot: rand.Text(), lease: cmp.Or(o.Lease, time.Minute), now: o.Now, step: o.Step, log: o.Log}
	if l.now == nil {
		begin := time.Now()
		l.now = func() time.Time { return begin.Add(time.Since(begin)) } // monotonic: nothing waits for a clock that was set back
	}
	if l.step == nil {
		l.step = func(string) {}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if err := l.open(ctx); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context) error {
	if err := l.prepareFile(); err != nil {
		return err
	}
	if err := l.lockFile(ctx); err != nil {
		return err
	}
	var err error
	if l.main, err = sql.Open("sqlite", dsn(l.path, writing)); err != nil {
		return l.explain("open", err)
	}
	l.main.SetMaxOpenConns(1)
	if l.conn, err = l.main.Conn(ctx); err != nil {
		return l.explain("open", err)
	}
	if l.read, err = sql.Open("sqlite", dsn(l.path, reading)); err != nil {
		return l.explain("open", err)
	}
	l.read.SetMaxOpenConns(4)
	l.read.SetMaxIdleConns(4)
	if err := l.checkSome(ctx); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	l.write = newWriter(l.conn, l.count.group)
	if err := l.do(ctx, "open", l.recover); err != nil {
		l.write.stop()
		return err
	}
	return nil
}

// prepareFile makes the file with narrow permissions before SQLite would make
// it with wide ones, and refuses what SQLite would silently replace.
func (l *Ledger) prepareFile() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("open ledger: %w: make the folder or choose another path", err)
	}
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open ledger: %w: the file and its folder must be writable by this user", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("open ledger: %s is not a file: give the path of a database file", l.path)
	}
	if wal, err := os.Stat(l.path + "-wal"); err == nil && wal.Size() > 0 && info.Size() == 0 {
		return fmt.Errorf("open ledger: %s is empty but has a log beside it: %w: %s", l.path, errDamaged, remedy)
	}
	return nil
}

// recover frees what a process that is no more had claimed or was sending:
// whoever holds the file is alone. A conversation that was being answered at
// several deaths in a row waits a little, longer each time, so that a message
// that kills the process does not take its neighbours with it again and again
// until they, too, are given up.
func (l *Ledger) recover(tx *tx) error {
	now := l.micros()
	claims, err := tx.exec(`UPDATE conversation SET due = $1 + CASE WHEN attempt > 1 THEN attempt * attempt * $2 ELSE 0 END, holder = ''
		WHERE due IS NOT NULL AND (holder <> '' OR due > $1)`, now, suspicion.Microseconds())
	if err != nil {
		return err
	}
	sending, err := tx.exec(`UPDATE outbox SET due = $1 WHERE holder <> '' AND settled IS NULL`, now)
	if err == nil && claims+sending > 0 {
		l.log.Info("took up what was left", "conversations", claims, "replies", sending)
	}
	return err
}

// Close finishes what is being written and gives the file back. Everything
// afterwards fails.
func (l *Ledger) Close() (err error) {
	l.once.Do(func() {
		l.write.stop()
		err = l.explain("close", l.close())
	})
	return err
}

// close closes what is open, the lock last.
func (l *Ledger) close() error {
	var first error
	if l.read != nil {
		first = cmp.Or(first, l.read.Close())
	}
	if l.conn != nil {
		first = cmp.Or(first, l.conn.Close())
	}
	if l.main != nil {
		first = cmp.Or(first, l.main.Close())
	}
	if l.held != nil {
		first = cmp.Or(first, l.held.Close())
	}
	if l.lock != nil {
		first = cmp.Or(first, l.lock.Close())
	}
	return first
}
