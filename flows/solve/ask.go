package solve

import (
	"maps"
	"slices"
	"strings"
)

// wanted lists the slots that the step needs and nobody has told.
func (r *run) wanted(s *Step) (names []string) {
	need := []string(s.Ask)
	if call := r.book.Office.LookUps[s.LookUp]; call != nil {
		need = call.With
		if r.in.Customer == "" {
			need = slices.Concat(call.With, call.Proof)
		}
	}
	for _, n := range need {
		if r.flow.Know[n] != nil && r.j.Slots[n] == "" {
			names = append(names, n)
		}
	}
	return names
}

// missing is the first of them, or "".
func (r *run) missing(s *Step) string {
	if w := r.wanted(s); len(w) > 0 {
		return w[0]
	}
	return ""
}

// ask asks for a slot, each time in other words, or for all that the step needs
// in one form.
func (r *run) ask(s *Step, slot string) {
	n := r.j.Asked[slot]
	if n >= askedMax {
		r.person("stuck", "", slot+" was asked for "+decimal(float64(n))+" times")
		return
	}
	r.m.Ask = slot
	if r.m.Form = r.form(s); r.m.Form != nil {
		r.m.Question = r.lead(s)
		return
	}
	r.m.Question = r.text(r.flow.Know[slot].Ask, n)
	r.m.Choices = r.values(r.flow.Know[slot], slot+".")
}

// off is a message that did not answer what was asked for.
func (r *run) off(s *Step, slot string) {
	switch {
	case means(r.in.Text, "drop"):
		r.drop()
	case means(r.in.Text, "unknown"), r.flow.Know[slot].Type == "code" && numbered(r.in.Text):
		told := "where " + slot
		if r.j.Asked[told] > 0 {
			r.person("lookup", "", "they do not have the "+slot)
			return
		}
		r.j.Asked = maps.Clone(r.j.Asked)
		if r.j.Asked == nil {
			r.j.Asked = make(map[string]int)
		}
		r.j.Asked[told]++
		if where := r.text(r.flow.Know[slot].Where, 0); where != "" {
			r.m.Say = append(r.m.Say, where)
		}
		r.ask(s, slot)
	default:
		r.m.Off = true
		r.ask(s, slot)
	}
}

// numbered reports a message that is a number and hardly more: not the one that
// was asked for, so that saying where it stands helps more than asking again.
func numbered(text string) bool {
	digits := 0
	for _, c := range text {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	return digits >= 4 && len(strings.Fields(text)) <= 3
}

func (r *run) drop() {
	r.j.Done, r.m.Dropped, r.m.Moment, r.m.Why = true, true, "flow.dropped", "they want to leave it"
}
