package solve

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

//go:embed words.yaml
var wordsText []byte

// words are what customers say to a question, by meaning and language.
var words = sync.OnceValue(func() map[string]map[string][]string {
	var w map[string]map[string][]string
	if err := yaml.UnmarshalWithOptions(wordsText, &w, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("words.yaml: %v", err)) // part of the binary; a test reads it
	}
	return w
})

// means reports whether the text says one of the words of that meaning. Both
// languages count, because people mix them.
func means(text, meaning string) bool {
	for _, list := range words()[meaning] {
		if says(text, list) {
			return true
		}
	}
	return false
}

// begins reports whether the text begins with a word of that meaning.
func begins(text, meaning string) bool {
	for _, list := range words()[meaning] {
		if slices.ContainsFunc(list, func(p string) bool { return strings.HasPrefix(" "+plain(text)+" ", sought(p)) }) {
			return true
		}
	}
	return false
}

// says reports whether the text holds one of the phrases, each beginning at the
// beginning of a word.
func says(text string, phrases []string) bool {
	text = " " + plain(text) + " "
	return slices.ContainsFunc(phrases, func(p string) bool { return plain(p) != "" && strings.Contains(text, sought(p)) })
}

// sought is a phrase as it is looked for: Korean words may go on with a particle
// or an ending; English ones, those of one syllable and those with a $ end where
// the word does, so that 네이버 is no 네.
func sought(phrase string) string {
	p := " " + plain(phrase)
	if ascii(p) || utf8.RuneCountInString(p) == 2 || strings.HasSuffix(phrase, "$") {
		p += " "
	}
	return p
}

// plain is text in lower case with one space for everything that is not a
// letter, a digit or an apostrophe.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '’':
			return '\''
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\'':
			return unicode.ToLower(r)
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func ascii(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}
