package bottest_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

// broken is the memory ledger with one fault.
type broken struct {
	*bot.Memory
	fault string

	mu     sync.Mutex
	count  int
	fences map[bot.Address]int64
	revs   map[string]int64
}

func (b *broken) Receive(ctx context.Context, m bot.Message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	switch {
	case b.fault == "no dedupe" && b.count > 1 && m.ID != "":
		m.ID = fmt.Sprint(m.ID, "\t", b.count)
	case b.fault == "forgets what it acknowledged" && b.count%3 == 0:
		return nil
	case b.fault == "takes anything" && m.Check() != nil:
		m.ID, m.From = "id", bot.Address{Channel: "web", Thread: "x"}
	}
	return b.Memory.Receive(ctx, m)
}

func (b *broken) Claim(ctx context.Context) (*bot.Work, error) {
	w, err := b.Memory.Claim(ctx)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fences[w.Address] = w.Fence
	switch b.fault {
	case "half a burst":
		w.Messages = w.Messages[:1]
	case "newest first":
		for i, j := 0, len(w.Messages)-1; i < j; i, j = i+1, j-1 {
			w.Messages[i], w.Messages[j] = w.Messages[j], w.Messages[i]
		}
	case "no attempts":
		w.Attempt = 1
	}
	return w, nil
}

func (b *broken) Commit(ctx context.Context, w *bot.Work) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	work := *w
	switch b.fault {
	case "no fence":
		work.Fence = b.fences[w.Address]
	case "no revision":
		work.Customer.Rev = b.revs[w.Customer.ID]
	case "two transactions":
		err := b.Memory.Commit(ctx, w)
		if err == nil && w.Entry.Session.Turns%2 == 0 {
			return b.Memory.Receive(ctx, bot.Message{ID: fmt.Sprint(w.Messages[0].ID, "\t", b.count), From: w.Address, Time: time.Now()})
		}
		return err
	}
	err := b.Memory.Commit(ctx, &work)
	b.revs[w.Customer.ID] = work.Customer.Rev
	w.Entry, w.Customer = work.Entry, work.Customer
	return err
}

func (b *broken) Next(ctx context.Context, channel string) (*bot.Delivery, error) {
	d, err := b.Memory.Next(ctx, channel)
	if err != nil {
		return nil, err
	}
	switch b.fault {
	case "no head of line":
		return d, b.Memory.Done(ctx, d)
	case "silent about ambiguity":
		d.Ambiguous = false
	}
	return d, nil
}

func (b *broken) Done(ctx context.Context, d *bot.Delivery) error {
	if b.fault == "no head of line" {
		return nil
	}
	return b.Memory.Done(ctx, d)
}

func (b *broken) Say(ctx context.Context, r bot.Reply, epoch int64) error {
	if b.fault == "anybody may speak" {
		_, err := bot.TakeOver(ctx, b, r.To, r.From)
		if err != nil {
			return err
		}
		epoch = b.epochOf(ctx, r.To)
	}
	return b.Memory.Say(ctx, r, epoch)
}

func (b *broken) epochOf(ctx context.Context, a bot.Address) int64 {
	all, err := b.Events(ctx, a, 0, 1<<20)
	if err != nil {
		return 0
	}
	n := int64(0)
	for _, e := range all {
		if e.Kind == "owner" {
			n++
		}
	}
	return n
}

func TestLedgerSuite(t *testing.T) {
	bottest.TestLedger(t, func(t *testing.T) *bottest.Store {
		var ahead atomic.Int64
		memory := &bot.Memory{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
		return &bottest.Store{
			Ledger:  &broken{Memory: memory, fault: os.Getenv("ONKI_TEST_FAULT"), fences: make(map[bot.Address]int64), revs: make(map[string]int64)},
			Advance: func(d time.Duration) { ahead.Add(int64(d)) },
		}
	})
}

// TestLedgerSuiteNotices runs the suite against ledgers with one fault each.
func TestLedgerSuiteNotices(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the suite many times")
	}
	for fault, want := range map[string]string{
		"no dedupe":                    "a_repeat_changes_nothing",
		"forgets what it acknowledged": "TestLedgerSuite/receive",
		"takes anything":               "want ErrBad",
		"half a burst":                 "keeps_the_order",
		"newest first":                 "keeps_the_order",
		"no attempts":                  "higher_fence_and_attempt",
		"no fence":                     "whose_claim_was_taken_has_lost",
		"no revision":                  "commit over a changed customer",
		"two transactions":             "FAIL",
		"no head of line":              "want ErrIdle",
		"silent about ambiguity":       "ambiguous",
		"anybody may speak":            "TestLedgerSuite/say",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			notices(t, "TestLedgerSuite", fault, want)
		})
	}
}
