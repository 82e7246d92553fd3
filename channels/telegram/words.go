package telegram

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The channel's own words, one file per language, one line per text.
//
//go:embed words/*.txt
var wordFiles embed.FS

// words are texts by language and name.
type words map[string]map[string]string

// readWords reads the built-in words and lays the brand's own over them. A name
// the built-in words do not have is a mistake of the brand's file.
func readWords(own map[string]map[string]string) (words, error) {
	all := make(words)
	for _, lang := range []string{"ko", "en"} {
		text, err := wordFiles.ReadFile("words/" + lang + ".txt")
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		all[lang] = make(map[string]string)
		for line := range strings.Lines(string(text)) {
			if name, t, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				all[lang][name] = t
			}
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(own)) {
		if all[lang] == nil {
			all[lang] = maps.Clone(all["en"])
		}
		for _, name := range slices.Sorted(maps.Keys(own[lang])) {
			if _, known := all["en"][name]; !known {
				return nil, fmt.Errorf("%w: words %s: no text is called %q; the names are in words/en.txt", ErrOptions, lang, name)
			}
			all[lang][name] = own[lang][name]
		}
	}
	return all, nil
}

// say returns the text in the language, else in English, with its slots filled
// from pairs of name and value.
func (w words) say(lang, name string, slots ...string) string {
	texts, ok := w[lang]
	if !ok {
		texts = w["en"]
	}
	var pairs []string
	for i := 0; i+1 < len(slots); i += 2 {
		pairs = append(pairs, "{"+slots[i]+"}", slots[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(texts[name])
}
