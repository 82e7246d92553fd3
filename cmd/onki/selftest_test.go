package main

import (
	"os"
	"testing"
	"time"

	"github.com/onkihq/onki/cmd/onki/selftest"
)

// TestSelftest repeats the promises for some seconds on this very program.
func TestSelftest(t *testing.T) {
	if testing.Short() {
		t.Skip("kills onki for some seconds")
	}
	program, err := os.Executable() // called by the name of onki it is onki: see TestMain
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	r, err := selftest.Plan{Program: program, Version: "test", Span: 4 * time.Second, Seed: 42, Sync: syncTime}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !r.Passed() || len(r.Lines) < 13 || r.Sync <= 0 {
		t.Errorf("%s", r)
	}
	t.Logf("%s", r)
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
