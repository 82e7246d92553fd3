package sqlledger_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// small mounts a file system of one megabyte, for which one must be root.
func small(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// TestFullFileSystem fills a real file system: what was acknowledged stays, what
// does not fit is refused, and with room again everything goes on.
func TestFullFileSystem(t *testing.T) {
	dir := small(t)
	path := filepath.Join(dir, "onki.db")
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 300<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	var taken []string
	refused := 0
	for i := range 400 {
		m := bot.Message{ID: fmt.Sprintf("m%03d", i), From: bot.Address{Channel: "web", Thread: "x"}, Text: strings.Repeat("ㅠ", 1000), Time: time.Now()}
		switch err := l.Receive(t.Context(), m); {
		case err == nil:
			taken = append(taken, m.ID)
		case strings.Contains(err.Error(), "full: free some space"), strings.Contains(err.Error(), "the disk with"):
			refused++
		default:
			t.Fatalf("Receive: %v; want it to blame the disk", err)
		}
	}
	if len(taken) == 0 || refused == 0 {
		t.Fatalf("%d taken, %d refused; want some of both", len(taken), refused)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	receive(t, l, "x", "later", "there is room again")
	w, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Messages) != len(taken)+1 {
		t.Fatalf("%d messages; want the %d acknowledged and the last", len(w.Messages), len(taken))
	}
	for i, id := range taken {
		if w.Messages[i].ID != id {
			t.Fatalf("message %d is %s; want %s", i, w.Messages[i].ID, id)
		}
	}
	if err := l.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestFullAtStart: no room even to begin.
func TestFullAtStart(t *testing.T) {
	dir := small(t)
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 1<<20), 0o600); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	refused(t, "sqlite:"+filepath.Join(dir, "onki.db"), "disk")
}

// TestReadOnlyFileSystem makes the file system read-only under a running
// ledger, and then opens a ledger on it.
func TestReadOnlyFileSystem(t *testing.T) {
	dir := small(t)
	path := filepath.Join(dir, "onki.db")
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	receive(t, l, "x", "a", "hello")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("cannot remount: %v", err)
	}
	refused(t, "sqlite:"+path, "read-only file system", "writable by this user")
}
