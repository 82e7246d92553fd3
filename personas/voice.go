package personas

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed text/voice.yaml
var voiceText []byte

// A Voice is how the brand speaks, read from personas/voice.yaml.
type Voice struct {
	Assistant Text                `yaml:"assistant"` // what the bot is called, by language
	Formality Text                `yaml:"formality"` // ko: haeyo or hasipsio; en: plain or formal
	Humour    *bool               `yaml:"humour"`    // one light line is allowed when the customer joked first
	Emoji     *bool               `yaml:"emoji"`     // an emoji is allowed in light moments
	Says      map[string][]string `yaml:"says"`      // words it likes, by language, for a model's instructions
	Never     map[string][]string `yaml:"never"`     // words it never uses, by language; the linter enforces them
	SignOff   Text                `yaml:"sign_off"`  // last line of a closing reply, by language; may be empty
}

// registers are the levels of formality of each language, the default first.
func registers() map[string][]string {
	return map[string][]string{"ko": {"haeyo", "hasipsio"}, "en": {"plain", "formal"}}
}

// Register returns what bot.Plan.Register holds in this language.
func (v *Voice) Register(lang string) string {
	if r := v.Formality[lang]; r != "" {
		return r
	}
	if levels := registers()[lang]; len(levels) > 0 {
		return levels[0]
	}
	return ""
}

// LoadVoice reads personas/voice.yaml of a brand's folder. Without the file it
// returns the built-in voice; keys that are left out keep its values. languages
// are those of the brand. The error joins every fault with file, line and
// remedy.
func LoadVoice(fsys fs.FS, languages []string) (*Voice, error) {
	const file = "personas/voice.yaml"
	v := &Voice{}
	if err := yaml.UnmarshalWithOptions(voiceText, v, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("built-in voice: %w", err)
	}
	text, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read voice: %w", err)
	}
	own := &Voice{}
	if err := yaml.UnmarshalWithOptions(text, own, yaml.Strict()); err != nil {
		return nil, readError(file, err, voiceKeys)
	}
	c := checker{file: file, text: text}
	own.check(&c, languages)
	return v.with(own), errors.Join(c.faults...)
}

var voiceKeys = strings.Fields("assistant formality humour emoji says never sign_off")

// with returns v changed by what own says.
func (v *Voice) with(own *Voice) *Voice {
	w := *v
	if len(own.Assistant) > 0 {
		w.Assistant = own.Assistant
	}
	if len(own.Formality) > 0 {
		w.Formality = own.Formality
	}
	if own.Humour != nil {
		w.Humour = own.Humour
	}
	if own.Emoji != nil {
		w.Emoji = own.Emoji
	}
	w.Says, w.Never, w.SignOff = own.Says, own.Never, own.SignOff
	return &w
}

// Jokes reports whether the brand allows a light line.
func (v *Voice) Jokes() bool { return v.Humour != nil && *v.Humour }

// Emojis reports whether the brand allows an emoji.
func (v *Voice) Emojis() bool { return v.Emoji != nil && *v.Emoji }

func (v *Voice) check(c *checker, languages []string) {
	for _, t := range []struct {
		name string
		text Text
	}{{"assistant", v.Assistant}, {"sign_off", v.SignOff}} {
		for _, l := range languages {
			if len(t.text) > 0 && strings.TrimSpace(t.text[l]) == "" {
				c.fault("$."+t.name, "%s has no %s: add it in each of the brand's languages", t.name, l)
			}
		}
	}
	for _, l := range slices.Sorted(maps.Keys(v.Formality)) {
		r := v.Formality[l]
		levels, ok := registers()[l]
		switch {
		case !ok:
			c.fault("$.formality."+l, "language %q: Onki speaks ko and en", l)
		case !slices.Contains(levels, r):
			c.fault("$.formality."+l, "formality %q in %s: write %s", r, l, strings.Join(levels, " or "))
		}
	}
	for _, l := range slices.Sorted(maps.Keys(v.Never)) {
		words := v.Never[l]
		for i, word := range words {
			at := "$.never." + l + "[" + strconv.Itoa(i) + "]"
			if strings.TrimSpace(word) == "" {
				c.fault(at, "an empty word under never: remove it")
			}
			if slices.Contains(v.Says[l], word) {
				c.fault(at, "%q stands under says and under never: remove one", word)
			}
		}
	}
}
