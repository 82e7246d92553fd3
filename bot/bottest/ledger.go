package bottest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Store is one empty ledger under test, with the handles the suite needs.
type Store struct {
	Ledger bot.Ledger
	// Advance moves the ledger's clock forward. Nil skips what depends on
	// leases and waiting.
	Advance func(d time.Duration)
	// Reopen ends the ledger as a kill of the process would and opens the same
	// data again. Nil skips what depends on surviving.
	Reopen func(t *testing.T) bot.Ledger
	// Lease is longer than any lease the ledger gives; 0 means five minutes.
	Lease time.Duration
}

// A ledgerCase is one promise of a ledger.
type ledgerCase struct {
	name string
	run  func(t *testing.T, s *Store)
}

// TestLedger checks that the ledger keeps what bot.Ledger promises, and what
// bot.Outbox, bot.Transcript, bot.Journal, bot.Desk and bot.Opener promise if it
// has them.
// open returns a new, empty store for each case; it cleans up with t.Cleanup.
func TestLedger(t *testing.T, open func(t *testing.T) *Store) {
	groups := []struct {
		name  string
		cases []ledgerCase
	}{
		{"receive", receiveCases()}, {"receive hostile", hostileCases()},
		{"claim", claimCases()}, {"lease", leaseCases()},
		{"commit", commitCases()}, {"open", openCases()}, {"customer", customerCases()},
		{"outbox", outboxCases()}, {"orders", orderCases()}, {"retry", retryCases()},
		{"desk", deskCases()}, {"say", sayCases()}, {"hand-over", handoverCases()}, {"notify", notifyCases()}, {"link", linkCases()},
		{"transcript", transcriptCases()}, {"journal", journalCases()},
		{"survive", surviveCases()}, {"crowd", crowdCases()},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for _, c := range g.cases {
				t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
			}
		})
	}
}

// start is the time of the first message of every case; Seoul time, so that
// offsets are seen to survive.
var start = time.Date(2026, 3, 2, 9, 30, 0, 123456000, time.FixedZone("", 9*3600))

// message returns a message in a conversation of the web channel.
func message(thread, id string) bot.Message {
	return bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: thread}, Text: "text of " + id, Time: start}
}

func address(thread string) bot.Address { return bot.Address{Channel: "web", Thread: thread} }

// receive takes messages of one conversation into the ledger.
func (s *Store) receive(t *testing.T, thread string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		s.take(t, message(thread, id))
	}
}

func (s *Store) take(t *testing.T, m bot.Message) {
	t.Helper()
	if err := s.Ledger.Receive(context.Background(), m); err != nil {
		t.Fatalf("Receive(%.40q in %.40q): %v", m.ID, m.From.Thread, err)
	}
}

// claim claims what must be there.
func (s *Store) claim(t *testing.T) *bot.Work {
	t.Helper()
	w, err := s.Ledger.Claim(context.Background())
	if err != nil {
		t.Fatalf("Claim: %v; want work", err)
	}
	return w
}

// idle checks that there is nothing to claim.
func (s *Store) idle(t *testing.T) {
	t.Helper()
	if w, err := s.Ledger.Claim(context.Background()); !errors.Is(err, bot.ErrIdle) {
		t.Fatalf("Claim = %v, %v; want ErrIdle", w, err)
	}
}

// think does to the work what an engine does: one more turn, one reply.
func think(w *bot.Work) *bot.Work {
	last := w.Messages[len(w.Messages)-1]
	after := w.Session.Clone()
	after.Address = w.Address
	after.Turns++
	after.Updated = last.Time
	w.Entry = bot.Entry{Messages: w.Messages, Session: after, Time: last.Time, Reply: reply(w.Address, "re:"+last.ID)}
	for _, m := range w.Messages {
		w.Entry.Reply.Answers = append(w.Entry.Reply.Answers, m.ID)
	}
	return w
}

func reply(to bot.Address, id string) bot.Reply {
	return bot.Reply{ID: id, To: to, Parts: []bot.Part{{Stage: "guide", Text: "text of " + id}}, Time: start}
}

func (s *Store) commit(t *testing.T, w *bot.Work) {
	t.Helper()
	if err := s.Ledger.Commit(context.Background(), w); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

// turn claims, thinks and commits once.
func (s *Store) turn(t *testing.T) *bot.Work {
	t.Helper()
	w := think(s.claim(t))
	s.commit(t, w)
	return w
}

// converse receives the messages one by one, a turn after each.
func (s *Store) converse(t *testing.T, thread string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		s.receive(t, thread, id)
		s.turn(t)
	}
}

// lost checks that the operation was refused because something moved on.
func lost(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, bot.ErrLost) {
		t.Fatalf("%s: %v; want ErrLost", what, err)
	}
}

func (s *Store) advance(t *testing.T, d time.Duration) {
	t.Helper()
	if s.Advance == nil {
		t.Skip("this store has no clock to move")
	}
	s.Advance(d)
}

// expire lets every lease run out.
func (s *Store) expire(t *testing.T) {
	t.Helper()
	s.advance(t, max(s.Lease, 5*time.Minute))
}

// kill reopens the store.
func (s *Store) kill(t *testing.T) {
	t.Helper()
	if s.Reopen == nil {
		t.Skip("this store does not survive the process")
	}
	s.Ledger = s.Reopen(t)
}

// ability returns the ledger as one of its optional interfaces.
func ability[T any](t *testing.T, s *Store) T {
	t.Helper()
	a, ok := s.Ledger.(T)
	if !ok {
		t.Skipf("this ledger is no %T", (*T)(nil))
	}
	return a
}

// next hands out a delivery on the web channel, which must be there.
func (s *Store) next(t *testing.T) *bot.Delivery {
	t.Helper()
	d, err := ability[bot.Outbox](t, s).Next(context.Background(), "web")
	if err != nil {
		t.Fatalf("Next: %v; want a reply", err)
	}
	return d
}

// quiet checks that there is nothing to send on the web channel.
func (s *Store) quiet(t *testing.T) {
	t.Helper()
	if d, err := ability[bot.Outbox](t, s).Next(context.Background(), "web"); !errors.Is(err, bot.ErrIdle) {
		t.Fatalf("Next = %v, %v; want ErrIdle", d, err)
	}
}

func (s *Store) done(t *testing.T, d *bot.Delivery) {
	t.Helper()
	if err := ability[bot.Outbox](t, s).Done(context.Background(), d); err != nil {
		t.Fatalf("Done(%s): %v", d.Reply.ID, err)
	}
}

func (s *Store) again(t *testing.T, d *bot.Delivery, wait time.Duration) {
	t.Helper()
	if err := ability[bot.Outbox](t, s).Again(context.Background(), d, wait); err != nil {
		t.Fatalf("Again(%s): %v", d.Reply.ID, err)
	}
}

// send sends the next reply and checks which one it is.
func (s *Store) send(t *testing.T, id string) {
	t.Helper()
	d := s.next(t)
	if d.Reply.ID != id {
		t.Fatalf("Next = %.60s; want %.60s", d.Reply.ID, id)
	}
	s.done(t, d)
}

// events returns the whole transcript, written as "message a", "reply re:a",
// "owner bot", and checks that its numbers have no gap.
func (s *Store) events(t *testing.T, thread string) []string {
	t.Helper()
	all, err := ability[bot.Transcript](t, s).Events(context.Background(), address(thread), 0, 1<<20)
	if err != nil {
		t.Fatalf("Events: %v", err)
	}
	var out []string
	for i, e := range all {
		if e.Seq != int64(i)+1 {
			t.Fatalf("event %d has number %d; want no gap and no repeat", i+1, e.Seq)
		}
		out = append(out, e.Kind+" "+subject(e))
	}
	return out
}

func subject(e bot.Event) string {
	switch {
	case e.Message != nil:
		return e.Message.ID
	case e.Reply != nil:
		return e.Reply.ID
	}
	return e.Owner
}

// entries returns the whole journal of a conversation.
func (s *Store) entries(t *testing.T, thread string) []bot.Entry {
	t.Helper()
	all, err := ability[bot.Journal](t, s).Entries(context.Background(), address(thread), 0, 1<<20)
	if err != nil {
		t.Fatalf("Entries: %v", err)
	}
	return all
}

// equal compares two lists and names the difference.
func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %.300q\nwant %.300q", what, got, want)
	}
}

// same compares two values by what is kept of them, their JSON.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	g, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	w, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(g) != string(w) {
		t.Fatalf("%s:\n got %.600s\nwant %.600s", what, g, w)
	}
}

// ids returns the IDs of messages, in order.
func ids(messages []bot.Message) []string {
	var out []string
	for _, m := range messages {
		out = append(out, m.ID)
	}
	return out
}

// names returns n names: a000, a001 …
func names(prefix string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%03d", prefix, i)
	}
	return out
}
