package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/knowledge"
)

// fill ingests one page at the place.
func fill(t *testing.T, at place, text string) {
	t.Helper()
	store, err := at.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	index, done, err := store.write(func(s string) { t.Error(s) })
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	base, err := knowledge.Open(t.Context(), knowledge.Options{Index: index, Unasked: true})
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{"page.md": {Data: []byte(text)}}
	if _, err := base.Ingest(t.Context(), knowledge.Source{Name: "page.md", FS: fsys}); err != nil {
		t.Fatal(err)
	}
}

func TestShelfTakesUpAnImport(t *testing.T) {
	at := place{path: filepath.Join(t.TempDir(), "k")}
	own := fstest.MapFS{"knowledge/ko/a.md": {Data: []byte("# 영업시간\n\n열 시에 엽니다.")}}
	s, err := openShelf(t.Context(), own, at)
	if err != nil {
		t.Fatal(err)
	}
	found := func(question string) int {
		t.Helper()
		list, err := s.Search(t.Context(), flows.Question{Text: question, Lang: "ko"}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if found("영업시간이 어떻게 되나요?") != 1 || found("주차 되나요?") != 0 {
		t.Fatal("before the import: want the brand's own folder and nothing else")
	}
	fill(t, at, "# 주차\n\n두 시간 무료입니다.")
	if renewed, err := s.renew(t.Context()); !renewed || err != nil {
		t.Fatalf("after the import: renewed %v, %v", renewed, err)
	}
	if found("주차 되나요?") != 1 || found("영업시간이 어떻게 되나요?") != 1 {
		t.Error("after the import: want both")
	}
	if renewed, err := s.renew(t.Context()); renewed || err != nil {
		t.Errorf("nothing new: renewed %v, %v", renewed, err)
	}
	if err := os.WriteFile(at.path, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.renew(t.Context()); err == nil {
		t.Error("a damaged file: no error")
	}
	if found("주차 되나요?") != 1 {
		t.Error("after a damaged file: what was there before does not answer")
	}
}
