package main

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSBOM: a built program lists every module that go.mod gives it code from.
func TestSBOM(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "onki")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := exec.Command(bin, "version", "--sbom").Output()
	if err != nil {
		t.Fatal(err)
	}
	var b sbom
	if err := json.Unmarshal(text, &b); err != nil || b.Format != "CycloneDX" || b.Metadata.Component.Name == "" {
		t.Fatalf("%.300s: %v", text, err)
	}
	listed := make(map[string]component)
	for _, c := range b.Components {
		listed[c.Name] = c
	}
	modules, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(bytes.TrimSpace(modules))), "\n") {
		path, version, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		if c := listed[path]; c.Version != version || len(c.Hashes) != 1 || !strings.HasPrefix(c.PURL, "pkg:golang/") {
			t.Errorf("%s %s is listed as %+v", path, version, c)
		}
	}
}
