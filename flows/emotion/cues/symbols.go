package cues

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The alphabet of the automaton. Hangul syllables are taken apart, so that a
// stem matches whatever ending is fused to its last vowel.
const (
	symLead  = 1   // 19 leading consonants
	symVowel = 20  // 21 vowels
	symTail  = 41  // 27 final consonants
	symJamo  = 68  // 51 letters written alone: ㅋ, ㅠ
	symASCII = 128 // plus the lower-case character
	symSpace = symASCII + ' '
	symOther = 299 // any other character that no rule names
	symNamed = 300 // characters that rules name: emoji, signs
)

// symbol is one letter of the alphabet and the bytes of the text it came from.
type symbol struct {
	id         uint16
	start, end int32
}

// page is a text as symbols. stretched says that letters were cut.
type page struct {
	syms      []symbol
	stretched bool
	prev      rune
	run       int
	prevVowel rune // vowel of the syllable before, or −1
}

// fill reads text into p. keep is how many of a stretched Latin letter stay.
func (p *page) fill(text string, named map[rune]uint16, keep int) {
	p.syms, p.stretched, p.prev, p.run, p.prevVowel = p.syms[:0], false, 0, 0, -1
	if needsCompose(text) {
		var it norm.Iter
		it.InitString(norm.NFC, text)
		for !it.Done() {
			at := it.Pos()
			seg := it.Next()
			for i := 0; i < len(seg); {
				r, n := utf8.DecodeRune(seg[i:])
				p.add(r, int32(at), int32(it.Pos()), named, keep)
				i += n
			}
		}
	} else {
		for i, r := range text {
			n := utf8.RuneLen(r)
			if r == utf8.RuneError {
				_, n = utf8.DecodeRuneInString(text[i:])
			}
			p.add(r, int32(i), int32(i+n), named, keep)
		}
	}
	for len(p.syms) > 0 && p.syms[len(p.syms)-1].id == symSpace {
		p.syms = p.syms[:len(p.syms)-1]
	}
}

// needsCompose reports whether the text holds combining marks or conjoining
// Hangul, which almost none does.
func needsCompose(text string) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		if r >= 0x300 && r <= 0x36f || r >= 0x1100 && r <= 0x11ff {
			return true
		}
		i += n
	}
	return false
}

func (p *page) add(r rune, start, end int32, named map[rune]uint16, keep int) {
	if r = fold(r); r == 0 {
		return
	}
	if r == p.prev {
		p.run++
	} else {
		p.prev, p.run = r, 1
	}
	limit := 3
	switch {
	case r == ' ' || r == '\n':
		if n := len(p.syms); n == 0 || p.syms[n-1].id == symASCII+'\n' || p.syms[n-1].id == symSpace && r == ' ' {
			return
		}
	case r >= '0' && r <= '9':
		limit = p.run
	case r >= 'a' && r <= 'z':
		limit = p.latin(keep)
	case r >= 0x3131 && r <= 0x318e:
		limit = 2
	}
	if p.run > limit {
		if n := len(p.syms); n > 0 && r != ' ' {
			p.syms[n-1].end = end
		}
		return
	}
	p.put(r, start, end, named)
}

// latin cuts a Latin letter written three times or more down to keep; the
// first letters have been written by then, so they are taken back.
func (p *page) latin(keep int) int {
	if p.run < 3 {
		return 2
	}
	p.stretched = true
	if p.run == 3 && keep < 2 {
		n := len(p.syms)
		p.syms[n-2].end = p.syms[n-1].end
		p.syms = p.syms[:n-1]
	}
	return 2
}

func (p *page) put(r rune, start, end int32, named map[rune]uint16) {
	vowel := rune(-1)
	defer func() { p.prevVowel = vowel }()
	switch {
	case r >= 0xac00 && r <= 0xd7a3:
		i := r - 0xac00
		lead, v, tail := i/588, i%588/28, i%28
		// 제에에발, 너어무: a syllable that only stretches the vowel before it.
		if lead == 11 && tail == 0 && v == p.prevVowel && p.run >= 2 {
			p.cutSyllable(uint16(symVowel+v), end)
			vowel = v
			return
		}
		p.syms = append(p.syms, symbol{uint16(symLead + lead), start, end}, symbol{uint16(symVowel + v), start, end})
		if tail > 0 {
			p.syms = append(p.syms, symbol{uint16(symTail + tail - 1), start, end})
		} else {
			vowel = v
		}
	case r >= 0x3131 && r <= 0x3163:
		p.syms = append(p.syms, symbol{uint16(symJamo + r - 0x3131), start, end})
	case r < 0x80:
		p.syms = append(p.syms, symbol{uint16(symASCII + r), start, end})
	default:
		id, ok := named[r]
		if !ok {
			id = symOther
		}
		p.syms = append(p.syms, symbol{id, start, end})
	}
}

// cutSyllable drops a repeated vowel syllable, and the first of its row too
// when the syllable before the row ends in the same vowel.
func (p *page) cutSyllable(v uint16, end int32) {
	p.stretched = true
	n := len(p.syms)
	if n >= 3 && p.run == 2 && p.syms[n-1].id == v && p.syms[n-2].id == symLead+11 && p.syms[n-3].id == v {
		n -= 2
		p.syms = p.syms[:n]
	}
	p.syms[n-1].end = end
}

// fold maps look-alikes to one character; 0 drops it. A typing error that most
// Koreans make (됬) is folded too.
func fold(r rune) rune {
	switch {
	case r < 0x80:
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		if r == '\n' {
			return r
		}
		if r <= ' ' || r == 0x7f {
			return ' '
		}
		return r
	case r == '됬':
		return '됐'
	case r >= 0xac00 && r <= 0xd7a3, r >= 0x3131 && r <= 0x318e:
		return r
	case r == 0x2018 || r == 0x2019 || r == 0x00b4 || r == 0x02bc:
		return '\''
	case r == 0x201c || r == 0x201d:
		return '"'
	case r >= 0xff01 && r <= 0xff5e:
		return fold(r - 0xfee0)
	case r >= 0xfe00 && r <= 0xfe0f, r == 0x3164, r == 0x200d, unicode.Is(unicode.Cf, r), r >= 0x1f3fb && r <= 0x1f3ff:
		return 0 // variation selectors, joiners, skin tones
	case r == utf8.RuneError, unicode.IsSpace(r), unicode.IsControl(r):
		return ' '
	}
	return unicode.ToLower(r)
}

func isHangul(s symbol) bool { return s.id < symJamo }

func isLatin(s symbol) bool {
	return s.id >= symASCII+'a' && s.id <= symASCII+'z' || s.id >= symASCII+'0' && s.id <= symASCII+'9'
}

// opensSyllable reports whether the symbol begins a Hangul syllable.
func opensSyllable(s symbol) bool { return s.id >= symLead && s.id < symVowel }
