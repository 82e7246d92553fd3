package words

import (
	"bufio"
	"embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed particles.txt endings.txt stop.ko.txt stop.en.txt concepts.txt
var files embed.FS

// A Lexicon holds the word lists. It is read-only after it is made and may be
// used by many goroutines. The zero value is not usable; see [New].
type Lexicon struct {
	particles map[rune][]particle // by their last letter, longest first
	endings   map[rune]bool       // syllables that only continue a verb
	light     map[rune]bool       // 하 되 받: make a verb of a noun
	hard      map[rune]bool       // endings that are safe to cut from two syllables
	stopKo    map[string]bool
	stopEn    map[string]bool
	bare      map[string]string // negations typed without apostrophe
	concepts  *concepts
	known     map[string]Kind // the concepts by name
	print     uint64          // of all lists
}

// New returns the built-in word lists, extended by more files in the format
// of the concept file ("name: phrase, phrase"). The names are for errors.
func New(more ...Source) (*Lexicon, error) {
	l := &Lexicon{
		particles: map[rune][]particle{},
		endings:   map[rune]bool{}, light: map[rune]bool{}, hard: map[rune]bool{},
		stopKo: map[string]bool{}, stopEn: map[string]bool{}, bare: map[string]string{},
		concepts: &concepts{korean: map[string][]pattern{}, english: map[string][]pattern{}},
		known:    map[string]Kind{},
	}
	parts := []struct {
		name string
		line func(string) error
	}{
		{"particles.txt", l.addParticle},
		{"endings.txt", l.addEnding},
		{"stop.ko.txt", func(s string) error { return addAll(l.stopKo, s) }},
		{"stop.en.txt", l.addStop},
		{"concepts.txt", l.addConcept},
	}
	for _, p := range parts {
		f, err := files.Open(p.name)
		if err != nil {
			return nil, fmt.Errorf("open word list: %w", err)
		}
		if err := l.eachLine(p.name, f, p.line); err != nil {
			return nil, err
		}
	}
	for _, m := range more {
		if err := l.eachLine(m.Name, strings.NewReader(m.Text), l.addConcept); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// analysis is the version of the code that makes terms; it goes up when a
// change makes other terms of the same text, so that indexes are made anew.
const analysis = 1

// Fingerprint changes when the lists or the analysis do: terms made under one
// fingerprint cannot be compared with those of another.
func (l *Lexicon) Fingerprint() string { return strconv.FormatUint(l.print, 36) }

// A Source is a text in the format of the concept file, with its name for
// errors.
type Source struct{ Name, Text string }

// Concept returns the term of the concept with this name, and whether there is
// one.
func (l *Lexicon) Concept(name string) (Term, bool) {
	kind, ok := l.known[name]
	return Term{name, kind}, ok
}

func (l *Lexicon) eachLine(name string, r io.Reader, do func(string) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for n := 1; s.Scan(); n++ {
		line, _, _ := strings.Cut(s.Text(), "#")
		line = strings.TrimSpace(Normalize(line))
		if line == "" {
			continue
		}
		l.print = (l.print*31 + Term{line, Word}.Hash()) ^ analysis
		if err := do(line); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

func addAll(set map[string]bool, line string) error {
	for _, w := range strings.Fields(line) {
		set[w] = true
	}
	return nil
}

// addParticle reads "text need min".
func (l *Lexicon) addParticle(line string) error {
	f := strings.Fields(line)
	if len(f) != 3 || !strings.Contains("cva", f[1]) || len(f[2]) != 1 || f[2][0] < '1' || f[2][0] > '9' {
		return fmt.Errorf("%q is not a particle; write the particle, c, v or a, and how many syllables stay", line)
	}
	last, _ := utf8.DecodeLastRuneInString(f[0])
	l.particles[last] = append(l.particles[last], particle{f[0], f[1][0], int(f[2][0] - '0')})
	return nil
}

// addEnding reads "kind: syllables".
func (l *Lexicon) addEnding(line string) error {
	kind, list, _ := strings.Cut(line, ":")
	set := map[string]map[rune]bool{"ending": l.endings, "light": l.light, "hard": l.hard}[strings.TrimSpace(kind)]
	if set == nil {
		return fmt.Errorf("%q begins no list of endings; write ending, light or hard", line)
	}
	for _, w := range strings.Fields(list) {
		r, _ := utf8.DecodeRuneInString(w)
		set[r] = true
	}
	return nil
}

// addStop reads stop words; "dont=do" is a negation without its apostrophe.
func (l *Lexicon) addStop(line string) error {
	for _, w := range strings.Fields(line) {
		if bare, full, ok := strings.Cut(w, "="); ok {
			l.bare[bare] = full
			continue
		}
		l.stopEn[w] = true
	}
	return nil
}

// addConcept reads "name+name: phrase, phrase".
func (l *Lexicon) addConcept(line string) error {
	names, phrases, ok := strings.Cut(line, ":")
	if !ok || strings.TrimSpace(phrases) == "" {
		return fmt.Errorf("%q is not a concept; write its name, a colon and phrases with commas between them", line)
	}
	var means []Term
	for _, name := range strings.Split(names, "+") {
		name = strings.TrimSpace(name)
		if name == "" || name == "~" {
			return fmt.Errorf("%q has an empty name before the colon; write a name such as delivery", line)
		}
		kind := Concept
		if rest, ok := strings.CutPrefix(name, "~"); ok {
			name, kind = rest, Aspect
		}
		if was, ok := l.known[name]; ok && was != kind {
			return fmt.Errorf("%q is an aspect on one line and a topic on another; write ~ before it on both or on none", name)
		}
		l.known[name] = kind
		means = append(means, Term{name, kind})
	}
	for _, p := range strings.Split(phrases, ",") {
		l.concepts.add(strings.TrimSpace(p), means)
	}
	return nil
}
