package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLedgerKey(t *testing.T) {
	good := strings.Repeat("a1", 32)
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(good+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TEST_LEDGER_KEY", good)
	t.Setenv("TEST_LEDGER_SHORT", "a1")
	for ref, ok := range map[string]bool{
		"env:TEST_LEDGER_KEY": true, "file:" + file: true, "env:TEST_LEDGER_SHORT": false, "env:TEST_LEDGER_NONE": false, "file:" + file + "x": false, good: false, "": false,
	} {
		if _, err := ledgerKey(ref); (err == nil) != ok || err != nil && strings.Contains(err.Error(), good) && ref != good {
			t.Errorf("%q: %v", ref, err)
		}
	}
	if _, err := ledgerKey(good); err == nil || strings.Contains(err.Error(), good) {
		t.Errorf("a key in the configuration is taken, or shown: %v", err)
	}
}

// TestRekeyCommand encrypts a plain ledger: afterwards no file tells what was
// said, and with the key everything is told as before.
func TestRekeyCommand(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := someCustomers(t, dir, time.Now())
	t.Setenv("TEST_LEDGER_KEY", strings.Repeat("0f", 32))
	t.Setenv("ONKI_LEDGER_KEYS", "env:TEST_LEDGER_KEY")
	if len(holding(t, dir, "느티나무두루미")) == 0 {
		t.Fatal("nothing was written: the test proves nothing")
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"rekey", "--ledger", cfg.Ledger, "--by", "lee"}, streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("%d\n%s", code, errs.String())
	}
	if found := holding(t, dir, "느티나무두루미", "자작나무코끼리"); len(found) > 0 {
		t.Errorf("still readable: %v", found)
	}
	out.Reset()
	if code := run(t.Context(), []string{"erase", "--ledger", cfg.Ledger, "--user", "mina-0042-canary", "--by", "lee", "--reason", "request"}, streams{out: &out, err: &errs}); code != 0 || !strings.Contains(out.String(), `"found": 0`) {
		t.Errorf("erase of what is sealed: %d\n%s%s", code, out.String(), errs.String())
	}
}
