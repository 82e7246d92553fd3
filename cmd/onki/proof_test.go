package main

import (
	"log/slog"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/brands/backend"
	"github.com/onkihq/onki/flows/backoffice"
	"github.com/onkihq/onki/flows/solve"
)

// asker talks with the example shop, whose back office is asked over HTTP.
type asker struct {
	t      *testing.T
	engine *bot.Engine
	ledger *bot.Memory
	n      int
}

func newAsker(t *testing.T) *asker {
	t.Helper()
	b, err := openBrand(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	office, err := backend.Open(b.fs, nil)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(office)
	t.Cleanup(server.Close)
	own := *b.book.Office
	own.Hosts = []string{"127.0.0.1"}
	client, err := backoffice.New(&own, backoffice.Options{Getenv: func(string) string { return server.URL }})
	if err != nil {
		t.Fatal(err)
	}
	care, _, err := b.connect(true, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	care.Solver.(*solve.Solver).Lookup = client
	return &asker{t: t, engine: &bot.Engine{Flow: care.Flow(), Rescue: care.Rescue()}, ledger: &bot.Memory{}}
}

// says returns what is answered to one message.
func (a *asker) says(at bot.Address, user, text string) string {
	a.t.Helper()
	a.n++
	m := bot.Message{ID: strconv.Itoa(a.n), From: at, User: user, Text: text, Lang: "en", Time: time.Now()}
	if err := a.ledger.Receive(a.t.Context(), m); err != nil {
		a.t.Fatal(err)
	}
	w, err := a.ledger.Claim(a.t.Context())
	if err != nil {
		a.t.Fatal(err)
	}
	a.engine.Answer(a.t.Context(), w)
	if err := a.ledger.Commit(a.t.Context(), w); err != nil {
		a.t.Fatal(err)
	}
	return w.Entry.Reply.Text()
}

// TestWhoseOrder holds that an order is told to its owner, whom the brand's page
// has proven, wherever they go on writing from, or to who proves it, and to
// nobody else.
func TestWhoseOrder(t *testing.T) {
	const order, chair, prove = "my parcel hasn't arrived, order number 1042", "camping chair", "last four digits"
	a := newAsker(t)
	told := func(what, reply string, want bool, words string) {
		t.Helper()
		if strings.Contains(reply, words) != want {
			t.Errorf("%s: %q; %q in it: %v, want %v", what, reply, words, !want, want)
		}
	}
	page := func(thread string) bot.Address { return bot.Address{Channel: "web", Thread: thread} }
	told("the owner", a.says(page("u1"), "haneul01", order), true, chair)

	other := a.says(page("u2"), "haneul02", order)
	told("another customer", other, false, chair)
	told("another customer", other, true, "can't find an order 1042")

	told("a visitor", a.says(page("v1"), "", order), true, prove)
	told("a visitor who guesses", a.says(page("v1"), "", "1234"), false, chair)
	a.says(page("v1"), "", "1042")
	told("a visitor with the proof", a.says(page("v1"), "", "010-5555-4821"), true, chair)

	phone := bot.Address{Channel: "telegram", Thread: "7"}
	told("an account named like the owner", a.says(bot.Address{Channel: "telegram", Thread: "8"}, "haneul01", order), true, prove)
	token, err := a.ledger.OfferLink(t.Context(), page("u1"), "haneul01", time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if linked, err := a.ledger.RedeemLink(t.Context(), token, phone, "7"); err != nil || !linked {
		t.Fatal(linked, err)
	}
	told("the owner on another channel", a.says(phone, "7", "now my order 1041, where is it?"), true, "wireless earbuds")
	token, err = a.ledger.OfferLink(t.Context(), page("v9"), "", time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	stranger := bot.Address{Channel: "telegram", Thread: "9"}
	if linked, err := a.ledger.RedeemLink(t.Context(), token, stranger, "9"); err != nil || !linked {
		t.Fatal(linked, err)
	}
	told("a visitor on another channel", a.says(stranger, "9", order), true, prove)
}

// TestGuessing holds that nobody gets to try one number after the other.
func TestGuessing(t *testing.T) {
	a := newAsker(t)
	at := bot.Address{Channel: "web", Thread: "v"}
	a.says(at, "", "my parcel hasn't arrived, order number 1042")
	for guess := range 12 {
		reply := a.says(at, "", strconv.Itoa(4810+guess))
		if strings.Contains(reply, "camping chair") {
			t.Fatalf("guess %d told: %s", guess, reply)
		}
		a.says(at, "", "order 1042")
	}
}
