package sqlledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// lived fills a ledger with a bit of everything: answered and open messages,
// replies sent, held and waiting, ratings, consent, a hand-over, a file.
func lived(t *testing.T, l *sqlledger.Ledger) {
	t.Helper()
	ctx := t.Context()
	for i := range 120 {
		thread := fmt.Sprintf("x%03d", i)
		receive(t, l, thread, "a "+thread, "긴 글 '\"\x00\\ 😀 "+thread)
		answer(t, l)
	}
	a := bot.Address{Channel: "web", Thread: "x001"}
	receive(t, l, "x001", "b", "one more")
	if _, err := l.Claim(ctx); err != nil { // held by a process that will be no more
		t.Fatal(err)
	}
	receive(t, l, "x002", "c", "one more")
	d, err := l.Next(ctx, "web")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Done(ctx, d); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(ctx, "web"); err != nil { // on its way
		t.Fatal(err)
	}
	for _, err := range []error{
		l.Rate(ctx, a, "r", 5, "고마워요"), l.Consent(ctx, a, "analysis", true, "2", time.Now()), l.Put(ctx, "FILE", []byte{0, 1, 255, '"'}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := bot.TakeOver(ctx, l, bot.Address{Channel: "web", Thread: "x003"}, "민수"); err != nil {
		t.Fatal(err)
	}
}

// everything is what can be read of a ledger.
func everything(t *testing.T, l *sqlledger.Ledger) (out []any) {
	t.Helper()
	for i := range 120 {
		a := bot.Address{Channel: "web", Thread: fmt.Sprintf("x%03d", i)}
		events, err1 := l.Events(t.Context(), a, 0, 1000)
		entries, err2 := l.Entries(t.Context(), a, 0, 1000)
		state, err3 := l.State(t.Context(), a)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		out = append(out, events, entries, state)
	}
	data, err := l.Get(t.Context(), "FILE")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, data)
}

// TestMove takes a ledger from each database to each: what can be read is the
// same, what was being done goes on at once, and numbers go on.
func TestMove(t *testing.T) {
	server := pgtest.Shared(t)
	urls := map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "onki.db") },
		"postgres": func() string { return server.Schema(t) },
	}
	for from, source := range urls {
		for to, target := range urls {
			t.Run(from+" to "+to, func(t *testing.T) { move(t, source(), target()) })
		}
	}
}

func move(t *testing.T, from, to string) {
	old := openURL(t, from, sqlledger.Options{})
	lived(t, old)
	var copied bytes.Buffer
	exported, err := old.Export(t.Context(), &copied)
	if err != nil {
		t.Fatal(err)
	}
	l := openURL(t, to, sqlledger.Options{})
	imported, err := l.Import(t.Context(), bytes.NewReader(copied.Bytes()), false)
	if err != nil || imported != exported || imported < 500 {
		t.Fatalf("%d rows exported, %d imported, %v", exported, imported, err)
	}
	if diff := cmp.Diff(everything(t, old), everything(t, l)); diff != "" {
		t.Errorf("not the same:\n%.2000s", diff)
	}
	before, err1 := old.Epoch(t.Context())
	after, err2 := l.Epoch(t.Context())
	if before != after || err1 != nil || err2 != nil {
		t.Errorf("epoch %q then %q, %v, %v", before, after, err1, err2)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 { // the held one and the open one; the other database's clock may be a moment ahead
		w := soon(t, func() (*bot.Work, error) { return l.Claim(t.Context()) })
		think(w)
		if err := l.Commit(t.Context(), w); err != nil {
			t.Fatal(err)
		}
	}
	left, ambiguous := 0, 0
	for ; ; left++ {
		d, err := l.Next(t.Context(), "web")
		if errors.Is(err, bot.ErrIdle) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if d.Ambiguous {
			ambiguous++
		}
		if err := l.Done(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if ambiguous != 1 || left != 120 { // 120 replies and 2 just made, one sent before, one drawn back by the take-over
		t.Errorf("%d replies left, %d of them ambiguous; want 120 and the one that was on its way", left, ambiguous)
	}
	receive(t, l, "somebody new", "n", "hello")
	answer(t, l)
	if _, err := l.Import(t.Context(), bytes.NewReader(copied.Bytes()), false); err == nil || !strings.Contains(err.Error(), "empty one") {
		t.Errorf("import over a ledger in use: %v", err)
	}
}

// TestRestoreCopy: a backup made beside the running process becomes a ledger of
// a new epoch whose unsent replies are ambiguous.
func TestRestoreCopy(t *testing.T) {
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "onki.db"), "postgres": pgtest.Shared(t).Schema(t)} {
		t.Run(name, func(t *testing.T) {
			old := openURL(t, url, sqlledger.Options{})
			lived(t, old)
			r, err := sqlledger.OpenReader(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			var copied bytes.Buffer
			if _, err := r.Export(t.Context(), &copied); err != nil {
				t.Fatal(err)
			}
			l := openURL(t, "sqlite:"+filepath.Join(t.TempDir(), "new.db"), sqlledger.Options{})
			if _, err := l.Import(t.Context(), &copied, true); err != nil {
				t.Fatal(err)
			}
			before, _ := old.Epoch(t.Context())
			after, err := l.Epoch(t.Context())
			if err != nil || before == after {
				t.Errorf("epoch %q then %q, %v; want a new one", before, after, err)
			}
			for range 50 {
				d, err := l.Next(t.Context(), "web")
				if err != nil || !d.Ambiguous {
					t.Fatalf("delivery %+v, %v; want it ambiguous", d, err)
				}
			}
		})
	}
}

// TestBrokenCopy: a copy that is not whole leaves the ledger as it was.
func TestBrokenCopy(t *testing.T) {
	old := open(t, filepath.Join(t.TempDir(), "onki.db"), sqlledger.Options{})
	lived(t, old)
	var whole bytes.Buffer
	if _, err := old.Export(t.Context(), &whole); err != nil {
		t.Fatal(err)
	}
	good := whole.Bytes()
	for _, url := range []string{"sqlite:" + filepath.Join(t.TempDir(), "new.db"), pgtest.Shared(t).Schema(t)} {
		l := openURL(t, url, sqlledger.Options{})
		for name, b := range map[string][]byte{
			"nothing": nil, "text": []byte("Dear customer, "), "cut": good[:len(good)/2], "without its end": good[:len(good)-9],
			"a changed byte": append(append(bytes.Clone(good[:len(good)/2]), good[len(good)/2]^0x10), good[len(good)/2+1:]...),
		} {
			if _, err := l.Import(t.Context(), bytes.NewReader(b), false); err == nil {
				t.Errorf("%s was imported", name)
			}
		}
		if w, err := l.Claim(context.Background()); err == nil {
			t.Errorf("half an import left work behind: %+v", w)
		}
		if epoch, err := l.Epoch(t.Context()); err != nil || epoch == "" {
			t.Errorf("epoch %q, %v: the ledger is not what it was", epoch, err)
		}
		if _, err := l.Import(t.Context(), bytes.NewReader(good), false); err != nil {
			t.Error(err)
		}
	}
}
