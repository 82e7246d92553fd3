package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onkihq/onki/flows/emotion/model"
)

// tiny writes a data folder whose labels follow from one word each.
func tiny(t *testing.T) (data, customers string) {
	t.Helper()
	dir := t.TempDir()
	put := func(name string, lines ...string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var english, korean, bank, hate, ours, unsere []string
	for i := range 24 {
		english = append(english,
			fmt.Sprintf("thanks for number %d here\tgratitude", i), fmt.Sprintf("furious about item %d there\tanger", i),
			fmt.Sprintf("the shop opens at %d today\tneutral", i))
		korean = append(korean, fmt.Sprintf("%d\t고마워요 물건 %d 잘 왔네요\t4", i, i), fmt.Sprintf("%d\t화나요 물건 %d 안 왔네요\t0,6", i, i))
		bank = append(bank, fmt.Sprintf("3.8\t3.1\t3\twonderful day %d", i), fmt.Sprintf("2.1\t3.9\t3\tterrible day %d", i))
		hate = append(hate, fmt.Sprintf("나쁜 놈 %d\thate", i), fmt.Sprintf("좋은 날 %d\tnone", i))
		ours = append(ours, fmt.Sprintf("worried about parcel %d\tanxiety", i), fmt.Sprintf("parcel %d is here\tneutral,relief", i))
		unsere = append(unsere, fmt.Sprintf("택배 %d 걱정돼요\tanxiety", i), fmt.Sprintf("택배 %d 왔어요\trelief", i))
	}
	put("goemotions/train.tsv", english...)
	put("kote/val.tsv", korean...)
	put("kote/labels.txt", model.Labels(model.KOTE)...)
	put("emobank/train.tsv", bank...)
	put("korean-hate-speech/train.tsv", hate...)
	put("own/care.en.tsv", append([]string{"text\tlabels"}, ours...)...)
	put("own/care.ko.tsv", append([]string{"text\tlabels"}, unsere...)...)
	put("own/hard.en.tsv", "kind\ttext\tlabels\tnot", "negation\tI am not worried\tneutral\tanxiety", "negation\tnot happy\tdisappointment\tjoy")
	put("own/bands.en.tsv", "band\ttext", "low\tI am not worried", "high\tI am so worried, help me!!")
	put("own/probe.en.tsv", "zebra zebra zebra\tgrief")
	return dir, filepath.Join(dir, "own")
}

func train(t *testing.T, args ...string) map[string][]byte {
	t.Helper()
	out := t.TempDir()
	if err := run(append(args, "-out", out), io.Discard); err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, lang := range []string{"en", "ko"} {
		b, err := os.ReadFile(filepath.Join(out, "model", lang+".onki"))
		if err == nil {
			files[lang] = b
		}
	}
	if b, err := os.ReadFile(filepath.Join(out, "fusion.json")); err == nil {
		files["fusion"] = b
	}
	return files
}

func TestTrainingRepeats(t *testing.T) {
	data, own := tiny(t)
	one := train(t, "-data", data, "-customers", own, "-workers", "1")
	two := train(t, "-data", data, "-customers", own, "-workers", "2")
	for lang := range one {
		if !bytes.Equal(one[lang], two[lang]) {
			t.Errorf("%s: two runs, two files", lang)
		}
	}
	if len(one["fusion"]) == 0 || !strings.Contains(string(one["fusion"]), `"without past"`) {
		t.Errorf("no fusion was fitted: %s", one["fusion"])
	}
	m := open(t, one)
	if sets := m.Meta("en").Sets; !slices.ContainsFunc(sets, func(s model.Set) bool { return s.Name == "emobank" }) {
		t.Errorf("sets %v", sets)
	}
	for _, c := range []struct{ lang, text, set, care string }{
		{"en", "many thanks", "gratitude", ""},
		{"en", "I am furious", "anger", ""},
		{"en", "worried about the parcel", "", "anxiety"},
		{"ko", "정말 고마워요", "고마움", ""},
		{"ko", "택배 걱정돼요", "", "anxiety"},
	} {
		for _, depth := range m.Depths(c.lang) {
			var s model.Scores
			m.Score(c.lang, c.text, depth, &s)
			if got := m.Decide(model.SpaceOf(c.lang), &s); c.set != "" && !slices.Contains(got, c.set) {
				t.Errorf("%v %q: %v", depth, c.text, got)
			}
			if got := m.Decide(model.Care, &s); c.care != "" && !slices.Contains(got, c.care) {
				t.Errorf("%v %q: %v", depth, c.text, got)
			}
		}
	}
}

func open(t *testing.T, files map[string][]byte) *model.Model {
	t.Helper()
	var fs []*model.File
	for lang, b := range files {
		if lang == "fusion" {
			continue
		}
		f, err := model.ReadFile(b, lang+".onki")
		if err != nil {
			t.Fatal(err)
		}
		fs = append(fs, f)
	}
	m, err := model.New(fs...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestNoShareAlike(t *testing.T) {
	data, own := tiny(t)
	m := open(t, train(t, "-data", data, "-customers", own, "-no-sharealike", "-lang", "en"))
	sets := m.Meta("en").Sets
	if len(sets) != 2 || sets[0].Name != "goemotions" {
		t.Errorf("sets %v", sets)
	}
}

func TestNoData(t *testing.T) {
	if err := run([]string{"-data", t.TempDir()}, io.Discard); err == nil || !strings.Contains(err.Error(), "goemotions") {
		t.Errorf("an empty folder: %v", err)
	}
	if err := run(nil, io.Discard); err == nil || !strings.Contains(err.Error(), "-data") {
		t.Errorf("no folder: %v", err)
	}
}

// The probe is for measuring: no file of that name may be read by the trainer.
func TestProbeIsNotRead(t *testing.T) {
	data, own := tiny(t)
	s := &sets{plan: planOf("en"), dir: data, domain: own}
	if err := s.collect(); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.rows {
		if strings.Contains(r.text, "zebra") {
			t.Error("a probe row is trained on")
		}
	}
}

func TestCard(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"goemotions/dev.tsv": "Thank you so much!\tgratitude\nI am so angry.\tanger\n",
		"probe.en.tsv":       "text\tlabels\nthank you\tgratitude\n",
		"risk.en.tsv":        "tier\ttext\nR2\tI want to die\nR0\thello\n",
		"card.md":            "above\n" + tablesBegin + "of another day\n" + tablesEnd + "below\n",
		"bare.md":            "nothing\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	card := filepath.Join(dir, "card.md")
	if err := run([]string{"-data", dir, "-customers", dir, "-card", card}, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(card)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"above\n", "| probe.en.tsv | all | 1 | 1.000", "| risk.en.tsv | 2 | 1.000 | 1.000 | 0.000 | 1.000 |", "| goemotions dev | vader | 2 |", "below\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in the card:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "of another day") {
		t.Error("the old tables are still there")
	}
	if err := run([]string{"-data", dir, "-customers", dir, "-card", filepath.Join(dir, "bare.md")}, io.Discard); err == nil || !strings.Contains(err.Error(), "no place for the tables") {
		t.Errorf("a card without a place: %v", err)
	}
}
