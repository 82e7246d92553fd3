package bot_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

func TestMemory(t *testing.T) {
	bottest.TestLedger(t, func(t *testing.T) *bottest.Store {
		var ahead atomic.Int64
		return &bottest.Store{
			Ledger:  &bot.Memory{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }},
			Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		}
	})
}
