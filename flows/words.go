package flows

import (
	_ "embed"
	"fmt"
	"regexp"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed labels.yaml
var labelsText []byte

//go:embed needs.yaml
var needsText []byte

var labels = sync.OnceValue(func() map[string]map[string]string {
	return mustYAML[map[string]map[string]string]("labels.yaml", labelsText)
})

// needs is what must be known to look into an event.
var needs = sync.OnceValue(func() map[string][]string {
	return mustYAML[map[string][]string]("needs.yaml", needsText)
})

//go:embed topics.yaml
var topicsText []byte

// topics is what an event is about, by language.
var topics = sync.OnceValue(func() map[string]map[string]string {
	return mustYAML[map[string]map[string]string]("topics.yaml", topicsText)
})

// mustYAML reads a file that is part of the binary; a test reads it too, so a
// fault in it cannot reach a customer.
func mustYAML[T any](name string, text []byte) T {
	var v T
	if err := yaml.UnmarshalWithOptions(text, &v, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return v
}

// label returns the label of a button in the language.
func (c *Care) label(id, lang string) string {
	if l := c.Labels[lang][id]; l != "" {
		return l
	}
	return labels()[lang][id]
}

//go:embed guards.yaml
var guardsText []byte

// guardWords are the patterns of one language, see guards.yaml.
type guardWords struct {
	Benefit                                                                                                                        map[string]string
	Commit, Will, Vow, Done, Handed, Apology, Own, Feeling, Human, Time, Title, Anybody, Leak, Always, Rude, Secret, Casual, Order string

	benefit map[string]*regexp.Regexp
	re      map[string]*regexp.Regexp
}

var guardPatterns = sync.OnceValue(func() map[string]*guardWords {
	all := mustYAML[map[string]*guardWords]("guards.yaml", guardsText)
	for _, g := range all {
		g.benefit, g.re = map[string]*regexp.Regexp{}, map[string]*regexp.Regexp{}
		for name, p := range g.Benefit {
			g.benefit[name] = regexp.MustCompile("(?i)" + p)
		}
		for name, p := range map[string]string{"commit": g.Commit, "will": g.Will, "vow": g.Vow, "anybody": g.Anybody, "always": g.Always, "rude": g.Rude, "secret": g.Secret, "casual": g.Casual, "order": g.Order, "done": g.Done, "handed": g.Handed, "apology": g.Apology, "own": g.Own,
			"feeling": g.Feeling, "human": g.Human, "time": g.Time, "title": g.Title, "leak": g.Leak} {
			if name != "title" && name != "human" {
				p = "(?i)" + p
			} else {
				p = "(?:" + p + ")"
			}
			g.re[name] = regexp.MustCompile(p)
		}
	}
	return all
})
