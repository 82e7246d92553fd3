package llm

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

//go:embed shapes.json
var shapesText []byte

// A shape is the JSON schema of the answer for one purpose.
type shape struct {
	name   string
	schema map[string]any
}

var shapes = sync.OnceValue(func() map[string]map[string]any {
	var all map[string]map[string]any
	if err := json.Unmarshal(shapesText, &all); err != nil {
		panic(err) // part of the binary; the tests read it
	}
	return all
})

func shapeOf(purpose string) shape { return shape{"onki_" + purpose, shapes()[purpose]} }

// decode reads the JSON object of an answer, which may stand in other words or
// in a code fence.
func decode(text string, into any) error {
	from, to := strings.IndexByte(text, '{'), strings.LastIndexByte(text, '}')
	if from < 0 || to < from {
		return fmt.Errorf("there is no JSON object in it")
	}
	if err := json.Unmarshal([]byte(text[from:to+1]), into); err != nil {
		return fmt.Errorf("its JSON cannot be read: %w", err)
	}
	return nil
}
