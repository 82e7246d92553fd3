package main

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// TestDeployments: what the compose file and the Helm chart set is what this
// program knows, and the compose file says enough to start.
func TestDeployments(t *testing.T) {
	known := configKeys("env")
	variable := regexp.MustCompile(`\bONKI_[A-Z_]+\b`)
	files := 0
	check := func(name string, text []byte) {
		files++
		for _, v := range variable.FindAllString(string(text), -1) {
			key := strings.ToLower(strings.TrimPrefix(v, "ONKI_"))
			if v != "ONKI_PORT" && !slices.Contains(known, key) { // that port is the front's
				t.Errorf("%s sets %s, which is not known%s", name, v, suggest(key, known))
			}
		}
	}
	compose, err := os.ReadFile("../../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	check("compose.yaml", compose)
	chart := os.DirFS("../../deploy/helm/onki")
	if err := fs.WalkDir(chart, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(chart, name)
		check(name, text)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if files < 6 {
		t.Errorf("only %d files: the test looks at the wrong place", files)
	}
	var c struct {
		Services map[string]struct {
			Environment map[string]string
		}
	}
	if err := yaml.Unmarshal(compose, &c); err != nil {
		t.Fatal(err)
	}
	for _, v := range []string{"ONKI_LEDGER", "ONKI_SECRET", "ONKI_NATS", "ONKI_INDEX"} {
		if c.Services["onki"].Environment[v] == "" {
			t.Errorf("the nodes of compose.yaml get no %s", v)
		}
	}
}
