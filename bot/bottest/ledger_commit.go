package bottest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func commitCases() []ledgerCase {
	return []ledgerCase{
		{"answered messages are answered", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "b")
			s.turn(t)
			s.idle(t)
		}},
		{"the session is as committed last", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session = fullSession(w.Address)
			s.commit(t, w)
			s.receive(t, "x", "b")
			want := fullSession(w.Address)
			want.Epoch = w.Entry.Session.Epoch
			same(t, "session", s.claim(t).Session, want)
		}},
		{"a session of a megabyte survives", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Used = []string{strings.Repeat("긴말", 170_000)}
			s.commit(t, w)
			s.receive(t, "x", "b")
			same(t, "session", s.claim(t).Session, w.Entry.Session)
		}},
		{"sessions do not mix", func(t *testing.T, s *Store) {
			for _, thread := range []string{"x", "y", "x", "y"} {
				s.receive(t, thread, names(thread, 99)[len(s.entriesIfAny(t, thread))])
				s.turn(t)
			}
			s.receive(t, "x", "last")
			if w := s.claim(t); w.Session.Turns != 2 || w.Session.Address != address("x") {
				t.Fatalf("session %+v; want two turns of x", w.Session)
			}
		}},
		{"the same work commits once", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.turn(t)
			lost(t, "second commit", s.Ledger.Commit(context.Background(), w))
			if _, ok := s.Ledger.(bot.Outbox); ok {
				s.send(t, "re:a")
				s.quiet(t)
			}
		}},
		{"the same work does not commit over new messages", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.turn(t)
			s.receive(t, "x", "b")
			lost(t, "second commit", s.Ledger.Commit(context.Background(), w))
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"b"})
		}},
		{"work that was never claimed is lost", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(&bot.Work{Address: address("x"), Messages: []bot.Message{message("x", "a")}, Session: bot.Session{Owner: bot.OwnerBot}})
			lost(t, "commit", s.Ledger.Commit(context.Background(), w))
			equal(t, "claimed", ids(s.claim(t).Messages), []string{"a"})
		}},
		{"work of an unknown conversation is lost", func(t *testing.T, s *Store) {
			w := think(&bot.Work{Address: address("nowhere"), Fence: 1, Messages: []bot.Message{message("nowhere", "a")}})
			lost(t, "commit", s.Ledger.Commit(context.Background(), w))
			s.idle(t)
		}},
		{"a lost commit writes nothing", lostWritesNothing},
		{"a silent turn says nothing", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Reply.Parts = nil
			s.commit(t, w)
			s.idle(t)
			s.quiet(t)
			equal(t, "events", s.events(t, "x"), []string{"message a"})
		}},
		{"a turn that changes the owner raises the epoch", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Owner = bot.OwnerWaiting
			s.commit(t, w)
			s.receive(t, "x", "b")
			if got := s.claim(t).Session; got.Owner != bot.OwnerWaiting || got.Epoch != 1 {
				t.Fatalf("owner %q epoch %d; want waiting and 1", got.Owner, got.Epoch)
			}
			if _, ok := s.Ledger.(bot.Transcript); ok {
				equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a", "owner waiting", "message b"})
			}
		}},
		{"a turn that keeps the owner keeps the epoch", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Epoch = 17 // not the turn's to decide
			s.commit(t, w)
			s.receive(t, "x", "b")
			if got := s.claim(t).Session.Epoch; got != 0 {
				t.Fatalf("epoch %d; want 0", got)
			}
		}},
		{"a burst is answered by one reply", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a", "b", "c")
			s.turn(t)
			d := s.next(t)
			equal(t, "answers", d.Reply.Answers, []string{"a", "b", "c"})
			s.done(t, d)
			s.quiet(t)
		}},
		{"two conversations commit in any order", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.receive(t, "y", "b")
			one, two := think(s.claim(t)), think(s.claim(t))
			s.commit(t, two)
			s.commit(t, one)
			s.idle(t)
		}},
	}
}

// entriesIfAny is entries for a ledger that may have no journal: then a case
// that needs it is skipped.
func (s *Store) entriesIfAny(t *testing.T, thread string) []bot.Entry {
	t.Helper()
	ability[bot.Journal](t, s)
	return s.entries(t, thread)
}

func lostWritesNothing(t *testing.T, s *Store) {
	s.receive(t, "x", "a")
	slow := think(s.claim(t))
	s.expire(t)
	s.turn(t)
	before := []any{s.events(t, "x"), s.entries(t, "x")}
	slow.Entry.Session.Used = []string{"stale"}
	slow.Customer.Name = "stale"
	slow.Entry.Reply.ID = "stale"
	lost(t, "slow commit", s.Ledger.Commit(context.Background(), slow))
	same(t, "events and journal", []any{s.events(t, "x"), s.entries(t, "x")}, before)
	s.send(t, "re:a")
	s.quiet(t)
	s.receive(t, "x", "b")
	w := s.claim(t)
	if len(w.Session.Used) > 0 || w.Customer.Name != "" {
		t.Fatalf("the stale turn was written: %+v", w)
	}
}

// fullSession is a session with something in every corner.
func fullSession(a bot.Address) bot.Session {
	return bot.Session{
		Address: a, Owner: bot.OwnerBot, Lang: "ko", Turns: 3,
		Mood: bot.Mood{Recent: []float64{0.1, 0.9}, Average: 0.4, Peak: 0.9, Trajectory: "easing", Held: 1, Valence: -0.2, Arousal: 0.6},
		Case: bot.Case{Event: "refund_delay", Noun: "딸 생일 선물", Agency: "firm", Stakes: []bot.Stake{{Kind: "occasion", Words: "내일이 생일"}},
			Given: []bot.Fact{{Name: "order", Value: "A-1", Source: "customer"}}, Deadline: start.Add(24 * time.Hour), Harm: 0.3},
		Moves: []bot.Move{{Strategy: "fact", Stabiles: []string{"S2"}, Before: 0.8, After: 0.4, Reaction: "eased", Time: start}},
		Used:  []string{"p1", "p2"},
		Journey: bot.Journey{Flow: "refund", Step: "order", Slots: map[string]string{"order": "A-1"}, Asked: map[string]int{"order": 2},
			Facts: []bot.Fact{{Name: "state", Value: "sent"}}},
		Priority: bot.Priority{Tier: "P1", Score: 71.5, Reasons: []string{"마감이 내일"}},
		Apology:  2, Boundary: true, Welcomed: true, Called: "", Opened: start, Updated: start.Add(time.Minute),
	}
}

func customerCases() []ledgerCase {
	return []ledgerCase{
		{"a person is known again in another conversation", func(t *testing.T, s *Store) {
			w := s.claimOf(t, "x", "a", "mina")
			w.Customer.Name = "미나"
			w.Customer.Consent = map[string]bool{"memory": true}
			s.commit(t, think(w))
			if got := s.claimOf(t, "y", "b", "mina").Customer; got.Name != "미나" || !got.Consent["memory"] || got.Rev != 1 {
				t.Fatalf("customer %+v; want the one committed", got)
			}
		}},
		{"a person without a name is known by the conversation", func(t *testing.T, s *Store) {
			w := s.claimOf(t, "x", "a", "")
			w.Customer.Name = "미나"
			s.commit(t, think(w))
			if got := s.claimOf(t, "x", "b", "").Customer; got.Name != "미나" {
				t.Fatalf("customer %+v; want the one committed", got)
			}
			if got := s.claimOf(t, "y", "c", "").Customer; got.Name != "" {
				t.Fatalf("customer %+v; want a stranger", got)
			}
		}},
		{"a thread named after a person is not that person", func(t *testing.T, s *Store) {
			w := s.claimOf(t, "x", "a", "mina")
			w.Customer.Name = "미나"
			s.commit(t, think(w))
			for i, thread := range []string{"mina", "user:mina", ":mina", "web:user:mina"} {
				if got := s.claimOf(t, thread, names("b", 9)[i], "").Customer; got.Name != "" || got.ID == w.Customer.ID {
					t.Fatalf("thread %q is taken for %+v", thread, got)
				}
			}
		}},
		{"a customer has an ID and revision 0 at first", func(t *testing.T, s *Store) {
			if got := s.claimOf(t, "x", "a", "mina").Customer; got.ID != (bot.Address{Channel: "web"}).Customer("mina") || got.Rev != 0 {
				t.Fatalf("customer %+v", got)
			}
		}},
		{"every field of a customer survives", func(t *testing.T, s *Store) {
			w := s.claimOf(t, "x", "a", "mina")
			w.Customer = bot.Customer{ID: w.Customer.ID, Name: "미나", Lang: "ko", Personas: map[string]float64{"hurried": 0.7},
				Cues: map[string]bot.Belief{"hurried": {For: 3, Against: 1}}, Consent: map[string]bool{"analysis": false},
				Promises: []bot.Promise{{What: "callback", Owner: "배송팀", Due: start, State: "open"}}, Contacts: 2, Seen: start}
			want := w.Customer.Clone()
			want.Rev = 1
			s.commit(t, think(w))
			same(t, "customer", s.claimOf(t, "y", "b", "mina").Customer, want)
		}},
		{"two turns of one person: the second thinks again at once", func(t *testing.T, s *Store) {
			one, two := s.claimOf(t, "x", "a", "mina"), s.claimOf(t, "y", "b", "mina")
			one.Customer.Name = "미나"
			s.commit(t, think(one))
			two.Customer.Name = "다른 이름"
			lost(t, "commit over a changed customer", s.Ledger.Commit(context.Background(), think(two)))
			w := s.claim(t)
			equal(t, "claimed", ids(w.Messages), []string{"b"})
			if w.Attempt != 1 || w.Customer.Name != "미나" {
				t.Fatalf("attempt %d, customer %q; want attempt 1, for it was not its fault, and the new name", w.Attempt, w.Customer.Name)
			}
			s.commit(t, think(w))
			s.idle(t)
		}},
		{"two first turns of one person do not overwrite each other", func(t *testing.T, s *Store) {
			one, two := s.claimOf(t, "x", "a", "mina"), s.claimOf(t, "y", "b", "mina")
			one.Customer.Contacts, two.Customer.Contacts = 1, 1
			s.commit(t, think(one))
			lost(t, "commit", s.Ledger.Commit(context.Background(), think(two)))
		}},
		{"a turn refused for its customer writes nothing", func(t *testing.T, s *Store) {
			one, two := s.claimOf(t, "x", "a", "mina"), s.claimOf(t, "y", "b", "mina")
			s.commit(t, think(one))
			lost(t, "commit", s.Ledger.Commit(context.Background(), think(two)))
			equal(t, "events", s.events(t, "y"), []string{"message b"})
			s.send(t, "re:a")
			s.quiet(t)
		}},
		{"a turn refused for its customer cannot be committed later", func(t *testing.T, s *Store) {
			one, two := s.claimOf(t, "x", "a", "mina"), s.claimOf(t, "y", "b", "mina")
			s.commit(t, think(one))
			lost(t, "commit", s.Ledger.Commit(context.Background(), think(two)))
			two.Customer.Rev = 1
			lost(t, "commit with a guessed revision", s.Ledger.Commit(context.Background(), two))
		}},
	}
}

// claimOf receives a message of a user and claims it.
func (s *Store) claimOf(t *testing.T, thread, id, user string) *bot.Work {
	t.Helper()
	m := message(thread, id)
	m.User = user
	s.take(t, m)
	w := s.claim(t)
	if w.Address.Thread != thread {
		t.Fatalf("claimed %v; want %s", w.Address, thread)
	}
	return w
}
