package bottest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// A notifier is a ledger that lets the bot speak of its own accord.
type notifier interface {
	Notify(ctx context.Context, s bot.Session, r bot.Reply) (bool, error)
}

// notify says something unasked and checks whether it was queued.
func (s *Store) notify(t *testing.T, from bot.Session, id string, want bool) {
	t.Helper()
	got, err := ability[notifier](t, s).Notify(context.Background(), from, reply(from.Address, id))
	if err != nil || got != want {
		t.Fatalf("Notify(%s) = %v, %v; want %v", id, got, err, want)
	}
}

func notifyCases() []ledgerCase {
	return []ledgerCase{
		{"what is said unasked is said once", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			s.send(t, "re:a")
			now := s.state(t, "x")
			s.notify(t, now, "late", true)
			s.notify(t, now, "late", false)
			s.send(t, "late")
			s.notify(t, now, "late", false)
			s.notify(t, now, "later", true)
			equal(t, "events", s.events(t, "x"), []string{"message a", "reply re:a", "owner waiting", "reply late", "reply later"})
		}},
		{"ten at once say it once", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			now, n := s.state(t, "x"), ability[notifier](t, s)
			var all sync.WaitGroup
			var queued atomic.Int64
			for range 10 {
				all.Go(func() {
					ok, err := n.Notify(context.Background(), now, reply(address("x"), "late"))
					if err != nil {
						t.Error(err)
					}
					if ok {
						queued.Add(1)
					}
				})
			}
			all.Wait()
			if queued.Load() != 1 {
				t.Fatalf("queued %d times; want once", queued.Load())
			}
		}},
		{"it is not said when somebody came meanwhile", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			before := s.state(t, "x")
			s.own(t, "x", "p")
			s.notify(t, before, "late", false)
			s.notify(t, bot.Session{Address: address("nowhere"), Owner: bot.OwnerBot}, "late", false)
			s.quiet(t)
		}},
		{"it is said once though the process dies", func(t *testing.T, s *Store) {
			s.call(t, "x", "a")
			s.send(t, "re:a")
			s.notify(t, s.state(t, "x"), "late", true)
			s.kill(t)
			s.notify(t, s.state(t, "x"), "late", false)
			s.send(t, "late")
			s.quiet(t)
		}},
		{"who wants nothing unasked is left alone", func(t *testing.T, s *Store) {
			type keeper interface {
				Consent(ctx context.Context, a bot.Address, what string, given bool, version string, at time.Time) error
			}
			s.call(t, "x", "a")
			k := ability[keeper](t, s)
			for i, given := range []bool{false, true} {
				if err := k.Consent(context.Background(), address("x"), "contact", given, "1", start); err != nil {
					t.Fatal(err)
				}
				s.notify(t, s.state(t, "x"), names("n", 2)[i], given)
			}
		}},
	}
}
