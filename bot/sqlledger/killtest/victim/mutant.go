package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// A mutant is the ledger with one of its promises broken, so that the checker
// can be seen to notice: a trial that cannot fail proves nothing.
type mutant struct {
	*sqlledger.Ledger
	kind string
	wire *wire

	count  atomic.Int64
	mu     sync.Mutex
	fences map[bot.Address]int64
}

func (m *mutant) Receive(ctx context.Context, msg bot.Message) error {
	switch m.kind {
	case "no dedupe": // a repeat is a new message with the old name on it
		first := msg.ID
		msg.ID = fmt.Sprint(first, " ", time.Now().UnixNano())
		msg.Choice = first
	case "acknowledge before commit":
		go func() {
			time.Sleep(20 * time.Millisecond)
			_ = m.Ledger.Receive(context.WithoutCancel(ctx), msg) // the fault: nobody hears of the error
		}()
		return nil
	}
	return m.Ledger.Receive(ctx, msg)
}

func (m *mutant) Claim(ctx context.Context) (*bot.Work, error) {
	w, err := m.Ledger.Claim(ctx)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fences[w.Address] = w.Fence
	return w, nil
}

func (m *mutant) Commit(ctx context.Context, w *bot.Work) error {
	switch m.kind {
	case "no dedupe":
		for i, msg := range w.Messages {
			w.Entry.Reply.Answers[i] = msg.Choice
		}
	case "send before commit":
		_ = m.wire.Send(ctx, w.Entry.Reply) // the fault: a death now repeats it
		w.Entry.Reply.Parts = nil
	case "no fence":
		m.mu.Lock()
		defer m.mu.Unlock()
		w.Fence = m.fences[w.Address]
		w.Customer.ID = "" // or the customer's revision would stand in for the fence
		err := m.Ledger.Commit(ctx, w)
		if err == nil {
			m.fences[w.Address]++ // as the ledger does
		}
		return err
	}
	return m.Ledger.Commit(ctx, w)
}

func (m *mutant) Next(ctx context.Context, channel string) (*bot.Delivery, error) {
	d, err := m.Ledger.Next(ctx, channel)
	if err == nil && m.kind == "no head of line" {
		err = m.Ledger.Done(ctx, d) // the next may leave while this one is on its way
		if m.count.Add(1)%3 == 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	return d, err
}

func (m *mutant) Done(ctx context.Context, d *bot.Delivery) error {
	if m.kind == "no head of line" {
		return nil
	}
	return m.Ledger.Done(ctx, d)
}
