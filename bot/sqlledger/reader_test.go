package sqlledger

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// TestReader reads the journal while another holds the ledger.
func TestReader(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "onki.db")
	if _, err := OpenReader(t.Context(), url); err == nil || !strings.Contains(err.Error(), "name the database") {
		t.Errorf("no file: %v", err)
	}
	l, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	at := bot.Address{Channel: "web", Thread: "1"}
	if err := l.Receive(t.Context(), bot.Message{ID: "m", From: at, User: "u", Text: "hello", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Entry = bot.Entry{Notes: []bot.Note{{Stage: "gap", Text: "hello"}}, Time: time.Now()}
	if err := l.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	r, err := OpenReader(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	sessions, err := r.Conversations(t.Context(), time.Time{}, 10)
	if err != nil || len(sessions) != 1 {
		t.Fatalf("conversations: %v, %d", err, len(sessions))
	}
	entries, err := r.Entries(t.Context(), at, 0, 10)
	if err != nil || len(entries) != 1 || len(entries[0].Notes) != 1 {
		t.Errorf("entries: %v, %+v", err, entries)
	}
}
