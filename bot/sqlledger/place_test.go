package sqlledger_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// TestPlaces: a desk finds its places again after a restart, each conversation
// has one, and an erased conversation has none.
func TestPlaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	a, b := bot.Address{Channel: "web", Thread: "a"}, bot.Address{Channel: "web", Thread: "b"}
	for _, p := range []struct {
		desk, thread string
		a            bot.Address
		seq          int64
	}{{"x", "1", a, 3}, {"x", "2", b, 1}, {"y", "9", a, 1}, {"x", "1", a, 7}} {
		if err := l.KeepPlace(t.Context(), p.desk, p.thread, p.a, p.seq, 2); err != nil {
			t.Fatal(err)
		}
	}
	read := func() (got []string) {
		err := l.Places(t.Context(), "x", func(thread string, a bot.Address, seq, epoch int64) {
			got = append(got, fmt.Sprint(thread, " ", a, " ", seq, " ", epoch))
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, path, sqlledger.Options{})
	if got := read(); !slices.Equal(got, []string{"1 web:a 7 2", "2 web:b 1 2"}) {
		t.Fatalf("places %q", got)
	}
	receive(t, l, "a", "m", "hello")
	if err := l.Erase(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if got := read(); !slices.Equal(got, []string{"2 web:b 1 2"}) {
		t.Fatalf("after erasing: %q", got)
	}
}
