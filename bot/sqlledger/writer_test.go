package sqlledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func openTest(t *testing.T, o Options) *Ledger {
	t.Helper()
	l, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "onki.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// together runs the transactions so that they share a group: the first one
// holds the writer until the others wait.
func together(l *Ledger, runs ...func(*tx) error) []error {
	errs := make([]error, len(runs))
	hold := make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		_ = l.db.do(context.Background(), true, func(*tx) error { <-hold; return errors.New("only to hold") })
	})
	time.Sleep(20 * time.Millisecond)
	for i, run := range runs {
		all.Go(func() { errs[i] = l.db.do(context.Background(), true, run) })
	}
	time.Sleep(50 * time.Millisecond)
	close(hold)
	all.Wait()
	return errs
}

func put(name string) func(*tx) error {
	return func(tx *tx) error {
		_, err := tx.exec("INSERT INTO meta (name, value) VALUES ($1, '')", name)
		return err
	}
}

func (l *Ledger) names(t *testing.T) (out string) {
	t.Helper()
	if err := l.read.QueryRow("SELECT COALESCE(GROUP_CONCAT(name, ' '), '') FROM (SELECT name FROM meta WHERE name <> 'epoch' ORDER BY name)").Scan(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestGroupSharesOneFsync(t *testing.T) {
	l := openTest(t, Options{})
	before := l.Counts()
	var runs []func(*tx) error
	for i := range 20 {
		runs = append(runs, put(fmt.Sprintf("n%02d", i)))
	}
	for _, err := range together(l, runs...) {
		if err != nil {
			t.Fatal(err)
		}
	}
	after := l.Counts()
	if groups := after.Groups - before.Groups; groups > 3 || after.GroupMax < 10 {
		t.Fatalf("20 transactions took %d fsyncs, the largest group %d; want them together", groups, after.GroupMax)
	}
}

func TestOneMemberFailsAlone(t *testing.T) {
	l := openTest(t, Options{})
	failure := errors.New("my own fault")
	errs := together(l,
		put("a"),
		func(tx *tx) error { return errors.Join(put("half")(tx), failure) },
		func(tx *tx) error { _ = put("half2")(tx); panic("broken") },
		func(tx *tx) error { _, err := tx.exec("INSERT INTO nowhere VALUES (1)"); return err },
		put("b"), put("b"), // the second breaks a unique key
		put("c"),
	)
	failed := 0
	for _, err := range errs {
		if err != nil {
			failed++
		}
	}
	if got := l.names(t); got != "a b c" || failed != 4 || !errors.Is(errs[1], failure) {
		t.Fatalf("kept %q, errors %v; want a b c and four failures", got, errs)
	}
}

// TestWholeGroupFails makes the transaction break as a whole: who can be kept
// must still be kept.
func TestWholeGroupFails(t *testing.T) {
	l := openTest(t, Options{})
	errs := together(l,
		put("a"),
		func(tx *tx) error { // as SQLite itself does on a full disk
			_, _ = tx.exec("ROLLBACK")
			return errors.New("the disk is full")
		},
		put("b"),
	)
	if got := l.names(t); got != "a b" || errs[0] != nil || errs[1] == nil || errs[2] != nil {
		t.Fatalf("kept %q, errors %v; want a b and one failure", got, errs)
	}
}

func TestContextEndsWhileWaiting(t *testing.T) {
	l := openTest(t, Options{})
	hold := make(chan bool)
	var all sync.WaitGroup
	all.Go(func() { _ = l.db.do(context.Background(), true, func(*tx) error { <-hold; return nil }) })
	time.Sleep(20 * time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := l.db.do(ctx, true, put("a")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a job that never began: %v; want the error of its context", err)
	}
	close(hold)
	all.Wait()
	if got := l.names(t); got != "" {
		t.Fatalf("kept %q; want nothing: the caller was told so", got)
	}
}

func message(id, text string) bot.Message {
	return bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: "x"}, Text: text, Time: time.Now()}
}

// TestFullDisk limits the file: messages that do not fit are refused with a
// clear error, nothing is written by halves, and when there is room again the
// ledger goes on.
func TestFullDisk(t *testing.T) {
	l := openTest(t, Options{})
	limit := func(pages int) {
		t.Helper()
		if err := l.db.do(t.Context(), true, func(tx *tx) error {
			_, err := tx.row(fmt.Sprintf("PRAGMA max_page_count = %d", pages), nil, new(int))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	limit(80)
	var taken, refused int
	for i := range 60 {
		err := l.Receive(t.Context(), message(fmt.Sprint("m", i), strings.Repeat("ㅠ", 2000)))
		switch {
		case err == nil:
			taken++
		case strings.Contains(err.Error(), "is full: free some space"):
			refused++
		default:
			t.Fatalf("Receive: %v; want it to say that the disk is full", err)
		}
	}
	if taken == 0 || refused == 0 {
		t.Fatalf("%d taken, %d refused; want some of both", taken, refused)
	}
	limit(1 << 20)
	for i := range 60 { // the network sends again what was refused
		if err := l.Receive(t.Context(), message(fmt.Sprint("m", i), "again")); err != nil {
			t.Fatalf("Receive with room again: %v", err)
		}
	}
	w, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Messages) != 60 {
		t.Fatalf("%d messages; want each of the 60 once", len(w.Messages))
	}
	limit(1)
	w.Entry.Session = w.Session
	w.Entry.Reply = bot.Reply{ID: "r", To: w.Address, Parts: []bot.Part{{Text: strings.Repeat("가", 9000)}}}
	if err := l.Commit(t.Context(), w); err == nil || !strings.Contains(err.Error(), "is full") {
		t.Fatalf("Commit: %v; want it to say that the disk is full", err)
	}
	limit(1 << 20)
	if err := l.Commit(t.Context(), w); err != nil {
		t.Fatalf("the same commit with room again: %v", err)
	}
	if err := l.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestNoNumber commits what JSON cannot say. The turn must not block the
// conversation: it comes back at once, its attempt counted.
func TestNoNumber(t *testing.T) {
	l := openTest(t, Options{})
	if err := l.Receive(t.Context(), message("a", "hello")); err != nil {
		t.Fatal(err)
	}
	for attempt := 1; attempt <= 6; attempt++ {
		w, err := l.Claim(t.Context())
		if err != nil || w.Attempt != attempt {
			t.Fatalf("attempt %d: %+v, %v", attempt, w, err)
		}
		w.Entry.Session = w.Session
		w.Entry.Reading.Valence = math.NaN()
		if err := l.Commit(t.Context(), w); err == nil || errors.Is(err, bot.ErrLost) {
			t.Fatalf("Commit: %v; want an error that is logged", err)
		}
	}
}

func TestCounts(t *testing.T) {
	l := openTest(t, Options{})
	ctx := t.Context()
	for range 3 {
		if err := l.Receive(ctx, message("a", "hello")); err != nil {
			t.Fatal(err)
		}
	}
	w, err := l.Claim(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.Entry.Session, w.Entry.Reply = w.Session, bot.Reply{ID: "r", To: w.Address, Parts: []bot.Part{{Text: "hi"}}}
	stale := *w
	if err := l.Commit(ctx, w); err != nil {
		t.Fatal(err)
	}
	if err := l.Commit(ctx, &stale); !errors.Is(err, bot.ErrLost) {
		t.Fatal(err)
	}
	for range 2 {
		d, err := l.Next(ctx, "web")
		if err != nil {
			t.Fatal(err)
		}
		d.Ambiguous = true
		if err := l.Again(ctx, d, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := bot.TakeOver(ctx, l, w.Address, "p"); err != nil {
		t.Fatal(err)
	}
	got := l.Counts()
	got.Groups, got.Grouped, got.GroupMax = 0, 0, 0
	want := Counts{Received: 1, Repeats: 2, Claims: 1, Commits: 1, Lost: 1, Handed: 2, Ambiguous: 1, Again: 2, Cancelled: 1, Taken: 1}
	if got != want {
		t.Fatalf("counts %+v; want %+v", got, want)
	}
}
