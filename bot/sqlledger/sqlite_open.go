package sqlledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A file is a SQLite database, and the lock beside it.
type file struct {
	path  string
	log   *slog.Logger
	write *writer
	conn  *sql.Conn // the writer's
	main  *sql.DB   // holds conn alone
	read  *sql.DB
	lock  *sql.DB
	held  *sql.Conn // of lock: its transaction is the lock

	mark    int32  // of the checksums beside the file, and of the file while it is closed
	differs string // what is not as it was closed, found before SQLite opened it
	sound   bool   // it was opened in good order, so that closing may write checksums
}

func (f *file) do(ctx context.Context, patient bool, run func(tx *tx) error) error {
	return f.write.do(ctx, patient, run)
}

// openFile opens a SQLite ledger.
func (l *Ledger) openFile(ctx context.Context, url string, _ Options) error {
	path, err := parse(url)
	if err != nil {
		return err
	}
	f := &file{path: path, log: l.log}
	l.db, l.file = f, f
	if err := f.prepare(); err != nil {
		return err
	}
	if err := f.take(ctx); err != nil {
		return err
	}
	if err := errors.Join(f.compare(), f.checkLog()); err != nil {
		return err
	}
	if err := f.connect(ctx); err != nil {
		return f.explain("open", err)
	}
	l.read = f.read
	if err := f.checkSome(ctx); err != nil {
		return err
	}
	if err := f.unmark(ctx); err != nil {
		return err
	}
	if err := f.migrate(ctx, l.micros()); err != nil {
		return err
	}
	f.write = newWriter(f.conn, l.count.group)
	return l.do(ctx, "open", l.recover)
}

func (f *file) connect(ctx context.Context) (err error) {
	if f.main, err = sql.Open("sqlite", dsn(f.path, writing)); err != nil {
		return err
	}
	f.main.SetMaxOpenConns(1)
	if f.conn, err = f.main.Conn(ctx); err != nil {
		return err
	}
	if f.read, err = sql.Open("sqlite", dsn(f.path, reading)); err != nil {
		return err
	}
	f.read.SetMaxOpenConns(4)
	f.read.SetMaxIdleConns(4)
	return nil
}

// checkTime bounds how long opening waits for the check of a large database;
// a larger one is checked as far as that.
const checkTime = 500 * time.Millisecond

// prepare makes the file with narrow permissions before SQLite would make
// it with wide ones, and refuses what SQLite would silently replace.
func (f *file) prepare() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("open ledger: %w: make the folder or choose another path", err)
	}
	opened, err := os.OpenFile(f.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open ledger: %w: the file and its folder must be writable by this user", err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return fmt.Errorf("open ledger: %w", err)
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("open ledger: %s is not a file: give the path of a database file", f.path)
	}
	if wal, err := os.Stat(f.path + "-wal"); err == nil && wal.Size() > 0 && info.Size() == 0 {
		return fmt.Errorf("open ledger: %s is empty but has a log beside it: %w: %s", f.path, errDamaged, remedy)
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

// close closes what is open, the lock last.
func (f *file) close() error {
	if f.write != nil {
		f.write.stop()
	}
	var first error
	if f.read != nil {
		first = cmp.Or(first, f.read.Close())
	}
	if f.conn != nil {
		f.setMark()
		first = cmp.Or(first, f.conn.Close())
	}
	if f.main != nil {
		first = cmp.Or(first, f.main.Close())
		f.keepSums()
	}
	if f.held != nil {
		first = cmp.Or(first, f.held.Close())
	}
	if f.lock != nil {
		first = cmp.Or(first, f.lock.Close())
	}
	return first
}

// application marks the file as Onki's, "Onki" in ASCII.
const application = 0x4f6e6b69

// migrate brings the database to the version this program knows, all steps in
// one transaction.
func (f *file) migrate(ctx context.Context, now int64) error {
	have, err := f.version(ctx)
	if err != nil {
		return err
	}
	if have > len(steps()) {
		return newer(f.path, have)
	}
	if have == len(steps()) {
		return nil
	}
	f.log.Info("bringing the database forward", "from", have, "to", len(steps()))
	if _, err := f.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return f.explain("open ledger", err)
	}
	_, err = f.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", application))
	if err == nil {
		err = forward(ctx, f.conn, have, strings.NewReplacer("ROW_ID", "INTEGER PRIMARY KEY", "BYTES", "BLOB"), now)
	}
	if err == nil {
		_, err = f.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, _ = f.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
	}
	return f.explain("open ledger", err)
}

// version returns the newest step the database has taken, 0 for an empty one,
// and an error for a database of another program.
func (f *file) version(ctx context.Context) (int, error) {
	var app, tables, known, version int
	if err := f.conn.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app); err != nil {
		return 0, f.explain("open ledger", err)
	}
	if err := f.conn.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(name = 'migration'), 0) FROM sqlite_master WHERE type = 'table'").Scan(&tables, &known); err != nil {
		return 0, f.explain("open ledger", err)
	}
	if tables == 0 {
		return 0, nil
	}
	if app != application || known == 0 {
		return 0, fmt.Errorf("open ledger: %s belongs to another program: give the ledger a file of its own", f.path)
	}
	err := f.conn.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM migration").Scan(&version)
	return version, f.explain("open ledger", err)
}
