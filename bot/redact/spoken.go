package redact

import (
	"strings"
	"unicode/utf8"
)

// spokenMin is how many digits must be spelled out in a row before they are
// read as a number: the syllables are ordinary Korean words too.
const spokenMin = 7

// spoken recognizes numbers whose digits are spelled out, wholly or partly:
// "공일공 일이삼사 오육칠팔", "four one five, five five five, zero one three
// two".
func (f *finder) spoken() {
	for i := 0; i < len(f.s); {
		switch c := f.s[i]; {
		case c >= 0xEA && c <= 0xED: // Hangul syllables
			if d, _ := syllable(f.s, i); d != 0 {
				i = f.spelled(i, syllable)
				continue
			}
			i += 3
		case letter(c) && (i == 0 || !letter(f.s[i-1])):
			if d, _ := numeral(f.s, i); d != 0 {
				i = f.spelled(i, numeral)
				continue
			}
			i++
		default:
			i++
		}
	}
}

// spelled reads the run of spelled digits that begins at i and returns where to
// go on: after the longest number in it, or after its first word.
func (f *finder) spelled(i int, read func(string, int) (byte, int)) int {
	var b [24]byte
	digits, words, end, at := b[:0], 0, i, i
	var kind Kind
	next := i
	for at < len(f.s) && len(digits) < len(b) {
		d, size := read(f.s, at)
		if c := f.s[at]; d == 0 && c >= '0' && c <= '9' {
			d, size = c, 1
		} else if d != 0 {
			words++
		}
		if d == 0 {
			if size = pause(f.s, at); size == 0 || at+size-end > 8 {
				break
			}
			at += size
			continue
		}
		digits = append(digits, d)
		at += size
		end = at
		if next == i {
			next = end
		}
		if words >= spokenMin {
			if k := f.spell(string(digits), i); k != "" {
				kind, next = k, end
			}
		}
	}
	if kind != "" {
		f.add(i, next, kind)
	}
	return next
}

// spell says what spelled digits are.
func (f *finder) spell(d string, at int) Kind {
	switch {
	case len(d) == 13 && birth(d) && d[6] >= '1' && d[6] <= '8':
		return registration(d[6])
	case len(d) >= 13 && len(d) <= 19 && luhn(d) && issued(d):
		return Card
	case mobile(d), landline(d), nanp(d), (len(d) == 7 || len(d) == 8) && f.near(at) == aPhone:
		return Phone
	}
	return ""
}

// pause is the length of what is said between spelled digits, or 0.
func pause(s string, i int) int {
	for _, p := range [...]string{" ", "-", ",", ".", "\n", "에", "다시", "의", "dash", "–"} {
		if strings.HasPrefix(s[i:], p) {
			return len(p)
		}
	}
	return 0
}

// syllable reads a Korean digit.
func syllable(s string, i int) (digit byte, size int) {
	r, size := utf8.DecodeRuneInString(s[i:])
	switch r {
	case '공', '영':
		return '0', size
	case '일':
		return '1', size
	case '이':
		return '2', size
	case '삼':
		return '3', size
	case '사':
		return '4', size
	case '오':
		return '5', size
	case '육', '륙':
		return '6', size
	case '칠':
		return '7', size
	case '팔':
		return '8', size
	case '구':
		return '9', size
	}
	return 0, 0
}

// numeral reads an English digit.
func numeral(s string, i int) (digit byte, size int) {
	switch s[i] | 0x20 {
	case 'z', 'o', 't', 'f', 's', 'e', 'n':
	default:
		return 0, 0
	}
	end := i
	for end < len(s) && end-i < 6 && letter(s[end]) {
		end++
	}
	switch lower(s[i:end]) {
	case "zero", "oh", "o":
		return '0', end - i
	case "one":
		return '1', end - i
	case "two":
		return '2', end - i
	case "three":
		return '3', end - i
	case "four":
		return '4', end - i
	case "five":
		return '5', end - i
	case "six":
		return '6', end - i
	case "seven":
		return '7', end - i
	case "eight":
		return '8', end - i
	case "nine":
		return '9', end - i
	}
	return 0, 0
}
