package phrases

import (
	"strings"
	"unicode"
)

// latinEnding tells how a word in Latin letters ends when a Korean reads it.
// Capitals are read letter by letter (USB, KTX), words as they are written in
// Hangul (app 앱, Galaxy 갤럭시), units by their names (kg 킬로그램).
func latinEnding(word string) final {
	start := strings.LastIndexFunc(word, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) }) + 1
	tail := word[start:]
	afterDigit := start > 0 && word[start-1] >= '0' && word[start-1] <= '9'
	lower := strings.ToLower(tail)
	if f, ok := latinWords[lower]; ok && (afterDigit || !latinUnits[lower]) {
		return f
	}
	if tail == strings.ToUpper(tail) || !strings.ContainsAny(lower, "aeiouy") {
		return letterEnding(lower[len(lower)-1])
	}
	return soundEnding(lower)
}

// letterEnding reads one letter by its Korean name: 엘, 엠, 엔, 알 are closed.
func letterEnding(c byte) final {
	switch c {
	case 'l', 'r':
		return rieul
	case 'm', 'n':
		return consonant
	}
	return vowel
}

// soundEnding guesses from spelling how the Hangul form of a word ends, after
// the rules for writing English words in Hangul (외래어 표기법 3.1): a final
// stop after a short vowel closes the syllable, after a long one it gets 으.
func soundEnding(w string) final {
	for _, s := range []string{"le", "l", "al", "el"} {
		if strings.HasSuffix(w, s) {
			return rieul
		}
	}
	for _, s := range []string{"m", "n", "me", "ne", "ng", "mn"} {
		if strings.HasSuffix(w, s) {
			return consonant
		}
	}
	if len(w) < 2 {
		return letterEnding(w[0])
	}
	before := w[len(w)-2]
	switch w[len(w)-1] {
	case 'k', 'p', 'b', 'c', 't':
		if strings.HasSuffix(w, "ck") || strings.HasSuffix(w, "pp") {
			return consonant
		}
		if !strings.ContainsRune("aeiou", rune(before)) {
			return vowel // point 포인트, bank 뱅크, desk 데스크
		}
		long := len(w) >= 3 && strings.ContainsRune("aeiou", rune(w[len(w)-3])) && !strings.HasSuffix(w, "ook")
		if long {
			return vowel // suit 슈트, coat 코트
		}
		return consonant // internet 인터넷, laptop 랩톱, web 웹
	}
	return vowel
}

// latinUnits are read by their names only after a number: 3L, 5m.
var latinUnits = map[string]bool{"g": true, "kg": true, "mg": true, "m": true, "l": true, "ml": true, "cm": true, "mm": true, "km": true, "gb": true, "mb": true, "tb": true}

// latinWords are words and units that spelling misleads about.
var latinWords = map[string]final{
	"g": consonant, "kg": consonant, "mg": consonant, "m": vowel, "l": vowel, "ml": vowel, "cm": vowel, "mm": vowel, "km": vowel,
	"gb": vowel, "mb": vowel, "tb": vowel, // 기가바이트
	"set": vowel, "kit": vowel, "chat": consonant, "test": vowel, "bag": consonant, "id": vowel, "mac": consonant,
	"one": consonant, "apple": rieul, "nike": vowel, "some": consonant, "home": consonant, "resume": vowel,
	"cafe": vowel, "karaoke": vowel, "adobe": vowel, "recipe": vowel, "acne": vowel, "anime": vowel,
	"big": consonant, "mug": consonant, "vlog": vowel, "blog": vowel, "pink": vowel, "ok": vowel, "wifi": vowel,
	"youtube": vowel, "note": vowel, "net": consonant, "hat": consonant, "cup": consonant, "tip": consonant, "zip": consonant,
}
