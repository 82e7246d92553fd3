package bottest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func crowdCases() []ledgerCase {
	return []ledgerCase{
		{"64 conversations at once, every message answered once and in order", func(t *testing.T, s *Store) {
			c := &crowd{Store: s, conversations: 64, messages: 8}
			c.run(t)
		}},
		{"the same with workers and senders that vanish", func(t *testing.T, s *Store) {
			if s.Advance == nil {
				t.Skip("this store has no clock to move")
			}
			c := &crowd{Store: s, conversations: 32, messages: 6, vanish: 5}
			c.run(t)
		}},
		{"one person in many conversations at once", func(t *testing.T, s *Store) {
			c := &crowd{Store: s, conversations: 8, messages: 6, user: "mina"}
			c.run(t)
		}},
		{"persons taking over at once: none speaks under another's name", takeovers},
	}
}

// A crowd is many customers, workers and senders on one ledger.
type crowd struct {
	*Store
	conversations, messages int
	vanish                  int    // one in so many workers and senders is never heard of again; 0 none
	user                    string // everybody is this person

	left atomic.Int64 // messages not yet answered

	mu    sync.Mutex
	heard map[string][]string // per thread, the messages answered by what was sent, in the order of sending
	sent  map[string]bool     // replies heard, and reply and attempt
}

func (c *crowd) run(t *testing.T) {
	ability[bot.Outbox](t, c.Store)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c.heard, c.sent = make(map[string][]string), make(map[string]bool)
	c.left.Store(int64(c.conversations * c.messages))
	var all sync.WaitGroup
	for i := range c.conversations {
		all.Go(func() { c.write(ctx, t, fmt.Sprintf("x%02d", i)) })
	}
	for i := range 6 {
		all.Go(func() { c.work(ctx, t, rand.New(rand.NewPCG(uint64(i), 1))) })
		all.Go(func() { c.post(ctx, t, rand.New(rand.NewPCG(uint64(i), 2))) })
	}
	if c.vanish > 0 {
		all.Go(func() {
			for c.left.Load() > 0 && ctx.Err() == nil {
				time.Sleep(2 * time.Millisecond)
				c.Advance(time.Minute)
			}
		})
	}
	all.Wait()
	if n := c.left.Load(); n > 0 {
		t.Fatalf("%d messages without an answer", n)
	}
	for thread, got := range c.heard {
		equal(t, "answered in "+thread, got, names(thread+"-", c.messages))
	}
}

// write sends a customer's messages, each at least once, some more often.
func (c *crowd) write(ctx context.Context, t *testing.T, thread string) {
	for i, id := range names(thread+"-", c.messages) {
		for range 1 + i%3 {
			m := message(thread, id)
			m.User = c.user
			if err := c.Ledger.Receive(ctx, m); err != nil {
				t.Errorf("Receive: %v", err)
				return
			}
		}
	}
}

// work claims and commits until every message has been answered and sent.
func (c *crowd) work(ctx context.Context, t *testing.T, r *rand.Rand) {
	for c.left.Load() > 0 && ctx.Err() == nil {
		w, err := c.Ledger.Claim(ctx)
		if errors.Is(err, bot.ErrIdle) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			t.Errorf("Claim: %v", err)
			return
		}
		if c.vanish > 0 && r.IntN(c.vanish) == 0 {
			continue
		}
		if err := c.Ledger.Commit(ctx, think(w)); err != nil && !errors.Is(err, bot.ErrLost) {
			t.Errorf("Commit: %v", err)
			return
		}
	}
}

// post sends and remembers what was heard; a reply may be heard twice only if
// it said that this may happen.
func (c *crowd) post(ctx context.Context, t *testing.T, r *rand.Rand) {
	out := c.Ledger.(bot.Outbox)
	for c.left.Load() > 0 && ctx.Err() == nil {
		d, err := out.Next(ctx, "web")
		if errors.Is(err, bot.ErrIdle) {
			time.Sleep(time.Millisecond)
			continue
		}
		if err != nil {
			t.Errorf("Next: %v", err)
			return
		}
		c.hear(t, d)
		if c.vanish > 0 && r.IntN(c.vanish) == 0 {
			continue
		}
		if err := out.Done(ctx, d); err != nil && !errors.Is(err, bot.ErrLost) {
			t.Errorf("Done: %v", err)
			return
		}
	}
}

func (c *crowd) hear(t *testing.T, d *bot.Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d.Ambiguous != (d.Attempt > 1) { // nothing is put back here, so a second attempt follows one that was never heard of
		t.Errorf("reply %s: attempt %d, ambiguous %v", d.Reply.ID, d.Attempt, d.Ambiguous)
	}
	attempt := fmt.Sprint(d.Reply.ID, " attempt ", d.Attempt)
	if c.sent[attempt] {
		t.Errorf("%s was given to two senders", attempt)
	}
	c.sent[attempt] = true
	if c.sent[d.Reply.ID] {
		return
	}
	c.sent[d.Reply.ID] = true
	thread := d.Reply.To.Thread
	c.heard[thread] = append(c.heard[thread], d.Reply.Answers...)
	c.left.Add(-int64(len(d.Reply.Answers)))
}

// takeovers lets persons take one conversation from each other and speak: each
// reply must come from who owned it when it was accepted.
func takeovers(t *testing.T, s *Store) {
	desk := ability[bot.Desk](t, s)
	s.receive(t, "x", "a")
	var all sync.WaitGroup
	var said atomic.Int64
	for i := range 8 {
		person := fmt.Sprintf("p%d", i)
		all.Go(func() {
			for n := range 20 {
				epoch, err := bot.TakeOver(context.Background(), desk, address("x"), person)
				if err != nil {
					t.Errorf("TakeOver: %v", err)
					return
				}
				r := reply(address("x"), fmt.Sprintf("%s-%d", person, n))
				r.From = person
				switch err := desk.Say(context.Background(), r, epoch); {
				case err == nil:
					said.Add(1)
				case !errors.Is(err, bot.ErrLost):
					t.Errorf("Say: %v", err)
				}
			}
		})
	}
	all.Wait()
	events, err := ability[bot.Transcript](t, s).Events(context.Background(), address("x"), 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	owner, replies := "", int64(0)
	for _, e := range events {
		switch {
		case e.Kind == "owner":
			owner = e.Owner
		case e.Reply != nil:
			replies++
			if owner != "person:"+e.Reply.From {
				t.Fatalf("event %d: %s spoke while %s owned", e.Seq, e.Reply.From, owner)
			}
		}
	}
	if replies != said.Load() {
		t.Fatalf("%d replies in the transcript, %d accepted", replies, said.Load())
	}
}
