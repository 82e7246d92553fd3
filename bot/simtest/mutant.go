package simtest

import (
	"context"
	"fmt"
	"sync"

	"github.com/onkihq/onki/bot"
)

// The promises that a world can break, so that the checks can be seen to notice.
const (
	noDedupe  = "no dedupe"
	ackEarly  = "acknowledge before commit"
	sendEarly = "send before commit"
	noHead    = "no head of line"
	noFence   = "no fence"
)

// Mutants returns the promises that World.Mutant can break.
func Mutants() []string { return []string{noDedupe, ackEarly, sendEarly, noHead, noFence} }

// broken is the database without its fence: whoever commits has the right to.
type broken struct {
	mu     sync.Mutex
	fences map[bot.Address]int64
}

func (b *broken) claimed(w *bot.Work) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fences[w.Address] = w.Fence
}

func (b *broken) commit(ctx context.Context, db *bot.Memory, w *bot.Work) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		if r := recover(); r != nil { // a database may well break when nobody keeps others out
			err = fmt.Errorf("the database broke: %v", r)
		}
	}()
	w.Fence = b.fences[w.Address]
	w.Customer.ID = "" // or the customer's revision would stand in for the fence
	return db.Commit(ctx, w)
}
