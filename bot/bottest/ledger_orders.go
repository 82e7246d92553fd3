package bottest

import (
	"context"
	"errors"
	"testing"

	"github.com/onkihq/onki/bot"
)

// order is an order to a system of the brand's.
func order(id string) bot.Reply {
	return bot.Reply{ID: id, To: bot.Address{Channel: "backoffice", Thread: "web:x"}, Parts: []bot.Part{{Stage: "action", Text: `{"do":"환불"}`}}, Time: start}
}

// ordered hands out the next order.
func (s *Store) ordered(t *testing.T) *bot.Delivery {
	t.Helper()
	d, err := ability[bot.Outbox](t, s).Next(context.Background(), "backoffice")
	if err != nil {
		t.Fatalf("Next(backoffice): %v; want an order", err)
	}
	return d
}

func (s *Store) ordering(t *testing.T, id string, orders ...string) *bot.Work {
	t.Helper()
	s.receive(t, "x", id)
	w := think(s.claim(t))
	for _, o := range orders {
		w.Entry.Orders = append(w.Entry.Orders, order(o))
	}
	return w
}

func orderCases() []ledgerCase {
	none := func(t *testing.T, s *Store) {
		t.Helper()
		if d, err := ability[bot.Outbox](t, s).Next(context.Background(), "backoffice"); !errors.Is(err, bot.ErrIdle) {
			t.Fatalf("Next(backoffice) = %v, %v; want ErrIdle", d, err)
		}
	}
	return []ledgerCase{
		{"an order goes to its own channel beside the reply", func(t *testing.T, s *Store) {
			s.commit(t, s.ordering(t, "a", "do:a"))
			d := s.ordered(t)
			same(t, "order", d.Reply, order("do:a"))
			s.send(t, "re:a") // the customer does not wait for it
			s.done(t, d)
			none(t, s)
		}},
		{"orders of a conversation keep their order", func(t *testing.T, s *Store) {
			s.commit(t, s.ordering(t, "a", "do:1", "do:2"))
			s.commit(t, s.ordering(t, "b", "do:3"))
			for _, id := range []string{"do:1", "do:2", "do:3"} {
				d := s.ordered(t)
				if d.Reply.ID != id {
					t.Fatalf("order %s; want %s", d.Reply.ID, id)
				}
				none(t, s)
				s.done(t, d)
			}
		}},
		{"a lost turn orders nothing", func(t *testing.T, s *Store) {
			w := s.ordering(t, "a", "do:a")
			s.expire(t)
			s.claim(t)
			if err := s.Ledger.Commit(context.Background(), w); !errors.Is(err, bot.ErrLost) {
				t.Fatalf("Commit: %v; want ErrLost", err)
			}
			none(t, s)
		}},
		{"an order survives the process", func(t *testing.T, s *Store) {
			s.commit(t, s.ordering(t, "a", "do:a"))
			s.ordered(t)
			s.kill(t)
			d := s.ordered(t)
			if d.Reply.ID != "do:a" || !d.Ambiguous {
				t.Fatalf("%+v; want do:a again, as perhaps done", d)
			}
		}},
		{"a person who takes over does not undo what was ordered", func(t *testing.T, s *Store) {
			s.commit(t, s.ordering(t, "a", "do:a"))
			s.own(t, "x", "kim")
			s.ordered(t)
		}},
		{"a result is answered like a message and shown as an event", func(t *testing.T, s *Store) {
			m := message("x", "result")
			m.Event, m.Text, m.Context = bot.EventAction, "", map[string]string{"order": "do:a", "outcome": "done"}
			s.take(t, m)
			s.take(t, m)
			w := s.claim(t)
			same(t, "messages", w.Messages, []bot.Message{m})
			all, err := ability[bot.Transcript](t, s).Events(context.Background(), address("x"), 0, 9)
			if err != nil || len(all) != 1 || all[0].Kind != "event" {
				t.Fatalf("events %+v, %v; want one, of kind event", all, err)
			}
			same(t, "event", all[0].Message, m)
		}},
	}
}
