package bottest

import (
	"context"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// A linker is a ledger that knows one customer over several channels.
type linker interface {
	OfferLink(ctx context.Context, a bot.Address, user string, until time.Time) (string, error)
	RedeemLink(ctx context.Context, token string, a bot.Address, user string) (bool, error)
	Unlink(ctx context.Context, a bot.Address, user string) error
}

// chat is a conversation on another channel.
func chat(thread string) bot.Address { return bot.Address{Channel: "telegram", Thread: thread} }

// offer hands a token out in a conversation of the web.
func (s *Store) offer(t *testing.T, thread, user string, until time.Time) string {
	t.Helper()
	token, err := ability[linker](t, s).OfferLink(context.Background(), address(thread), user, until)
	if err != nil || len(token) < 22 || len(token) > 40 {
		t.Fatalf("OfferLink: %q, %v; want a token for a deep link", token, err)
	}
	return token
}

func (s *Store) redeem(t *testing.T, token string, a bot.Address, user string, want bool) {
	t.Helper()
	got, err := ability[linker](t, s).RedeemLink(context.Background(), token, a, user)
	if err != nil || got != want {
		t.Fatalf("RedeemLink = %v, %v; want %v", got, err, want)
	}
}

// hears receives a message and commits a turn that changes what is remembered.
func (s *Store) hears(t *testing.T, a bot.Address, user, id string, change func(w *bot.Work)) *bot.Work {
	t.Helper()
	s.take(t, bot.Message{ID: id, From: a, User: user, Text: "text of " + id, Time: start})
	w := think(s.claim(t))
	if change != nil {
		change(w)
	}
	s.commit(t, w)
	return w
}

func linkCases() []ledgerCase {
	far := time.Now().AddDate(100, 0, 0) // beyond every store's clock
	remember := func(what string, weight float64) func(*bot.Work) {
		return func(w *bot.Work) {
			w.Customer.Promises = append(w.Customer.Promises, bot.Promise{What: what, State: "open"})
			w.Customer.Cues = map[string]bot.Belief{"sensitive": {For: weight, Against: 1}}
			w.Entry.Session.Case.Event = "case of " + what
		}
	}
	return []ledgerCase{
		{"what was remembered follows to the other channel", func(t *testing.T, s *Store) {
			s.hears(t, address("x"), "", "a", remember("one", 2))
			s.redeem(t, s.offer(t, "x", "", far), chat("7"), "7", true)
			w := s.hears(t, chat("7"), "7", "b", remember("two", 3))
			if len(w.Customer.Promises) != 2 || w.Session.Case.Event != "case of one" || w.Session.Turns != 0 || w.Session.Owner != bot.OwnerBot || w.Session.Address != chat("7") {
				t.Fatalf("customer %+v, session %+v; want the promise and the open case", w.Customer, w.Session)
			}
			back := s.hears(t, address("x"), "", "c", nil)
			if len(back.Customer.Promises) != 2 || back.Customer.ID != w.Customer.ID {
				t.Fatalf("back on the web: %+v; want both promises", back.Customer)
			}
		}},
		{"who has not written yet is linked, too", func(t *testing.T, s *Store) {
			type knows interface {
				Linked(ctx context.Context, a bot.Address) ([]bot.Address, error)
			}
			k := ability[knows](t, s)
			s.redeem(t, s.offer(t, "x", "", far), chat("7"), "7", true)
			for _, a := range []bot.Address{chat("7"), address("x")} {
				if all, err := k.Linked(context.Background(), a); err != nil || len(all) != 2 {
					t.Errorf("linked to %s: %v, %v; want both", a, all, err)
				}
			}
		}},
		{"two who were known become one", func(t *testing.T, s *Store) {
			s.hears(t, address("x"), "u", "a", remember("one", 2))
			s.hears(t, chat("7"), "7", "b", remember("two", 3))
			s.redeem(t, s.offer(t, "x", "u", far), chat("7"), "7", true)
			w := s.hears(t, chat("7"), "7", "c", nil)
			if len(w.Customer.Promises) != 2 || w.Customer.Cues["sensitive"].For != 5 || w.Session.Case.Event != "case of two" {
				t.Fatalf("customer %+v, case %q; want both joined, and the conversation as it was", w.Customer, w.Session.Case.Event)
			}
		}},
		{"a token is used once, and not when it is old", func(t *testing.T, s *Store) {
			token := s.offer(t, "x", "", far)
			s.redeem(t, token, chat("7"), "7", true)
			s.redeem(t, token, chat("8"), "8", false)
			s.redeem(t, token, chat("7"), "7", true) // the answer was lost, and they ask again
			s.redeem(t, "nothing-of-the-kind-0000000000", chat("8"), "8", false)
			s.redeem(t, s.offer(t, "x", "", time.Unix(1, 0)), chat("8"), "8", false)
			if w := s.hears(t, chat("8"), "8", "b", nil); w.Customer.ID != chat("8").Customer("8") {
				t.Fatalf("customer %q; want a stranger", w.Customer.ID)
			}
		}},
		{"no made-up token links", func(t *testing.T, s *Store) { s.forged(t, far) }},
		{"three channels are one person", func(t *testing.T, s *Store) {
			s.hears(t, address("x"), "", "a", remember("one", 1))
			s.redeem(t, s.offer(t, "x", "", far), chat("7"), "7", true)
			s.redeem(t, s.offer(t, "x", "", far), chat("8"), "8", true)
			if one, two := s.hears(t, chat("7"), "7", "b", nil), s.hears(t, chat("8"), "8", "c", nil); one.Customer.ID != two.Customer.ID || len(two.Customer.Promises) != 1 {
				t.Fatalf("customers %+v and %+v; want one", one.Customer, two.Customer)
			}
		}},
		{"who parts begins anew", func(t *testing.T, s *Store) {
			s.hears(t, address("x"), "", "a", remember("one", 1))
			token := s.offer(t, "x", "", far)
			s.redeem(t, token, chat("7"), "7", true)
			if err := ability[linker](t, s).Unlink(context.Background(), chat("7"), "7"); err != nil {
				t.Fatal(err)
			}
			s.redeem(t, token, chat("7"), "7", false)
			if w := s.hears(t, chat("7"), "7", "b", nil); len(w.Customer.Promises) != 0 {
				t.Fatalf("customer %+v; want nothing of the other channel", w.Customer)
			}
			if w := s.hears(t, address("x"), "", "c", nil); len(w.Customer.Promises) != 1 {
				t.Fatalf("customer %+v; want what was remembered there", w.Customer)
			}
		}},
		{"a turn in the making does not undo a link", func(t *testing.T, s *Store) {
			s.hears(t, chat("7"), "7", "a", remember("two", 1))
			token := s.offer(t, "x", "", far)
			s.take(t, bot.Message{ID: "b", From: chat("7"), User: "7", Text: "b", Time: start})
			w := think(s.claim(t))
			s.redeem(t, token, chat("7"), "7", true)
			lost(t, "commit after the link", s.Ledger.Commit(context.Background(), w))
			if again := s.claim(t); again.Customer.ID != address("x").Customer("") || len(again.Customer.Promises) != 1 {
				t.Fatalf("claimed %+v; want the one they are now", again.Customer)
			}
		}},
		{"a link survives", func(t *testing.T, s *Store) {
			s.hears(t, address("x"), "", "a", remember("one", 1))
			token := s.offer(t, "x", "", far)
			s.kill(t)
			s.redeem(t, token, chat("7"), "7", true)
			s.kill(t)
			s.redeem(t, token, chat("8"), "8", false)
			s.redeem(t, token, chat("7"), "7", true)
			if w := s.hears(t, chat("7"), "7", "b", nil); len(w.Customer.Promises) != 1 {
				t.Fatalf("customer %+v; want the promise", w.Customer)
			}
		}},
		{"erasing one conversation keeps what the other needs", func(t *testing.T, s *Store) {
			type eraser interface {
				Erase(ctx context.Context, a bot.Address) error
			}
			e := ability[eraser](t, s)
			s.hears(t, address("x"), "", "a", remember("one", 1))
			s.redeem(t, s.offer(t, "x", "", far), chat("7"), "7", true)
			s.hears(t, chat("7"), "7", "b", nil)
			if err := e.Erase(context.Background(), address("x")); err != nil { // as what is old goes
				t.Fatal(err)
			}
			if w := s.hears(t, chat("7"), "7", "c", nil); len(w.Customer.Promises) != 1 {
				t.Fatalf("customer %+v; want the open promise", w.Customer)
			}
		}},
		{"erasing all leaves nothing", func(t *testing.T, s *Store) {
			type eraser interface {
				Erase(ctx context.Context, a bot.Address) error
				Linked(ctx context.Context, a bot.Address) ([]bot.Address, error)
			}
			e := ability[eraser](t, s)
			s.hears(t, address("x"), "", "a", remember("one", 1))
			s.redeem(t, s.offer(t, "x", "", far), chat("7"), "7", true)
			s.hears(t, chat("7"), "7", "b", nil)
			all, err := e.Linked(context.Background(), chat("7"))
			if err != nil || len(all) != 2 {
				t.Fatalf("linked %v, %v; want both", all, err)
			}
			for _, a := range all {
				if err := e.Erase(context.Background(), a); err != nil {
					t.Fatal(err)
				}
			}
			if left := s.events(t, "x"); len(left) != 0 {
				t.Fatalf("left %q", left)
			}
			if w := s.hears(t, address("x"), "", "c", nil); len(w.Customer.Promises) != 0 || w.Session.Case.Event != "" {
				t.Fatalf("claimed %+v; want a stranger", w.Customer)
			}
		}},
	}
}

// forgedLinks is how many made-up tokens of deep links a suite tries.
const forgedLinks = 32

// forged redeems tokens that were never handed out, among them a true one with
// one letter changed, and an old and a used one again and again.
func (s *Store) forged(t *testing.T, far time.Time) {
	t.Helper()
	used, open := s.offer(t, "x", "u", far), s.offer(t, "x", "u", far)
	s.redeem(t, used, chat("7"), "7", true)
	old := s.offer(t, "x", "u", time.Unix(1, 0))
	for i := range forgedLinks {
		b := []byte(open)
		at := i % len(b)
		if b[at]++; b[at] == open[at] || string(b) == used {
			continue
		}
		for _, token := range []string{string(b), open[:at], used, old} {
			s.redeem(t, token, chat("8"), "8", false)
		}
	}
	s.redeem(t, open, chat("8"), "8", true)
}
