package evaluate

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/baseline"
)

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEval(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "goemotions", "dev.tsv"), "Thank you so much!\tgratitude\nI am so angry about this.\tanger\nThanks, that was kind.\tgratitude,admiration\n")
	put(t, filepath.Join(dir, "probe.ko.tsv"), "text\tlabels\n정말 감사합니다\tgratitude\n")
	put(t, filepath.Join(dir, "risk.en.tsv"), "tier\ttext\nR3\tmy son is not breathing\nR0\tkill the subscription\n")
	r, err := Eval(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Risks) != 2 || r.Risks[0].Rows != 2 || r.Risks[0].Recall != 1 || r.Risks[0].Alarms != 0 || r.Risks[1].Grave != 0 {
		t.Errorf("danger: %+v", r.Risks)
	}
	tables := make(map[string]Table)
	for _, table := range r.Tables {
		tables[table.Name+" "+table.Depth] = table
	}
	full, ok := tables["goemotions dev, 28 labels fast"]
	if !ok || full.Rows != 3 || len(full.Labels) != 28 {
		t.Fatalf("tables %v", tables)
	}
	for _, l := range full.Labels {
		if l.Name == "gratitude" && (l.Gold != 2 || l.F1.Value != 1) {
			t.Errorf("gratitude %+v", l)
		}
	}
	for _, name := range []string{"goemotions dev, ekman (7 groups) fast", "goemotions dev, sentiment (4 groups) fast", "goemotions dev, thirteen (13 groups) fast", "customers ko, 17 labels fast"} {
		if _, ok := tables[name]; !ok {
			t.Errorf("no table %q", name)
		}
	}
	var text, js bytes.Buffer
	if err := r.WriteText(&text); err != nil || !strings.Contains(text.String(), "gratitude") || !strings.Contains(text.String(), "danger to a person") {
		t.Errorf("text: %v", err)
	}
	var back Report
	if err := r.WriteJSON(&js); err != nil || json.Unmarshal(js.Bytes(), &back) != nil || len(back.Tables) != len(r.Tables) {
		t.Errorf("JSON: %v", err)
	}
}

func TestEvalSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := Eval(dir); err == nil || !strings.Contains(err.Error(), "dev.tsv") {
		t.Errorf("an empty folder: %v", err)
	}
	put(t, filepath.Join(dir, "goemotions", "dev.tsv"), "a row without labels\n")
	if _, err := Eval(dir); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a bad row: %v", err)
	}
}

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "goemotions", "dev.tsv"), "Thank you so much, I love it!\tgratitude,love\nI hate this, it is horrible.\tanger\nI hate that I love it.\tanger,love\nThe shop is on Main Street.\tneutral\n")
	m, err := model.Load()
	if err != nil {
		t.Fatal(err)
	}
	with, err := baseline.Parse("vader,words")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Compare(m, dir, with)
	if err != nil {
		t.Fatal(err)
	}
	right := make(map[string]float64)
	for _, c := range got {
		if right[c.Reader] = c.Right; c.Rows != 3 {
			t.Errorf("%s: %d rows, want the three whose labels agree", c.Reader, c.Rows)
		}
	}
	if right["vader"] != 1 || right["onki fast"] != 1 || right["majority"] > .34 {
		t.Errorf("shares that are right: %v", right)
	}
	if _, err := Compare(m, t.TempDir(), with); err == nil || !strings.Contains(err.Error(), "dev.tsv") {
		t.Errorf("an empty folder: %v", err)
	}
}
