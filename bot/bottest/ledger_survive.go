package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func surviveCases() []ledgerCase {
	return []ledgerCase{
		{"what was received is there", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "b")
			s.kill(t)
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a", "b"})
		}},
		{"a repeat is known", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.kill(t)
			s.receive(t, "x", "a")
			s.idle(t)
		}},
		{"a claim is free at once, under a higher fence", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			old := think(s.claim(t))
			s.kill(t)
			w := s.claim(t)
			if w.Fence <= old.Fence || w.Attempt != 2 {
				t.Fatalf("fence %d attempt %d; want above %d and 2", w.Fence, w.Attempt, old.Fence)
			}
			lost(t, "commit of the dead", s.Ledger.Commit(context.Background(), old))
			s.commit(t, think(w))
		}},
		{"attempts are counted over deaths", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			for attempt := 1; attempt <= 6; attempt++ {
				if w := s.claim(t); w.Attempt != attempt {
					t.Fatalf("attempt %d; want %d", w.Attempt, attempt)
				}
				s.kill(t)
				s.advance(t, 10*time.Second) // who was there at several deaths may have to wait
			}
		}},
		{"a committed turn is there", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			fill(&w.Entry)
			w.Customer.Name = "미나"
			s.commit(t, w)
			s.kill(t)
			same(t, "entries", s.entries(t, "x"), []bot.Entry{w.Entry})
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a"})
			s.receive(t, "x", "b")
			again := s.claim(t)
			same(t, "session", again.Session, w.Entry.Session)
			same(t, "customer", again.Customer, w.Customer)
			equal(t, "claimed", ids(again.Messages), []string{"b"})
		}},
		{"unsent replies leave in order", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b", "c")
			s.send(t, "re:a")
			s.kill(t)
			s.send(t, "re:b")
			s.kill(t)
			s.send(t, "re:c")
			s.kill(t)
			s.quiet(t)
		}},
		{"a reply on its way is ambiguous and comes at once", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			old := s.next(t)
			s.kill(t)
			d := s.next(t)
			if !d.Ambiguous || d.Reply.ID != "re:a" || d.Attempt != 2 {
				t.Fatalf("delivery %+v; want the same reply, ambiguous", d)
			}
			s.quiet(t)
			lost(t, "Done of the dead", ability[bot.Outbox](t, s).Done(context.Background(), old))
			s.done(t, d)
			if d := s.next(t); d.Ambiguous || d.Reply.ID != "re:b" {
				t.Fatalf("delivery %+v; want the next, clear", d)
			}
		}},
		{"a reply put back keeps waiting", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			d.Ambiguous = true
			s.again(t, d, time.Minute)
			s.kill(t)
			s.quiet(t)
			s.advance(t, 2*time.Minute)
			if d := s.next(t); !d.Ambiguous || d.Attempt != 2 {
				t.Fatalf("delivery %+v; want a second attempt, still ambiguous", d)
			}
		}},
		{"a person still owns", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			epoch := s.own(t, "x", "p")
			s.kill(t)
			if err := s.say(t, "x", "p", "r1", epoch); err != nil {
				t.Fatal(err)
			}
			s.kill(t)
			if err := s.say(t, "x", "p", "r1", epoch); err != nil {
				t.Fatal(err)
			}
			s.send(t, "r1")
			s.quiet(t)
		}},
		{"who waits after deaths still keeps the order", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			for range 3 {
				s.claim(t)
				s.kill(t)
				s.advance(t, 10*time.Second)
			}
			s.receive(t, "x", "b")
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a", "b"})
		}},
		{"what was cancelled stays cancelled", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			s.next(t)
			s.own(t, "x", "p")
			s.kill(t)
			s.quiet(t)
			s.expire(t)
			s.quiet(t)
		}},
		{"the epoch keeps its name", func(t *testing.T, s *Store) {
			first := s.epoch(t)
			s.kill(t)
			if again := s.epoch(t); first != again {
				t.Fatalf("epoch %q then %q", first, again)
			}
		}},
		{"numbers go on without a gap", func(t *testing.T, s *Store) {
			var want []string
			for _, id := range names("a", 6) {
				s.converse(t, "x", id)
				s.kill(t)
				want = append(want, "message "+id, "reply re:"+id)
			}
			equal(t, "events", s.events(t, "x"), want)
		}},
	}
}
