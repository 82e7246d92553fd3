package phrases

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// turned says the customer's words from our side: "my" becomes "your", 딸
// becomes 따님. Korean particles after an exchanged word are set right again.
func (v *vocabulary) turned(s string) string {
	if v.lang == "en" {
		return v.turnedWords(s)
	}
	for _, t := range v.turn {
		theirs, ours := t[0], t[1]
		if ours == "-" {
			if after, ok := strings.CutPrefix(s, theirs+" "); ok {
				s = after
			}
			s = strings.ReplaceAll(s, " "+theirs+" ", " ")
			continue
		}
		s = exchange(s, theirs, ours)
	}
	return s
}

// exchange replaces a Korean word where it stands alone or before a particle.
func exchange(s, theirs, ours string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, theirs)
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		rest := s[i+len(theirs):]
		starts := i == 0 || s[i-1] == ' '
		particle, size := particleAt(rest)
		if !starts || !wordEnds(rest[size:]) {
			b.WriteString(theirs)
			s = rest
			continue
		}
		b.WriteString(ours)
		if particle != "" {
			b.WriteString(Particle(ours, particle))
		}
		s = rest[size:]
	}
}

// particleAt returns the pair of the particle at the start of s and its length.
func particleAt(s string) (pair string, size int) {
	for _, p := range []string{"은/는", "이/가", "을/를", "과/와"} {
		closed, open, _ := strings.Cut(p, "/")
		if strings.HasPrefix(s, closed) && wordEnds(s[len(closed):]) || strings.HasPrefix(s, open) && wordEnds(s[len(open):]) {
			return p, len(open)
		}
	}
	return "", 0
}

func wordEnds(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if s == "" || !unicode.IsLetter(r) {
		return true
	}
	return slices.ContainsFunc([]string{"의 ", "한테", "에게", "께", "네 ", "도 "}, func(p string) bool { return strings.HasPrefix(s, p) })
}

func (v *vocabulary) turnedWords(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		core := strings.Trim(w, ",.;:!?\"()")
		for _, t := range v.turn {
			if strings.EqualFold(core, t[0]) {
				words[i] = strings.Replace(w, core, t[1], 1)
				break
			}
		}
		if i > 0 && words[i-1] == "you" && (core == "was" || core == "am") {
			words[i] = strings.Replace(w, core, map[string]string{"was": "were", "am": "are"}[core], 1)
		}
	}
	return strings.Join(words, " ")
}

// article puts a determiner before a bare English noun phrase: things that
// belong to the customer get "your", others "the".
func (v *vocabulary) article(s string) string {
	words := strings.Fields(s)
	first := strings.ToLower(words[0])
	switch {
	case first == "a" || first == "an":
		words[0] = "the"
		return strings.Join(words, " ")
	case slices.Contains(v.many["determiners"], first), strings.HasSuffix(first, "'s"), strings.HasSuffix(first, "’s"),
		strings.ContainsAny(first, "0123456789#"), len(words) == 2 && strings.ContainsAny(words[1], "0123456789"):
		return s
	case slices.Contains(v.many["pronouns"], first):
		return ""
	case slices.Contains(v.many["yours"], strings.ToLower(head(words))):
		return "your " + s
	}
	return "the " + s
}

// head is the noun that a verb agrees with: the last word before a preposition.
func head(words []string) string {
	for i, w := range words {
		if i > 0 && slices.Contains([]string{"of", "for", "with", "from", "to", "in", "on", "at", "that", "which", "by", "about"}, strings.ToLower(w)) {
			return strings.Trim(words[i-1], ",.;:!?")
		}
	}
	return strings.Trim(words[len(words)-1], ",.;:!?")
}

// agree returns the verb form of a pair such as "has/have" for the noun.
func (v *vocabulary) agree(noun, pair string) string {
	one, many, _ := strings.Cut(pair, "/")
	words := strings.Fields(noun)
	if len(words) == 0 {
		return one
	}
	h := strings.ToLower(head(words))
	switch {
	case slices.Contains(words, "and"), slices.Contains(v.many["plural"], h), h == "you":
		return many
	case slices.Contains(v.many["singular"], h), !strings.HasSuffix(h, "s"), strings.HasSuffix(h, "ss"),
		strings.HasSuffix(h, "us"), strings.HasSuffix(h, "is"), strings.HasSuffix(h, "'s"):
		return one
	}
	return many
}

// without drops from the front of the noun the words that were just said, so
// that "tomorrow is your daughter's birthday" is followed by "the present" and
// not by "your daughter's birthday present". Nothing is left of a noun that was
// said whole.
func (v *vocabulary) without(noun, said string) string {
	words, heard := strings.Fields(noun), strings.Fields(strings.ToLower(said))
	i := 0
	for i < len(words) && slices.ContainsFunc(heard, func(h string) bool { return sameStem(h, strings.ToLower(words[i])) }) {
		i++
	}
	switch i {
	case 0:
		return noun
	case len(words):
		return ""
	}
	rest := strings.Join(words[i:], " ")
	if v.lang == "en" {
		return "the " + rest
	}
	return rest
}

func sameStem(a, b string) bool {
	return a == b || utf8.RuneCountInString(b) > 1 && strings.HasPrefix(a, b)
}
