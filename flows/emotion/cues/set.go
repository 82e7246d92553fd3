package cues

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Rule is one group of patterns: what a match speaks for, and how much.
type Rule struct {
	Class  string  // "emo", "flag", "risk" …
	Name   string  // "anger", "thanks", "R2.self" …
	Weight float64 // −2..2
}

// A Set is a compiled collection of rules. It is read-only and safe for
// concurrent use.
type Set struct {
	rules  []Rule
	named  map[rune]uint16
	auto   *automaton
	length []uint16 // symbols of each atom
	first  []int32  // its first use; one more entry at the end
	uses   []use
	forms  []form
	slots  int // parts of all forms with gaps together
	pool   sync.Pool
}

// atomUse says where an atom counts. The same letters may close at a word's
// end for one rule and stay open for another.
type atomUse struct {
	length int32
	uses   []use
}

type use struct {
	form        int32
	part        int32
	left, right byte
}

// form is one pattern: its parts stand in this order with gaps between.
type form struct {
	rule  int32
	parts int32
	slot  int32 // first slot, for forms with gaps
}

// Compile reads the rule files that match the globs and compiles them. An
// error names file and line.
func Compile(files fs.FS, globs ...string) (*Set, error) {
	s := &Set{named: make(map[rune]uint16)}
	b := builder{known: make(map[string]int32), spelled: make(map[string][]atom)}
	for _, glob := range globs {
		names, err := fs.Glob(files, glob)
		if err != nil {
			return nil, fmt.Errorf("find rule files %s: %w", glob, err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("find rule files %s: there are none", glob)
		}
		for _, name := range names {
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("read rules: %w", err)
			}
			if err := s.read(name, text, &b); err != nil {
				return nil, err
			}
		}
	}
	s.auto = b.freeze()
	s.pack(b.atoms)
	s.pool.New = func() any { return &scanner{seen: make([]mark, s.slots)} }
	return s, nil
}

// pack lays the uses of all atoms side by side, without the room that growing
// slices leave: the set stays in memory as long as the program runs.
func (s *Set) pack(atoms []atomUse) {
	n := 0
	for _, a := range atoms {
		n += len(a.uses)
	}
	s.length, s.first, s.uses = make([]uint16, len(atoms)), make([]int32, len(atoms)+1), make([]use, 0, n)
	for i, a := range atoms {
		s.length[i] = uint16(a.length)
		s.uses = append(s.uses, a.uses...)
		s.first[i+1] = int32(len(s.uses))
	}
	s.forms = slices.Clone(s.forms)
}

// read adds one file.
func (s *Set) read(name string, text []byte, b *builder) error {
	rule := int32(-1)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '@':
			r, err := parseRule(line[1:])
			if err != nil {
				return fmt.Errorf("rules %s:%d: %w", name, n, err)
			}
			rule = int32(len(s.rules))
			s.rules = append(s.rules, r)
			continue
		}
		if rule < 0 {
			return fmt.Errorf("rules %s:%d: a pattern before the first group; begin with a line such as \"@ emo:anger .6\"", name, n)
		}
		for _, pattern := range strings.Split(line, " ; ") {
			if pattern = strings.TrimSpace(pattern); pattern == "" {
				continue
			}
			if err := s.addPattern(pattern, rule, b); err != nil {
				return fmt.Errorf("rules %s:%d: %w", name, n, err)
			}
		}
	}
	return lines.Err()
}

func parseRule(line string) (Rule, error) {
	f := strings.Fields(line)
	if len(f) == 0 || len(f) > 2 {
		return Rule{}, fmt.Errorf("group %q: want a label and a weight", line)
	}
	class, name, ok := strings.Cut(f[0], ":")
	if !ok {
		return Rule{}, fmt.Errorf("group %q: want a label such as emo:anger", line)
	}
	r := Rule{Class: class, Name: name, Weight: 1}
	if len(f) == 2 {
		w, err := strconv.ParseFloat(f[1], 64)
		if err != nil || w < -2 || w > 2 {
			return Rule{}, fmt.Errorf("group %q: want a weight from -2 to 2", line)
		}
		r.Weight = w
	}
	return r, nil
}

func (s *Set) addPattern(pattern string, rule int32, b *builder) error {
	for _, r := range pattern {
		r = fold(r)
		if r >= 0x80 && (r < 0xac00 || r > 0xd7a3) && (r < 0x3131 || r > 0x318e) && r != '…' && s.named[r] == 0 {
			if len(s.named) >= 2000 {
				return fmt.Errorf("pattern %q: too many different signs in the rules", pattern)
			}
			s.named[r] = uint16(symNamed + len(s.named))
		}
	}
	parts, err := parsePattern(pattern, s.named, b.spelled)
	if err != nil {
		return err
	}
	id := int32(len(s.forms))
	f := form{rule: rule, parts: int32(len(parts))}
	if len(parts) > 1 {
		f.slot = int32(s.slots)
		s.slots += len(parts)
	}
	s.forms = append(s.forms, f)
	for i, atoms := range parts {
		for _, a := range atoms {
			if len(a.syms) == 0 {
				return fmt.Errorf("pattern %q: nothing is left of it after normalization", pattern)
			}
			at := b.add(a.syms, int32(len(b.atoms)))
			if int(at) == len(b.atoms) {
				b.atoms = append(b.atoms, atomUse{length: int32(len(a.syms))})
			}
			b.atoms[at].uses = append(b.atoms[at].uses, use{form: id, part: int32(i), left: a.left, right: a.right})
		}
	}
	return nil
}
