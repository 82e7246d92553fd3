package words

import (
	"strings"
	"unicode/utf8"
)

// A syllable is 0xac00 + (lead*21+vowel)*28 + tail (Unicode 3.12).
const (
	firstSyllable = 0xac00
	tails         = 28
	vowels        = 21
)

// Tail reports whether the last letter of s is a Hangul syllable that ends in
// a consonant (받침), which decides the form of a following particle.
func Tail(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return isHangul(r) && (r-firstSyllable)%tails != 0
}

// Jamo spells Hangul syllables out into their letters, so that one wrong key
// is one wrong letter. Other letters stay.
func Jamo(s string) string {
	var b strings.Builder
	b.Grow(len(s) * 3)
	for _, r := range s {
		if !isHangul(r) {
			b.WriteRune(r)
			continue
		}
		n := r - firstSyllable
		b.WriteRune(0x1100 + n/tails/vowels)
		b.WriteRune(0x1161 + n/tails%vowels)
		if t := n % tails; t > 0 {
			b.WriteRune(0x11a7 + t)
		}
	}
	return b.String()
}

// particle describes a Korean particle (조사) that may be cut from the end of
// a noun.
type particle struct {
	text string
	need byte // 'c' after a consonant, 'v' after a vowel, 'a' after either
	min  int  // syllables that must stay before it
}

// stem cuts particles and endings from one Hangul word. What stays has at
// least one syllable. It is wrong about some words (메시지 becomes 메시) but
// always in the same way, and that is enough to find them again.
// The body is the word before its endings are cut (배송지 beside 배송).
func (l *Lexicon) stem(w string) (stem, body string) {
	n := utf8.RuneCountInString(w)
	if n < 2 {
		return w, w
	}
	w, n = l.cutParticles(w, n)
	if s, ok := l.cutVerb(w); ok {
		return s, s
	}
	return l.cutEnding(w, n), w
}

// cutParticles removes up to two particles: 에서는, 만으로도.
func (l *Lexicon) cutParticles(w string, n int) (string, int) {
	for range 2 {
		cut := false
		last, _ := utf8.DecodeLastRuneInString(w)
		for _, p := range l.particles[last] {
			rest, ok := strings.CutSuffix(w, p.text)
			if !ok {
				continue
			}
			left := n - utf8.RuneCountInString(p.text)
			if left < p.min || p.need != 'a' && Tail(rest) != (p.need == 'c') {
				continue
			}
			w, n, cut = rest, left, true
			break
		}
		if !cut {
			break
		}
	}
	return w, n
}

// cutVerb finds noun + light verb + endings (환불해주세요, 취소되나요) and returns
// the noun.
func (l *Lexicon) cutVerb(w string) (string, bool) {
	runes := 0
	for i, r := range w {
		if runes >= 2 && l.light[r] && l.onlyEndings(w[i+utf8.RuneLen(r):]) {
			return w[:i], true
		}
		runes++
	}
	return w, false
}

// cutEnding removes trailing ending syllables (늦어요, 바꾸고) from words of
// three syllables and more.
func (l *Lexicon) cutEnding(w string, n int) string {
	for n >= 3 {
		r, size := utf8.DecodeLastRuneInString(w)
		if !l.endings[r] {
			break
		}
		w, n = w[:len(w)-size], n-1
	}
	if n == 2 {
		if r, size := utf8.DecodeLastRuneInString(w); l.hard[r] {
			w = w[:len(w)-size]
		}
	}
	return w
}

func (l *Lexicon) onlyEndings(s string) bool {
	for _, r := range s {
		if !l.endings[r] && !l.light[r] {
			return false
		}
	}
	return true
}
