package policy

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed table.yaml
var tableText []byte

// Cell is one decision of the table: emotion by band.
type Cell struct {
	Acknowledge string   `yaml:"acknowledge"`
	Clauses     int      `yaml:"clauses"`
	Tone        string   `yaml:"tone"`
	Apology     string   `yaml:"apology"`
	Guidance    string   `yaml:"guidance"`
	Stabilise   []string `yaml:"stabilise"`
	Humour      string   `yaml:"humour"`
	Person      string   `yaml:"person"`
}

// calmReport is the row for a failure of ours that is told without a feeling.
const calmReport = "calm_report"

// Table returns the decision table, emotion by band, as table.yaml holds it.
func Table() map[string]map[string]Cell { return table() }

// table is read once; the file is part of the binary and a test reads it, so
// that a fault in it cannot reach a customer.
var table = sync.OnceValue(func() map[string]map[string]Cell {
	t, err := ParseTable(tableText)
	if err != nil {
		panic(err)
	}
	return t
})

// ParseTable reads a decision table and refuses unknown words in it.
func ParseTable(text []byte) (map[string]map[string]Cell, error) {
	var t map[string]map[string]Cell
	if err := yaml.UnmarshalWithOptions(text, &t, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("decision table: %w", err)
	}
	for emotion, bands := range t {
		for _, b := range []string{"L", "M", "H"} {
			c, ok := bands[b]
			if !ok {
				return nil, fmt.Errorf("decision table: %s has no band %s: add one", emotion, b)
			}
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("decision table: %s %s: %w", emotion, b, err)
			}
		}
	}
	for _, row := range []string{"neutral", calmReport} {
		if _, ok := t[row]; !ok {
			return nil, fmt.Errorf("decision table: %s is missing: add it, other rows fall back on it", row)
		}
	}
	return t, nil
}

func (c Cell) check() error {
	words := map[string]string{
		"acknowledge": "fact effort meaning worry loss proof self tired restate goal thanks joy none",
		"tone":        "plain warm sober brisk calm quiet friendly crisp kind light cool",
		"apology":     "ladder 0 1 2 3 4 +1",
		"guidance":    "answer_first next_step act_now options restore timeline packet one_step example verifiable lighten fix_path smallest path next safeguard",
		"humour":      "no mirror after_fix",
		"person":      "none offer now",
	}
	for field, word := range map[string]string{
		"acknowledge": c.Acknowledge, "tone": c.Tone, "apology": c.Apology,
		"guidance": c.Guidance, "humour": c.Humour, "person": c.Person,
	} {
		if !slices.Contains(strings.Fields(words[field]), word) {
			return fmt.Errorf("%s: %q is not one of %s", field, word, words[field])
		}
	}
	for _, s := range c.Stabilise {
		if !slices.Contains([]string{"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8"}, s) {
			return fmt.Errorf("stabilise: %q is not one of S1 to S8", s)
		}
	}
	return nil
}
