package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestConfigOrder(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "onki.yaml")
	if err := os.WriteFile(file, []byte("addr: file:1\nbrand: airline\nledger: \"memory:\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ONKI_BRAND", "empty")
	t.Setenv("ONKI_SECRET_FILE", key)
	t.Setenv("ONKI_ORIGINS", "https://a.example,https://b.example")
	flags := pflag.NewFlagSet("x", pflag.ContinueOnError)
	flags.String("addr", "", "")
	if err := flags.Parse([]string{"--addr", "flag:2"}); err != nil {
		t.Fatal(err)
	}
	c, err := loadConfig(file, flags)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "flag:2" || c.Brand != "empty" || c.Ledger != "memory:" || c.LogLevel != "info" || c.Secret != "from-a-file" || len(c.Origins) != 2 {
		t.Errorf("flags over environment over file over defaults: got %+v", c)
	}
}

func TestConfigFaults(t *testing.T) {
	for name, c := range map[string]struct {
		env  []string
		want string
	}{
		"unknown":      {[]string{"ONKI_BRANT=x"}, `did you mean "brand"`},
		"no such file": {[]string{"ONKI_SECRET_FILE=/nonexistent/x"}, "ONKI_SECRET_FILE"},
		"not a number": {[]string{"ONKI_WORKERS=many"}, "WORKERS"},
	} {
		cfg := defaults()
		if err := cfg.readEnv(c.env); err == nil || !strings.Contains(strings.ToUpper(err.Error()), strings.ToUpper(c.want)) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestSuggest(t *testing.T) {
	for word, want := range map[string]string{"adr": "addr", "ledgr": "ledger", "zzzzzzzz": "known:"} {
		if got := suggest(word, configKeys("yaml")); !strings.Contains(got, want) {
			t.Errorf("suggest(%q) = %q, want %q in it", word, got, want)
		}
	}
}
