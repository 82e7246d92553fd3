package sqlledger_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	l := open(t, filepath.Join(dir, "onki.db"), sqlledger.Options{})
	receive(t, l, "x", "a", "hello")
	answer(t, l)
	receive(t, l, "x", "b", "hello again")
	copied := filepath.Join(dir, "backup.db")
	if err := l.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("backup %v, %v; want mode 0600", info, err)
	}
	if err := l.Backup(t.Context(), copied); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("second backup to the same file: %v; want a refusal", err)
	}
	receive(t, l, "x", "c", "after the backup")
	old, err := l.Epoch(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	restored := filepath.Join(dir, "restored.db")
	if err := sqlledger.Restore(t.Context(), copied, "sqlite:"+restored); err != nil {
		t.Fatal(err)
	}
	if err := sqlledger.Restore(t.Context(), copied, "sqlite:"+restored); err == nil {
		t.Error("restoring over a ledger succeeded")
	}
	r := open(t, restored, sqlledger.Options{})
	epoch, err := r.Epoch(t.Context())
	if err != nil || epoch == old || epoch == "" {
		t.Errorf("epoch %q, %v; want a new one", epoch, err)
	}
	events, err := r.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99)
	if err != nil || len(events) != 3 {
		t.Errorf("%d events, %v; want the three of the backup", len(events), err)
	}
	d, err := r.Next(t.Context(), "web")
	if err != nil || !d.Ambiguous {
		t.Errorf("delivery %+v, %v; want it ambiguous, it may have been sent since", d, err)
	}
	if w, err := r.Claim(t.Context()); err != nil || len(w.Messages) != 1 || w.Messages[0].ID != "b" {
		t.Errorf("work %+v, %v; want b", w, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*.part*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRestoreOfDamage(t *testing.T) {
	path := filled(t)
	b := read(t, path)
	clear(b[len(b)/2&^4095 : len(b)/2&^4095+4096])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new.db")
	if err := sqlledger.Restore(t.Context(), path, "sqlite:"+to); err == nil {
		t.Fatal("a damaged backup was restored")
	}
	if _, err := os.Stat(to); err == nil {
		t.Fatal("a damaged ledger was left at the destination")
	}
}

// TestBackupWhileWriting: the copy is a whole at one moment.
func TestBackupWhileWriting(t *testing.T) {
	dir := t.TempDir()
	l := open(t, filepath.Join(dir, "onki.db"), sqlledger.Options{})
	var all sync.WaitGroup
	stop := make(chan bool)
	for i := range 4 {
		all.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
					receive(t, l, fmt.Sprint("x", i), fmt.Sprint(i, "-", n), "hello")
				}
			}
		})
	}
	for n := range 3 {
		copied := filepath.Join(dir, fmt.Sprint("backup", n))
		if err := l.Backup(t.Context(), copied); err != nil {
			t.Error(err)
		}
		r := open(t, copied, sqlledger.Options{})
		if err := r.Check(t.Context()); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	all.Wait()
}
