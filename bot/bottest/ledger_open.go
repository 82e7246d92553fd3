package bottest

import (
	"context"
	"testing"

	"github.com/onkihq/onki/bot"
)

// openCases are the promises of a bot.Opener: first words and rest are one
// answer, each exactly once, whatever happens between them.
func openCases() []ledgerCase {
	return []ledgerCase{
		{"first words leave before the rest, and both are one answer", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			s.open(t, w)
			s.send(t, "open:a")
			s.quiet(t)
			s.commit(t, thinkOpened(w))
			d := s.next(t)
			if len(d.Reply.Parts) != 1 || d.Reply.Parts[0].Text != "text of re:a" {
				t.Fatalf("the rest is %+v; want what had not left", d.Reply.Parts)
			}
			s.done(t, d)
			s.quiet(t)
			s.idle(t)
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply open:a", "reply re:a"})
			if e := s.entries(t, "x"); len(e) != 1 || len(e[0].Reply.Parts) != 2 || e[0].Opened != 1 {
				t.Fatalf("journal %+v; want one entry with both parts", e)
			}
		}},
		{"the rest waits for the first words", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			s.open(t, w)
			first := s.next(t)
			s.commit(t, thinkOpened(w))
			s.quiet(t)
			s.done(t, first)
			s.send(t, "re:a")
		}},
		{"the work goes on under the same fence, with its messages pending", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			s.open(t, w)
			s.idle(t)
			s.receive(t, "x", "b")
			s.commit(t, thinkOpened(w))
			next := s.claim(t)
			equal(t, "claimed", ids(next.Messages), []string{"b"})
			if len(next.Opening) > 0 {
				t.Fatalf("the next message was opened with %+v", next.Opening)
			}
		}},
		{"who claims again finds what was said", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.open(t, s.claim(t))
			s.receive(t, "x", "b")
			s.expire(t)
			w := s.claim(t)
			equal(t, "claimed", ids(w.Messages), []string{"a", "b"})
			same(t, "opening", w.Opening, opening())
			lost(t, "a second opening", openOf(t, s).Open(context.Background(), w, openingReply(w)))
			s.commit(t, thinkOpened(w))
			s.send(t, "open:a")
			s.send(t, "re:b")
			s.quiet(t)
		}},
		{"a death between the two loses and repeats neither", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.open(t, s.claim(t))
			s.kill(t)
			w := s.claim(t)
			same(t, "opening", w.Opening, opening())
			s.kill(t)
			s.advance(t, 10e9)
			s.commit(t, thinkOpened(s.claim(t)))
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply open:a", "reply re:a"})
		}},
		{"a turn that does not know of the first words is thought again at once", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			s.open(t, w)
			lost(t, "commit", s.Ledger.Commit(context.Background(), think(w)))
			again := s.claim(t)
			same(t, "opening", again.Opening, opening())
			s.commit(t, thinkOpened(again))
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply open:a", "reply re:a"})
		}},
		{"a turn that takes for said what was not is thought again", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			lost(t, "commit", s.Ledger.Commit(context.Background(), thinkOpened(s.claim(t))))
			s.turn(t)
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a"})
		}},
		{"work that has moved on is not opened", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			slow := s.claim(t)
			lost(t, "unclaimed", openOf(t, s).Open(context.Background(), &bot.Work{Address: address("x"), Messages: slow.Messages}, openingReply(slow)))
			s.expire(t)
			s.turn(t)
			lost(t, "slow", openOf(t, s).Open(context.Background(), slow, openingReply(slow)))
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a"})
		}},
		{"a person who takes over ends it", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := s.claim(t)
			s.open(t, w)
			s.own(t, "x", "p")
			s.quiet(t)
			lost(t, "commit", s.Ledger.Commit(context.Background(), thinkOpened(w)))
		}},
	}
}

func opening() []bot.Part { return []bot.Part{{Stage: "acknowledge", Text: "first words"}} }

func openingReply(w *bot.Work) bot.Reply {
	r := reply(w.Address, "open:"+w.Messages[len(w.Messages)-1].ID)
	r.Parts = opening()
	return r
}

func openOf(t *testing.T, s *Store) bot.Opener {
	t.Helper()
	return ability[bot.Opener](t, s)
}

// open lets the first words of the work leave.
func (s *Store) open(t *testing.T, w *bot.Work) {
	t.Helper()
	if err := openOf(t, s).Open(context.Background(), w, openingReply(w)); err != nil {
		t.Fatalf("Open: %v", err)
	}
}

// thinkOpened is think for work whose first words have left.
func thinkOpened(w *bot.Work) *bot.Work {
	think(w)
	w.Entry.Opened = 1
	w.Entry.Reply.Parts = append(opening(), w.Entry.Reply.Parts...)
	return w
}
