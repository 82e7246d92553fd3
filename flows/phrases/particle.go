package phrases

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A final is how a word ends when it is read aloud, which is all that a Korean
// particle depends on.
type final int

const (
	vowel     final = iota // 사과, 2, iPad
	rieul                  // 선물, 1, Google: a consonant, but 로 and not 으로
	consonant              // 환불, 3, iPhone
)

// particles are the pairs that a text may ask for, the form after a consonant
// first, as dictionaries of Korean write them.
var particles = map[string]bool{
	"은/는": true, "이/가": true, "을/를": true, "과/와": true, "으로/로": true,
	"이라/라": true, "이라서/라서": true, "이라고/라고": true, "이라는/라는": true, "이라면/라면": true,
	"이에요/예요": true, "이었/였": true, "이나/나": true, "이랑/랑": true, "이고/고": true, "이니/니": true,
	"이며/며": true, "이든/든": true, "이란/란": true, "아/야": true,
}

// Particle returns the form of a Korean particle that follows the word: pair is
// written consonant form first, such as "은/는" or "으로/로". The word may end in
// Hangul, a number, Latin letters, brackets, quotation marks or emoji; what
// counts is how it is read aloud.
func Particle(word, pair string) string {
	closed, open, ok := strings.Cut(pair, "/")
	if !ok {
		return pair
	}
	switch ending(word) {
	case vowel:
		return open
	case rieul:
		if strings.HasPrefix(pair, "으로") {
			return open
		}
	}
	return closed
}

// ending returns how the word ends when read aloud. Words without anything to
// read end in a vowel, so that the shorter particle follows.
func ending(word string) final {
	word = spoken(word)
	r, _ := utf8.DecodeLastRuneInString(word)
	switch {
	case r >= 0xAC00 && r <= 0xD7A3:
		switch (r - 0xAC00) % 28 {
		case 0:
			return vowel
		case 8: // ㄹ
			return rieul
		}
		return consonant
	case r >= 'ㄱ' && r <= 'ㅎ': // a letter by its name: 기역, 니은, 리을 …
		if r == 'ㄹ' {
			return rieul
		}
		return consonant
	case r >= '0' && r <= '9':
		return numberEnding(word)
	case r < utf8.RuneSelf && unicode.IsLetter(r):
		return latinEnding(word)
	}
	return symbolEnding(r)
}

// spoken cuts from the end of a word what nobody reads aloud: closing quotation
// marks, punctuation, emoji, laughter, and a bracketed aside after the word.
func spoken(word string) string {
	for range utf8.RuneCountInString(word) {
		r, size := utf8.DecodeLastRuneInString(word)
		if open, ok := brackets[r]; ok {
			if i := strings.LastIndex(word, open); i > 0 && speaks(word[:i]) {
				word = strings.TrimSpace(word[:i])
				continue
			}
			word = word[:len(word)-size]
			continue
		}
		if readable(r) || readableMark(r) {
			return word
		}
		word = word[:len(word)-size]
	}
	return word
}

var brackets = map[rune]string{')': "(", ']': "[", '）': "（", '}': "{"}

func readable(r rune) bool {
	return unicode.IsLetter(r) && (r < 'ㄱ' || r > 'ㅣ') || unicode.IsDigit(r)
}

func readableMark(r rune) bool { return strings.ContainsRune("%℃°㎏㎝㎜㎞㎡ℓ+＋&", r) }

func speaks(s string) bool { return strings.IndexFunc(s, readable) >= 0 }

func symbolEnding(r rune) final {
	switch r {
	case '㎏': // 킬로그램
		return consonant
	}
	return vowel // %, ℃, °, ㎝, ㎜, ㎞, ㎡, ℓ, +: 퍼센트, 도, 센티미터, 리터, 플러스; & as 앤드
}

// numberEnding reads a number in Sino-Korean: 20 is 이십, 300 삼백, 4,000 사천.
func numberEnding(word string) final {
	start := len(word)
	for start > 0 && (word[start-1] >= '0' && word[start-1] <= '9' || word[start-1] == ',' || word[start-1] == '.') {
		start--
	}
	digits := strings.Trim(word[start:], ",.")
	last := digits[len(digits)-1]
	switch last {
	case '1', '7', '8': // 일 칠 팔
		return rieul
	case '2', '4', '5', '9': // 이 사 오 구
		return vowel
	case '3', '6': // 삼 육
		return consonant
	}
	whole := strings.ReplaceAll(digits, ",", "")
	zeros := len(whole) - len(strings.TrimRight(whole, "0"))
	if !strings.Contains(whole, ".") && zeros < len(whole) && whole[0] != '0' && zeros >= 12 && zeros < 16 {
		return vowel // 조
	}
	return consonant // 영 십 백 천 만 억
}
