package bottest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// own lets a person take the conversation.
func (s *Store) own(t *testing.T, thread, person string) int64 {
	t.Helper()
	return s.pass(t, thread, bot.OwnerPerson+person)
}

func (s *Store) release(t *testing.T, thread string) {
	t.Helper()
	s.pass(t, thread, bot.OwnerBot)
}

// pass makes a step of a hand-over that must succeed.
func (s *Store) pass(t *testing.T, thread, owner string) int64 {
	t.Helper()
	epoch, err := s.step(t, thread, owner)
	if err != nil {
		t.Fatalf("Own(%s): %v", owner, err)
	}
	return epoch
}

// step makes a step of a hand-over under the epoch it reads.
func (s *Store) step(t *testing.T, thread, owner string) (int64, error) {
	t.Helper()
	return ability[bot.Desk](t, s).Own(context.Background(), s.state(t, thread), owner, bot.Reply{})
}

func (s *Store) state(t *testing.T, thread string) bot.Session {
	t.Helper()
	state, err := ability[bot.Desk](t, s).State(context.Background(), address(thread))
	if err != nil {
		t.Fatalf("State: %v", err)
	}
	return state
}

// call commits a turn in which the bot calls a person.
func (s *Store) call(t *testing.T, thread, id string) {
	t.Helper()
	s.receive(t, thread, id)
	w := think(s.claim(t))
	w.Entry.Session.Owner, w.Entry.Session.Called, w.Entry.Session.Asked = bot.OwnerWaiting, "asked", start
	s.commit(t, w)
}

func deskCases() []ledgerCase {
	return []ledgerCase{
		{"a person owns what they took", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.own(t, "x", "지영")
			s.receive(t, "x", "b")
			w := s.claim(t)
			if !w.Session.Staffed() || w.Session.Owner != "person:지영" {
				t.Fatalf("owner %q; want the person", w.Session.Owner)
			}
		}},
		{"each change of owner raises the epoch", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			one, two := s.own(t, "x", "p"), s.own(t, "x", "q")
			s.release(t, "x")
			three := s.own(t, "x", "p")
			if one < 1 || two <= one || three <= two+1 {
				t.Fatalf("epochs %d %d … %d; want each change to raise it", one, two, three)
			}
			s.receive(t, "x", "b")
			if got := s.claim(t).Session.Epoch; got != three {
				t.Fatalf("epoch of the session %d; want %d", got, three)
			}
		}},
		{"a person needs a name", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			for _, owner := range []string{bot.OwnerPerson, bot.OwnerPerson + " ", bot.OwnerWrapUp, "", "anybody"} {
				if _, err := s.step(t, "x", owner); !errors.Is(err, bot.ErrBad) {
					t.Fatalf("Own(%q): %v; want ErrBad", owner, err)
				}
			}
		}},
		{"taking over cancels what was not sent", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			s.own(t, "x", "p")
			s.quiet(t)
			equal(t, "events", s.events(t, "x"), []string{"message a", "draft re:a", "message b", "draft re:b", "owner person:p"})
		}},
		{"taking over cancels what waits for another try", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), time.Minute)
			s.own(t, "x", "p")
			s.advance(t, time.Hour)
			s.quiet(t)
		}},
		{"taking over leaves other conversations alone", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.converse(t, "y", "b")
			s.own(t, "x", "p")
			s.send(t, "re:b")
			s.quiet(t)
		}},
		{"taking over beats a turn in the making", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.own(t, "x", "p")
			lost(t, "commit after the take-over", s.Ledger.Commit(context.Background(), w))
			s.quiet(t)
			again := s.claim(t)
			equal(t, "claimed", ids(again.Messages), []string{"a"})
			if !again.Session.Staffed() || again.Attempt != 1 {
				t.Fatalf("claimed %+v; want the same message at once, owned by the person", again)
			}
		}},
		{"giving back beats a turn in the making", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.own(t, "x", "p")
			s.receive(t, "x", "b")
			w := think(s.claim(t))
			s.release(t, "x")
			lost(t, "commit after the release", s.Ledger.Commit(context.Background(), w))
			if again := s.claim(t); again.Session.Owner != bot.OwnerBot {
				t.Fatalf("owner %q; want the bot", again.Session.Owner)
			}
		}},
		{"what was on its way is not tried again", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			d := s.next(t)
			s.own(t, "x", "p")
			s.again(t, d, 0)
			s.expire(t)
			s.quiet(t)
		}},
		{"what was on its way may arrive", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			d := s.next(t)
			s.own(t, "x", "p")
			s.done(t, d)
			s.quiet(t)
		}},
		{"what was on its way and never heard of is dropped", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.next(t)
			s.own(t, "x", "p")
			s.expire(t)
			s.quiet(t)
		}},
		{"giving back lets the bot answer", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.own(t, "x", "p")
			s.release(t, "x")
			s.converse(t, "x", "b")
			s.send(t, "re:b")
		}},
		{"giving back what the bot has changes nothing", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			s.release(t, "x")
			s.release(t, "nowhere")
			s.commit(t, w)
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a"})
		}},
		{"a called person is no longer called after giving back", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Session.Owner, w.Entry.Session.Called = bot.OwnerWaiting, "asked"
			s.commit(t, w)
			s.own(t, "x", "p")
			s.release(t, "x")
			s.receive(t, "x", "b")
			if got := s.claim(t).Session; got.Owner != bot.OwnerBot || got.Called != "" {
				t.Fatalf("owner %q called %q; want the bot and nobody called", got.Owner, got.Called)
			}
		}},
		{"owners are in the transcript", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.own(t, "x", "p")
			s.release(t, "x")
			equal(t, "events", s.events(t, "x"), []string{"message a", "draft re:a", "owner person:p", "owner bot"})
		}},
	}
}

// say lets a person write.
func (s *Store) say(t *testing.T, thread, person, id string, epoch int64) error {
	t.Helper()
	r := reply(address(thread), id)
	r.From = person
	return ability[bot.Desk](t, s).Say(context.Background(), r, epoch)
}

func sayCases() []ledgerCase {
	return []ledgerCase{
		{"a person's reply is sent", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			if err := s.say(t, "x", "p", "r1", s.own(t, "x", "p")); err != nil {
				t.Fatal(err)
			}
			d := s.next(t)
			if d.Reply.ID != "r1" || d.Reply.From != "p" {
				t.Fatalf("delivery %+v; want the person's", d)
			}
			s.done(t, d)
			equal(t, "events", s.events(t, "x"), []string{"message a", "draft re:a", "owner person:p", "reply r1"})
		}},
		{"a person's replies leave in order", func(t *testing.T, s *Store) {
			epoch := s.own(t, "x", "p")
			for _, id := range names("r", 10) {
				if err := s.say(t, "x", "p", id, epoch); err != nil {
					t.Fatal(err)
				}
			}
			for _, id := range names("r", 10) {
				s.send(t, id)
			}
		}},
		{"a person may speak first", func(t *testing.T, s *Store) {
			if err := s.say(t, "new", "p", "r1", s.own(t, "new", "p")); err != nil {
				t.Fatal(err)
			}
			s.send(t, "r1")
		}},
		{"a repeat is said once", func(t *testing.T, s *Store) {
			epoch := s.own(t, "x", "p")
			for range 3 {
				if err := s.say(t, "x", "p", "r1", epoch); err != nil {
					t.Fatal(err)
				}
			}
			s.send(t, "r1")
			s.quiet(t)
			if err := s.say(t, "x", "p", "r1", epoch); err != nil {
				t.Fatal(err)
			}
			s.quiet(t)
		}},
		{"who does not own cannot speak", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			lost(t, "Say before Take", s.say(t, "x", "p", "r1", 0))
			lost(t, "Say nowhere", s.say(t, "nowhere", "p", "r1", 0))
			epoch := s.own(t, "x", "p")
			lost(t, "Say of another person", s.say(t, "x", "q", "r1", epoch))
			lost(t, "Say under an old epoch", s.say(t, "x", "p", "r1", epoch-1))
			lost(t, "Say under a guessed epoch", s.say(t, "x", "p", "r1", epoch+1))
			s.quiet(t)
		}},
		{"who was relieved cannot speak", func(t *testing.T, s *Store) {
			old := s.own(t, "x", "p")
			s.own(t, "x", "q")
			lost(t, "Say of the first", s.say(t, "x", "p", "r1", old))
			s.quiet(t)
		}},
		{"who has it already changes nothing", func(t *testing.T, s *Store) {
			old := s.own(t, "x", "p")
			if again := s.own(t, "x", "p"); again != old {
				t.Fatalf("epoch %d after %d; want the same", again, old)
			}
			if err := s.say(t, "x", "p", "r1", old); err != nil {
				t.Fatal(err)
			}
			equal(t, "events", s.events(t, "x"), []string{"owner person:p", "reply r1"})
		}},
		{"who gave it back cannot speak", func(t *testing.T, s *Store) {
			epoch := s.own(t, "x", "p")
			s.release(t, "x")
			lost(t, "Say after Release", s.say(t, "x", "p", "r1", epoch))
		}},
		{"a take-over keeps what persons said", func(t *testing.T, s *Store) {
			if err := s.say(t, "x", "p", "r1", s.own(t, "x", "p")); err != nil {
				t.Fatal(err)
			}
			s.own(t, "x", "q")
			s.send(t, "r1")
		}},
		{"a person's reply waits for the bot's on its way", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			if err := s.say(t, "x", "p", "r1", s.own(t, "x", "p")); err != nil {
				t.Fatal(err)
			}
			s.quiet(t)
			s.done(t, d)
			s.send(t, "r1")
		}},
		{"a bot's reply that vanished does not hold the person's", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.next(t)
			if err := s.say(t, "x", "p", "r1", s.own(t, "x", "p")); err != nil {
				t.Fatal(err)
			}
			s.expire(t)
			s.send(t, "r1")
		}},
		{"a bot's reply put back does not hold the person's", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			if err := s.say(t, "x", "p", "r1", s.own(t, "x", "p")); err != nil {
				t.Fatal(err)
			}
			s.again(t, d, time.Hour)
			s.send(t, "r1")
		}},
		{"a refused reply can be told apart", func(t *testing.T, s *Store) {
			if err := s.say(t, "x", "p", "r1", 3); !errors.Is(err, bot.ErrLost) || errors.Is(err, bot.ErrBad) {
				t.Fatalf("Say: %v; want ErrLost alone", err)
			}
		}},
	}
}
