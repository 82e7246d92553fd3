package sqlledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// What only PostgreSQL is like: its connections, its locks, its errors.

const (
	serverConns = 16                      // connections of one process: as many transactions share the server's own group commit
	onceTime    = 5 * time.Second         // the longest one transaction may take
	awayTime    = 30 * time.Second        // how long a patient operation waits for a server that is away
	hurryTime   = 1500 * time.Millisecond // how long an impatient one does: Slack wants an answer within 3 s
)

// A server is a PostgreSQL database.
type server struct {
	name   string // for messages: host, port and database, never the password
	config *pgx.ConnConfig
	pool   *sql.DB
	groups func(n int)
	log    *slog.Logger
	away   atomic.Bool // it could not be reached; said once
	torn   atomic.Bool // the outcome of some transaction is not known
	ended  atomic.Bool // Close was called
}

func newServer(url string, log *slog.Logger, groups func(int)) (*server, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open ledger: the URL of the database cannot be read: want postgres://USER:PASSWORD@HOST:5432/DATABASE, special characters in the password as %%40: %w", hideURL(err))
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 3 * time.Second
	}
	for name, value := range map[string]string{
		"application_name":                    "onki",
		"statement_timeout":                   fmt.Sprint(onceTime.Milliseconds()),
		"idle_in_transaction_session_timeout": fmt.Sprint(2 * onceTime.Milliseconds()), // a process that hangs must not hold a row
	} {
		if _, set := config.RuntimeParams[name]; !set {
			config.RuntimeParams[name] = value
		}
	}
	s := &server{name: fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database), config: config, log: log, groups: groups}
	s.pool = stdlib.OpenDB(*config)
	s.pool.SetMaxOpenConns(serverConns)
	s.pool.SetMaxIdleConns(serverConns)
	s.pool.SetConnMaxIdleTime(5 * time.Minute)
	return s, nil
}

// hideURL keeps the password out of an error of parsing.
func hideURL(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New(strings.ReplaceAll(parse.Error(), parse.ConnString, "…"))
	}
	return err
}

func (s *server) do(ctx context.Context, patient bool, run func(tx *tx) error) error {
	until, limit := time.Now().Add(hurryTime), hurryTime
	if patient {
		until, limit = time.Now().Add(awayTime), onceTime
	}
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 250*time.Millisecond) {
		if s.ended.Load() {
			return errClosed
		}
		err := s.within(ctx, limit, run)
		if !passing(err) || ctx.Err() != nil {
			return err
		}
		if lostTouch(err) {
			s.gone(err)
		}
		if time.Now().Add(wait).After(until) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// within runs the transaction on a connection of its own, for no longer than the
// limit: a connection may hang.
func (s *server) within(ctx context.Context, limit time.Duration, run func(tx *tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := s.pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	raw := conn.Raw(func(of any) error {
		c := of.(*stdlib.Conn).Conn()
		if err = s.on(ctx, c, run); c.IsClosed() {
			return driver.ErrBadConn // nobody uses it again
		}
		return nil
	})
	if err == nil && !errors.Is(raw, driver.ErrBadConn) {
		err = raw
	}
	return err
}

// on runs the transaction on the connection.
func (s *server) on(ctx context.Context, c *pgx.Conn, run func(tx *tx) error) (err error) {
	w := newWire(ctx, c)
	defer func() {
		if r := recover(); r != nil { // a panic in one transaction must not end all writing
			err = fmt.Errorf("panic in a transaction: %v", r)
		}
		if err != nil {
			w.rollback()
		}
	}()
	if err := run(&tx{ctx: ctx, wire: w, lock: " FOR UPDATE", skip: " FOR UPDATE SKIP LOCKED"}); err != nil {
		return err
	}
	if err := w.commit(); err != nil {
		s.torn.Store(true) // it may have been done: what is held is looked through
		return err
	}
	s.groups(1)
	if s.away.Swap(false) {
		s.log.Info("the database is back", "database", s.name)
	}
	return nil
}

// gone says once that the server cannot be reached.
func (s *server) gone(err error) {
	if !s.away.Swap(true) {
		s.log.Error("the database cannot be reached; messages wait at their networks and what was begun goes on when it is back", "database", s.name, "error", err)
	}
}

func (s *server) close() error {
	s.ended.Store(true)
	return s.pool.Close()
}

// state is the server's code of an error, "" if it is none of the server's.
func state(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// lostTouch reports whether the connection failed, or the server is stopping,
// starting or standing by.
func lostTouch(err error) bool {
	var network net.Error
	var connect *pgconn.ConnectError
	code := state(err)
	switch {
	case err == nil:
		return false
	case code != "":
		return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || code == "25006" || code == "53300"
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, net.ErrClosed):
		return true
	}
	return pgconn.SafeToRetry(err) || strings.Contains(err.Error(), "unexpected EOF") || strings.Contains(err.Error(), "conn closed")
}

// passing reports whether the same transaction may succeed when tried again.
func passing(err error) bool {
	code := state(err)
	return lostTouch(err) || code == "40001" || code == "40P01" // two transactions were in each other's way
}

func (s *server) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	code := state(err)
	switch {
	case code == "28P01" || code == "28000":
		return fmt.Errorf("%s: the database at %s refuses the user or password: check the URL of the ledger: %w", what, s.name, short(err))
	case code == "3D000":
		return fmt.Errorf("%s: there is no database %q at %s: make it with createdb %s, or correct the URL of the ledger: %w", what, s.config.Database, s.name, s.config.Database, short(err))
	case code == "42501":
		return fmt.Errorf("%s: the user %s may not do this at %s: GRANT it the schema (GRANT ALL ON SCHEMA public TO %s): %w", what, s.config.User, s.name, s.config.User, short(err))
	case code == "3F000":
		return fmt.Errorf("%s: the schema of the URL (search_path) is not there for the user %s: make it with CREATE SCHEMA and GRANT it: %w", what, s.config.User, short(err))
	case code == "53100":
		return fmt.Errorf("%s: the disk of the database %s is full: free some space; nothing was written by halves: %w", what, s.name, short(err))
	case strings.HasPrefix(code, "XX"):
		return fmt.Errorf("%s: %s: %w: %s: %w", what, s.name, errDamaged, "restore a backup of the server, or move its tables away and use onki restore", short(err))
	case lostTouch(err):
		return fmt.Errorf("%s: the database at %s cannot be reached: start it, or correct the URL of the ledger: %w", what, s.name, short(err))
	}
	return fmt.Errorf("%s: %w", what, err)
}

// short leaves out what pgx says of the configuration.
func short(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e
	}
	if inner := errors.Unwrap(err); inner != nil {
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) {
			return connect.Unwrap()
		}
	}
	return err
}
