package flows

import (
	_ "embed"
	"fmt"
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
