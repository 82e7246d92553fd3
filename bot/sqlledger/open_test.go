//go:build unix

package sqlledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// refused checks that opening fails and says so in the words.
func refused(t *testing.T, url string, words ...string) {
	t.Helper()
	l, err := sqlledger.Open(t.Context(), url, sqlledger.Options{})
	if err == nil {
		l.Close()
		t.Fatalf("Open(%q) succeeded; want an error with %q", url, words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Fatalf("Open(%q): %v; want it to say %q", url, err, w)
		}
	}
}

// filled makes a database with a few conversations and closes it.
func filled(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	for _, thread := range strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z") {
		receive(t, l, thread, "of "+thread, strings.Repeat("긴 글 ", 200))
		answer(t, l)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func receive(t *testing.T, l *sqlledger.Ledger, thread, id, text string) {
	t.Helper()
	m := bot.Message{ID: id, From: bot.Address{Channel: "web", Thread: thread}, Text: text, Time: time.Now()}
	if err := l.Receive(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// answer takes one turn.
func answer(t *testing.T, l *sqlledger.Ledger) *bot.Work {
	t.Helper()
	w, err := l.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	think(w)
	if err := l.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	return w
}

// think gives the work a reply.
func think(w *bot.Work) {
	w.Entry.Session = w.Session.Clone()
	w.Entry.Session.Turns++
	w.Entry.Reply = bot.Reply{ID: "re:" + w.Messages[len(w.Messages)-1].ID, To: w.Address, Parts: []bot.Part{{Stage: "guide", Text: "답"}}}
}

func TestURLs(t *testing.T) {
	refused(t, "", "sqlite:PATH")
	refused(t, "onki.db", "sqlite:PATH")
	refused(t, "mysql://localhost/onki", "sqlite:PATH", "postgres://")
	refused(t, "sqlite:", "needs a file")
	refused(t, "sqlite::memory:", "needs a file")
	refused(t, "sqlite:"+t.TempDir(), "folder")
	refused(t, "sqlite:/dev/null", "is not a file")
	for _, name := range []string{"onki.db", "with space.db", "물음표?#%41&x=y.db", "quote'\".db", "a=b;c.db", ".hidden", "deep/er/onki.db"} {
		path := filepath.Join(t.TempDir(), name)
		l := open(t, path, sqlledger.Options{})
		receive(t, l, "x", "a", "hello")
		l.Close()
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%q: the database is not where it was asked for: %v", name, err)
		}
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	receive(t, l, "x", "a", "hello")
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v; want 0600: it holds what customers wrote", filepath.Base(name), info.Mode().Perm())
		}
	}
}

func TestSecondProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	if url := os.Getenv("ONKI_TEST_OPEN"); url != "" {
		refused(t, url, "in use by another process")
		return
	}
	l := open(t, path, sqlledger.Options{})
	refused(t, "sqlite:"+path, "in use by another process")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSecondProcess$")
	cmd.Env = append(os.Environ(), "ONKI_TEST_OPEN=sqlite:"+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("another process: %v\n%s", err, out)
	}
	receive(t, l, "x", "a", "hello") // the first is not disturbed
	l.Close()
	open(t, path, sqlledger.Options{})
}

// TestCloseLeavesOneFile: what is copied or moved while no process runs must be
// the whole ledger.
func TestCloseLeavesOneFile(t *testing.T) {
	path := filled(t)
	for _, name := range []string{path + "-wal", path + "-shm"} {
		if info, err := os.Stat(name); err == nil && info.Size() > 0 {
			t.Errorf("%s is left with %d bytes", filepath.Base(name), info.Size())
		}
	}
}

func TestNewerVersion(t *testing.T) {
	path := filled(t)
	exec1(t, path, "INSERT INTO migration (version, at) VALUES (99, 0)")
	refused(t, "sqlite:"+path, "newer Onki", "version 99")
}

func TestForeignDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	exec1(t, path, "CREATE TABLE recipes (name TEXT)")
	refused(t, "sqlite:"+path, "belongs to another program")
}

// exec1 runs a statement on a file behind the ledger's back.
func exec1(t *testing.T, path, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + "-sum"); err != nil && !errors.Is(err, fs.ErrNotExist) { // as the error would ask for
		t.Fatal(err)
	}
}

func TestDamage(t *testing.T) {
	for name, damage := range map[string]func(b []byte) []byte{
		"no database":        func([]byte) []byte { return bytes.Repeat([]byte("Dear customer, "), 1000) },
		"truncated":          func(b []byte) []byte { return b[:len(b)/2] },
		"truncated in page":  func(b []byte) []byte { return b[:len(b)-1000] },
		"header overwritten": func(b []byte) []byte { copy(b, "garbage garbage garbage"); return b },
		"a page of zeros":    func(b []byte) []byte { clear(b[len(b)/2&^4095 : len(b)/2&^4095+4096]); return b },
		"pages swapped": func(b []byte) []byte {
			one, two := bytes.Clone(b[4096:8192]), bytes.Clone(b[len(b)-4096:])
			copy(b[4096:], two)
			copy(b[len(b)-4096:], one)
			return b
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, "sqlite:"+path, path, "restore a backup")
		})
	}
	t.Run("emptied beside its log", func(t *testing.T) {
		path := filled(t)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.WriteFile(path+"-wal", []byte("log"), 0o600)); err != nil {
			t.Fatal(err)
		}
		refused(t, "sqlite:"+path, "empty but has a log", "restore a backup")
	})
}

// TestLogCut cuts the write-ahead log of a killed process anywhere: what was
// written before the cut is there, and nothing by halves.
func TestLogCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "onki.db")
	l := open(t, path, sqlledger.Options{})
	for _, id := range strings.Fields("a b c d e f") {
		receive(t, l, "x", id, id)
		answer(t, l)
	}
	db, wal := read(t, path), read(t, path+"-wal")
	last := 0
	for cut := 0; cut <= len(wal); cut += max(1, len(wal)/60) {
		broken := filepath.Join(t.TempDir(), "onki.db")
		if err := errors.Join(os.WriteFile(broken, db, 0o600), os.WriteFile(broken+"-wal", wal[:cut], 0o600)); err != nil {
			t.Fatal(err)
		}
		if len(db) == 0 && cut > 0 {
			continue
		}
		r := open(t, broken, sqlledger.Options{})
		events, err := r.Events(t.Context(), bot.Address{Channel: "web", Thread: "x"}, 0, 99)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if len(events) < last {
			t.Fatalf("cut at %d: %d events, fewer than the %d of a shorter log", cut, len(events), last)
		}
		last = len(events)
		if err := r.Check(t.Context()); err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		r.Close()
	}
	if last < 10 {
		t.Fatalf("%d events at the end; want nearly all 12", last)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReadOnly opens a file as a user who may not write it.
func TestReadOnly(t *testing.T) {
	if path := os.Getenv("ONKI_TEST_OPEN"); path != "" {
		refused(t, "sqlite:"+path, "permission denied", "writable by this user")
		return
	}
	path := filled(t)
	program := filepath.Join(filepath.Dir(path), "test") // where nobody may run it
	if err := os.WriteFile(program, read(t, os.Args[0]), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if err := os.Chmod(dir, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(dir, 0o755) })
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestReadOnly$")
	cmd.Env = append(os.Environ(), "ONKI_TEST_OPEN="+path)
	cmd.Dir = "/"
	if os.Getuid() == 0 { // root may write anything: be nobody
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, fs.ErrPermission) {
		t.Skipf("nobody cannot run the test program: %v", err)
	}
	if err != nil {
		t.Fatalf("as another user: %v\n%s", err, out)
	}
}

func TestClosed(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "onki.db"), sqlledger.Options{})
	if err := errors.Join(l.Close(), l.Close()); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"Receive": l.Receive(t.Context(), bot.Message{ID: "a", From: bot.Address{Channel: "web", Thread: "x"}}),
		"Say":     l.Say(t.Context(), bot.Reply{ID: "r", To: bot.Address{Channel: "web", Thread: "x"}}, 0),
	} {
		if err == nil || !strings.Contains(err.Error(), "closed") {
			t.Errorf("%s after Close: %v; want it to say closed", what, err)
		}
	}
	if _, err := l.Claim(context.Background()); err == nil || errors.Is(err, bot.ErrIdle) {
		t.Errorf("Claim after Close: %v; want an error", err)
	}
}
