package bottest

import (
	"context"
	"errors"
	"testing"

	"github.com/onkihq/onki/bot"
)

// handoverCases are the promises about the steps from the bot to a person and
// back.
func handoverCases() []ledgerCase {
	return []ledgerCase{
		{"the whole way", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			for _, owner := range []string{bot.OwnerQueued, "person:p", bot.OwnerQueued, "person:q", "wrap-up:q", "person:q", "wrap-up:q", bot.OwnerClosed} {
				s.pass(t, "x", owner)
				if got := s.state(t, "x"); got.Owner != owner {
					t.Fatalf("owner %q; want %q", got.Owner, owner)
				}
			}
		}},
		{"there is no shortcut", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			for _, c := range []struct{ at, to string }{
				{bot.OwnerBot, bot.OwnerQueued}, {bot.OwnerBot, "wrap-up:p"}, {bot.OwnerBot, bot.OwnerClosed}, {bot.OwnerBot, bot.OwnerWaiting},
				{"person:p", "wrap-up:q"}, {"person:p", bot.OwnerWaiting},
			} {
				s.pass(t, "x", c.at)
				if _, err := s.step(t, "x", c.to); !errors.Is(err, bot.ErrBad) {
					t.Fatalf("from %q to %q: %v; want ErrBad", c.at, c.to, err)
				}
			}
		}},
		{"two take it at once and one has it", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			desk, before := ability[bot.Desk](t, s), s.state(t, "x")
			if _, err := desk.Own(context.Background(), before, "person:p", bot.Reply{}); err != nil {
				t.Fatal(err)
			}
			_, err := desk.Own(context.Background(), before, "person:q", bot.Reply{})
			lost(t, "the second step under the same epoch", err)
			guess := before
			guess.Epoch += 7
			_, err = desk.Own(context.Background(), guess, bot.OwnerBot, bot.Reply{})
			lost(t, "a step under a guessed epoch", err)
			_, err = desk.Own(context.Background(), before, "person:p", bot.Reply{})
			lost(t, "the first step again", err)
			if got := s.state(t, "x").Owner; got != "person:p" {
				t.Fatalf("owner %q; want the first", got)
			}
		}},
		{"the line and the step are one", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.send(t, "re:a")
			s.own(t, "x", "p")
			before, bye := s.state(t, "x"), reply(address("x"), "bye")
			if _, err := ability[bot.Desk](t, s).Own(context.Background(), before, "wrap-up:p", bye); err != nil {
				t.Fatal(err)
			}
			_, err := ability[bot.Desk](t, s).Own(context.Background(), before, "wrap-up:p", bye)
			lost(t, "the same step again", err)
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a", "owner person:p", "owner wrap-up:p", "reply bye"})
			s.send(t, "bye")
			s.quiet(t)
		}},
		{"the clock of waiting stops with the end alone", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			for _, owner := range []string{bot.OwnerQueued, "person:p", bot.OwnerQueued, "person:p", "wrap-up:p"} {
				s.pass(t, "x", owner)
				if got := s.state(t, "x"); !got.Asked.Equal(start) || got.Called != "asked" {
					t.Fatalf("%s: asked %v called %q; want them kept", owner, got.Asked, got.Called)
				}
			}
			for _, owner := range []string{bot.OwnerClosed, bot.OwnerBot} {
				s.pass(t, "x", owner)
				if got := s.state(t, "x"); !got.Asked.IsZero() || got.Called != "" {
					t.Fatalf("%s: asked %v called %q; want nobody called", owner, got.Asked, got.Called)
				}
			}
		}},
		{"a turn in the making loses to every step", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			for i, owner := range []string{bot.OwnerQueued, "person:p", "wrap-up:p", bot.OwnerClosed} {
				s.receive(t, "x", names("m", 9)[i])
				w := think(s.claim(t))
				s.pass(t, "x", owner)
				lost(t, "commit after "+owner, s.Ledger.Commit(context.Background(), w))
			}
		}},
		{"a turn may hand over too", func(t *testing.T, s *Store) {
			s.own(t, "x", "p")
			s.pass(t, "x", "wrap-up:p")
			before := s.state(t, "x").Epoch
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Owner = "person:p" // they wrote once more: it is still hers
			s.commit(t, w)
			if got := s.state(t, "x"); got.Owner != "person:p" || got.Epoch != before+1 {
				t.Fatalf("owner %q epoch %d; want the person under %d", got.Owner, got.Epoch, before+1)
			}
		}},
		{"a draft is kept in the journal", func(t *testing.T, s *Store) {
			s.own(t, "x", "p")
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			r := w.Entry.Reply
			w.Entry.Draft, w.Entry.Reply.Parts = &r, nil
			s.commit(t, w)
			got := s.entries(t, "x")
			if len(got) != 1 || got[0].Draft == nil || got[0].Draft.Text() != r.Text() {
				t.Fatalf("journal %+v; want the draft", got)
			}
			s.quiet(t)
		}},
		{"who waits is counted", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			s.call(t, "y", "b")
			s.pass(t, "y", bot.OwnerQueued)
			s.own(t, "z", "p")
			for thread, want := range map[string]int{"n": 2, "x": 1} {
				s.receive(t, thread, "c"+thread)
				w := think(s.claim(t))
				if w.Others != want {
					t.Fatalf("%s: %d others; want %d", thread, w.Others, want)
				}
				s.commit(t, w)
			}
		}},
		{"what was never heard of belongs to the bot", func(t *testing.T, s *Store) {
			if got := s.state(t, "nowhere"); got.Owner != bot.OwnerBot || got.Epoch != 0 || got.Address != address("nowhere") {
				t.Fatalf("state %+v; want the bot's", got)
			}
			_, err := ability[bot.Desk](t, s).Own(context.Background(), bot.Session{}, "person:p", bot.Reply{})
			if !errors.Is(err, bot.ErrBad) {
				t.Fatalf("Own of no address: %v; want ErrBad", err)
			}
		}},
		{"a hand-over survives", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			s.pass(t, "x", bot.OwnerQueued)
			s.own(t, "x", "p")
			before := s.state(t, "x")
			s.kill(t)
			after := s.state(t, "x")
			if after.Owner != before.Owner || after.Epoch != before.Epoch || !after.Asked.Equal(before.Asked) {
				t.Fatalf("state %+v; want %+v", after, before)
			}
			if err := s.say(t, "x", "p", "r1", before.Epoch); err != nil {
				t.Fatal(err)
			}
		}},
	}
}
