package eval

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// TestRun measures all sets that are there and holds the product to be better
// than the plain methods on each of them, and to know when it does not know.
func TestRun(t *testing.T) {
	r, err := Run(t.Context(), os.Getenv("ONKI_DATA"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r)
	best := map[string]float64{}
	for _, x := range r.Results {
		if x.Method != "onki" {
			best[x.Set] = max(best[x.Set], x.First)
			continue
		}
		if x.First <= best[x.Set] {
			t.Errorf("%s: %.3f right first, a plain method has %.3f", x.Set, x.First, best[x.Set])
		}
		if x.Refused > 0.06 {
			t.Errorf("%s: %.3f refused, more than 0.06", x.Set, x.Refused)
		}
		if x.None > 0 && x.Recognized < 0.8 {
			t.Errorf("%s: %.3f of the questions without an answer recognized", x.Set, x.Recognized)
		}
	}
	if len(r.Results) < 36 {
		t.Errorf("%d results, want at least 36", len(r.Results))
	}
}

func TestBadSet(t *testing.T) {
	fsys := fstest.MapFS{"knowledge/a.md": {Data: []byte("# 가\n\n나\n")}, "questions.ko.tsv": {Data: []byte("# ok\nno tab\n")}}
	if _, err := Brand(t.Context(), fsys, "x", "ko"); err == nil || !strings.HasPrefix(err.Error(), "questions.ko.tsv:2: ") {
		t.Errorf("a line without a tab: %v", err)
	}
}
