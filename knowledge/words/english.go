package words

import "strings"

// Stem cuts English plural, tense and a few noun endings: a small part of
// Porter's stemmer (Porter 1980), chosen so that unrelated words do not fall
// together. Words of three letters and fewer stay.
func Stem(w string) string {
	if len(w) <= 3 {
		return w
	}
	w = plural(w)
	w = tense(w)
	if len(w) > 4 {
		for _, s := range [...]struct{ from, to string }{
			{"ations", "ate"}, {"ation", "ate"}, {"ments", ""}, {"ment", ""}, {"fulness", ""}, {"ful", ""},
			{"ness", ""}, {"ally", "al"}, {"ably", "able"}, {"ly", ""},
		} {
			if rest, ok := strings.CutSuffix(w, s.from); ok && measure(rest) > 0 && len(rest) >= 3 {
				w = rest + s.to
				break
			}
		}
	}
	if n := len(w); n > 4 && w[n-1] == 'e' {
		w = w[:n-1]
	}
	if n := len(w); n > 2 && w[n-1] == 'y' && !vowel(w, n-2) {
		w = w[:n-1] + "i"
	}
	return w
}

func plural(w string) string {
	switch {
	case strings.HasSuffix(w, "sses"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "ies"):
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "s"):
		return w[:len(w)-1]
	}
	return w
}

func tense(w string) string {
	rest, ok := strings.CutSuffix(w, "ing")
	if !ok {
		rest, ok = strings.CutSuffix(w, "ed")
	}
	if !ok || !hasVowel(rest) || len(rest) < 3 {
		return w
	}
	n := len(rest)
	switch {
	case strings.HasSuffix(rest, "at"), strings.HasSuffix(rest, "bl"), strings.HasSuffix(rest, "iz"):
		return rest + "e"
	case n > 2 && rest[n-1] == rest[n-2] && !vowel(rest, n-1) && rest[n-1] != 'l' && rest[n-1] != 's' && rest[n-1] != 'z':
		return rest[:n-1]
	case n > 5 && strings.HasSuffix(rest, "ll"):
		return rest[:n-1] // cancelled, cancelling: as canceled
	case n == 3 && !vowel(rest, 0) && vowel(rest, 1) && !vowel(rest, 2) && !strings.ContainsRune("wxy", rune(rest[2])):
		return rest + "e"
	}
	return rest
}

func vowel(w string, i int) bool {
	switch w[i] {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	case 'y':
		return i > 0 && !vowel(w, i-1)
	}
	return false
}

func hasVowel(w string) bool {
	for i := range len(w) {
		if vowel(w, i) {
			return true
		}
	}
	return false
}

// measure counts the vowel–consonant pairs of w (Porter's m).
func measure(w string) int {
	m, last := 0, false
	for i := range len(w) {
		v := vowel(w, i)
		if last && !v {
			m++
		}
		last = v
	}
	return m
}
