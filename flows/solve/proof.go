package solve

import (
	"maps"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// What a brand tells only to the one whom it concerns: a customer whom the
// channel vouches for is asked for nothing more, anybody else for the proof that
// backoffice.yaml names.

// proves reports whether a slot proves who the customer is.
func (b *Book) proves(slot string) bool {
	for _, call := range b.Office.calls() {
		if slices.Contains(call.Proof, slot) {
			return true
		}
	}
	return false
}

// takeProof takes a proof that comes unasked and is called by its name: "order
// 1042, phone 4821". It is then out of the way of whatever else is a number.
func (r *run) takeProof() {
	for _, name := range sortedKeys(r.flow.Know) {
		s := r.flow.Know[name]
		if !r.book.proves(name) || r.j.Slots[name] != "" || s.pattern.inside == nil {
			continue
		}
		at := s.calledAt(r.in.Text)
		if at < 0 {
			continue
		}
		if codes := s.pattern.find(r.in.Text[at:]); len(codes) > 0 {
			r.j.Slots[name] = codes[0]
			r.in.Text = r.in.Text[:at] + strings.Replace(r.in.Text[at:], codes[0], strings.Repeat(" ", len(codes[0])), 1)
		}
	}
}

// calledAt returns where the text stands behind a word that calls the slot, or -1.
func (s *Slot) calledAt(text string) int {
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		return -1 // letters whose small form is longer: places would not fit
	}
	for _, l := range sortedKeys(s.Called) {
		for _, word := range s.Called[l] {
			if i := strings.Index(lower, word); i >= 0 {
				return i + len(word)
			}
		}
	}
	return -1
}

// proof is the answer to the question that waits, if it asks for a proof: what
// answers it corrects nothing else.
func (r *run) proof(wanted []string) string {
	if len(wanted) == 0 || !r.book.proves(wanted[0]) {
		return ""
	}
	return r.flow.Know[wanted[0]].value(wanted[0], r.in, true, "")
}

// disproved counts look-ups that found nothing under what somebody said who is
// not known: the third gives it to a person, so that nobody can try through
// what belongs to others.
func (r *run) disproved(name string) bool {
	if r.in.Customer != "" || len(r.book.Office.LookUps[name].Proof) == 0 {
		return false
	}
	tried := "proof " + name
	r.j.Asked = maps.Clone(r.j.Asked)
	if r.j.Asked == nil {
		r.j.Asked = make(map[string]int)
	}
	if r.j.Asked[tried]++; r.j.Asked[tried] < askedMax {
		return false
	}
	r.person("stuck", "", name+" found nothing "+decimal(askedMax)+" times for somebody nobody vouches for")
	return true
}

// forget drops a slot, everything that was looked up with it and what proved
// that it may be told.
func (r *run) forget(slot string) {
	delete(r.j.Slots, slot)
	for name, call := range r.book.Office.LookUps {
		if slices.Contains(call.With, slot) {
			for _, p := range call.Proof {
				delete(r.j.Slots, p)
			}
			r.j.Facts = slices.DeleteFunc(r.j.Facts, func(f bot.Fact) bool {
				return f.Name == name || strings.HasPrefix(f.Name, name+".")
			})
		}
	}
}
