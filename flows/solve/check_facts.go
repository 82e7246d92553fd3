package solve

import (
	"maps"
	"strings"
)

// founded checks that every fact a step speaks of has been looked up on each
// way that leads to it: what is surely known at a step is what is known on all
// the ways into it, found by going round until nothing changes.
func (c *checker) founded(f *Flow, o *Office) {
	all := make(map[string]bool)
	for name := range o.calls() {
		all[name] = true
	}
	sure := make(map[string]map[string]bool) // before the step
	for _, s := range f.Steps {
		sure[s.Step] = all
	}
	sure[f.Steps[0].Step] = map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range f.Steps {
			for _, to := range s.next() {
				met := meet(sure[to], s.after(sure[s.Step], to))
				if len(met) != len(sure[to]) {
					sure[to], changed = met, true
				}
			}
		}
	}
	for i, s := range f.Steps {
		for _, name := range s.speaksOf() {
			call, _, ok := strings.Cut(name, ".")
			if ok && all[call] && !s.after(sure[s.Step], "")[call] {
				c.fault(stepAt(i), "step %s speaks of %s, but %s has not been looked up on every way to it: look it up first", s.Step, name, call)
				break
			}
		}
	}
}

func meet(a, b map[string]bool) map[string]bool {
	out := make(map[string]bool)
	for k := range a {
		if b[k] {
			out[k] = true
		}
	}
	return out
}

// after is what is known when the step has been taken on the way to another.
func (s *Step) after(before map[string]bool, to string) map[string]bool {
	gained := ""
	switch {
	case s.LookUp != "" && to != s.None:
		gained = s.LookUp
	case s.Do != nil && to != "" && to == s.Go && to != s.Do.No:
		gained = s.Do.Action
	}
	if gained == "" {
		return before
	}
	out := maps.Clone(before)
	out[gained] = true
	return out
}

// speaksOf lists every name in the words and conditions of a step.
func (s *Step) speaksOf() []string {
	var found []string
	text := func(t Text) {
		for _, lines := range t {
			for _, line := range lines {
				for _, m := range placeholder.FindAllStringSubmatch(line, -1) {
					found = append(found, m[1])
				}
			}
		}
	}
	text(s.Say)
	for _, b := range s.Then {
		found = append(found, mentions(b.If)...)
	}
	if s.Choose != nil {
		text(s.Choose.Ask)
		for _, x := range s.Choose.Options {
			text(x.Note)
			found = append(found, mentions(x.If)...)
		}
	}
	if s.Do != nil {
		text(s.Do.Confirm)
		text(s.Do.Doing)
		found = append(found, mentions(s.Do.Amount)...)
	}
	return found
}
