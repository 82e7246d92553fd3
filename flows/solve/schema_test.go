package solve

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// keysOf lists what a YAML struct takes.
func keysOf(v any) []string {
	var keys []string
	t := reflect.TypeOf(v)
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// TestSchemasKnowEveryKey keeps the schemas for editors in step with the code.
func TestSchemasKnowEveryKey(t *testing.T) {
	read := func(name string) map[string]any {
		text, err := os.ReadFile("schema/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(text, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	at := func(v map[string]any, path string) []string {
		for step := range strings.SplitSeq(path, " ") {
			v, _ = v[step].(map[string]any)
		}
		return slices.Sorted(maps.Keys(v))
	}
	flow, office := read("flow.json"), read("backoffice.json")
	step := "properties steps items properties"
	for _, c := range []struct {
		in   map[string]any
		path string
		of   any
	}{
		{flow, "properties", Flow{}}, {flow, "properties when properties", When{}}, {flow, "$defs slot properties", Slot{}},
		{flow, step, Step{}}, {flow, step + " choose properties", Choose{}}, {flow, step + " do properties", Do{}},
		{flow, step + " choose properties options items properties", Option{}}, {flow, step + " then items properties", Branch{}},
		{office, "properties", Office{}}, {office, "properties look_ups additionalProperties properties", Call{}},
		{office, "properties look_ups additionalProperties properties card properties", Card{}},
		{office, "properties look_ups additionalProperties properties card properties rows items properties", Row{}},
		{office, "properties look_ups additionalProperties properties card properties link properties", Link{}},
	} {
		if got, want := at(c.in, c.path), keysOf(c.of); !slices.Equal(got, want) {
			t.Errorf("%s: the schema knows %v, the code %v", c.path, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for _, meaning := range []string{"yes", "no", "drop", "unknown", "other", "result"} {
		for _, lang := range []string{"ko", "en"} {
			if len(words()[meaning][lang]) < 5 {
				t.Errorf("%s in %s: %v", meaning, lang, words()[meaning][lang])
			}
		}
	}
	for text, meaning := range map[string]string{
		"네!": "yes", "넵 부탁드려요": "yes", "Yes, please.": "yes", "go ahead": "yes", "아니요": "no", "don't": "no", "Don’t do it": "no", "됐어요": "drop",
	} {
		if !means(text, meaning) {
			t.Errorf("%q is not heard as %s", text, meaning)
		}
	}
	for text, meaning := range map[string]string{"네이버페이로 했어요": "yes", "예약했어요": "yes", "응급이에요": "yes", "그래서 얼마예요": "yes", "yesterday": "yes", "notice": "no", "nothing": "no"} {
		if means(text, meaning) {
			t.Errorf("%q is heard as %s", text, meaning)
		}
	}
	for _, l := range []string{"ko", "en"} {
		if buttons()[l]["yes"] == "" || buttons()[l]["no"] == "" {
			t.Errorf("no buttons in %s", l)
		}
	}
}
