package bot_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// TestOutgoing: who makes a client of their own goes past bot/outbound. Those
// named here call one fixed service, whose address no customer and no page can
// name.
func TestOutgoing(t *testing.T) {
	fixed := []string{"channels/slack", "channels/telegram", "bot/outbound", "bot/sqlledger/killtest/victim"}
	for _, s := range tree(t) {
		if s.test || strings.Contains(s.path, "/e2e/") || slices.Contains(fixed, s.dir) {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if name := selector(n.Type); name == "http.Client" || name == "http.Transport" {
					t.Errorf("%s: a client of its own: take outbound.Guard{}.Client()", s.at(n))
				}
			case *ast.SelectorExpr:
				if name := selector(n); slices.Contains([]string{"http.Get", "http.Post", "http.PostForm", "http.Head", "http.DefaultClient", "http.DefaultTransport"}, name) {
					t.Errorf("%s: %s asks any machine: take outbound.Guard{}.Client()", s.at(n), name)
				}
			}
			return true
		})
	}
}
