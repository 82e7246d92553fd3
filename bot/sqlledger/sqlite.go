package sqlledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What only SQLite is like: its file, its settings, its lock, its errors.

const remedy = "restore a backup, or move the file away to start with an empty ledger"

var errDamaged = errors.New("the database is damaged")

// parse returns the path in a ledger URL.
func parse(ledger string) (string, error) {
	path, ok := strings.CutPrefix(ledger, "sqlite:")
	switch {
	case !ok:
		return "", fmt.Errorf("open ledger %q: want sqlite:PATH, such as sqlite:onki.db, or postgres://USER:PASSWORD@HOST/DATABASE", ledger)
	case path == "" || strings.HasPrefix(path, ":"):
		return "", fmt.Errorf("open ledger %q: a ledger needs a file, such as sqlite:onki.db", ledger)
	}
	path = strings.TrimPrefix(path, "//")
	if strings.ContainsRune(path, 0) {
		return "", fmt.Errorf("open ledger %q: a path has no NUL", ledger)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open ledger %q: %w", ledger, err)
	}
	return abs, nil
}

// The settings of the connection that writes, of those that read, and of the
// lock. FULL makes every commit reach the disk; NORMAL was seen to lose
// acknowledged messages at a power cut. secure_delete overwrites what is freed,
// always, or an old version of a row would outlive its erasure.
const (
	writing = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=journal_size_limit(67108864)&_pragma=secure_delete(1)"
	reading = "_pragma=busy_timeout(5000)&_pragma=query_only(1)"
	locking = "_pragma=busy_timeout(2000)"
)

// dsn is the driver's name for the file. The path is escaped, since a question
// mark or a per cent sign may be part of a name.
func dsn(path, settings string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(path)}).EscapedPath() + "?" + settings
}

// take takes the file for this process alone by holding a lock in a small
// database beside it. The system drops the lock when the process dies, however
// it dies. A predecessor that is just ending is given two seconds.
func (f *file) take(ctx context.Context) error {
	var err error
	if f.lock, err = sql.Open("sqlite", dsn(f.path+"-lock", locking)); err != nil {
		return f.explain("open", err)
	}
	f.lock.SetMaxOpenConns(1)
	f.held, err = f.lock.Conn(ctx)
	if err == nil {
		_, err = f.held.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	if code(err) == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("open ledger: %s is in use by another process: stop it first, or give this one a file of its own", f.path)
	}
	return f.explain("open", err)
}

// checkSome is Check for opening: quick and bounded in time. SQLite reports what
// lies beyond when it comes upon it.
func (f *file) checkSome(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	err := f.check(bounded, "quick_check")
	if err != nil && bounded.Err() != nil && ctx.Err() == nil {
		f.log.Info("the database is large; opened after a check of its beginning")
		return nil
	}
	return err
}

func (f *file) check(ctx context.Context, how string) error {
	var found string
	if err := f.read.QueryRowContext(ctx, "PRAGMA "+how+"(1)").Scan(&found); err != nil {
		return f.explain("check", err)
	}
	if found != "ok" {
		return fmt.Errorf("check ledger %s: %w (%s): %s", f.path, errDamaged, strings.TrimSpace(found), remedy)
	}
	return nil
}

// code is SQLite's own number of an error, 0 if it is none of SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

func (f *file) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%s: the disk with %s is full: free some space; nothing was written by halves: %w", what, f.path, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%s: %s cannot be written: make the file and its folder writable by this user: %w", what, f.path, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%s: %s cannot be opened: the file and its folder must be writable by this user: %w", what, f.path, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%s: %s: %w: %s: %w", what, f.path, errDamaged, remedy, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%s: %s is no database, or its first page is damaged: %s: %w", what, f.path, remedy, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%s: the disk with %s fails: %w", what, f.path, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// emptyLog writes the log back into the file and cuts it, so that what was
// overwritten is not left in old pages of the log.
func (f *file) emptyLog(ctx context.Context) error {
	db, err := sql.Open("sqlite", dsn(f.path, locking))
	if err != nil {
		return err
	}
	defer db.Close()
	var busy, pages, moved int
	if err := db.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return fmt.Errorf("erased, but a long reader keeps %s-wal from being emptied: try again soon", f.path)
	}
	return nil
}
