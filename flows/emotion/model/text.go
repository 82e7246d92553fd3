package model

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Longer texts are read at both ends only, so that the work for one message
// stays bounded: people put the point first or last.
const (
	longText = 48 << 10
	headText = 32 << 10
	tailText = 16 << 10
)

// Rune classes that the tokenizer tells apart.
const (
	classSpace = iota
	classWord
	classJamo
	classMark
)

// plain is a text made ready for reading: lower case, composed (NFC), without
// invisible characters, digits as 0, stretched letters cut to three.
// at[i] is the byte of the source where rune i begins; at has one more entry,
// the end of the text.
type plain struct {
	runes []rune
	at    []int32
	upper int // letters that were upper case
	words []token
}

// token is one word, one run of marks or one emoji: runes[from:to].
type token struct {
	from, to int32
	hash     uint32
}

func (p *plain) read(text string) {
	p.runes, p.at, p.words, p.upper = p.runes[:0], p.at[:0], p.words[:0], 0
	if len(text) > longText {
		head, tail := headText, len(text)-tailText
		for head > 0 && !utf8.RuneStart(text[head]) {
			head--
		}
		for tail < len(text) && !utf8.RuneStart(text[tail]) {
			tail++
		}
		p.part(text[:head], 0)
		p.add(' ', int32(head))
		p.part(text[tail:], tail)
	} else {
		p.part(text, 0)
	}
	if n := len(p.runes); n > 0 && p.runes[n-1] == ' ' {
		p.runes, p.at = p.runes[:n-1], p.at[:n-1]
	}
	p.at = append(p.at, int32(len(text)))
	p.split()
}

func (p *plain) part(text string, base int) {
	if !composed(text) {
		p.compose(text, base)
		return
	}
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			p.add(rune(c), int32(base+i))
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		p.add(r, int32(base+i))
		i += n
	}
}

// composed answers without looking into the tables for ASCII and for Hangul
// syllables, which is nearly every text.
func composed(text string) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if (r < 0xac00 || r > 0xd7a3) && (r < 0x2000 || r > 0x33ff) && r > 0xff {
			return norm.NFC.IsNormalString(text)
		}
		i += n
	}
	return true
}

func (p *plain) compose(text string, base int) {
	var it norm.Iter
	it.InitString(norm.NFC, text)
	for !it.Done() {
		at := int32(base + it.Pos())
		seg := it.Next()
		for i := 0; i < len(seg); {
			r, n := utf8.DecodeRune(seg[i:])
			p.add(r, at)
			i += n
		}
	}
}

func (p *plain) add(r rune, at int32) {
	switch {
	case r >= 'a' && r <= 'z', r >= 0xac00 && r <= 0xd7a3:
	case r >= 'A' && r <= 'Z':
		r += 'a' - 'A'
		p.upper++
	case r >= '0' && r <= '9':
		r = '0'
	case r < 0x80:
		if r <= ' ' || r == 0x7f {
			r = ' '
		}
	default:
		if r = foldWide(r); r == 0 {
			return
		}
	}
	n := len(p.runes)
	if r == ' ' && (n == 0 || p.runes[n-1] == ' ') {
		return
	}
	if n >= 3 && p.runes[n-1] == r && p.runes[n-2] == r && p.runes[n-3] == r {
		return
	}
	p.runes, p.at = append(p.runes, r), append(p.at, at)
}

// foldWide folds what is not ASCII; 0 means that the rune is invisible.
func foldWide(r rune) rune {
	switch {
	case r == 0x2018 || r == 0x2019 || r == 0x00b4 || r == 0x02bc:
		return '\''
	case r == 0x201c || r == 0x201d:
		return '"'
	case r == 0x2026:
		return '…'
	case r >= 0xff01 && r <= 0xff5e: // full-width forms
		r -= 0xfee0
		if r >= '0' && r <= '9' {
			return '0'
		}
		return unicode.ToLower(r)
	case r == utf8.RuneError, unicode.Is(unicode.Cf, r), r >= 0xfe00 && r <= 0xfe0f, r >= 0x115f && r <= 0x1160, r == 0x3164:
		return 0
	case unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	case unicode.IsDigit(r):
		return '0'
	}
	return unicode.ToLower(r)
}

func class(r rune) int {
	switch {
	case r >= 'a' && r <= 'z', r == '0', r == '\'', r >= 0xac00 && r <= 0xd7a3:
		return classWord
	case r == ' ':
		return classSpace
	case r < 0x80:
		return classMark
	case r >= 0x3131 && r <= 0x318e:
		return classJamo
	case unicode.IsLetter(r), unicode.IsMark(r):
		return classWord
	}
	return classMark
}

// split finds the tokens: runs of letters, runs of Korean consonant or vowel
// letters (ㅋㅋ, ㅠㅠ), and runs of one mark.
func (p *plain) split() {
	for i := 0; i < len(p.runes); {
		c := class(p.runes[i])
		if c == classSpace {
			i++
			continue
		}
		h := uint32(2166136261)
		j := i
		for j < len(p.runes) && class(p.runes[j]) == c && (c != classMark || p.runes[j] == p.runes[i]) {
			h = (h ^ uint32(p.runes[j])) * 16777619
			j++
		}
		p.words = append(p.words, token{from: int32(i), to: int32(j), hash: mix(h)})
		i = j
	}
}

// mix spreads the bits of a 32-bit hash (the finalizer of MurmurHash3, public domain).
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x85ebca6b
	h ^= h >> 13
	h *= 0xc2b2ae35
	return h ^ h>>16
}
