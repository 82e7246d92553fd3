package lexical

import (
	"math/bits"

	"github.com/onkihq/onki/knowledge/words"
)

// shortest is how many letters (Korean: jamo) a word needs before a typing
// error in it is looked for; shorter words have too many neighbours.
const shortest = 5

// Near returns the words of the segment that differ from word by one typing
// error: a letter wrong, missing, too many, or two swapped. Korean words are
// compared by their jamo, so 환블 is near 환불. At most n are returned.
func (s *Segment) Near(word string, n int) []string {
	spelled := []rune(words.Jamo(word))
	if len(spelled) < shortest {
		return nil
	}
	mark := letters(string(spelled))
	var near []string
	for i, m := range s.marks {
		if bits.OnesCount64(m^mark) > 2 {
			continue
		}
		name := s.name(i)
		if d := len(name) - len(word); d > 3 || d < -3 || name == word {
			continue
		}
		if oneError([]rune(words.Jamo(name)), spelled) {
			if near = append(near, name); len(near) == n {
				break
			}
		}
	}
	return near
}

// letters returns a set of the letters of a word, 64 bins.
func letters(word string) uint64 {
	var m uint64
	for _, r := range word {
		m |= 1 << (uint32(r) * 2654435761 >> 26)
	}
	return m
}

// oneError reports whether a becomes b by one insertion, deletion,
// substitution or swap of neighbours (Damerau 1964).
func oneError(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < shortest-1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return string(a[i:]) == string(b[i+1:])
	}
	if i == len(a) {
		return true
	}
	if string(a[i+1:]) == string(b[i+1:]) {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && string(a[i+2:]) == string(b[i+2:])
}
