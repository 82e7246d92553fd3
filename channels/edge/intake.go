package edge

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
)

// ErrAway means that no engine listens, before it starts or while it drains:
// the network is to send again.
var ErrAway = errors.New("nobody listens")

// An Intake hands messages to the engine while it listens, and knows what is
// under way. The zero value is ready and lets nothing in.
type Intake struct {
	mu      sync.Mutex
	deliver func(context.Context, bot.Message) error
	under   sync.WaitGroup
}

// Open lets messages in from now on.
func (i *Intake) Open(deliver func(context.Context, bot.Message) error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.deliver = deliver
}

// Close lets nothing more in. What is under way goes on; see Wait.
func (i *Intake) Close() { i.Open(nil) }

// Listening reports whether messages are let in.
func (i *Intake) Listening() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.deliver != nil
}

// Wait waits for everything under way.
func (i *Intake) Wait() { i.under.Wait() }

// Receive hands the message to the engine; ErrAway while nobody listens. A
// message that can never be accepted is told to dropped and done with, as
// sending it again would not help.
func (i *Intake) Receive(ctx context.Context, m bot.Message, dropped func(error)) error {
	i.mu.Lock()
	deliver := i.deliver
	if deliver != nil {
		i.under.Add(1)
	}
	i.mu.Unlock()
	if deliver == nil {
		return ErrAway
	}
	defer i.under.Done()
	err := deliver(ctx, m)
	if errors.Is(err, bot.ErrBad) {
		dropped(err)
		return nil
	}
	return err
}

// Go runs something of the network's own while messages are let in, so that Wait
// waits for it, and reports whether it does.
func (i *Intake) Go(do func()) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.deliver == nil {
		return false
	}
	i.under.Go(do)
	return true
}

// Aside makes a small call that nobody waits for, of five seconds at most.
func (i *Intake) Aside(do func(ctx context.Context)) {
	i.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		do(ctx)
	})
}
