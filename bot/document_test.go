package bot_test

import (
	"go/ast"
	"go/token"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFailuresAreShown: what docs/failures.md says of a failure is shown by the
// tests it names.
func TestFailuresAreShown(t *testing.T) {
	tests := make(map[string]bool)
	for _, s := range tree(t) {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasSuffix(s.path, "_test.go") {
				tests[s.dir+"."+f.Name.Name] = true
			}
		}
	}
	page, err := os.ReadFile("../docs/failures.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z/]+\\.Test[A-Za-z]+)`").FindAllSubmatch(page, -1)
	for _, n := range named {
		if name := string(n[1]); !tests[name] {
			t.Errorf("docs/failures.md names %s, which is not in %s", path.Base(name), path.Dir(name))
		}
	}
	rows := strings.Count(string(page), "\n|") - 2
	if rows < 10 || len(named) < rows {
		t.Errorf("%d tests for %d failures: name one for each", len(named), rows)
	}
}

// TestDocumented: every package and every exported name says what it means, the
// name first.
func TestDocumented(t *testing.T) {
	packages := make(map[string]bool)
	for _, s := range tree(t) {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		packages[s.dir] = packages[s.dir] || s.file.Doc != nil
		exported := types(s.file)
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && (d.Recv == nil || slices.Contains(exported, receiver(d))) {
					documented(t, s, d.Name, d.Doc)
				}
			case *ast.GenDecl:
				group(t, s, d)
			}
		}
	}
	for dir, ok := range packages {
		if !ok {
			t.Errorf("%s has no package comment: say in a few sentences what it is for and what it does not do", dir)
		}
	}
}

// types returns the exported types of the file. A method of a type in another
// file of the package is looked at when its receiver is exported.
func types(f *ast.File) []string {
	var out []string
	for _, d := range f.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && ast.IsExported(receiver(f)) {
			out = append(out, receiver(f))
		}
	}
	return out
}

// receiver is the name of the type a method belongs to.
func receiver(f *ast.FuncDecl) string {
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// group checks types, constants and variables. The comment of a group in
// brackets speaks for all its members.
func group(t *testing.T, s source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				doc := spec.Doc
				if doc == nil && !d.Lparen.IsValid() {
					doc = d.Doc
				}
				documented(t, s, spec.Name, doc)
			}
		case *ast.ValueSpec:
			if (d.Tok == token.CONST || d.Tok == token.VAR) && spec.Names[0].IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
				t.Errorf("%s: %s has no comment: say what it means", s.at(spec), spec.Names[0].Name)
			}
		}
	}
}

// documented checks that a doc comment begins with the name, with an article
// if it reads better.
func documented(t *testing.T, s source, name *ast.Ident, doc *ast.CommentGroup) {
	if doc == nil || strings.TrimSpace(doc.Text()) == "" {
		t.Errorf("%s: %s has no comment: say what it means, its range or unit, and its errors", s.at(name), name.Name)
		return
	}
	words := strings.Fields(doc.Text())
	if slices.Contains([]string{"A", "An", "The"}, words[0]) {
		words = words[1:]
	}
	if len(words) == 0 || strings.Trim(words[0], ",.:;") != name.Name && strings.TrimSuffix(words[0], "'s") != name.Name {
		t.Errorf("%s: the comment of %s does not begin with its name: %.50q", s.at(name), name.Name, doc.Text())
	}
}
