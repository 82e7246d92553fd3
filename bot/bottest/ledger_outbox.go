package bottest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func outboxCases() []ledgerCase {
	return []ledgerCase{
		{"nothing is idle", func(t *testing.T, s *Store) { s.quiet(t) }},
		{"a received message alone sends nothing", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			s.claim(t)
			s.quiet(t)
		}},
		{"a reply comes out as it went in", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Reply.Parts = []bot.Part{
				{Stage: "acknowledge", Text: "세 번째 문의시네요."},
				{Stage: "guide", Text: "**환불**은\n- 내일", Sources: []string{"refund#1"}, Choices: []bot.Choice{{ID: "human", Label: "상담원 연결"}},
					Files: []bot.File{{Name: "a.pdf", URL: "https://x.example/a.pdf"}}},
			}
			w.Entry.Reply.Lang = "ko"
			s.commit(t, w)
			d := s.next(t)
			same(t, "reply", d.Reply, w.Entry.Reply)
			if d.Attempt != 1 || d.Ambiguous || d.Failure != "" {
				t.Fatalf("delivery %+v; want a first, clear attempt", d)
			}
		}},
		{"a reply of choices alone is sent", func(t *testing.T, s *Store) {
			s.receive(t, "x", "a")
			w := think(s.claim(t))
			w.Entry.Reply.Parts = []bot.Part{{Stage: "guide", Choices: []bot.Choice{{ID: "1", Label: "예"}}}}
			s.commit(t, w)
			s.send(t, "re:a")
		}},
		{"each channel has its own", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			if d, err := ability[bot.Outbox](t, s).Next(context.Background(), "slack"); !errors.Is(err, bot.ErrIdle) {
				t.Fatalf("Next(slack) = %v, %v; want ErrIdle", d, err)
			}
			s.send(t, "re:a")
		}},
		{"a reply on its way is nobody else's", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.next(t)
			s.quiet(t)
		}},
		{"a younger reply waits for the older", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			d := s.next(t)
			s.quiet(t)
			s.done(t, d)
			s.send(t, "re:b")
			s.quiet(t)
		}},
		{"a long queue leaves in order", func(t *testing.T, s *Store) {
			all := names("a", 40)
			s.converse(t, "x", all...)
			for _, id := range all {
				s.send(t, "re:"+id)
			}
			s.quiet(t)
		}},
		{"conversations do not wait for each other", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			s.converse(t, "y", "c")
			one, two := s.next(t), s.next(t)
			if one.Reply.To == two.Reply.To {
				t.Fatalf("two replies of %v at once", one.Reply.To)
			}
			s.quiet(t)
		}},
		{"the number is that of the transcript", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			all, err := ability[bot.Transcript](t, s).Events(context.Background(), address("x"), 0, 9)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range all {
				if e.Kind != "reply" {
					continue
				}
				d := s.next(t)
				if d.Seq != e.Seq || d.Reply.ID != e.Reply.ID {
					t.Fatalf("delivery %d %s; want %d %s", d.Seq, d.Reply.ID, e.Seq, e.Reply.ID)
				}
				s.done(t, d)
			}
		}},
		{"done counts once", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			d := s.next(t)
			s.done(t, d)
			lost(t, "second Done", ability[bot.Outbox](t, s).Done(context.Background(), d))
			lost(t, "Again after Done", ability[bot.Outbox](t, s).Again(context.Background(), d, 0))
			s.send(t, "re:b")
		}},
		{"a guessed fence settles nothing", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			guess := *d
			guess.Fence++
			lost(t, "Done", ability[bot.Outbox](t, s).Done(context.Background(), &guess))
			s.done(t, d)
		}},
		{"an unknown delivery settles nothing", func(t *testing.T, s *Store) {
			d := &bot.Delivery{Reply: reply(address("nowhere"), "r"), Seq: 1, Fence: 1}
			lost(t, "Done", ability[bot.Outbox](t, s).Done(context.Background(), d))
		}},
		{"a reply given up frees the next", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			d := s.next(t)
			d.Failure = "the customer cannot be reached"
			s.done(t, d)
			s.send(t, "re:b")
		}},
	}
}

func retryCases() []ledgerCase {
	return []ledgerCase{
		{"a reply put back waits its time", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), time.Minute)
			s.quiet(t)
			s.advance(t, 59*time.Second)
			s.quiet(t)
			s.advance(t, 2*time.Second)
			s.send(t, "re:a")
		}},
		{"a reply put back for no time comes at once", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), 0)
			if d := s.next(t); d.Attempt != 2 {
				t.Fatalf("attempt %d; want 2", d.Attempt)
			}
		}},
		{"a reply put back holds the younger ones", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b", "c")
			s.again(t, s.next(t), time.Minute)
			s.quiet(t)
			s.advance(t, time.Hour)
			for _, id := range []string{"re:a", "re:b", "re:c"} {
				s.send(t, id)
			}
		}},
		{"what is committed later still waits behind it", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), time.Minute)
			s.converse(t, "x", "b")
			s.quiet(t)
			s.advance(t, time.Hour)
			s.send(t, "re:a")
			s.send(t, "re:b")
		}},
		{"a reply put back does not hold other conversations", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), time.Hour)
			s.converse(t, "y", "b")
			s.send(t, "re:b")
		}},
		{"a clear failure is not ambiguous", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.again(t, s.next(t), 0)
			if d := s.next(t); d.Ambiguous {
				t.Fatal("ambiguous after the network had refused it")
			}
		}},
		{"an unclear failure stays ambiguous to the end", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			d.Ambiguous = true
			s.again(t, d, 0)
			for range 3 {
				if d = s.next(t); !d.Ambiguous {
					t.Fatal("not ambiguous although the network may have it")
				}
				s.again(t, d, 0)
			}
		}},
		{"a sender never heard of again makes it ambiguous", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			s.next(t)
			s.expire(t)
			d := s.next(t)
			if !d.Ambiguous || d.Attempt != 2 || d.Reply.ID != "re:a" {
				t.Fatalf("delivery %+v; want a second, ambiguous attempt", d)
			}
			s.done(t, d)
			s.quiet(t)
		}},
		{"ambiguity does not spread", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			s.next(t)
			s.expire(t)
			s.done(t, s.next(t))
			if d := s.next(t); d.Ambiguous || d.Attempt != 1 {
				t.Fatalf("delivery %+v; want a clear first attempt of the younger reply", d)
			}
		}},
		{"a slow sender that was given up settles nothing", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a", "b")
			slow := s.next(t)
			s.expire(t)
			quick := s.next(t)
			lost(t, "slow Done", ability[bot.Outbox](t, s).Done(context.Background(), slow))
			lost(t, "slow Again", ability[bot.Outbox](t, s).Again(context.Background(), slow, 0))
			s.done(t, quick)
			s.send(t, "re:b")
		}},
		{"a slow sender that nobody replaced may settle", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			slow := s.next(t)
			s.expire(t)
			s.done(t, slow)
			s.quiet(t)
		}},
		{"a reply put back twice by the same sender counts once", func(t *testing.T, s *Store) {
			s.converse(t, "x", "a")
			d := s.next(t)
			s.again(t, d, 0)
			lost(t, "second Again", ability[bot.Outbox](t, s).Again(context.Background(), d, time.Hour))
			s.send(t, "re:a")
		}},
	}
}
