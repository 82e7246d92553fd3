package selftest

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger/killtest"
)

// TestBroken: a broken promise stands on the page, by name, with the way to
// repeat it, and a test in which nothing happened proves nothing.
func TestBroken(t *testing.T) {
	good := killtest.Report{Deaths: 3, Messages: 9, Replies: 9, Restart: []time.Duration{time.Second}}
	for name, c := range map[string]struct {
		change func(r *killtest.Report)
		says   string
	}{
		"lost":         {func(r *killtest.Report) { r.Lost = 2 }, "lost 2 of 9"},
		"twice":        {func(r *killtest.Report) { r.Doubled = 1 }, "answered twice 1"},
		"out of order": {func(r *killtest.Report) { r.Disordered = 4 }, "out of order 4"},
		"other words":  {func(r *killtest.Report) { r.Faults = []string{"re:a came again with other words"} }, "wrong: re:a came again"},
		"never killed": {func(r *killtest.Report) { r.Deaths = 0 }, "killed 0 times"},
		"never back":   {func(r *killtest.Report) { r.Restart = nil }, "of 0 starts"},
		"in the log":   {nil, "1 of their words"},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{Plan: Plan{Seed: 77}, dir: t.TempDir(), result: Result{Seed: 77}}
			log, r := "started", good
			if c.change != nil {
				c.change(&r)
			} else {
				log = "heard " + b.canary("x00")
			}
			if err := os.WriteFile(b.path("log"), []byte(log), 0o600); err != nil {
				t.Fatal(err)
			}
			b.killed(&r)
			page := b.result.String()
			if b.result.Passed() || !strings.Contains(page, "FAIL") || !strings.Contains(page, c.says) || !strings.Contains(page, "--seed 77") {
				t.Errorf("passed or unclear:\n%s", page)
			}
		})
	}
	b := &bench{dir: t.TempDir()}
	if err := os.WriteFile(b.path("log"), []byte("started"), 0o600); err != nil {
		t.Fatal(err)
	}
	if b.killed(&good); !b.result.Passed() {
		t.Errorf("a good run fails:\n%s", b.result)
	}
}
