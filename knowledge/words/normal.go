package words

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalize returns text in the one form that everything else here expects:
// composed and compatibility-folded (NFKC, so full-width letters and
// decomposed Hangul are the usual ones), lower case, typographic quotes made
// plain, without invisible characters. Invalid UTF-8 becomes spaces.
func Normalize(text string) string {
	if plain(text) {
		return text
	}
	text = strings.ToValidUTF8(text, " ")
	if !norm.NFC.IsNormalString(text) || !narrow(text) {
		text = norm.NFKC.String(loneJamo(text))
	}
	return strings.Map(fold, text)
}

// plain reports whether text is lower-case ASCII, which needs no work.
func plain(text string) bool {
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 || c == 0x7f || 'A' <= c && c <= 'Z' || c < ' ' && c != '\n' {
			return false
		}
	}
	return true
}

// narrow reports whether NFKC can change nothing we care about.
func narrow(text string) bool {
	for _, r := range text {
		if r >= 0x2460 && r < 0x3130 || r >= 0xf900 || r == 0xa0 || r >= 0x2000 && r < 0x2010 {
			return false
		}
	}
	return true
}

// loneJamo keeps the compatibility jamo of chat (ㅠㅠ ㅋㅋ) from being composed
// into syllables by NFKC: they are marks of mood, not letters of a word.
func loneJamo(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x3131 && r <= 0x318e {
			return ' '
		}
		return r
	}, text)
}

func fold(r rune) rune {
	switch {
	case r < 0x80:
		if r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return unicode.ToLower(r)
	case r == '’' || r == '‘' || r == 'ʼ' || r == '´':
		return '\''
	case r == '“' || r == '”':
		return '"'
	case invisible(r):
		return -1
	case r >= 0x3131 && r <= 0x318e:
		return ' '
	}
	return unicode.ToLower(r)
}

// invisible reports whether r takes no place on the screen: joiners, marks of
// direction, tags and other format characters. They hide text from people but
// not from machines.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || r == 0x034f || r == 0x115f || r == 0x1160 ||
		r == 0x3164 || r == 0xffa0 || r >= 0xfe00 && r <= 0xfe0f
}

// Lang guesses the language of text from its letters: "ko" when at least a
// quarter of them are Hangul (a Korean sentence may hold English names), "en"
// when the rest has Latin letters, and "" when it has neither.
func Lang(text string) string {
	hangul, latin := 0, 0
	for _, r := range text {
		switch {
		case isHangul(r) || r >= 0x3131 && r <= 0x318e:
			hangul++
		case unicode.Is(unicode.Latin, r):
			latin++
		}
	}
	switch {
	case hangul == 0 && latin == 0:
		return ""
	case hangul*4 >= hangul+latin:
		return "ko"
	}
	return "en"
}

func isHangul(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 }
