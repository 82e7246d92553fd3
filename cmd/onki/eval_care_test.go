package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// evaluated runs onki eval care and reads its JSON.
func evaluated(t *testing.T, args ...string) (careReport, string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"eval", "care", "--brand", "course", "--json"}, args...), streams{strings.NewReader(""), &out, &errs}); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var r careReport
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	return r, errs.String()
}

func TestEvalCarePlain(t *testing.T) {
	t.Parallel()
	r, _ := evaluated(t)
	if len(r.Runs) != 1 || r.Runs[0].Result.Turns < 10 || r.Runs[0].Config != phrasesOnly {
		t.Fatalf("%+v", r)
	}
	for _, s := range r.Runs[0].Result.Scores {
		if s.Applied > 3 && s.Share() < .85 {
			t.Errorf("%s held in %d of %d turns", s.Rule, s.Held, s.Applied)
		}
	}
}

// judgeOf plays a judge that knows the planted answers and otherwise likes the
// one that holds the word.
func judgeOf(likes string, always string, asked *atomic.Int64) func(string) string {
	return func(prompt string) string {
		at := strings.LastIndex(prompt, "1»\n")
		if !strings.Contains(prompt, "better") || at < 0 {
			return parrot(prompt)
		}
		asked.Add(1)
		one, two, _ := strings.Cut(prompt[at:], "2»\n")
		bad := func(s string) bool {
			for _, all := range planted {
				for _, p := range all {
					if strings.Contains(s, p) {
						return true
					}
				}
			}
			return false
		}
		better := "tie"
		switch {
		case always != "":
			better = always
		case bad(two), strings.Contains(one, likes) && !strings.Contains(two, likes):
			better = "1"
		case bad(one), strings.Contains(two, likes):
			better = "2"
		}
		return `{"better":"` + better + `","why":"because"}`
	}
}

// TestEvalCareCompared sets a model beside the phrases, with a judge, writes the
// page, records everything and plays the recording again without the model.
func TestEvalCareCompared(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	judge := judgeOf("⭑", "", &asked)
	s := newModelServer(t, func(p string) string {
		if strings.Contains(p, "better") {
			return judge(p)
		}
		return wordsOf(p, func(_, text string) string { return strings.Replace(text, ".", " ⭑.", 1) })
	})
	dir := t.TempDir()
	page, record := filepath.Join(dir, "care.html"), filepath.Join(dir, "care.jsonl")
	spec := "openai:test@" + s.URL
	r, _ := evaluated(t, "--model", spec, "--compare", phrasesOnly, "--judge", "openai:judge@"+s.URL, "--html", page, "--record", record)
	j := r.Judgment
	if len(r.Runs) != 2 || j == nil || j.Pairs == 0 || j.First < j.Pairs*9/10 || j.Second > 0 || j.Failed > 0 || j.Planted == 0 || j.Seen != j.Planted || j.Unreliable {
		t.Errorf("%+v", j)
	}
	if got, want := asked.Load(), int64(2*(j.Pairs+j.Planted)); got != want {
		t.Errorf("the judge was asked %d times; want both orders, %d", got, want)
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "⭑") || strings.Count(string(html), `class="reply"`) != 2*r.Runs[0].Result.Turns {
		t.Errorf("the page does not hold both replies to every turn (%v)", err)
	}
	s.set(parrot, func(w http.ResponseWriter, _ *http.Request) bool { http.Error(w, "asked again", 500); return true })
	again, _ := evaluated(t, "--model", spec, "--compare", phrasesOnly, "--judge", "openai:judge@"+s.URL, "--replay", record)
	a, _ := json.Marshal(r.Runs[0].Result)
	b, _ := json.Marshal(again.Runs[0].Result)
	if string(a) != string(b) || again.Judgment.First != j.First {
		t.Errorf("the recording plays another conversation:\n%s\n%s", a, b)
	}
}

// TestEvalCareSwayed: a judge who prefers what comes first is not believed.
func TestEvalCareSwayed(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	judge := judgeOf("", "1", &asked)
	s := newModelServer(t, func(p string) string {
		if strings.Contains(p, "better") {
			return judge(p)
		}
		return wordsOf(p, func(_, text string) string { return strings.Replace(text, ".", " ⭑.", 1) })
	})
	r, _ := evaluated(t, "--model", "openai:test@"+s.URL, "--compare", phrasesOnly, "--judge", "openai:judge@"+s.URL)
	if j := r.Judgment; j.First != 0 || j.Second != 0 || j.Swayed != j.Pairs || !j.Unreliable {
		t.Errorf("%+v", j)
	}
}
