package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/knowledgetest"
	"github.com/onkihq/onki/knowledge/words"
)

func TestIndex(t *testing.T) {
	knowledgetest.TestIndex(t, func(t *testing.T) knowledge.Index { return open(t, filepath.Join(t.TempDir(), "k")) })
}

func TestReopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	x := open(t, path)
	fill(t, x, 50)
	if err := x.Change(t.Context(), nil, []string{"p7"}); err != nil {
		t.Fatal(err)
	}
	y := open(t, path)
	if y.Len() != 49 {
		t.Fatalf("opened again: %d entries, want 49", y.Len())
	}
	want, got := map[string]knowledge.Entry{}, 0
	for e, err := range x.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		want[e.Passage.ID] = e
	}
	for e, err := range y.All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if w := want[e.Passage.ID]; w.Passage != e.Passage || w.Hash != e.Hash || fmt.Sprint(w.Vector) != fmt.Sprint(e.Vector) {
			t.Errorf("opened again: %+v, want %+v", e, w)
		}
		got++
	}
	if got != len(want) {
		t.Errorf("opened again: %d entries, want %d", got, len(want))
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	if m, err := Load(path); err != nil || m.Len() != 0 {
		t.Errorf("no file: %v", err)
	}
	fill(t, open(t, path), 5)
	m, err := Load(path)
	if err != nil || m.Len() != 5 {
		t.Fatalf("load: %v, %d entries, want 5", err, m.Len())
	}
	before, _ := os.ReadFile(path)
	if err := m.Change(t.Context(), nil, []string{"p1"}); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("a change of what was loaded wrote the file")
	}
	if err := os.WriteFile(path, before[:len(before)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged file: %v", err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("a damaged file was taken away: %v", err)
	}
}

func TestLock(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock here")
	}
	path := filepath.Join(t.TempDir(), "k")
	unlock, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan func() error, 1)
	go func() {
		second, err := Lock(path)
		if err != nil {
			t.Error(err)
		}
		got <- second
	}()
	select {
	case <-got:
		t.Fatal("two hold the lock")
	case <-time.After(50 * time.Millisecond):
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	if second := <-got; second != nil {
		second()
	}
}

// TestDamaged breaks the file in every way and expects a notice, the damaged
// file set aside, and an empty index that can be filled again.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k")
	fill(t, open(t, path), 5)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := [][]byte{{}, good[:3], good[:len(good)/2], good[:len(good)-1], append(append([]byte{}, good...), 0)}
	for i := 0; i < len(good); i += 7 {
		b := append([]byte{}, good...)
		b[i] ^= 0x55
		broken = append(broken, b)
	}
	for i, b := range broken {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		notice := ""
		x, err := Open(path, func(s string) { notice = s })
		if err != nil {
			t.Fatalf("damage %d: %v", i, err)
		}
		if x.Len() != 0 || !strings.Contains(notice, "damaged") {
			t.Errorf("damage %d: %d entries, notice %q", i, x.Len(), notice)
		}
		if _, err := os.Stat(path + ".damaged"); err != nil {
			t.Errorf("damage %d: not set aside: %v", i, err)
		}
	}
	fill(t, open(t, path), 5)
	if n := open(t, path).Len(); n != 5 {
		t.Errorf("filled again: %d entries, want 5", n)
	}
}

func TestCannotWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "gone")
	x := open(t, filepath.Join(dir, "k"))
	err := x.Change(t.Context(), []knowledge.Entry{{Passage: bot.Passage{ID: "1", Text: "가"}}}, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "save knowledge file") {
		t.Errorf("writing to a folder that is not there: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := x.Change(t.Context(), nil, nil); err != nil {
		t.Errorf("trying again: %v", err)
	}
	if n := open(t, filepath.Join(dir, "k")).Len(); n != 1 {
		t.Errorf("after trying again: %d entries, want 1", n)
	}
	left, _ := filepath.Glob(filepath.Join(dir, "*.tmp"))
	if len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func FuzzRead(f *testing.F) {
	path := filepath.Join(f.TempDir(), "k")
	fill(f, open(f, path), 3)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:len(good)-4])
	f.Add([]byte(magic))
	f.Fuzz(func(t *testing.T, data []byte) {
		parts, err := decode(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		x := &Index{Memory: &knowledge.Memory{}}
		x.Restore(parts)
		term := knowledge.Weighted{Term: words.Term{Text: "환불"}, Weight: 1}
		if _, err := x.Search(t.Context(), knowledge.Probe{Terms: []knowledge.Weighted{term}, N: 3}); err != nil {
			t.Fatal(err)
		}
		x.Near("환불이", 3)
	})
}

func open(t testing.TB, path string) *Index {
	t.Helper()
	x, err := Open(path, func(s string) { t.Errorf("notice: %s", s) })
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func fill(t testing.TB, x *Index, n int) {
	t.Helper()
	l, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	entries := make([]knowledge.Entry, n)
	for i := range entries {
		text := fmt.Sprintf("환불 이야기 %d", i)
		entries[i] = knowledge.Entry{
			Passage: bot.Passage{ID: fmt.Sprint("p", i), Title: "환불", Text: text, Answer: text, Lang: "ko", Audience: "public"},
			Hash:    fmt.Sprint(i), Title: l.Terms("환불"), Body: l.Terms(text), Vector: []float32{1, float32(i)},
		}
	}
	if err := x.Change(t.Context(), entries, nil); err != nil {
		t.Fatal(err)
	}
}
