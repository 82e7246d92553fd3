package sqlledger_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
	"github.com/onkihq/onki/bot/sqlledger"
)

// open opens the file and closes it with the test.
func open(t *testing.T, path string, o sqlledger.Options) *sqlledger.Ledger {
	t.Helper()
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestLedger(t *testing.T) {
	bottest.TestLedger(t, func(t *testing.T) *bottest.Store {
		path := filepath.Join(t.TempDir(), "onki.db")
		var ahead atomic.Int64
		o := sqlledger.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
		l := open(t, path, o)
		return &bottest.Store{
			Ledger:  l,
			Advance: func(d time.Duration) { ahead.Add(int64(d)) },
			Reopen: func(t *testing.T) bot.Ledger {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l = open(t, path, o)
				return l
			},
		}
	})
}
