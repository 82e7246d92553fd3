package slack

import (
	"embed"
	"fmt"
	"maps"
	"strings"
)

// The channel's own words, one file per language, one line per text.
//
//go:embed words/*.txt
var wordFiles embed.FS

// words are texts by language and name.
type words map[string]map[string]string

// readWords reads the built-in words and lays the brand's own over them.
func readWords(own map[string]map[string]string) (words, error) {
	all := make(words)
	files, err := wordFiles.ReadDir("words")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	for _, f := range files {
		text, err := wordFiles.ReadFile("words/" + f.Name())
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		lang := make(map[string]string)
		for line := range strings.Lines(string(text)) {
			if name, t, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				lang[name] = t
			}
		}
		all[strings.TrimSuffix(f.Name(), ".txt")] = lang
	}
	for lang, texts := range own {
		if all[lang] == nil {
			all[lang] = maps.Clone(all["en"])
		}
		maps.Copy(all[lang], texts)
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
	text := texts[name]
	for i := 0; i+1 < len(slots); i += 2 {
		text = strings.ReplaceAll(text, "{"+slots[i]+"}", slots[i+1])
	}
	return text
}
