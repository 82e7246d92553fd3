package solve

import (
	"strconv"
	"strings"
)

// A Said is one text that a flow may say, with where it stands, for tools that
// read everything a brand says.
type Said struct {
	File string
	Line int
	Lang string // "ko" or "en"
	Text string // with its holes
}

// Texts returns everything the flows may say, in the order of the files.
func (b *Book) Texts() []Said {
	var out []Said
	for _, f := range b.Flows {
		c := &checker{file: f.file, text: f.text}
		add := func(at string, t Text) {
			for _, key := range sortedKeys(t) {
				lang, _, _ := strings.Cut(key, ".")
				for _, line := range t[key] {
					out = append(out, Said{f.file, c.line(at + "." + key), lang, line})
				}
			}
		}
		for _, name := range sortedKeys(f.Know) {
			add("$.know."+name+".label", f.Know[name].Label)
			add("$.know."+name+".ask", f.Know[name].Ask)
			add("$.know."+name+".where", f.Know[name].Where)
		}
		for i, s := range f.Steps {
			add(stepAt(i)+".say", s.Say)
			if s.Choose != nil {
				add(stepAt(i)+".choose.ask", s.Choose.Ask)
				for n, o := range s.Choose.Options {
					add(stepAt(i)+".choose.options["+strconv.Itoa(n)+"].label", o.Label)
					add(stepAt(i)+".choose.options["+strconv.Itoa(n)+"].note", o.Note)
				}
			}
			if s.Do != nil {
				add(stepAt(i)+".do.confirm", s.Do.Confirm)
				add(stepAt(i)+".do.doing", s.Do.Doing)
			}
		}
	}
	return out
}
