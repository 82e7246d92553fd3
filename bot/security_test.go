package bot_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityEvidence: every row of the table in docs/security.md names a test
// that is there.
func TestSecurityEvidence(t *testing.T) {
	text, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| ([0-9]+\\.[0-9]+\\.[0-9]+) \\|.*\\| `([a-z0-9/]+)` (Test[A-Za-z0-9]+) \\|$")
	rows := row.FindAllStringSubmatch(string(text), -1)
	if begun := regexp.MustCompile(`(?m)^\| [0-9]`).FindAllString(string(text), -1); len(rows) < 30 || len(rows) != len(begun) {
		t.Fatalf("%d rows name a test, of %d", len(rows), len(begun))
	}
	for _, r := range rows {
		files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(r[2]), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, name := range files {
			code, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(code), "\nfunc "+r[3]+"(t *testing.T)")
		}
		if !found {
			t.Errorf("ASVS %s: there is no %s in %s: name the test that shows it, or take the row out", r[1], r[3], r[2])
		}
	}
}
