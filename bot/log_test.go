package bot_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

// TestLoggers: every logger writes through redact, so that what a customer said
// about themselves reaches no log, and nobody logs past the logger they were
// given.
func TestLoggers(t *testing.T) {
	made := 0
	for _, s := range tree(t) {
		if s.test || strings.Contains(s.path, "/e2e/") {
			continue
		}
		for _, spec := range s.file.Imports {
			if spec.Path.Value == `"log"` {
				t.Errorf("%s: package log writes unmasked: use the *slog.Logger that was handed in", s.at(spec))
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			switch name := selector(call.Fun); {
			case name == "slog.New":
				made++
				if arg := selector(call.Args[0]); arg != "slog.DiscardHandler" && arg != "redact.Handler" {
					t.Errorf("%s: a logger that does not mask: write slog.New(redact.Handler(…))", s.at(call))
				}
			case slices.Contains([]string{"slog.Debug", "slog.Info", "slog.Warn", "slog.Error", "slog.Log", "slog.LogAttrs", "slog.Default", "slog.SetDefault", "slog.With"}, name):
				t.Errorf("%s: %s goes past the logger that was handed in", s.at(call), name)
			}
			return true
		})
	}
	if made < 3 {
		t.Errorf("only %d loggers found: the rule looks at the wrong place", made)
	}
}

// selector is "package.Name" of an expression or of the function it calls.
func selector(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.CallExpr:
		return selector(e.Fun)
	case *ast.SelectorExpr:
		return fmt.Sprint(e.X) + "." + e.Sel.Name
	}
	return ""
}

// TestLogValue: a message or reply that is logged by mistake says nothing.
func TestLogValue(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	log.Info("x", "message", bot.Message{ID: "m1", From: bot.Address{Channel: "web", Thread: "t"}, Text: "secret", User: "secret"},
		"reply", bot.Reply{ID: "r1", Parts: []bot.Part{{Text: "secret"}}})
	if got := out.String(); strings.Contains(got, "secret") || !strings.Contains(got, "message.id=m1 message.from=web:t reply.id=r1") {
		t.Error(got)
	}
}
