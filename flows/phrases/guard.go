package phrases

import (
	"math"
	"strings"
	"unicode"
)

// similarMax is the char-4-gram cosine from which an opener counts as already
// said (care model 3.9).
const similarMax = 0.6

// A shape is a bag of 4-grams over the letters of a text.
type shape struct {
	grams map[[4]rune]int
	norm  float64
	start string // the first letters, by which a reader recognizes an opener
}

func shapeOf(text string) shape {
	letters := make([]rune, 0, len(text))
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, unicode.ToLower(r))
		}
	}
	s := shape{grams: make(map[[4]rune]int, len(letters)), start: string(letters[:min(len(letters), startLetters(letters))])}
	for i := 0; i+4 <= len(letters); i++ {
		s.grams[[4]rune(letters[i:i+4])]++
	}
	for _, n := range s.grams {
		s.norm += float64(n * n)
	}
	s.norm = math.Sqrt(s.norm)
	return s
}

// startLetters is how many letters make an opening: a syllable block says as
// much as two or three Latin letters.
func startLetters(letters []rune) int {
	if len(letters) > 0 && letters[0] < 0x250 {
		return 14
	}
	return 7
}

// like returns how alike two texts are, 0..1.
func (s shape) like(o shape) float64 {
	if s.norm == 0 || o.norm == 0 {
		return 0
	}
	if s.start != "" && s.start == o.start {
		return 1
	}
	dot := 0
	for g, n := range s.grams {
		dot += n * o.grams[g]
	}
	return float64(dot) / (s.norm * o.norm)
}

// sentences counts the sentences of a text: marks that end one, followed by a
// space or the end.
func sentences(text string) int {
	text = strings.TrimRight(text, " \n\"”’)")
	n := 0
	for i, r := range text {
		if !strings.ContainsRune(".?!…", r) {
			continue
		}
		rest := text[i+len(string(r)):]
		if rest == "" || rest[0] == ' ' || rest[0] == '\n' {
			n++
		}
	}
	if text != "" && !strings.ContainsAny(text[len(text)-1:], ".?!") && !strings.HasSuffix(text, "…") {
		n++
	}
	return n
}
