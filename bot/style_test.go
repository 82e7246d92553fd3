package bot_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rules of the house as tests over the whole tree. Each says what to do
// when it fails. Generated files and testdata are not read.

const module = "github.com/onkihq/onki"

// source is one parsed Go file.
type source struct {
	path  string // from the root of the repository, with slashes
	dir   string
	lines int
	test  bool // a test, or part of a suite
	fset  *token.FileSet
	file  *ast.File
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// tree parses every Go file of the repository.
func tree(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			base := d.Name()
			if name != ".." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || slices.Contains([]string{"testdata", "node_modules", "vendor", "shared"}, base)) {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		body, err := os.ReadFile(name)
		if err != nil || generated.Match(body) {
			return err
		}
		rel, err := filepath.Rel("..", name)
		if err != nil {
			return err
		}
		s := source{path: filepath.ToSlash(rel), fset: token.NewFileSet(), lines: bytes.Count(body, []byte("\n"))}
		s.dir = path.Dir(s.path)
		s.test = strings.HasSuffix(s.path, "_test.go") || suiteDir(s.dir)
		s.file, err = parser.ParseFile(s.fset, s.path, body, parser.ParseComments)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d Go files found: the rules look at the wrong place", len(all))
	}
	return all
}

// suiteDir reports whether the folder holds a conformance suite, whose tables
// of cases are tests in a package of their own.
func suiteDir(dir string) bool {
	for _, part := range strings.Split(dir, "/") {
		if strings.HasSuffix(part, "test") {
			return true
		}
	}
	return false
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(n.Pos()).Line)
}

// length is how many lines the node spans.
func (s source) length(n ast.Node) int {
	return s.fset.Position(n.End()).Line - s.fset.Position(n.Pos()).Line + 1
}

// TestImports: the rooms form a star around bot.
func TestImports(t *testing.T) {
	for _, s := range tree(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue // a test may look at its neighbours
		}
		for _, spec := range s.file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := forbidden(s.dir, to); why != "" {
				t.Errorf("%s: %s imports %s: %s", s.at(spec), s.dir, to, why)
			}
		}
	}
}

// guards are the folders that every room may import: what they do must be done
// alike wherever text or a call leaves the house.
var guards = []string{"bot/redact", "bot/outbound"}

// forbidden says why the folder may not import the package, or "".
func forbidden(dir, to string) string {
	inside, ours := strings.CutPrefix(to, module+"/")
	room, _, _ := strings.Cut(dir, "/")
	toRoom, _, _ := strings.Cut(inside, "/")
	switch {
	case !ours && dir == "bot" && strings.Contains(strings.Split(to, "/")[0], "."):
		return "package bot needs the standard library only; put the adapter into a folder of its own"
	case !ours && slices.Contains(guards, dir) && strings.Contains(strings.Split(to, "/")[0], "."):
		return "what keeps customers safe needs the standard library only, so that everybody may use it"
	case !ours, room == "cmd", inside == "bot", dir != "bot" && slices.Contains(guards, inside), suiteDir(dir) && toRoom == "bot":
		return ""
	case dir == "bot":
		return "package bot is imported by everybody and imports nobody"
	case toRoom != room:
		return "siblings do not know each other; take what you need through a small interface and let cmd/onki join them"
	case suiteDir(inside):
		return "suites are for tests"
	case suiteDir(dir):
		return ""
	case room == "channels" && (inside == "channels/edge" || inside == "channels/desk" && dir != "channels/edge"):
		return "" // what all networks repeat has one home; it knows none of them
	case room == "channels" && toRoom == "channels" && !strings.HasPrefix(inside, strings.Join(strings.Split(dir, "/")[:min(2, strings.Count(dir, "/")+1)], "/")):
		return "channels do not know each other"
	}
	return ""
}

func TestImportRules(t *testing.T) {
	for _, c := range []struct {
		dir, to string
		ok      bool
	}{
		{"bot", "strings", true},
		{"bot", "modernc.org/sqlite", false},
		{"bot", module + "/flows", false},
		{"bot/sqlledger", "modernc.org/sqlite", true},
		{"bot/sqlledger", module + "/bot", true},
		{"bot/sqlledger", module + "/flows", false},
		{"flows", module + "/bot", true},
		{"flows", module + "/flows/emotion", true},
		{"flows", module + "/knowledge", false},
		{"knowledge/local", module + "/knowledge", true},
		{"flows/flowstest", module + "/flows", true},
		{"flows", module + "/flows/flowstest", false},
		{"channels/slack", module + "/channels/web", false},
		{"channels/web", module + "/channels/web/render", true},
		{"channels/web", module + "/channels/edge", true},
		{"channels/slack", module + "/channels/desk", true},
		{"channels/edge", module + "/channels/desk", false},
		{"channels/desk", module + "/channels/slack", false},
		{"cmd/onki", module + "/channels/web", true},
		{"knowledge/local", module + "/bot/bottest", false},
		{"flows/llm", module + "/bot/redact", true},
		{"bot/redact", "golang.org/x/text/width", false},
		{"bot", module + "/bot/redact", false},
	} {
		if why := forbidden(c.dir, c.to); (why == "") != c.ok {
			t.Errorf("%s imports %s: %q; want allowed %v", c.dir, c.to, why, c.ok)
		}
	}
}

// TestNames: a folder or file is named after what it is about.
func TestNames(t *testing.T) {
	for _, s := range tree(t) {
		for _, part := range strings.Split(strings.TrimSuffix(s.path, ".go"), "/") {
			if slices.Contains([]string{"util", "utils", "common", "misc", "manager", "impl", "helper", "helpers", "internal"}, part) {
				t.Errorf("%s: %q says nothing: name it after what it is about", s.path, part)
			}
		}
	}
}

// TestSizes: what fits on few screens can be read in one sitting.
func TestSizes(t *testing.T) {
	for _, s := range tree(t) {
		limit := 400
		if s.path == "bot/engine.go" {
			limit = 200
		}
		if s.lines > limit {
			t.Errorf("%s has %d lines, at most %d: split it where its subject changes", s.path, s.lines, limit)
		}
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && !s.test && s.length(f) > 60 {
				t.Errorf("%s: %s has %d lines, at most 60: give a part of it a name", s.at(f), f.Name.Name, s.length(f))
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			i, ok := n.(*ast.InterfaceType)
			if !ok {
				return true
			}
			methods := 0 // of its own: a sum of small interfaces is one of them
			for _, m := range i.Methods.List {
				methods += len(m.Names)
			}
			if methods > 3 {
				t.Errorf("%s: an interface of %d methods, at most 3: split off what only some need as an optional interface", s.at(n), methods)
			}
			return true
		})
	}
}

// TestOneScreen: package bot is the words everybody has to know.
func TestOneScreen(t *testing.T) {
	types, others := 0, 0
	for _, s := range tree(t) {
		if s.dir != "bot" || s.test {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					others++
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						if spec.Name.IsExported() {
							types++
						}
					case *ast.ValueSpec:
						if d.Tok == token.VAR && spec.Names[0].IsExported() {
							others++
						}
					}
				}
			}
		}
	}
	if types > 51 || others > 12 {
		t.Errorf("package bot exports %d types and %d functions and variables, at most 51 and 12: put the new word into the room that needs it", types, others)
	}
}

// TestNoHiddenStart: a program does what main says, in the order main says it.
func TestNoHiddenStart(t *testing.T) {
	all := tree(t)
	written := make(map[string][]string) // per folder, names that some file writes to and that are not its own
	for _, s := range all {
		for _, name := range assigned(s) {
			if name.Obj == nil {
				written[s.dir] = append(written[s.dir], name.Name)
			}
		}
	}
	for _, s := range all {
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s: init runs unseen: make it a function that main calls", s.at(d))
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR && !s.test {
					for _, spec := range d.Specs {
						variable(t, s, d, spec.(*ast.ValueSpec), written[s.dir])
					}
				}
			}
		}
	}
}

// variable checks that a package variable is a sentinel, an embedded file or a
// table that is only read.
func variable(t *testing.T, s source, d *ast.GenDecl, spec *ast.ValueSpec, elsewhere []string) {
	for _, doc := range []*ast.CommentGroup{d.Doc, spec.Doc} {
		if doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") }) {
			return
		}
	}
	if spec.Names[0].Name == "_" || s.dir == "cmd/onki" && len(spec.Values) < 2 && slices.Contains([]string{"version", "commit", "date"}, spec.Names[0].Name) {
		return // a check of the compiler; what the linker fills in
	}
	for i, name := range spec.Names {
		if i >= len(spec.Values) || !constant(spec.Values[i]) {
			t.Errorf("%s: package variable %s: only sentinel errors, embedded files and tables that are never written may be one; make it a constant, or put state into a struct", s.at(name), name.Name)
		}
		if slices.Contains(elsewhere, name.Name) {
			t.Errorf("%s: %s is written to in another file: state belongs into a struct that somebody owns", s.at(name), name.Name)
		}
	}
	for _, other := range assigned(s) {
		for _, name := range spec.Names {
			if other.Obj != nil && other.Obj == name.Obj {
				t.Errorf("%s: %s is written to: state belongs into a struct that somebody owns", s.at(other), name.Name)
			}
		}
	}
}

// constant reports whether the expression makes a value nobody has to write to.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		x, ok := e.Type.(*ast.SelectorExpr)
		return !ok || fmt.Sprint(x.X) != "sync" // a lock or a pool is state
	case *ast.UnaryExpr:
		return constant(e.X)
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.Ident)
		return !ok || f.Name != "make" && f.Name != "new" // an empty thing is there to be filled
	}
	return false
}

// assigned lists the names at the root of everything the file writes to.
func assigned(s source) []*ast.Ident {
	var out []*ast.Ident
	var root func(e ast.Expr)
	root = func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.Ident:
			out = append(out, e)
		case *ast.IndexExpr:
			root(e.X)
		case *ast.SelectorExpr:
			root(e.X)
		case *ast.StarExpr:
			root(e.X)
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, l := range n.Lhs {
					root(l)
				}
			}
		case *ast.IncDecStmt:
			root(n.X)
		}
		return true
	})
	return out
}
