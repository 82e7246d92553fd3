package sqlledger_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// TestLock: what the law asks to be kept is out of sight, and goes when its
// time has come.
func TestLock(t *testing.T) {
	now := time.Now()
	path := filepath.Join(t.TempDir(), "a.db")
	l := open(t, path, sqlledger.Options{Now: func() time.Time { return now }})
	a := bot.Address{Channel: "web", Thread: "x"}
	receive(t, l, "x", "m1", "a complaint that a court may ask for")
	answer(t, l)
	if err := l.Lock(t.Context(), a, "dispute", now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if events, err := l.Events(t.Context(), a, 0, 9); err != nil || len(events) != 0 {
		t.Errorf("events %v, %v; want none", events, err)
	}
	if entries, err := l.Entries(t.Context(), a, 0, 9); err != nil || len(entries) != 0 {
		t.Errorf("entries %v, %v; want none", entries, err)
	}
	kept, err := l.Locked(t.Context(), a)
	if err != nil || len(kept) != 3 || kept[0].Reason != "dispute" || !strings.Contains(kept[0].Body, "court") {
		t.Fatalf("locked %+v, %v; want message, reply and entry", kept, err)
	}
	receive(t, l, "x", "m2", "a second complaint")
	answer(t, l)
	if err := l.Lock(t.Context(), a, "dispute", now.Add(time.Hour)); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	if _, n, err := l.Expire(t.Context(), time.Time{}); err != nil || n != 0 {
		t.Errorf("expired %d, %v before the time", n, err)
	}
	now = now.Add(2 * time.Hour)
	if _, n, err := l.Expire(t.Context(), time.Time{}); err != nil || n != 6 {
		t.Errorf("expired %d, %v; want 6", n, err)
	}
	if found, _, err := l.Scan(t.Context(), []string{"a complaint that a court may ask for"}); err != nil || found != 0 {
		t.Errorf("the file holds %d pieces, %v", found, err)
	}
}

// TestScan: the search finds what is there and counts what it reads.
func TestScan(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "a.db"), sqlledger.Options{})
	a := bot.Address{Channel: "web", Thread: "x"}
	receive(t, l, "x", "m1", "words that are looked for afterwards")
	answer(t, l)
	pieces, err := l.Fragments(t.Context(), []bot.Address{a})
	if err != nil || len(pieces) == 0 {
		t.Fatalf("%d pieces, %v; want that of the message at least", len(pieces), err)
	}
	found, scanned, err := l.Scan(t.Context(), append(pieces, "surely nowhere in this file"))
	if err != nil || found != len(pieces) || scanned < 4096 {
		t.Errorf("found %d of %d in %d bytes, %v: the search proves nothing", found, len(pieces), scanned, err)
	}
	if err := l.Erase(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found != 0 {
		t.Errorf("%d pieces left, %v", found, err)
	}
}

// TestScanOfTwoAlike: what is remembered of two customers may be the same to the
// letter; the one who stays is not taken for the one who went.
func TestScanOfTwoAlike(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "a.db"), sqlledger.Options{})
	for _, thread := range []string{"one", "two"} {
		receive(t, l, thread, "m-"+thread, "words of "+thread)
		w, err := l.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		think(w)
		w.Customer.Personas = map[string]float64{"analytic": 1.0 / 3}
		w.Customer.Cues = map[string]bot.Belief{"analytic": {For: .5}}
		if err := l.Commit(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	gone := bot.Address{Channel: "web", Thread: "one"}
	pieces, err := l.Fragments(t.Context(), []bot.Address{gone})
	if err != nil {
		t.Fatal(err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found != len(pieces) {
		t.Fatalf("%d of %d pieces before, %v", found, len(pieces), err)
	}
	if err := l.Erase(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found != 0 {
		t.Errorf("%d pieces of %q left, %v", found, pieces, err)
	}
}

// TestQuiet: only conversations that rest are found, and the users' own.
func TestQuiet(t *testing.T) {
	now := time.Now()
	l := open(t, filepath.Join(t.TempDir(), "a.db"), sqlledger.Options{Now: func() time.Time { return now }})
	receive(t, l, "old", "m1", "a")
	answer(t, l)
	receive(t, l, "waits", "m2", "a")
	now = now.Add(time.Hour)
	receive(t, l, "fresh", "m3", "a")
	answer(t, l) // of "waits": it is the oldest
	quiet, err := l.Quiet(t.Context(), now, 9)
	if err != nil || len(quiet) != 1 || quiet[0].Thread != "old" {
		t.Errorf("quiet %v, %v; want old", quiet, err)
	}
	m := bot.Message{ID: "m4", From: bot.Address{Channel: "web", Thread: "own"}, User: "mina", Text: "a", Time: now}
	if err := l.Receive(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int{"mina": 1, "min": 0, "": 0} {
		if all, err := l.Of(t.Context(), "", user); err != nil || len(all) != want {
			t.Errorf("%q has %v, %v", user, all, err)
		}
	}
	if names, _, err := l.Expire(t.Context(), now.Add(time.Minute)); err != nil || names != 2 {
		t.Errorf("%d names of messages expired, %v; want the two that were answered", names, err)
	}
}

// TestAudit: a changed, missing or moved line is found.
func TestAudit(t *testing.T) {
	for _, harm := range []string{
		"", "UPDATE audit SET actor = 'nobody' WHERE seq = 2", "UPDATE audit SET reason = '' WHERE seq = 3", "DELETE FROM audit WHERE seq = 2",
		"UPDATE audit SET at = at + 1 WHERE seq = 1", "DELETE FROM audit WHERE seq = 1",
		"UPDATE audit SET act = (SELECT act FROM audit WHERE seq = 3), object = (SELECT object FROM audit WHERE seq = 3) WHERE seq = 2",
	} {
		path := filepath.Join(t.TempDir(), "a.db")
		l := open(t, path, sqlledger.Options{})
		for _, act := range []string{"erase", "lock", "read", "export"} {
			if _, err := l.Audit(t.Context(), "lee", act, "subject:"+act, "request"); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if harm != "" {
			exec1(t, path, harm)
		}
		l = open(t, path, sqlledger.Options{})
		acts, err := l.Acts(t.Context(), 0, 99)
		if harm == "" && (err != nil || len(acts) != 4 || acts[3].Seq != 4) || harm != "" && !errors.Is(err, sqlledger.ErrAudit) {
			t.Errorf("%q: %d lines, %v", harm, len(acts), err)
		}
		if rest, err := l.Acts(t.Context(), 2, 99); harm == "" && (err != nil || len(rest) != 2) {
			t.Errorf("after the second: %v, %v", rest, err)
		}
	}
}

func TestForget(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "a.db"), sqlledger.Options{})
	for _, id := range []string{"A.1", "A.2", "AB.1"} {
		if err := l.Put(t.Context(), id, []byte(id)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Forget(t.Context(), "A."); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Get(t.Context(), "A.2"); err == nil {
		t.Error("A.2 is still there")
	}
	if _, err := l.Get(t.Context(), "AB.1"); err != nil {
		t.Errorf("AB.1: %v", err)
	}
	if err := l.Forget(t.Context(), ""); err == nil {
		t.Error("everything was forgotten by an empty prefix")
	}
}

// TestEraseOnServer: the same on PostgreSQL, where the search goes through the
// columns.
func TestEraseOnServer(t *testing.T) {
	l := openURL(t, pgtest.Shared(t).Schema(t), sqlledger.Options{})
	a, b := bot.Address{Channel: "web", Thread: "x"}, bot.Address{Channel: "web", Thread: "y"}
	for thread, text := range map[string]string{"x": "words that are looked for afterwards", "y": "words of somebody else who stays"} {
		m := bot.Message{ID: "m" + thread, From: bot.Address{Channel: "web", Thread: thread}, User: "user-" + thread, Text: text, Time: time.Now()}
		if err := l.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		answer(t, l)
	}
	pieces, err := l.Fragments(t.Context(), []bot.Address{a})
	if err != nil || len(pieces) == 0 {
		t.Fatalf("%d pieces, %v", len(pieces), err)
	}
	if found, scanned, err := l.Scan(t.Context(), pieces); err != nil || found < len(pieces) || scanned < 500 {
		t.Fatalf("found %d of %d in %d bytes, %v", found, len(pieces), scanned, err)
	}
	all, err := l.Of(t.Context(), "web", "user-x")
	if err != nil || len(all) != 1 || all[0] != a {
		t.Fatalf("user-x has %v, %v", all, err)
	}
	if _, err := l.Audit(t.Context(), "lee", "erase", "subject:1", "request"); err != nil {
		t.Fatal(err)
	}
	if err := l.Erase(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if found, _, err := l.Scan(t.Context(), pieces); err != nil || found != 0 {
		t.Errorf("%d pieces left, %v", found, err)
	}
	if err := l.Lock(t.Context(), b, "dispute", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if kept, err := l.Locked(t.Context(), b); err != nil || len(kept) != 3 {
		t.Errorf("locked %v, %v", kept, err)
	}
	if quiet, err := l.Quiet(t.Context(), time.Now().Add(time.Hour), 9); err != nil || len(quiet) != 0 {
		t.Errorf("quiet %v, %v; want none: nothing is left of them", quiet, err)
	}
	if _, _, err := l.Expire(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if err := l.Put(t.Context(), "A.1", []byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := l.Forget(t.Context(), "A."); err != nil {
		t.Error(err)
	}
	if acts, err := l.Acts(t.Context(), 0, 9); err != nil || len(acts) != 1 {
		t.Errorf("audit %v, %v", acts, err)
	}
}
