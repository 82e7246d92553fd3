package sqlledger_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// open opens the file and closes it with the test.
func open(t *testing.T, path string, o sqlledger.Options) *sqlledger.Ledger {
	t.Helper()
	return openURL(t, "sqlite:"+path, o)
}

func openURL(t *testing.T, url string, o sqlledger.Options) *sqlledger.Ledger {
	t.Helper()
	l, err := sqlledger.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestLedger runs the one suite on both databases.
func TestLedger(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		suite(t, func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "onki.db") }, sqlledger.Key{1, 2, 3}) // sealed: nothing may go past the codec
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Shared(t)
		suite(t, func(t *testing.T) string { return server.Schema(t) })
	})
}

// suite checks the ledger at the URLs, and after each case that the tables
// still agree.
func suite(t *testing.T, url func(t *testing.T) string, keys ...sqlledger.Key) {
	bottest.TestLedger(t, func(t *testing.T) *bottest.Store {
		at := url(t)
		var ahead atomic.Int64
		o := sqlledger.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }, Beat: time.Hour, Keys: keys}
		t.Cleanup(func() { consistent(t, at) }) // after every ledger of the case was closed
		l := openURL(t, at, o)
		return &bottest.Store{
			Ledger:  l,
			Advance: func(d time.Duration) { ahead.Add(int64(d)) },
			Reopen: func(t *testing.T) bot.Ledger {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l = openURL(t, at, o)
				return l
			},
		}
	})
}

func consistent(t *testing.T, url string) {
	ctx := context.Background() // that of the test has ended
	l, err := sqlledger.Open(ctx, url, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}
