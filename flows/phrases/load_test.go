package phrases

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestBrandFaults(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"moment", "- moment: acknowledge.fakt\n  say: [\"a\"]\n", `phrases/ko.yaml:1: unknown moment "acknowledge.fakt"; did you mean "acknowledge.fact"?`},
		{"condition", "- moment: guide.ask\n  when: {bnd: H}\n  say: [\"a\"]\n", `phrases/ko.yaml:2: unknown condition "bnd"; did you mean "band"?`},
		{"value", "- moment: guide.ask\n  when:\n    band: X\n  say: [\"a\"]\n", `phrases/ko.yaml:3: band cannot be "X"`},
		{"slot", "- moment: guide.ask\n  say:\n    - \"네.\"\n    - \"{fackt} 건\"\n", `phrases/ko.yaml:4: unknown slot {fackt}; did you mean "fact"?`},
		{"part", "- moment: guide.ask\n  say: [\"{+nothing}\"]\n", `phrases/ko.yaml:2: no part "nothing"`},
		{"particle", "- moment: guide.ask\n  say: [\"{fact:가/이}\"]\n", "the form after a consonant comes first; write 이/가"},
		{"unknown particle", "- moment: guide.ask\n  say: [\"{fact:이/은}\"]\n", "not a pair of particles"},
		{"open brace", "- moment: guide.ask\n  say: [\"{fact 건\"]\n", "a { without a }"},
		{"lone brace", "- moment: guide.ask\n  say: [\"fact} 건\"]\n", "a } without a {"},
		{"empty", "- moment: guide.ask\n  say: [\"\"]\n", "phrases/ko.yaml:2: an empty text"},
		{"nothing", "- moment: guide.ask\n", "phrases/ko.yaml:1: nothing to say"},
		{"no moment", "- say: [\"a\"]\n", "phrases/ko.yaml:1: the entry has no moment"},
		{"key", "- moment: guide.ask\n  says: [\"a\"]\n", `unknown key "says"; did you mean "say"?`},
		{"no list", "guide.ask: a\n", "a phrase file is a list of entries"},
		{"broken", "- moment: [\n", "phrases/ko.yaml:"},
	} {
		_, err := New(Options{Overrides: fstest.MapFS{"phrases/ko.yaml": {Data: []byte(c.text)}}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
}

func TestBrandFaultsAllAtOnce(t *testing.T) {
	_, err := New(Options{Overrides: fstest.MapFS{
		"phrases/ko.yaml": {Data: []byte("- moment: x\n  say: [\"a\"]\n- moment: guide.ask\n  say: [\"{no}\"]\n")},
		"phrases/en.yaml": {Data: []byte("- moment: guide.ask\n  when: {tone: 1}\n  say: [\"{fact:is}\"]\n")},
	}})
	if n := strings.Count(err.Error(), "phrases/"); n != 3 {
		t.Errorf("%d faults, want 3: %v", n, err)
	}
}

func TestFragmentsKnowTheirPlace(t *testing.T) {
	w := writerWith(t, Options{Overrides: fstest.MapFS{"phrases/en.yaml": {Data: []byte("# ours\n- moment: guide.bot\n  when: {register: plain}\n  say:\n    - \"I'm a bot.\"\n")}}})
	found := 0
	for _, f := range w.Fragments() {
		if f.ID == "" || f.File == "" || f.Line == 0 || f.Moment == "" {
			t.Errorf("%+v", f)
		}
		if f.Brand {
			found++
			if f.Line != 5 || f.File != "phrases/en.yaml" || f.Text != "I'm a bot." || f.When["register"][0] != "plain" {
				t.Errorf("%+v", f)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d texts of the brand", found)
	}
}

func TestNoTextTwice(t *testing.T) {
	seen := map[string]Fragment{}
	for _, f := range writerWith(t, Options{}).Fragments() {
		key := f.Lang + f.Moment + strings.Join(f.When["register"], " ") + f.Text
		if strings.HasPrefix(f.Moment, "part.") || strings.HasPrefix(f.Moment, "safety.") || f.Text == "" {
			continue
		}
		if o, ok := seen[key]; ok {
			t.Errorf("%s:%d says what %s:%d says: %q", f.File, f.Line, o.File, o.Line, f.Text)
		}
		seen[key] = f
	}
}

func FuzzRead(f *testing.F) {
	f.Add("- moment: guide.ask\n  when: {band: [L, M]}\n  say: [\"{fact:이/가} {+legit}\"]\n")
	f.Add("a: {b: c}\n- d\n")
	f.Add("- moment: ~\n  say:\n  - |\n    x\n")
	f.Fuzz(func(t *testing.T, text string) {
		found, _ := Read("x.yaml", "ko", []byte(text))
		for _, x := range found {
			if nodes, err := parse(x.Text); err != nil || check("ko", nodes) != nil {
				t.Errorf("accepted %q", x.Text)
			}
		}
	})
}

// TestSchemaKnowsEveryName keeps the schema for editors in step with the code.
func TestSchemaKnowsEveryName(t *testing.T) {
	text, err := os.ReadFile("schema/phrases.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Items struct {
			Properties struct {
				Moment struct {
					AnyOf []struct {
						Enum []string `json:"enum"`
					} `json:"anyOf"`
				} `json:"moment"`
				When struct {
					Properties map[string]struct {
						AnyOf []struct {
							Enum []any `json:"enum"`
						} `json:"anyOf"`
					} `json:"properties"`
				} `json:"when"`
			} `json:"properties"`
		} `json:"items"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if got := schema.Items.Properties.Moment.AnyOf[0].Enum; !slices.Equal(got, moments) {
		t.Errorf("moments of the schema: %v", got)
	}
	known := schema.Items.Properties.When.Properties
	if len(known) != len(conditions) {
		t.Errorf("the schema knows %d conditions, the code %d", len(known), len(conditions))
	}
	for name, c := range conditions {
		for _, v := range c.values {
			if len(known[name].AnyOf) == 0 || !slices.Contains(known[name].AnyOf[0].Enum, any(v)) {
				t.Errorf("the schema does not know %s: %s", name, v)
			}
		}
	}
}
