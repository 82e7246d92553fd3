package flows

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// excerpt returns what to tell of a passage: the whole answer when it fits
// into n sentences, else the n sentences in a row that share most with the
// question, beginning at a sentence that can stand alone. Lists stay whole: a
// step left out is a step not done.
func excerpt(p bot.Passage, question string, n int) string {
	text := strings.TrimSpace(p.Answer)
	if text == "" {
		text = strings.TrimSpace(p.Text)
	}
	sentences := splitSentences(text)
	if n > 1 && len(sentences) <= n+1 || len(sentences) == 1 || strings.Contains(text, "\n1.") || strings.HasPrefix(text, "1.") || strings.Contains(text, "\n- ") {
		return text
	}
	grams := bigrams(question)
	best, bestScore := 0, -1.0
	for i := 0; i+n <= len(sentences); i++ {
		score := 0.0
		for _, s := range sentences[i : i+n] {
			for g := range bigrams(s) {
				if grams[g] {
					score++
				}
			}
		}
		score /= 1 + .15*float64(i) // an answer begins at its beginning unless the middle is clearly better
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return strings.Join(sentences[best:best+n], " ")
}

// splitSentences cuts text at sentence ends and line breaks. A full stop inside
// a number, an abbreviation of one letter or a web address does not end one.
func splitSentences(text string) []string {
	var out []string
	start := 0
	flush := func(end int) {
		if s := strings.TrimSpace(text[start:end]); s != "" {
			out = append(out, s)
		}
		start = end
	}
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		switch r {
		case '\n':
			flush(end)
		case '.', '!', '?', '。', '！', '？', '…':
			next, _ := utf8.DecodeRuneInString(text[end:])
			if next == utf8.RuneError || unicode.IsSpace(next) && !(r == '.' && goesOn(text[end:])) {
				flush(end)
			}
		}
	}
	flush(len(text))
	return out
}

// goesOn reports that what stands before was an abbreviation, as in "by 2 p.m.
// on weekdays": no sentence of a written text begins with a small letter.
func goesOn(rest string) bool {
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " \t"))
	return next >= 'a' && next <= 'z'
}

func sentenceCount(text string) int { return len(splitSentences(text)) }

// bigrams returns the pairs of neighbouring letters, lower case: a measure of
// shared words that knows nothing of particles and endings.
func bigrams(s string) map[[2]rune]bool {
	out := make(map[[2]rune]bool)
	var last rune
	for _, r := range strings.ToLower(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		if last != 0 {
			out[[2]rune{last, r}] = true
		}
		last = r
	}
	return out
}
