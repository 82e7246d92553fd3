package simtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onkihq/onki/bot"
)

// A World is one run. The zero values of all but Seed are good.
type World struct {
	Seed     uint64 // decides everything that happens
	Nodes    int    // engines at once; 0 means 3
	Threads  int    // conversations; 0 means 4
	Messages int    // of each conversation; 0 means 5
	Mutant   string // the promise to break, one of Mutants; "" keeps all
}

// A world is a World that is being played.
type world struct {
	World
	lease  time.Duration
	db     *bot.Memory
	begin  time.Time
	stop   context.Context
	broken *broken
	side   sync.WaitGroup // what goes on behind a caller's back

	mu    sync.Mutex
	live  []*node
	trace []string
	net   *network
}

// An Outcome is what came of a run.
type Outcome struct {
	Faults []string       // what was wrong, in words; empty is what we want
	Fired  map[string]int // how often each thing happened that may go wrong
	Trace  uint64         // the same for the same seed
	Took   time.Duration  // virtual time
}

// Play runs the world in a bubble of virtual time.
func (w World) Play(t *testing.T) *Outcome {
	t.Helper()
	if w.Nodes == 0 {
		w.Nodes = 3
	}
	if w.Threads == 0 {
		w.Threads = 4
	}
	if w.Messages == 0 {
		w.Messages = 5
	}
	var out *Outcome
	synctest.Test(t, func(t *testing.T) { out = (&world{World: w, lease: 5 * time.Second}).run() })
	return out
}

// run plays until every message has been answered, or for ten minutes.
func (w *world) run() *Outcome {
	w.begin = time.Now()
	stop, end := context.WithCancel(context.Background())
	w.stop = stop
	w.db = &bot.Memory{Lease: w.lease}
	w.net = newNetwork(w)
	w.broken = &broken{fences: make(map[bot.Address]int64)}
	var all sync.WaitGroup
	w.live = make([]*node, w.Nodes)
	for i := range w.Nodes {
		all.Go(func() { w.lives(i) })
	}
	for i := range w.Threads {
		all.Go(func() { w.customer(fmt.Sprintf("x%d", i)) })
	}
	for time.Since(w.begin) < 10*time.Minute && !w.done() {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(3 * w.lease) // a second reply would come now
	end()
	all.Wait()
	w.side.Wait()
	time.Sleep(3 * w.lease) // stages that were given up on end by themselves
	return w.outcome()
}

// lives lets a node live and die until the end.
func (w *world) lives(i int) {
	time.Sleep(w.dice("boot", i).between(time.Millisecond, 50*time.Millisecond))
	for life := 0; w.stop.Err() == nil; life++ {
		n := newNode(w, i, life)
		w.set(i, n)
		ctx, cancel := context.WithCancel(context.Background())
		n.cancel = cancel
		ended := make(chan struct{})
		go func() { defer close(ended); _ = n.engine.Run(ctx) }() // a node that crashes ends with an error or none
		span := w.dice("life", i, life).between(200*time.Millisecond, 20*time.Second)
		if life >= 4 {
			span = time.Hour // the cluster comes to rest
		}
		select {
		case <-time.After(span):
			w.happened("crash", i, life)
		case <-w.stop.Done():
		}
		w.set(i, nil)
		n.crash()
		<-ended
		if w.stop.Err() == nil {
			time.Sleep(w.dice("down", i, life).between(10*time.Millisecond, 3*time.Second))
		}
	}
}

func (w *world) set(i int, n *node) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.live[i] = n
}

// reach returns the node that a customer's request finds, nil when it is down.
func (w *world) reach(key ...any) *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live[w.dice("reach", key).next()%uint64(len(w.live))]
}

// happened writes the trace.
func (w *world) happened(what string, about ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace = append(w.trace, fmt.Sprint(time.Since(w.begin), " ", what, " ", about))
	w.net.fired[what]++
}

func (w *world) outcome() *Outcome {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := fnv.New64a()
	for _, line := range w.trace {
		fmt.Fprintln(h, line)
	}
	faults := w.net.check()
	if w.Mutant == "" { // the mutants break what the database has, too, in their own ways
		faults = append(faults, w.checkDatabase()...)
	}
	return &Outcome{Faults: faults, Fired: w.net.fired, Trace: h.Sum64(), Took: time.Since(w.begin)}
}

// checkDatabase looks at what is kept: each message once in the journal, the
// transcript without a gap.
func (w *world) checkDatabase() (faults []string) {
	for thread, sent := range w.net.sent {
		a := bot.Address{Channel: channel, Thread: thread}
		entries, err := w.db.Entries(context.Background(), a, 0, 1<<20)
		if err != nil {
			return append(faults, err.Error())
		}
		var kept []string
		for _, e := range entries {
			for _, m := range e.Messages {
				kept = append(kept, m.ID)
			}
		}
		if !slices.Equal(kept, sent) {
			faults = append(faults, fmt.Sprintf("the journal of %s has %q; %q were sent", thread, kept, sent))
		}
		events, err := w.db.Events(context.Background(), a, 0, 1<<20)
		if err != nil {
			return append(faults, err.Error())
		}
		for i, e := range events {
			if e.Seq != int64(i)+1 {
				faults = append(faults, fmt.Sprintf("event %d of %s has number %d", i+1, thread, e.Seq))
			}
		}
	}
	return faults
}
