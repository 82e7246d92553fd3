//go:build unix

package sqlledger_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// lay puts a ledger's files into a new folder.
func lay(t *testing.T, files map[string][]byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "onki.db")
	for suffix, b := range files {
		if err := os.WriteFile(path+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func flip(b []byte, place int) []byte {
	b = bytes.Clone(b)
	b[place] ^= 1 << rand.IntN(8)
	return b
}

// TestFlippedByte: one bit that changed anywhere in a closed ledger is noticed,
// also in the middle of what a customer wrote, where SQLite itself sees nothing.
func TestFlippedByte(t *testing.T) {
	path := filled(t)
	db, sum := read(t, path), read(t, path+"-sum")
	text := bytes.Index(db, []byte("긴 글 긴 글"))
	if text < 0 {
		t.Fatal("no customer's words in the file")
	}
	places := []int{0, 24, 100, text, text + 7, len(db) - 1}
	for range 60 {
		places = append(places, rand.IntN(len(db)))
	}
	for _, place := range places {
		if place >= 60 && place < 64 {
			continue // the mark itself, which carries nothing
		}
		broken := lay(t, map[string][]byte{"": flip(db, place), "-sum": sum})
		refused(t, "sqlite:"+broken, broken, "restore a backup")
	}
	if l, err := sqlledger.Open(t.Context(), "sqlite:"+lay(t, map[string][]byte{"": flip(db, text+7)}), sqlledger.Options{}); err != nil {
		t.Errorf("SQLite alone notices a changed letter: %v: the checksums are not needed", err)
	} else {
		l.Close()
	}
	refused(t, "sqlite:"+lay(t, map[string][]byte{"": append(bytes.Clone(db), 0), "-sum": sum}), "damaged", "-sum")
}

// TestNoFalseAlarm: what was not damaged is opened, whatever lies beside it.
func TestNoFalseAlarm(t *testing.T) {
	one, two := filled(t), filled(t)
	db, sum, other := read(t, one), read(t, one+"-sum"), read(t, two)
	open(t, one, sqlledger.Options{})
	killed := map[string][]byte{"": read(t, one), "-wal": read(t, one+"-wal"), "-sum": sum} // a power cut, and the folder forgot that the checksums were removed
	for name, files := range map[string]map[string][]byte{
		"as it was closed":       {"": db, "-sum": sum},
		"no checksums":           {"": db},
		"checksums cut":          {"": db, "-sum": sum[:len(sum)/2]},
		"checksums changed":      {"": db, "-sum": flip(sum, len(sum)/2)},
		"checksums of no number": {"": db, "-sum": []byte("onki-sum 1 2 99999999999999999999\n")},
		"empty checksums":        {"": db, "-sum": nil},
		"another ledger's":       {"": other, "-sum": sum},
		"killed after opening":   killed,
	} {
		path := lay(t, files)
		for range 2 {
			l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			receive(t, l, "new", "n-"+name+time.Now().String(), "hello")
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestLogFlipped: a byte that changed in the log of a killed process is noticed
// where transactions follow it; in the last one it cannot be told from a step
// that the death cut off.
func TestLogFlipped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	const size = 24 + 4096
	before := 0
	for _, id := range strings.Fields("a b c d e f") {
		before = len(read(t, path+"-wal"))
		receive(t, l, "x", id, id)
		answer(t, l)
		receive(t, l, "x", id+"2", id)
	}
	db, wal := read(t, path), read(t, path+"-wal")
	if before < 4*size || len(wal) <= before {
		t.Fatalf("a log of %d bytes, %d before the last turn", len(wal), before)
	}
	places := make([]int, 0, 80)
	for i := range 32 {
		places = append(places, i) // its header
	}
	for range 48 {
		places = append(places, rand.IntN(before))
	}
	for _, place := range places {
		refused(t, "sqlite:"+lay(t, map[string][]byte{"": db, "-wal": flip(wal, place)}), "damaged", "-wal", "restore a backup")
	}
	r, err := sqlledger.Open(t.Context(), "sqlite:"+lay(t, map[string][]byte{"": db, "-wal": flip(wal, len(wal)-1)}), sqlledger.Options{})
	if err != nil {
		t.Fatalf("a last step that was cut off: %v", err)
	}
	defer r.Close()
	events, err := r.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99)
	if err := errors.Join(err, r.Check(t.Context())); err != nil || len(events) < 15 {
		t.Errorf("%d events, %v", len(events), err)
	}
}
