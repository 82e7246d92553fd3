package solve

import (
	"fmt"
	"strings"
)

// Tree draws a flow as an indented tree: what each step does and where each way
// leads. A step that was drawn before is only named.
func Tree(f *Flow, lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", f.name, f.Title.in(lang, "", 0))
	if len(f.When.Events) > 0 {
		fmt.Fprintf(&b, "  when %s\n", strings.Join(f.When.Events, ", "))
	}
	for i, s := range f.When.Says[lang] {
		if i == 3 {
			break
		}
		fmt.Fprintf(&b, "  says %q\n", s)
	}
	t := &tree{b: &b, f: f, lang: lang, seen: make(map[string]bool)}
	t.step(f.Steps[0].Step, "", "  ")
	return b.String()
}

type tree struct {
	b    *strings.Builder
	f    *Flow
	lang string
	seen map[string]bool
}

func (t *tree) step(name, way, indent string) {
	s := t.f.index[name]
	if way != "" {
		way += " → "
	}
	if t.seen[name] {
		fmt.Fprintf(t.b, "%s%s%s (above)\n", indent, way, name)
		return
	}
	t.seen[name] = true
	fmt.Fprintf(t.b, "%s%s%s%s\n", indent, way, name, s.does())
	if text := s.words(t.lang); text != "" {
		fmt.Fprintf(t.b, "%s    “%s”\n", indent, text)
	}
	for _, w := range s.leads(t.lang) {
		t.step(w.to, w.when, indent+"  ")
	}
}

// does says in brackets what the step does besides speaking.
func (s *Step) does() string {
	switch {
	case s.LookUp != "":
		return " [look up " + s.LookUp + "]"
	case len(s.Ask) > 0:
		return " [ask " + strings.Join(s.Ask, ", ") + "]"
	case s.Choose != nil:
		return " [choose]"
	case s.Do != nil:
		return " [" + s.Do.Action + ", after a yes]"
	case s.End != "":
		return " [" + s.End + "]"
	}
	return ""
}

// words is what the step says first.
func (s *Step) words(lang string) string {
	text := s.Say.in(lang, "", 0)
	if s.Choose != nil {
		text = strings.TrimSpace(text + " " + s.Choose.Ask.in(lang, "", 0))
	}
	if s.Do != nil {
		text = strings.TrimSpace(text + " " + s.Do.Confirm.in(lang, "", 0))
	}
	return text
}

// A way leads from a step to another when something holds.
type way struct{ when, to string }

func (s *Step) leads(lang string) []way {
	var ways []way
	for _, b := range s.Then {
		when := b.If
		if when == "" {
			when = "else"
		}
		ways = append(ways, way{when, b.Go})
	}
	if s.Choose != nil {
		for _, o := range s.Choose.Options {
			ways = append(ways, way{o.Label.in(lang, "", 0), o.Go})
		}
	}
	if s.None != "" {
		ways = append(ways, way{"nothing found", s.None})
	}
	if s.Go != "" {
		when := ""
		if s.Do != nil {
			when = "done"
		}
		ways = append(ways, way{when, s.Go})
	}
	if s.Do != nil {
		ways = append(ways, way{"no", s.Do.No})
	}
	return ways
}

// Mermaid draws a flow as a Mermaid flowchart in a fenced block.
func Mermaid(f *Flow, lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n```mermaid\nflowchart TD\n", f.Title.in(lang, "", 0))
	for _, s := range f.Steps {
		label := quote(s.Step + s.does())
		if text := s.words(lang); text != "" {
			label += "<br/>" + quote(text)
		}
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", node(s.Step), label)
	}
	for _, s := range f.Steps {
		for _, w := range s.leads(lang) {
			arrow := "-->"
			if w.when != "" {
				arrow = "-- \"" + quote(w.when) + "\" -->"
			}
			fmt.Fprintf(&b, "  %s %s %s\n", node(s.Step), arrow, node(w.to))
		}
	}
	return b.String() + "```\n"
}

// node is a step's name as Mermaid takes it: "end" alone would be a keyword.
func node(step string) string { return "s_" + strings.ReplaceAll(step, "-", "_") }

// quote writes text inside quotation marks of Mermaid.
func quote(s string) string {
	return strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "\n", " ").Replace(s)
}
