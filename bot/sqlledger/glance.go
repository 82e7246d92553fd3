package sqlledger

import (
	"context"
	"sync"
)

// glanceMax is how much waiting work one look counts.
const glanceMax = 64

// A glance looks for waiting work for all who ask at the same time. A hint wakes
// every idle worker; one look counts what is there, and only so many of them go
// on to take it.
type glance struct {
	one  sync.Mutex // one look at a time
	mu   sync.Mutex
	next *look // gathers those whose look has not begun
}

// A look is one question to the database and those who wait for its answer.
type look struct {
	done  chan struct{}
	mu    sync.Mutex
	found int // not yet handed on
	err   error
}

// look reports whether there is something for this caller, by a question asked
// after it was called.
func (g *glance) look(ctx context.Context, ask func(context.Context) (int, error)) (bool, error) {
	g.mu.Lock()
	r, first := g.next, g.next == nil
	if first {
		r = &look{done: make(chan struct{})}
		g.next = r
	}
	g.mu.Unlock()
	if first {
		g.one.Lock()
		g.mu.Lock()
		g.next = nil // who comes now may have been woken by what this look cannot see yet
		g.mu.Unlock()
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), onceTime) // the others wait for it, too
		r.found, r.err = ask(within)
		cancel()
		close(r.done)
		g.one.Unlock()
	}
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	r.found--
	return r.found >= 0, r.err
}
