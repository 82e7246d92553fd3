package solve

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// checker collects the faults of a brand's flows, with file and line.
type checker struct {
	o      Options
	file   string
	text   []byte
	faults []error
}

// fault records what is wrong at a YAML path such as "$.steps[2].go".
func (c *checker) fault(path, format string, args ...any) {
	c.faults = append(c.faults, fmt.Errorf("%s:%d: %s", c.file, c.line(path), fmt.Sprintf(format, args...)))
}

// line returns where the path stands, or that of the nearest parent there is.
// personas does the same for its files: rooms do not import each other, and a
// package for these lines would be larger than they are.
func (c *checker) line(path string) int {
	for path != "" && path != "$" {
		p, err := yaml.PathString(path)
		if err == nil {
			if node, err := p.ReadNode(strings.NewReader(string(c.text))); err == nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 1
}

// office checks backoffice.yaml.
func (c *checker) office(o *Office) {
	for name, ref := range map[string]string{"url": o.URL, "secret": o.Secret} {
		if name == "secret" && ref != "" && !strings.HasPrefix(ref, "env:") {
			c.fault("$.secret", "a secret in a file is no secret: write env:NAME and set NAME where Onki runs")
		}
		if name == "url" && ref == "" {
			c.fault("$", "url is missing: write env:NAME, or where the brand's system is")
		}
	}
	if len(o.Hosts) == 0 {
		c.fault("$", "hosts is missing: list the hosts that may be called, such as hosts: [backoffice.example]")
	}
	for name, call := range o.LookUps {
		at := "$.look_ups." + name
		if call.Get == "" || call.Post != "" {
			c.fault(at, "a look-up has a get: and no post:, because it changes nothing")
		}
		c.call(at, name, call, call.Get)
		if o.Actions[name] != nil {
			c.fault("$.actions."+name, "there is a look-up of that name, too: rename one")
		}
	}
	for name, call := range o.Actions {
		at := "$.actions." + name
		if call.Post == "" || call.Get != "" {
			c.fault(at, "an action has a post: and no get:, because it changes something")
		}
		if call.Card != nil {
			c.fault(at+".card", "a card shows what a look-up found: give it to the look-up")
		}
		c.call(at, name, call, call.Post)
	}
}

func (c *checker) call(at, name string, call *Call, path string) {
	for _, m := range placeholder.FindAllStringSubmatch(path, -1) {
		if !slices.Contains(call.With, m[1]) {
			c.fault(at, "{%s} in the path is no argument of %s: add it to with:", m[1], name)
		}
	}
	for _, arg := range slices.Concat(call.With, call.Proof) {
		if arg == argLang || arg == argCustomer {
			c.fault(at, "%s is sent with every call: call the argument otherwise", arg)
		}
	}
	for _, p := range call.Proof {
		if slices.Contains(call.With, p) {
			c.fault(at+".proof", "%s is asked of everybody under with: leave it out of one of the two", p)
		}
	}
	for _, s := range call.Same {
		if _, ok := call.Facts[s]; !ok || !slices.Contains(call.With, s) {
			c.fault(at+".same", "%s must be an argument and a fact of %s, so that the two can be compared", s, name)
		}
	}
	c.card(at+".card", name, call)
	for field, k := range call.Facts {
		if !slices.Contains([]string{kindText, kindNumber, kindMoney, kindDate, kindFlag, kindWord}, k.Name) {
			c.fault(at+".facts."+field, "%s is no type: want text, number, money KRW, date, flag or a list of words", k.Name)
		}
	}
}

// flow checks one flow and compiles what is in it.
func (c *checker) flow(f *Flow, o *Office) {
	before := len(c.faults)
	c.words("$.title", "title", f.Title, nil)
	c.when(f)
	for _, name := range slices.Sorted(maps.Keys(f.Know)) {
		c.slot(f, name, f.Know[name])
	}
	if len(f.Steps) == 0 {
		c.fault("$", "steps is missing: a flow needs at least one")
		return
	}
	for i, s := range f.Steps {
		if s == nil || s.Step == "" {
			c.fault(stepAt(i), "the step has no name: begin it with - step: NAME")
			return
		}
		if f.index[s.Step] != nil {
			c.fault(stepAt(i), "there is a step %s already: rename one", s.Step)
		}
		f.index[s.Step] = s
	}
	known := c.known(f, o)
	env := vocabulary(f, o)
	for i, s := range f.Steps {
		c.step(stepAt(i), f, s, o, known, env)
	}
	if len(c.faults) == before {
		c.ways(f, o)
	}
}

func stepAt(i int) string { return "$.steps[" + strconv.Itoa(i) + "]" }

func (c *checker) when(f *Flow) {
	if len(f.When.Events) == 0 && len(f.When.Says) == 0 {
		c.fault("$", "nothing says when the flow applies: write when: with events or says")
	}
	for i, e := range f.When.Events {
		if c.o.Events != nil && !slices.Contains(c.o.Events, e) {
			c.fault("$.when.events["+strconv.Itoa(i)+"]", "event %q is not known: want one of %s", e, strings.Join(c.o.Events, ", "))
		}
	}
	for _, l := range c.o.Languages {
		if len(f.When.Says[l]) < 3 {
			c.fault("$.when.says", "there are %d sentences in %s: write at least three that customers say", len(f.When.Says[l]), l)
		}
	}
	if f.When.If != "" {
		var err error
		if f.holds, err = compile(f.When.If, opening(), asBool); err != nil {
			c.fault("$.when.if", "%v; before the first step a condition knows event, asks, named, lang and channel", err)
		}
	}
}

func (c *checker) slot(f *Flow, name string, s *Slot) {
	at := "$.know." + name
	switch s.Type {
	case "code":
		p, err := regexp.Compile(`^(?:` + s.Pattern + `)$`)
		if err != nil || s.Pattern == "" {
			c.fault(at+".pattern", "a code needs a pattern (RE2): %v", err)
			return
		}
		s.pattern = matcher{whole: p, inside: regexp.MustCompile(`(?:` + s.Pattern + `)`)}
	case "choice":
		if len(s.Words) < 2 {
			c.fault(at, "a choice needs words: with at least two values")
		}
		for _, e := range sortedKeys(s.Events) {
			if c.o.Events != nil && !slices.Contains(c.o.Events, e) {
				c.fault(at+".events."+e, "event %q is not known: want one of %s", e, strings.Join(c.o.Events, ", "))
			}
			if s.Words[s.Events[e]] == nil {
				c.fault(at+".events."+e, "%q is no value of %s: write one of %s", s.Events[e], name, strings.Join(sortedKeys(s.Words), ", "))
			}
		}
	case "date", "amount", "email", "text":
	default:
		c.fault(at+".type", "type %q: want code, date, amount, email, choice or text", s.Type)
	}
	c.words(at+".ask", "how to ask for "+name, s.Ask, nil)
	for l, lines := range s.Ask {
		if len(lines) < 2 && !strings.Contains(l, ".") {
			c.fault(at+".ask", "there is one way to ask for %s in %s: add another, for when something comes between", name, l)
		}
	}
}

// words checks that a text is there in every language and that its holes can be
// filled; known nil means that it may have none.
func (c *checker) words(at, what string, t Text, known map[string]string) {
	for _, l := range c.o.Languages {
		if len(t[l]) == 0 || slices.Contains(t[l], "") {
			c.fault(at, "%s has no words in %s: write them", what, l)
		}
	}
	for _, lines := range t {
		for _, line := range lines {
			for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
				if known[m[1]] == "" {
					c.fault(at, "{%s} is neither a slot nor a fact of a look-up: %s", m[1], near(m[1], known))
				}
			}
			if rest := placeholder.ReplaceAllString(line, ""); strings.ContainsAny(rest, "{}") {
				c.fault(at, "a { or } that holds nothing: write {slot} or {look_up.fact}")
			}
		}
	}
}

// near proposes what was meant.
func near(word string, known map[string]string) string {
	field := word[strings.LastIndexByte(word, '.')+1:]
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if strings.HasSuffix(k, "."+field) || strings.HasPrefix(k, word) {
			return "did you mean {" + k + "}?"
		}
	}
	return "it may be one of " + strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}

// known lists what a hole may hold, with what kind it is.
func (c *checker) known(f *Flow, o *Office) map[string]string {
	known := map[string]string{"today": kindDate}
	for name, s := range f.Know {
		known[name] = s.Type
	}
	for name, call := range o.calls() {
		if f.Know[name] != nil {
			c.fault("$.know."+name, "there is a look-up or action of that name, too: rename the slot")
		}
		for field, k := range call.Facts {
			known[name+"."+field] = k.Name
		}
	}
	return known
}
