package solve

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/onkihq/onki/bot"
)

//go:embed forms.yaml
var formsText []byte

// formWords are the words around a form, by language and name.
var formWords = sync.OnceValue(func() map[string]map[string]string {
	var w map[string]map[string]string
	if err := yaml.UnmarshalWithOptions(formsText, &w, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("forms.yaml: %v", err)) // part of the binary; a test reads it
	}
	return w
})

// Names is one name or a list of names.
type Names []string

// UnmarshalYAML reads a name or a list of names.
func (n *Names) UnmarshalYAML(read func(any) error) error {
	var l Lines
	if err := l.UnmarshalYAML(read); err != nil {
		return fmt.Errorf("want a name or a list of names")
	}
	*n = Names(l)
	return nil
}

// formID names the form of a step.
func (r *run) formID(s *Step) string { return r.flow.name + "." + s.Step }

// filled reports that the message is the form of the step that waits.
func (r *run) filled(s *Step) bool {
	return s != nil && r.in.Form != "" && r.in.Form == r.formID(s)
}

// takeForm keeps what was filled in. What cannot be read is noted, to be shown
// beside its field.
func (r *run) takeForm(s *Step) {
	for _, name := range r.wanted(s) {
		given := strings.TrimSpace(r.in.Values[name])
		if given == "" {
			continue
		}
		if v := r.flow.Know[name].read(name, given, r.in); v != "" {
			r.j.Slots[name] = v
			continue
		}
		if r.unread == nil {
			r.unread = make(map[string]string)
		}
		r.unread[name] = given
	}
}

// read is the slot's value as it was filled in, "" when it cannot be one.
func (s *Slot) read(name, given string, in Input) string {
	if s.Words[given] != nil {
		return given
	}
	if s.Type == "text" {
		return clip(given)
	}
	return s.value(name, Input{Text: given, Today: in.Today, Lang: in.Lang}, true, "")
}

// form asks for everything the step needs at once, nil when one question does.
func (r *run) form(s *Step) *bot.Card {
	wanted := r.wanted(s)
	if !r.in.Forms || len(wanted) < 2 && !r.filled(s) || len(wanted) == 0 {
		return nil
	}
	words := formWords()[r.in.Lang]
	form := &bot.Card{ID: r.formID(s), Submit: words["submit"]}
	for _, name := range wanted {
		slot := r.flow.Know[name]
		f := bot.Row{
			Name: name, Label: r.text(slot.Label, 0), Kind: fieldKinds[slot.Type], Required: true,
			Hint: r.text(slot.Where, 0), Value: r.unread[name],
		}
		if f.Label == "" {
			return nil // a check asks for it; without one it is asked in words
		}
		switch {
		case f.Value != "":
			f.Error = words[slot.Type]
		case r.filled(s):
			f.Error = words["missing"]
		}
		f.Choices = r.values(slot, "")
		form.Rows = append(form.Rows, f)
	}
	return form
}

// lead is the sentence over a form.
func (r *run) lead(s *Step) string {
	words := formWords()[r.in.Lang]
	if r.filled(s) {
		return words["again"]
	}
	return words["lead"]
}

// fieldKinds are the fields that take each type of slot.
var fieldKinds = map[string]string{
	"code": bot.FieldText, "text": bot.FieldText, "email": bot.FieldEmail,
	"amount": bot.FieldNumber, "date": bot.FieldDate, "choice": bot.FieldChoice,
}

// values are the values of a choice with their labels.
func (r *run) values(slot *Slot, prefix string) []bot.Choice {
	var out []bot.Choice
	for _, v := range sortedKeys(slot.Words) {
		if l := slot.Words[v][r.in.Lang]; len(l) > 0 {
			out = append(out, bot.Choice{ID: prefix + v, Label: l[0]})
		}
	}
	return out
}

// together checks that slots which a step asks for at once have a label each.
func (c *checker) together(f *Flow, s *Step, o *Office) {
	need := slices.Clone(s.Ask)
	if call := o.LookUps[s.LookUp]; call != nil {
		need = slices.Concat(call.With, call.Proof)
	}
	need = slices.DeleteFunc(slices.Clone(need), func(n string) bool { return f.Know[n] == nil })
	if len(need) < 2 {
		return
	}
	for _, name := range need {
		c.words("$.know."+name, "label: of "+name+", which is asked for together with others in a form,", f.Know[name].Label, nil)
	}
}
