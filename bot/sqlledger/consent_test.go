package sqlledger_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

func count(t *testing.T, path, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRatingAndConsent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	x := bot.Address{Channel: "web", Thread: "x"}
	if err := errors.Join(
		l.Consent(t.Context(), x, "analysis", true, "2", time.Now()), // before the first word
		l.Consent(t.Context(), x, "analysis", false, "2", time.Now()),
		l.Rate(t.Context(), x, "r1", 2, "아직 모르겠어요"),
		l.Rate(t.Context(), x, "r1", 5, "고마워요"),
		l.Rate(t.Context(), x, "r2", 4, ""),
	); err != nil {
		t.Fatal(err)
	}
	for _, stars := range []int{0, 6, -1} {
		if err := l.Rate(t.Context(), x, "r3", stars, ""); !errors.Is(err, bot.ErrBad) {
			t.Errorf("%d stars: %v; want ErrBad", stars, err)
		}
	}
	if n := count(t, path, "SELECT COUNT(*) * 100 + SUM(stars) FROM rating"); n != 209 {
		t.Errorf("ratings %d; want 2 with 9 stars", n)
	}
	if n := count(t, path, "SELECT COUNT(*) * 10 + SUM(given) FROM consent"); n != 21 {
		t.Errorf("consents %d; want both kept", n)
	}
}

// TestErase looks for every byte of what a customer wrote and what was kept of
// them, in the database and in its log.
func TestErase(t *testing.T) {
	const canary = "카나리아-9f3a"
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	x := bot.Address{Channel: "web", Thread: "x"}
	receive(t, l, "y", "other", "somebody else's words")
	answer(t, l)
	for i, id := range []string{"a", "b", "c"} {
		m := bot.Message{ID: id, From: x, User: "mina", Text: canary + " " + string(make([]byte, 5000*i)), Time: time.Now()}
		if err := l.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if id == "c" {
			break // one stays without an answer
		}
		w, err := l.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		think(w)
		w.Entry.Messages, w.Customer.Name, w.Entry.Session.Case.Noun = w.Messages, canary, canary
		w.Entry.Reply.Parts[0].Text = canary
		if err := l.Commit(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Rate(t.Context(), x, "r", 1, canary); err != nil {
		t.Fatal(err)
	}
	running, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	think(running)
	if !bytes.Contains(read(t, path+"-wal"), []byte(canary)) {
		t.Fatal("the canary cannot be found even before: this test proves nothing")
	}
	if err := l.Erase(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		if b, err := os.ReadFile(name); err == nil && bytes.Contains(b, []byte(canary)) {
			t.Errorf("%s still holds what was erased", filepath.Base(name))
		}
	}
	if err := l.Commit(t.Context(), running); !errors.Is(err, bot.ErrLost) {
		t.Errorf("a turn in the making: %v; want ErrLost", err)
	}
	d, err := l.Next(t.Context(), "web")
	if err != nil || d.Reply.To.Thread != "y" {
		t.Errorf("delivery %+v, %v; want only the other conversation's", d, err)
	}
	receive(t, l, "x", "a", "a repeat of what was erased")
	if _, err := l.Claim(t.Context()); !errors.Is(err, bot.ErrIdle) {
		t.Errorf("a repeat of an erased message was taken for a new one: %v", err)
	}
	receive(t, l, "x", "d", "starting anew")
	w := answer(t, l)
	if w.Session.Turns != 0 || w.Customer.Name != "" || w.Customer.Rev != 1 {
		t.Errorf("claimed %+v; want a stranger", w)
	}
	events, err := l.Events(t.Context(), x, 0, 99)
	if err != nil || len(events) != 2 || events[0].Seq <= 5 {
		t.Errorf("events %+v, %v; want two, numbered on from where it was", events, err)
	}
}

// TestForward takes a database of version 1 to the present.
func TestForward(t *testing.T) {
	path := filled(t)
	for _, query := range []string{"DROP TABLE rating", "DROP TABLE consent", "DROP TABLE node", "DROP TABLE lease", "DROP TABLE upload", "DROP TABLE place", "DROP TABLE locked", "DROP TABLE audit", "DROP INDEX conversation_person", "DROP INDEX conversation_thread", "DROP INDEX conversation_held", "DROP INDEX outbox_held", "DROP INDEX conversation_waiting", "ALTER TABLE conversation DROP COLUMN opening", "DELETE FROM migration WHERE version > 1"} {
		exec1(t, path, query)
	}
	exec1(t, path, "DROP TABLE link")
	exec1(t, path, "DROP TABLE pass")
	l := open(t, path, sqlledger.Options{})
	if err := l.Rate(t.Context(), bot.Address{Channel: "web", Thread: "a"}, "r", 5, ""); err != nil {
		t.Fatal(err)
	}
	events, err := l.Events(t.Context(), bot.Address{Channel: "web", Thread: "a"}, 0, 9)
	if err != nil || len(events) != 2 {
		t.Errorf("%d events, %v; want what was there before", len(events), err)
	}
}
