package cues

import (
	"fmt"
	"strings"
)

// gapMax is how many symbols a gap may span: about twenty Hangul syllables or
// eight English words.
const gapMax = 50

// maxForms bounds the alternatives of one pattern, so that a slip in a rule
// file cannot fill the memory.
const maxForms = 4096

// atom is one connected piece of a pattern.
type atom struct {
	syms  []uint16
	left  byte // what may stand before: edgeWord, edgeAny
	right byte // what may stand after
}

const (
	edgeAny  = iota // anything
	edgeWord        // the end of a word
)

// parsePattern turns one pattern into its parts, with a gap between any two;
// each part is the atoms of its alternatives. Many patterns share a part: known
// holds those that were spelled before.
func parsePattern(s string, named map[rune]uint16, known map[string][]atom) ([][]atom, error) {
	var parts [][]atom
	for _, part := range strings.Split(escape(s), "…") {
		part = strings.TrimSpace(part)
		if part == "" {
			return nil, fmt.Errorf("pattern %q: a gap needs words on both sides", s)
		}
		if atoms, ok := known[part]; ok {
			parts = append(parts, atoms)
			continue
		}
		texts, err := alternatives(part)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", s, err)
		}
		var atoms []atom
		for _, t := range texts {
			more, err := spell(t, named)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", s, err)
			}
			atoms = append(atoms, more...)
		}
		known[part] = atoms
		parts = append(parts, atoms)
	}
	return parts, nil
}

// alternatives expands (a|b|) groups, innermost not nested.
func alternatives(s string) ([]string, error) {
	texts := []string{""}
	for s != "" {
		open := strings.IndexByte(s, '(')
		if open < 0 {
			open = len(s)
		}
		for i := range texts {
			texts[i] += s[:open]
		}
		if s = s[open:]; s == "" {
			break
		}
		end := strings.IndexByte(s, ')')
		if end < 0 {
			return nil, fmt.Errorf("a bracket is not closed")
		}
		options := strings.Split(s[1:end], "|")
		if len(texts)*len(options) > maxForms {
			return nil, fmt.Errorf("more than %d alternatives", maxForms)
		}
		next := make([]string, 0, len(texts)*len(options))
		for _, t := range texts {
			for _, o := range options {
				next = append(next, t+o)
			}
		}
		texts, s = next, s[end+1:]
	}
	return texts, nil
}

// spell writes one text without groups as atoms: one for each choice of the
// spaces that may be missing.
func spell(s string, named map[rune]uint16) ([]atom, error) {
	s = strings.Join(strings.Fields(s), " ")
	a := atom{left: 0xff, right: 0xff}
	if rest, ok := strings.CutPrefix(s, "~"); ok {
		s, a.left = rest, edgeAny
	} else if rest, ok := strings.CutPrefix(s, "^"); ok {
		s, a.left = rest, edgeWord
	}
	if rest, ok := strings.CutSuffix(s, "*"); ok {
		s, a.right = rest, edgeAny
	} else if rest, ok := strings.CutSuffix(s, "$"); ok {
		s, a.right = rest, edgeWord
	}
	if s = unescape(s); s == "" {
		return nil, fmt.Errorf("an alternative is empty")
	}
	var p page
	p.fill(s, named, 2)
	a.edges(p.syms)
	forms := [][]uint16{nil}
	for i, y := range p.syms {
		loose := y.id == symSpace && (i > 0 && isHangul(p.syms[i-1]) || i+1 < len(p.syms) && isHangul(p.syms[i+1]))
		if loose && len(forms) < 64 {
			forms = append(forms, clone(forms)...)
			for j := range forms[:len(forms)/2] {
				forms[j] = append(forms[j], y.id)
			}
			continue
		}
		for j := range forms {
			forms[j] = append(forms[j], y.id)
		}
	}
	out := make([]atom, 0, len(forms))
	for _, f := range forms {
		out = append(out, atom{syms: f, left: a.left, right: a.right})
	}
	return out, nil
}

func clone(forms [][]uint16) [][]uint16 {
	out := make([][]uint16, len(forms))
	for i, f := range forms {
		out[i] = append(make([]uint16, 0, len(f)+8), f...)
	}
	return out
}

// edges sets what may stand before and after where the pattern does not say.
func (a *atom) edges(syms []symbol) {
	if len(syms) == 0 {
		return
	}
	if a.left == 0xff {
		a.left = edgeAny
		if isLatin(syms[0]) || isHangul(syms[0]) && syllables(syms) < 3 {
			a.left = edgeWord
		}
	}
	if a.right == 0xff {
		a.right = edgeAny
		if isLatin(syms[len(syms)-1]) {
			a.right = edgeWord
		}
	}
}

func syllables(syms []symbol) (n int) {
	for _, y := range syms {
		if opensSyllable(y) {
			n++
		}
	}
	return n
}

// escape hides characters after a backslash from the syntax, unescape brings
// them back. The hiding place is Unicode's private use area.
func escape(s string) string {
	var b strings.Builder
	hide := false
	for _, r := range s {
		switch {
		case hide && r < 0x80:
			b.WriteRune(0xe000 + r)
			hide = false
		case r == '\\':
			hide = true
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unescape(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xe000 && r < 0xe080 {
			return r - 0xe000
		}
		return r
	}, s)
}
