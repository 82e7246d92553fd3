package solve

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/types"
)

// step checks one step and compiles its conditions.
func (c *checker) step(at string, f *Flow, s *Step, o *Office, known map[string]string, env types.Map) {
	acts := 0
	for _, yes := range []bool{len(s.Ask) > 0, s.LookUp != "", s.Choose != nil, s.Do != nil} {
		if yes {
			acts++
		}
	}
	if acts > 1 {
		c.fault(at, "step %s does %d things: keep one of ask, look_up, choose and do, and put the others into steps of their own", s.Step, acts)
	}
	if s.Say != nil {
		c.words(at+".say", "step "+s.Step, s.Say, known)
	}
	for _, name := range s.Ask {
		if f.Know[name] == nil {
			c.fault(at+".ask", "slot %q is not under know: %s", name, oneOf(f.Know))
		}
	}
	c.together(f, s, o)
	if s.Forget != "" && f.Know[s.Forget] == nil {
		c.fault(at+".forget", "slot %q is not under know: %s", s.Forget, oneOf(f.Know))
	}
	if s.LookUp != "" {
		c.lookUp(at, f, s, o)
	}
	if s.Choose != nil {
		c.choose(at+".choose", f, s, known, env)
	}
	if s.Do != nil {
		c.do(at+".do", f, s, o, known, env)
	}
	c.exits(at, f, s, env)
}

func oneOf[T any](m map[string]T) string {
	if len(m) == 0 {
		return "there is none yet"
	}
	return "want one of " + strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

func (c *checker) lookUp(at string, f *Flow, s *Step, o *Office) {
	call := o.LookUps[s.LookUp]
	if call == nil {
		c.fault(at+".look_up", "look-up %q is not in %s: %s", s.LookUp, officeFile, oneOf(o.LookUps))
		return
	}
	for _, arg := range slices.Concat(call.With, call.Proof) {
		if f.Know[arg] == nil && !strings.Contains(arg, ".") {
			c.fault(at+".look_up", "%s needs %s, which is not under know: add how to ask for it", s.LookUp, arg)
		}
	}
	if s.None == "" {
		c.fault(at+".look_up", "none: is missing: where to go when %s finds nothing", s.LookUp)
	}
	c.target(at+".none", f, s.None)
}

func (c *checker) choose(at string, f *Flow, s *Step, known map[string]string, env types.Map) {
	c.words(at+".ask", "the choice of "+s.Step, s.Choose.Ask, known)
	if len(s.Choose.Options) < 2 {
		c.fault(at, "a choice needs two options")
	}
	for i := range s.Choose.Options {
		x := &s.Choose.Options[i]
		here := at + ".options[" + strconv.Itoa(i) + "]"
		if x.Name == "" || x.Go == "" {
			c.fault(here, "an option needs name: and go:")
		}
		c.words(here+".label", "the label of "+x.Name, x.Label, nil)
		if x.Note != nil {
			c.words(here+".note", "the note of "+x.Name, x.Note, known)
		}
		c.target(here+".go", f, x.Go)
		if x.If == "" {
			continue
		}
		var err error
		if x.holds, err = compile(x.If, env, asBool); err != nil {
			c.fault(here+".if", "%v", err)
		}
	}
}

func (c *checker) do(at string, f *Flow, s *Step, o *Office, known map[string]string, env types.Map) {
	d := s.Do
	call := o.Actions[d.Action]
	if call == nil {
		c.fault(at+".action", "action %q is not in %s: %s", d.Action, officeFile, oneOf(o.Actions))
		return
	}
	if _, ok := c.o.Limits[d.Action]; !ok {
		c.fault(at+".action", "brand.yaml does not allow %q: add it to actions with up_to, or let a person do it with end: person", d.Action)
	}
	for _, arg := range call.With {
		if f.Know[arg] == nil && known[arg] == "" && arg != "amount" {
			c.fault(at+".action", "%s needs %s, which is neither a slot nor a fact", d.Action, arg)
		}
	}
	c.words(at+".confirm", "the proposal of "+d.Action, d.Confirm, known)
	c.words(at+".doing", "what is said when "+d.Action+" is ordered", d.Doing, known)
	if d.No == "" || s.Go == "" {
		c.fault(at, "an action needs no: where to go when they decline, and go: where to go when it is done")
	}
	c.target(at+".no", f, d.No)
	if d.Amount == "" {
		c.fault(at, "amount is missing: write what the action moves, from a look-up, or 0 when it moves no money")
		return
	}
	for _, name := range mentions(d.Amount) {
		if !strings.Contains(name, ".") && !slices.Contains(builtins, name) {
			c.fault(at+".amount", "%s is what the customer said: an amount may rest on looked-up facts only", name)
		}
	}
	var err error
	if d.amount, err = compile(d.Amount+" + 0.0", env, asMoney); err != nil {
		c.fault(at+".amount", "%v", err)
	}
}

// exits checks where a step leads.
func (c *checker) exits(at string, f *Flow, s *Step, env types.Map) {
	n := 0
	for _, yes := range []bool{s.Go != "", len(s.Then) > 0, s.End != "", s.Choose != nil} {
		if yes {
			n++
		}
	}
	switch {
	case n == 0:
		c.fault(at, "step %s leads nowhere: add go:, then: or end: solved", s.Step)
	case n > 1:
		c.fault(at, "step %s leads to several places at once: keep one of go, then, end and choose", s.Step)
	}
	if s.End != "" && s.End != "solved" && s.End != "person" {
		c.fault(at+".end", "end %q: want solved or person", s.End)
	}
	c.target(at+".go", f, s.Go)
	for i := range s.Then {
		b := &s.Then[i]
		here := at + ".then[" + strconv.Itoa(i) + "]"
		last := i == len(s.Then)-1
		switch {
		case b.Go == "":
			c.fault(here, "the branch leads nowhere: add go:")
		case last && b.If != "":
			c.fault(here, "a branch is missing: end with one that has no if:, for everything else")
		case !last && b.If == "":
			c.fault(here, "only the last branch may be without if:; what follows it can never happen")
		}
		c.target(here+".go", f, b.Go)
		if b.If == "" {
			continue
		}
		var err error
		if b.holds, err = compile(b.If, env, asBool); err != nil {
			c.fault(here+".if", "%v", err)
		}
	}
}

func (c *checker) target(at string, f *Flow, step string) {
	if step != "" && f.index[step] == nil {
		c.fault(at, "there is no step %q: %s", step, oneOf(f.index))
	}
}

// next lists the steps a step can lead to.
func (s *Step) next() []string {
	var to []string
	add := func(step string) {
		if step != "" && !slices.Contains(to, step) {
			to = append(to, step)
		}
	}
	add(s.None)
	for _, b := range s.Then {
		add(b.Go)
	}
	if s.Choose != nil {
		for _, x := range s.Choose.Options {
			add(x.Go)
		}
	}
	if s.Do != nil {
		add(s.Do.No)
	}
	add(s.Go)
	return to
}

// waits reports whether the step waits for the customer, or makes a later one
// wait.
func (s *Step) waits() bool { return s.Choose != nil || s.Do != nil || s.Forget != "" }

// ways checks the whole: every step can be reached, leads to an end, does not
// turn in a circle by itself, and speaks of a fact only after its look-up.
func (c *checker) ways(f *Flow, o *Office) {
	reached := f.follow([]string{f.Steps[0].Step}, (*Step).next)
	back := make(map[string][]string)
	var ends []string
	for _, s := range f.Steps {
		for _, n := range s.next() {
			back[n] = append(back[n], s.Step)
		}
		if s.End != "" {
			ends = append(ends, s.Step)
		}
	}
	ending := f.follow(ends, func(s *Step) []string { return back[s.Step] })
	for i, s := range f.Steps {
		switch {
		case !reached[s.Step]:
			c.fault(stepAt(i), "step %s cannot be reached: let a go: lead to it, or remove it", s.Step)
		case !ending[s.Step]:
			c.fault(stepAt(i), "step %s is in a loop without exit: let one way lead to a step with end:", s.Step)
		case f.circles(s):
			c.fault(stepAt(i), "step %s comes back to itself without asking anything: that would never end", s.Step)
		}
	}
	c.founded(f, o)
}

// follow returns every step that can be reached from the given ones.
func (f *Flow) follow(from []string, next func(*Step) []string) map[string]bool {
	seen := make(map[string]bool)
	for len(from) > 0 {
		name := from[0]
		from = from[1:]
		if seen[name] {
			continue
		}
		seen[name] = true
		from = append(from, next(f.index[name])...)
	}
	return seen
}

// circles reports a way from the step back to itself on which nobody is asked.
func (f *Flow) circles(s *Step) bool {
	if s.waits() {
		return false
	}
	seen := f.follow(s.next(), func(s *Step) []string {
		if s.waits() {
			return nil
		}
		return s.next()
	})
	return seen[s.Step]
}
