package sqlledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

func ledgerKeyOf(b byte) (k sqlledger.Key) {
	for i := range k {
		k[i] = b
	}
	return k
}

// say leaves a message, an answer, a rating and what is remembered of somebody.
func say(t *testing.T, l *sqlledger.Ledger, id, text string) {
	t.Helper()
	m := bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: "x"}, User: "mina", Text: text, Time: time.Now()}
	if err := l.Receive(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	w, err := l.Claim(t.Context())
	if err != nil || len(w.Messages) != 1 || w.Messages[0].Text != text {
		t.Fatalf("claimed %+v, %v", w, err)
	}
	think(w)
	w.Entry.Messages, w.Customer.Name, w.Entry.Session.Case.Noun = w.Messages, text, text
	w.Entry.Reply.Parts = []bot.Part{{Text: "re: " + text}}
	if err := l.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	if err := l.Rate(t.Context(), m.From, id, 3, text); err != nil {
		t.Fatal(err)
	}
}

// texts is what the ledger tells of the conversation.
func texts(t *testing.T, l *sqlledger.Ledger) string {
	t.Helper()
	events, err := l.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range events {
		if e.Message != nil {
			fmt.Fprintln(&b, e.Message.Text)
		}
		if e.Reply != nil {
			fmt.Fprintln(&b, e.Reply.Text())
		}
	}
	return b.String()
}

// TestSealed: with a key nothing a customer says is readable in the file, and
// the key can be replaced; without it, and after a change, nothing is told.
func TestSealed(t *testing.T) {
	const canary = "느티나무두루미"
	path := filepath.Join(t.TempDir(), "a.db")
	old, new := ledgerKeyOf(1), ledgerKeyOf(2)
	plain := open(t, path, sqlledger.Options{})
	say(t, plain, "m1", "before: "+canary)
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	l := open(t, path, sqlledger.Options{Keys: []sqlledger.Key{old}})
	say(t, l, "m2", "after: "+canary)
	want := texts(t, l)
	if strings.Count(want, canary) != 4 {
		t.Fatalf("the ledger tells\n%s", want)
	}
	n, err := l.Reseal(t.Context())
	if err != nil || n < 4 {
		t.Fatalf("resealed %d, %v; want message, reply, entry and rating of before", n, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(read(t, path), []byte(canary)) {
		t.Error("the file tells what customers said")
	}
	l = open(t, path, sqlledger.Options{Keys: []sqlledger.Key{new, old}})
	if got := texts(t, l); got != want {
		t.Errorf("under two keys it tells\n%s", got)
	}
	if n, err := l.Reseal(t.Context()); err != nil || n < 8 {
		t.Fatalf("resealed %d, %v", n, err)
	}
	if n, err := l.Reseal(t.Context()); err != nil || n != 0 {
		t.Fatalf("a second time: %d, %v", n, err)
	}
	if err := l.Lock(t.Context(), bot.Address{Channel: "web", Thread: "x"}, "dispute", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if kept, err := l.Locked(t.Context(), bot.Address{Channel: "web", Thread: "x"}); err != nil || len(kept) != 6 || !strings.Contains(kept[0].Body, canary) {
		t.Errorf("locked %+v, %v", kept, err)
	}
	say(t, l, "m3", "later: "+canary)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, keys := range map[string][]sqlledger.Key{"no key": nil, "the old key": {old}} {
		l := open(t, path, sqlledger.Options{Keys: keys})
		if events, err := l.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99); !errors.Is(err, sqlledger.ErrKey) || len(events) > 0 {
			t.Errorf("%s: %v, %v", name, events, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	exec1(t, path, "UPDATE event SET body = SUBSTR(body, 1, 40) || 'AAAA' || SUBSTR(body, 45) WHERE kind = 'message'")
	l = open(t, path, sqlledger.Options{Keys: []sqlledger.Key{new}})
	if _, err := l.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99); !errors.Is(err, sqlledger.ErrKey) {
		t.Errorf("a changed body: %v", err)
	}
}

// TestSealedOnServer: the same on PostgreSQL, and erasing what is sealed.
func TestSealedOnServer(t *testing.T) {
	at := pgtest.Shared(t).Schema(t)
	say(t, openURL(t, at, sqlledger.Options{}), "m1", "before")
	l := openURL(t, at, sqlledger.Options{Keys: []sqlledger.Key{ledgerKeyOf(1)}})
	say(t, l, "m2", "after")
	if n, err := l.Reseal(t.Context()); err != nil || n < 4 {
		t.Fatalf("resealed %d, %v", n, err)
	}
	if found, _, err := l.Scan(t.Context(), []string{"before", "after"}); err != nil || found != 0 {
		t.Errorf("%d columns are readable, %v", found, err)
	}
	if got := texts(t, l); got != "before\nre: before\nafter\nre: after\n" {
		t.Errorf("it tells %q", got)
	}
	pieces, err := l.Fragments(t.Context(), []bot.Address{{Channel: "web", Thread: "x"}})
	if err != nil || len(pieces) < 6 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found < len(pieces) {
		t.Fatalf("found %d of %d, %v", found, len(pieces), err)
	}
	if err := l.Erase(t.Context(), bot.Address{Channel: "web", Thread: "x"}); err != nil {
		t.Fatal(err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found != 0 {
		t.Errorf("%d pieces left, %v", found, err)
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	k := ledgerKeyOf(0x41)
	for _, s := range []string{fmt.Sprint(k), fmt.Sprintf("%v %+v %#v %s", k, k, k, k)} {
		if strings.Contains(s, "65") || strings.Contains(s, "AAA") || strings.Contains(s, "0x41") {
			t.Errorf("a key prints itself: %s", s)
		}
	}
}
