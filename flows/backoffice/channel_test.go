package backoffice_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/flows/backoffice"
	"github.com/onkihq/onki/flows/solve"
)

// desk is an engine whose only stage orders what the customer says, and tells
// what comes back.
type desk struct {
	t      *testing.T
	ledger fullLedger
	sys    *system
	path   string
	close  func() error
}

type fullLedger interface {
	bot.Ledger
	bot.Outbox
	bot.Journal
}

var customer = bot.Address{Channel: "web", Thread: "kim"}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, sys: newSystem(t), path: filepath.Join(t.TempDir(), "l.db")}
	d.open()
	t.Cleanup(func() { d.close() })
	return d
}

func (d *desk) open() {
	l, err := sqlledger.Open(context.Background(), "sqlite:"+d.path, sqlledger.Options{})
	if err != nil {
		d.t.Fatal(err)
	}
	d.ledger, d.close = l, l.Close
}

// order commits a turn that orders a cancellation.
func (d *desk) order(amount float64) bot.Reply {
	d.t.Helper()
	ctx := context.Background()
	m := bot.Message{ID: "m1", From: customer, Text: "네", Time: time.Now()}
	if err := d.ledger.Receive(ctx, m); err != nil {
		d.t.Fatal(err)
	}
	w, err := d.ledger.Claim(ctx)
	if err != nil {
		d.t.Fatal(err)
	}
	text, _ := json.Marshal(solve.Errand{Action: "cancel", Args: map[string]string{"order": "1042"}, Amount: amount, For: customer})
	o := bot.Reply{ID: "do:re:m1", To: bot.Address{Channel: "backoffice", Thread: customer.String()},
		Parts: []bot.Part{{Stage: "action", Text: string(text)}}, Time: m.Time}
	(&bot.Engine{Flow: bot.Flow{{Name: "x", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "넣었습니다."})
		t.Orders = append(t.Orders, o)
		return nil
	}}}}).Answer(ctx, w)
	if err := d.ledger.Commit(ctx, w); err != nil {
		d.t.Fatal(err)
	}
	return o
}

func (d *desk) channel(limit float64, deliver func(context.Context, bot.Message) error) *backoffice.Channel {
	c := &backoffice.Channel{Client: d.sys.client(d.t), Limits: solve.Limits{"cancel": limit}}
	if err := c.Listen(context.Background(), deliver); err != nil {
		d.t.Fatal(err)
	}
	return c
}

// send tries the head of the outbox once.
func (d *desk) send(c bot.Channel) error {
	d.t.Helper()
	ctx := context.Background()
	del, err := d.ledger.Next(ctx, "backoffice")
	if err != nil {
		return err
	}
	if err := c.Send(ctx, del.Reply); err != nil {
		if err := d.ledger.Again(ctx, del, 0); err != nil {
			d.t.Fatal(err)
		}
		return err
	}
	return d.ledger.Done(ctx, del)
}

// results are the reports that wait to be told.
func (d *desk) results() []bot.Message {
	w, err := d.ledger.Claim(context.Background())
	if errors.Is(err, bot.ErrIdle) {
		return nil
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return w.Messages
}

func (d *desk) want(outcome string, carriedOut int) {
	d.t.Helper()
	got := d.results()
	if len(got) != 1 || got[0].Event != bot.EventAction || got[0].Context["outcome"] != outcome || got[0].Context["order"] != "do:re:m1" || got[0].From != customer {
		d.t.Fatalf("reports %+v, want one: %s", got, outcome)
	}
	if n := d.sys.done["do:re:m1"]; n != carriedOut || len(d.sys.done) > 1 {
		d.t.Fatalf("carried out %v, want %d under one key", d.sys.done, carriedOut)
	}
}

func TestAnOrderIsCarriedOutAndReported(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	if err := d.send(d.channel(50_000, d.ledger.Receive)); err != nil {
		t.Fatal(err)
	}
	got := d.results()
	if len(got) != 1 || got[0].Context["fact.refund"] != "42000" || got[0].Context["fact.by"] != "2026-03-07" {
		t.Fatalf("reports %+v", got)
	}
	if err := d.send(d.channel(50_000, d.ledger.Receive)); !errors.Is(err, bot.ErrIdle) {
		t.Errorf("there is more to do: %v", err)
	}
}

func TestALostResponseIsNotDoneTwice(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	c := d.channel(50_000, d.ledger.Receive)
	d.sys.next = append(d.sys.next, func(w http.ResponseWriter, r *http.Request) bool {
		d.sys.once(r.Header.Get("Idempotency-Key")) // done, and the answer is lost on the way
		conn, _, _ := w.(http.Hijacker).Hijack()
		conn.Close()
		return true
	}, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	})
	for range 2 {
		if err := d.send(c); err == nil {
			t.Fatal("a lost answer passes for done")
		}
	}
	if err := d.send(c); err != nil {
		t.Fatal(err)
	}
	d.want("done", 1)
}

func TestACrashBetweenDoingAndReporting(t *testing.T) {
	for name, deliver := range map[string]func(d *desk) func(context.Context, bot.Message) error{
		"before the report is kept": func(*desk) func(context.Context, bot.Message) error {
			return func(context.Context, bot.Message) error { return errors.New("the process dies here") }
		},
		"after the report is kept": func(d *desk) func(context.Context, bot.Message) error {
			return func(ctx context.Context, m bot.Message) error {
				if err := d.ledger.Receive(ctx, m); err != nil {
					return err
				}
				return errors.New("the process dies here")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.order(42_000)
			del, err := d.ledger.Next(context.Background(), "backoffice")
			if err != nil {
				t.Fatal(err)
			}
			if err := d.channel(50_000, deliver(d)).Send(context.Background(), del.Reply); err == nil {
				t.Fatal("the crash was not noticed")
			}
			d.close()
			d.open() // what was on its way is free again, marked as perhaps done
			if err := d.send(d.channel(50_000, d.ledger.Receive)); err != nil {
				t.Fatal(err)
			}
			d.want("done", 1)
		})
	}
}

func TestTheLastGate(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	if err := d.send(d.channel(41_999, d.ledger.Receive)); err != nil {
		t.Fatal(err)
	}
	d.want("refused", 0)
	if d.sys.count() != 0 {
		t.Errorf("the system was called: %v", d.sys.calls)
	}
}

func TestARefusalIsReported(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	d.sys.next = append(d.sys.next, func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusConflict); return true })
	if err := d.send(d.channel(50_000, d.ledger.Receive)); err != nil {
		t.Fatal(err)
	}
	d.want("refused", 0)
}

func TestAYesThatCannotBeTrusted(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	d.sys.next = append(d.sys.next, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"refund": "lots"}`)
		return true
	})
	if err := d.send(d.channel(50_000, d.ledger.Receive)); err != nil {
		t.Fatal(err)
	}
	d.want("failed", 0)
}

func TestAnOrderIsGivenUpAloud(t *testing.T) {
	d := newDesk(t)
	d.order(42_000)
	c := d.channel(50_000, d.ledger.Receive)
	c.Now = func() time.Time { return time.Now().Add(11 * time.Minute) }
	d.sys.next = append(d.sys.next, func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusInternalServerError)
		return true
	})
	if err := d.send(c); err != nil {
		t.Fatal(err)
	}
	d.want("failed", 0)
}
