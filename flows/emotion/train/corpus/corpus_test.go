package corpus

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLoadKOTE(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "kote"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, "kote", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("labels.txt", "기쁨\n슬픔\n")
	put("val.tsv", "7\t참 좋네요\t0\n8\t좋고도 슬프네요\t0,1\n")
	rows, err := Load(dir, "kote", "val.tsv")
	if err != nil || len(rows) != 2 || rows[1].Text != "좋고도 슬프네요" || !slices.Equal(rows[1].Labels, []string{"기쁨", "슬픔"}) {
		t.Errorf("%v %v", rows, err)
	}
	put("bad.tsv", "7\t참 좋네요\t5\n")
	if _, err := Load(dir, "kote", "bad.tsv"); err == nil || !strings.Contains(err.Error(), "row 1") {
		t.Errorf("a label that is not there: %v", err)
	}
	if _, err := Load(dir, "kote", "test.tsv"); !errors.Is(err, ErrNone) {
		t.Errorf("no file: %v", err)
	}
	if _, err := Load(dir, "other", "test.tsv"); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("an unknown set: %v", err)
	}
}

func FuzzRow(f *testing.F) {
	f.Add("text\tanger,joy")
	f.Add("\t\t\t")
	f.Add("1\t2\t3\ttext")
	f.Fuzz(func(t *testing.T, line string) {
		for _, format := range formats {
			if row, err := format.row(line); err == nil && !strings.Contains(line, row.Text) {
				t.Fatalf("%q: text %q", line, row.Text)
			}
		}
	})
}
