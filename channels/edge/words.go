package edge

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Words are texts by language and name.
type Words map[string]map[string]string

// ReadWords reads words/LANG.txt, a file for each language with a line "name:
// text" for each text, and lays a brand's own over them. A language only the
// brand has begins with the English texts. The error names what in own is no
// text of these files, and the names there are.
func ReadWords(files fs.FS, own map[string]map[string]string) (Words, error) {
	all := make(Words)
	names, err := fs.Glob(files, "words/*.txt")
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		texts := make(map[string]string)
		for line := range strings.Lines(string(text)) {
			if name, t, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				texts[name] = t
			}
		}
		all[strings.TrimSuffix(path.Base(name), ".txt")] = texts
	}
	for _, lang := range slices.Sorted(maps.Keys(own)) {
		if all[lang] == nil {
			all[lang] = maps.Clone(all["en"])
		}
		for _, name := range slices.Sorted(maps.Keys(own[lang])) {
			if _, known := all["en"][name]; !known {
				return nil, fmt.Errorf("words %s: no text is called %q; the names are %s", lang, name, strings.Join(slices.Sorted(maps.Keys(all["en"])), ", "))
			}
			all[lang][name] = own[lang][name]
		}
	}
	return all, nil
}

// Say returns the text in the language, else in English, with its slots filled
// from pairs of name and value; "" when there is no such text.
func (w Words) Say(lang, name string, slots ...string) string {
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
