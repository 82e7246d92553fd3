package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func claimCases() []ledgerCase {
	return []ledgerCase{
		{"nothing is idle", func(t *testing.T, s *Store) { s.idle(t) }},
		{"a burst comes whole and in order", func(t *testing.T, s *Store) {
			all := names("a", 50)
			s.receive(t, "x", all...)
			equal(t, "claimed", ids(s.claim(t).Messages), all)
			s.idle(t)
		}},
		{"a claimed conversation is nobody else's", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.idle(t)
		}},
		{"a claim does not hold up others", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.receive(t, "y", "b")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"b"})
		}},
		{"who waits longest comes first", func(t *testing.T, s *Store) {
			for _, thread := range []string{"x", "y", "z"} {
				s.receive(t, thread, "a"+thread)
				s.tick()
			}
			s.receive(t, "x", "bx") // more messages do not change the place in the queue
			for _, want := range []string{"x", "y", "z"} {
				if got := s.claim(t).Address.Thread; got != want {
					t.Fatalf("claimed %s; want %s", got, want)
				}
			}
		}},
		{"a sender's clock does not jump the queue", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.tick()
			m := message("y", "b")
			m.Time = start.AddDate(-10, 0, 0)
			s.take(t, m)
			if got := s.claim(t).Address.Thread; got != "x" {
				t.Fatalf("claimed %s; want x", got)
			}
		}},
		{"what comes during a turn waits for its end", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.receive(t, "x", "b")
			s.idle(t)
			s.commit(t, w)
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"b"})
		}},
		{"who was just answered goes to the end of the queue", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.receive(t, "x", "b")
			s.tick()
			s.receive(t, "y", "c")
			s.tick()
			s.commit(t, w)
			if got := s.claim(t).Address.Thread; got != "y" {
				t.Fatalf("claimed %s; want y, which has had no answer yet", got)
			}
		}},
		{"the fence rises from turn to turn", func(t *testing.T, s *Store) {
			var last int64
			for _, id := range names("a", 5) {
				s.receive(t, "x", id)
				w := s.turn(t)
				if w.Fence <= last {
					t.Fatalf("fence %d after %d", w.Fence, last)
				}
				last = w.Fence
			}
		}},
		{"a first attempt is attempt 1", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			s.receive(t, "x", "c")
			if w := s.claim(t); w.Attempt != 1 {
				t.Fatalf("attempt %d; want 1", w.Attempt)
			}
		}},
		{"a new conversation belongs to the bot", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			if w.Session.Owner != bot.OwnerBot || w.Session.Epoch != 0 || w.Session.Turns != 0 {
				t.Fatalf("session %+v; want a fresh one", w.Session)
			}
		}},
		{"many conversations are claimed once each", func(t *testing.T, s *Store) {
			for _, thread := range names("x", 100) {
				s.receive(t, thread, "of "+thread)
			}
			seen := make(map[bot.Address]bool)
			for range 100 {
				w := s.claim(t)
				if seen[w.Address] {
					t.Fatalf("%v claimed twice", w.Address)
				}
				seen[w.Address] = true
			}
			s.idle(t)
		}},
		{"work may be scribbled on", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Used = []string{"once"}
			s.commit(t, w)
			w.Entry.Session.Used[0] = "scribble"
			s.receive(t, "x", "b")
			w = s.claim(t)
			equal(t, "used", w.Session.Used, []string{"once"})
			w.Session.Used[0] = "scribble"
			w.Messages[0].ID = "scribble"
			s.expire(t)
			w = s.claim(t)
			equal(t, "used", w.Session.Used, []string{"once"})
			equal(t, "messages", ids(w.Messages), []string{"b"})
		}},
		{"an ended context gives no work away", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			ended, end := context.WithCancel(context.Background())
			end()
			if w, err := s.Ledger.Claim(ended); err == nil {
				s.commit(t, think(w)) // a ledger that heeds no context hands out the work: then it can be committed
				return
			}
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
	}
}

// tick moves the clock by a second where there is one, so that two events have
// two times.
func (s *Store) tick() {
	if s.Advance != nil {
		s.Advance(time.Second)
	}
}

func leaseCases() []ledgerCase {
	return []ledgerCase{
		{"a lost claim becomes free", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.expire(t)
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
		{"a lease is not over at once", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.advance(t, time.Second)
			s.idle(t)
		}},
		{"a second claim has a higher fence and attempt", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			var last int64
			for attempt := 1; attempt <= 4; attempt++ {
				w := s.claim(t)
				if w.Attempt != attempt || w.Fence <= last {
					t.Fatalf("attempt %d fence %d; want attempt %d and a fence above %d", w.Attempt, w.Fence, attempt, last)
				}
				last = w.Fence
				s.expire(t)
			}
		}},
		{"the attempt starts anew after a commit", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.expire(t)
			s.turn(t)
			s.receive(t, "x", "b")
			if w := s.claim(t); w.Attempt != 1 {
				t.Fatalf("attempt %d; want 1", w.Attempt)
			}
		}},
		{"a second claim takes what came meanwhile", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.receive(t, "x", "b")
			s.expire(t)
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a", "b"})
		}},
		{"a slow worker whose claim nobody took may commit", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.expire(t)
			s.commit(t, w)
			s.idle(t)
		}},
		{"a slow worker whose claim was taken has lost", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			slow := think(s.claim(t))
			s.expire(t)
			quick := think(s.claim(t))
			lost(t, "slow commit", s.Ledger.Commit(context.Background(), slow))
			s.commit(t, quick)
			lost(t, "slow commit", s.Ledger.Commit(context.Background(), slow))
			s.idle(t)
		}},
		{"a slow worker does not end the claim of the quick", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			slow := think(s.claim(t))
			s.expire(t)
			s.claim(t)
			lost(t, "slow commit", s.Ledger.Commit(context.Background(), slow))
			s.idle(t)
		}},
	}
}
