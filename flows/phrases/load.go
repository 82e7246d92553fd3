package phrases

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

//go:embed text
var builtin embed.FS

// languages are those in which every moment has words.
var languages = []string{"ko", "en"}

// Read returns the texts of one phrase file with everything that is wrong with
// it, each as "path:line: what; remedy". Texts with a fault are left out.
func Read(file, lang string, data []byte) ([]Fragment, error) {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		var syntax yaml.Error
		if errors.As(err, &syntax) && syntax.GetToken() != nil {
			return nil, fmt.Errorf("%s:%d: %s; mend the YAML here", file, syntax.GetToken().Position.Line, syntax.GetMessage())
		}
		return nil, fmt.Errorf("%s:1: %w; mend the YAML", file, err)
	}
	r := reader{file: file, lang: lang}
	for _, doc := range tree.Docs {
		if doc.Body == nil {
			continue
		}
		list, ok := doc.Body.(*ast.SequenceNode)
		if !ok {
			r.fault(doc.Body, "a phrase file is a list of entries; begin each with \"- moment:\"")
			continue
		}
		for _, n := range list.Values {
			r.entry(n)
		}
	}
	return r.found, errors.Join(r.faults...)
}

// A reader collects the texts and the faults of one file.
type reader struct {
	file, lang string
	found      []Fragment
	faults     []error
}

func (r *reader) fault(n ast.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.file, line(n), fmt.Sprintf(format, args...)))
}

func line(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// pairs returns the keys and values of a mapping, which the parser gives in
// one of two shapes.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

func (r *reader) entry(n ast.Node) {
	f := Fragment{Lang: r.lang, File: r.file}
	var says []ast.Node
	before := len(r.faults)
	fields := pairs(n)
	if fields == nil {
		r.fault(n, "an entry needs moment and say; write \"- moment: …\"")
		return
	}
	for _, p := range fields {
		switch name := p.Key.String(); name {
		case "moment":
			f.Moment = r.moment(p.Value)
		case "when":
			f.When = r.when(p.Value)
		case "say":
			says = r.list(p.Value)
		default:
			r.fault(p.Key, "unknown key %q; %s", name, suggest(name, []string{"moment", "when", "say"}))
		}
	}
	if f.Moment == "" && len(r.faults) == before {
		r.fault(n, "the entry has no moment; add \"moment:\"")
	}
	if len(says) == 0 && len(r.faults) == before {
		r.fault(n, "nothing to say; add texts under \"say:\" or remove the entry")
	}
	if len(r.faults) > before {
		return
	}
	for _, s := range says {
		r.say(f, s)
	}
}

func (r *reader) moment(n ast.Node) string {
	m := scalar(n)
	if !slices.Contains(moments, m) && !strings.HasPrefix(m, "part.") {
		r.fault(n, "unknown moment %q; %s", m, suggest(m, moments))
		return ""
	}
	return m
}

func (r *reader) when(n ast.Node) map[string][]string {
	when := map[string][]string{}
	for _, p := range pairs(n) {
		name := p.Key.String()
		c, ok := conditions[name]
		if !ok {
			r.fault(p.Key, "unknown condition %q; %s", name, suggest(name, keysOf(conditions)))
			continue
		}
		for _, v := range r.list(p.Value) {
			value := scalar(v)
			if c.values != nil && !slices.Contains(c.values, value) {
				r.fault(v, "%s cannot be %q; %s", name, value, suggest(value, c.values))
			}
			when[name] = append(when[name], value)
		}
	}
	return when
}

// list returns the values of a list, or a single value as a list of one.
func (r *reader) list(n ast.Node) []ast.Node {
	switch v := n.(type) {
	case *ast.SequenceNode:
		return v.Values
	case *ast.NullNode:
		return nil
	}
	return []ast.Node{n}
}

func (r *reader) say(f Fragment, n ast.Node) {
	f.Text, f.Line = strings.TrimSpace(scalar(n)), line(n)
	nodes, err := parse(f.Text)
	if err == nil {
		err = check(r.lang, nodes)
	}
	if err != nil {
		r.fault(n, "%v", err)
		return
	}
	if f.Text == "" && f.Moment != "guide.lead" {
		r.fault(n, "an empty text; write the words or remove the line")
		return
	}
	f.ID = identify(f.Lang, f.Moment, f.Text)
	r.found = append(r.found, f)
}

// scalar returns a YAML value as the text that was meant: yes stays yes.
func scalar(n ast.Node) string {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value
	case *ast.LiteralNode:
		return v.Value.Value
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		return ""
	}
	if t := n.GetToken(); t != nil {
		return t.Value
	}
	return ""
}

// readBuiltin reads the embedded texts of one language.
func readBuiltin(lang string) ([]Fragment, error) {
	files, err := fs.Glob(builtin, path.Join("text", lang, "*.yaml"))
	if err != nil {
		return nil, err
	}
	var all []Fragment
	for _, file := range files {
		data, err := builtin.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := Read(file, lang, data)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// readBrand reads the overrides of a brand, phrases/ko.yaml and phrases/en.yaml,
// where they exist.
func readBrand(fsys fs.FS, lang string) ([]Fragment, error) {
	if fsys == nil {
		return nil, nil
	}
	file := "phrases/" + lang + ".yaml"
	data, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	found, err := Read(file, lang, data)
	for i := range found {
		found[i].Brand = true
	}
	return found, err
}
