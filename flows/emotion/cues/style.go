package cues

import (
	"unicode"
	"unicode/utf8"
)

// A Style is how a message is written, apart from its words.
type Style struct {
	Words     int     // words of letters or digits
	Letters   int     // letters of any script
	Hangul    int     // of these, Hangul
	Latin     int     // of these, Latin
	Jamo      int     // Hangul letters written alone: ㅋ, ㅠ, ㄱㅅ
	Exclaims  int     // exclamation marks in the longest row
	Questions int     // question marks in the longest row
	Asks      int     // question marks in all
	Dots      int     // rows of two or more full stops
	Tildes    int     // ~
	Caps      float64 // share of capital letters among Latin ones, 0 for fewer than six
	Shouted   bool    // at least two words, or one long word, in capitals
	Stretched bool    // soooo, 제에에발
	Signs     int     // emoji and other signs
	Cry       int     // ㅠㅠ, T_T, 😭: rows of them
	Laugh     int     // ㅋㅋ, haha, 😂
	Smile     int     // ^^, 🙂
	Sweat     int     // ;;
	Profanity int     // swear words
	Strong    int     // very, 너무
	Weak      int     // a bit, 좀
}

// Wordless reports whether the text has signs but no words.
func (s Style) Wordless() bool { return s.Words == 0 }

// look counts what can be seen letter by letter.
func look(text string) Style {
	var s Style
	run, prev := 0, rune(0)
	word, wordUpper, upper := 0, 0, 0
	endWord := func() {
		if word > 0 {
			s.Words++
		}
		if wordUpper == word && (word >= 4 || word == 3 && s.Shouted) {
			s.Shouted = s.Shouted || word >= 5 || wordUpper >= 4
		}
		word, wordUpper = 0, 0
	}
	for i, r := range text {
		if r == prev {
			run++
		} else {
			prev, run = r, 1
		}
		switch {
		case r >= 0xac00 && r <= 0xd7a3:
			s.Letters, s.Hangul, word = s.Letters+1, s.Hangul+1, word+1
			continue
		case r >= 0x3131 && r <= 0x318e:
			s.Hangul++
			s.Jamo++
		case unicode.IsLetter(r):
			s.Letters, s.Latin, word = s.Letters+1, s.Latin+1, word+1
			if unicode.IsUpper(r) {
				upper, wordUpper = upper+1, wordUpper+1
			}
			continue
		case r >= '0' && r <= '9', r == '\'' && word > 0, r == '’' && word > 0:
			word++
			continue
		}
		endWord()
		s.mark(r, run, nextRune(text, i))
	}
	endWord()
	if s.Latin >= 6 {
		s.Caps = float64(upper) / float64(s.Latin)
	}
	return s
}

func nextRune(text string, i int) rune {
	_, n := utf8.DecodeRuneInString(text[i:])
	r, _ := utf8.DecodeRuneInString(text[i+n:])
	return r
}

// mark counts one sign; run is its place in a row of the same.
func (s *Style) mark(r rune, run int, next rune) {
	switch r {
	case '!', '！':
		s.Exclaims = max(s.Exclaims, run)
	case '?', '？':
		s.Asks++
		s.Questions = max(s.Questions, run)
	case '.', '·':
		if run == 2 {
			s.Dots++
		}
	case '…':
		if run == 1 {
			s.Dots++
		}
	case '~':
		if run == 1 {
			s.Tildes++
		}
	default:
		if r > 0x2190 && unicode.Is(unicode.So, r) && r != next {
			s.Signs++
		}
	}
}
