package sqlledger

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Reader reads the journal of a ledger beside the process that writes it: for
// reports while a server runs. Make one with [OpenReader].
type Reader struct{ l *Ledger }

// OpenReader opens the ledger at the URL, as [Open] takes it, for reading alone.
// It takes nothing from the process that serves from it and changes nothing. A
// ledger that is not there or of another version is an error.
func OpenReader(ctx context.Context, url string) (*Reader, error) {
	l := &Ledger{log: slog.New(slog.DiscardHandler)}
	if err := l.openToRead(url); err != nil {
		return nil, err
	}
	r := &Reader{l}
	var version int
	err := l.read.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM migration").Scan(&version)
	switch {
	case err != nil:
		err = fmt.Errorf("read ledger: %w: is this a ledger of Onki?", l.db.explain("open", err))
	case version != len(steps()):
		err = fmt.Errorf("read ledger: it has version %d and this program knows %d: run onki migrate, or the newer program", version, len(steps()))
	}
	if err != nil {
		_ = r.Close() // the error of opening says more
		return nil, err
	}
	return r, nil
}

func (l *Ledger) openToRead(url string) error {
	if OnServer(url) {
		s, err := newServer(url, l.log, l.count.group)
		if err != nil {
			return err
		}
		l.db, l.read = s, s.pool
		return nil
	}
	path, err := parse(url)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("read ledger: %w: name the database that the server uses", err) // opening it would make it
	}
	f := &file{path: path, log: l.log}
	if f.read, err = sql.Open("sqlite", dsn(path, reading)); err != nil {
		return err
	}
	l.db, l.file, l.read = f, f, f.read
	return nil
}

// Entries returns the turns of a conversation; see [bot.Journal].
func (r *Reader) Entries(ctx context.Context, a bot.Address, after int64, limit int) ([]bot.Entry, error) {
	return r.l.Entries(ctx, a, after, limit)
}

// Conversations returns the sessions updated since then; see [bot.Journal].
func (r *Reader) Conversations(ctx context.Context, since time.Time, limit int) ([]bot.Session, error) {
	return r.l.Conversations(ctx, since, limit)
}

// Close ends reading.
func (r *Reader) Close() error { return r.l.db.close() }
