package simtest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onkihq/onki/bot"
)

// channel is the name of the one channel.
const channel = "sim"

var (
	errCrashed = errors.New("this node is no more")
	errTorn    = errors.New("the connection broke")
)

// A node is one life of one engine. It stands between the engine and the rest
// of the world: as its ledger, its hints and its channel.
type node struct {
	w        *world
	id, life int
	engine   *bot.Engine
	cancel   context.CancelFunc
	dead     atomic.Bool

	mu      sync.Mutex
	deliver func(context.Context, bot.Message) error
	calls   map[string]int
	local   bot.LocalHints
}

func newNode(w *world, id, life int) *node {
	n := &node{w: w, id: id, life: life, calls: make(map[string]int)}
	skew := w.dice("skew", id, life).between(-5*time.Minute, 5*time.Minute)
	n.engine = &bot.Engine{
		Channels: []bot.Channel{n}, Ledger: n, Hints: n, Workers: 2, Senders: 2,
		Poll: time.Second, Deadline: 8 * time.Second, Drain: time.Nanosecond,
		Now: func() time.Time { return time.Now().Add(skew) },
		Flow: bot.Flow{
			{Name: "hear", Run: n.hear},
			{Name: "count", Run: n.count(""), Ahead: n.ahead},
		},
		Rescue: bot.Stage{Name: "sorry", Run: n.count("sorry ")},
	}
	return n
}

func (n *node) crash() {
	n.dead.Store(true)
	n.cancel()
}

// nth counts the calls of a kind, for draws about calls that look all the same.
func (n *node) nth(kind string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.calls[kind]++
	return n.calls[kind]
}

// call is one request over the network: on its way there and back it may be
// late, or lost; the node may die meanwhile, and what is on its way to the
// database then may arrive all the same.
func (n *node) call(kind string, effect func() error, about ...any) error {
	d := n.w.dice(n.id, n.life, kind, about)
	there, back, sunk, lost, unheard := d.travel(n.w.lease), d.travel(n.w.lease), d.oneIn(2), d.oneIn(60), d.oneIn(60)
	if n.dead.Load() {
		return errCrashed
	}
	time.Sleep(there)
	if n.dead.Load() && sunk || lost {
		n.w.happened("request lost", n.id, n.life, kind, about)
		return errTorn
	}
	err := effect()
	result := "ok"
	if err != nil {
		result = err.Error()
	}
	if !errors.Is(err, bot.ErrIdle) {
		n.w.happened(kind, n.id, n.life, about, result)
	}
	time.Sleep(back)
	switch {
	case n.dead.Load():
		return errCrashed
	case unheard:
		n.w.happened("answer lost", n.id, n.life, kind, about)
		return errTorn
	}
	return err
}

// Receive, Claim, Commit, Open, Next, Done and Again are the ledger.

func (n *node) Receive(ctx context.Context, m bot.Message) error {
	nth := n.nth("receive" + m.ID)
	if n.w.Mutant == ackEarly {
		n.w.side.Go(func() { _ = n.call("receive", func() error { return n.w.db.Receive(ctx, m) }, m.ID, nth) })
		return nil
	}
	if n.w.Mutant == noDedupe {
		m.Choice, m.ID = m.ID, m.ID+"/"+strconv.Itoa(n.id)+"/"+strconv.Itoa(n.life)+"/"+strconv.Itoa(nth)
	}
	return n.call("receive", func() error { return n.w.db.Receive(ctx, m) }, m.ID, nth)
}

func (n *node) Claim(ctx context.Context) (work *bot.Work, err error) {
	err = n.call("claim", func() (err error) {
		if work, err = n.w.db.Claim(ctx); err == nil {
			if work.Attempt > 1 {
				n.w.happened("claimed again", work.Address, work.Attempt)
			}
			n.w.broken.claimed(work)
		}
		return err
	}, n.nth("claim"))
	if err != nil {
		return nil, err
	}
	return work, nil
}

func (n *node) Commit(ctx context.Context, w *bot.Work) error {
	switch n.w.Mutant {
	case noDedupe:
		for i, m := range w.Messages {
			w.Entry.Reply.Answers[i] = m.Choice
		}
	case sendEarly:
		_ = n.post(ctx, w.Entry.Reply, false) // the fault: a death now repeats it
		w.Entry.Reply.Parts = w.Entry.Reply.Parts[:w.Entry.Opened]
	}
	fence := w.Fence // of the claim; the mutant may change it on the way
	return n.call("commit", func() error {
		if n.w.Mutant == noFence {
			return n.w.broken.commit(ctx, n.w.db, w)
		}
		err := n.w.db.Commit(ctx, w)
		if errors.Is(err, bot.ErrLost) {
			n.w.happened("fence", w.Address, fence)
		}
		return err
	}, w.Address, fence)
}

func (n *node) Open(ctx context.Context, w *bot.Work, r bot.Reply) error {
	return n.call("open", func() error { return n.w.db.Open(ctx, w, r) }, w.Address, w.Fence)
}

func (n *node) Next(ctx context.Context, name string) (d *bot.Delivery, err error) {
	err = n.call("next", func() (err error) {
		d, err = n.w.db.Next(ctx, name)
		if err == nil && d.Ambiguous {
			n.w.happened("ambiguous", d.Reply.ID, d.Attempt)
		}
		if err == nil && n.w.Mutant == noHead {
			err = n.w.db.Done(ctx, d) // the fault: the next may leave while this one is on its way
		}
		return err
	}, n.nth("next"))
	if err != nil {
		return nil, err
	}
	return d, nil
}

func (n *node) Done(ctx context.Context, d *bot.Delivery) error {
	if n.w.Mutant == noHead {
		return nil
	}
	return n.call("done", func() error { return n.w.db.Done(ctx, d) }, d.Reply.ID, d.Fence)
}

func (n *node) Again(ctx context.Context, d *bot.Delivery, wait time.Duration) error {
	return n.call("again", func() error { return n.w.db.Again(ctx, d, wait) }, d.Reply.ID, d.Fence)
}

// Wake and Watch are the hints: each watch of each node hears of it at a time
// of its own, or not at all.

func (n *node) Wake(topic string) {
	w := n.w
	nth := n.nth("wake" + topic)
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, to := range w.live {
		d := w.dice("hint", n.id, n.life, topic, nth, i)
		if to == nil || d.oneIn(4) {
			continue
		}
		time.AfterFunc(d.travel(w.lease), func() { to.local.Wake(topic) })
	}
}

func (n *node) Watch(topic string) (<-chan struct{}, func()) {
	hint, stop := n.local.Watch(topic)
	late := make(chan struct{}, 1)
	ended := make(chan struct{})
	d := n.w.dice("watch", n.id, n.life, topic, n.nth("watch"+topic))
	time.Sleep(d.between(time.Microsecond, time.Millisecond)) // so that no two workers begin at once
	go func() {
		for {
			select {
			case <-hint:
			case <-ended:
				return
			}
			time.Sleep(d.between(time.Microsecond, time.Millisecond))
			select {
			case late <- struct{}{}:
			default:
			}
		}
	}()
	return late, sync.OnceFunc(func() { stop(); close(ended) })
}
