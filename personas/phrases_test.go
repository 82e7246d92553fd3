package personas

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// slot is a placeholder of a phrase file; what fills it here is neutral.
var slot = regexp.MustCompile(`\{\+?[a-z0-9.]+(:[^}]*)?\}`)

// written is one entry of a phrase file as far as the linter needs it.
type written struct {
	Moment string `yaml:"moment"`
	When   any    `yaml:"when"`
	Say    any    `yaml:"say"`
}

func (w written) texts() []string {
	switch s := w.Say.(type) {
	case string:
		return []string{s}
	case []any:
		var all []string
		for _, x := range s {
			all = append(all, x.(string))
		}
		return all
	}
	return nil
}

func (w written) says(word string) bool {
	m, _ := w.When.(map[string]any)
	for _, v := range m {
		switch v := v.(type) {
		case string:
			if v == word {
				return true
			}
		case []any:
			if slices.Contains(v, any(word)) {
				return true
			}
		}
	}
	return false
}

// TestPhrasesPass reads every built-in phrase as a customer would get it. The
// two rooms never import each other; the files meet here.
func TestPhrasesPass(t *testing.T) {
	l := linter(t, nil)
	for _, lang := range []string{"ko", "en"} {
		files, err := filepath.Glob("../flows/phrases/text/" + lang + "/*.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("no phrase files: %v", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var entries []written
			if err := yaml.Unmarshal(text, &entries); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			for _, e := range entries {
				lintEntry(t, l, lang, filepath.Base(file), e)
			}
		}
	}
}

func lintEntry(t *testing.T, l *Linter, lang, file string, e written) {
	t.Helper()
	filler := map[string]string{"ko": "선물", "en": "your present"}[lang]
	light := e.says("light") || e.Moment == "acknowledge.joy"
	in := Saying{Complaint: !light, Emoji: light}
	for _, r := range []string{"haeyo", "hasipsio", "plain", "formal"} {
		if e.says(r) {
			in.Register = r
		}
	}
	for _, say := range e.texts() {
		said := slot.ReplaceAllStringFunc(say, func(s string) string {
			if strings.HasPrefix(s, "{words") && lang == "ko" {
				return "“내일까지 꼭 필요해요”"
			}
			return filler
		})
		for _, f := range l.Lint(said, lang, in) {
			t.Errorf("%s %s: %q: %v", file, e.Moment, say, f)
		}
	}
}
