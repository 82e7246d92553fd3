package personas

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed manuals/*.yaml
var manualFiles embed.FS

// A Form is how an answer looks for one kind of customer. It holds nothing
// that could change facts, priority or safety (care model 3.6).
type Form struct {
	Name      string `yaml:"-"`         // sensitive, analytic, humour, hurried, formal or unknown
	Clauses   int    `yaml:"clauses"`   // most acknowledgement sentences; 0 means no limit of its own
	Sentences int    `yaml:"sentences"` // most sentences of the reply; 0 means no limit of its own
	Questions int    `yaml:"questions"` // most questions; 0 means no limit of its own
	Order     string `yaml:"order"`     // what comes first: feeling, answer, questions (in their order) or step
	Numbers   bool   `yaml:"numbers"`   // give numbers, dates and the reason with the answer
	Cushion   bool   `yaml:"cushion"`   // one softening word before a request or bad news
	Formal    bool   `yaml:"formal"`    // 하십시오체, formal English
	Humour    bool   `yaml:"humour"`    // likes a light line when nothing is at stake and they joked first
	NoEmoji   bool   `yaml:"no_emoji"`
}

// A Manual is what people and the bot should know about one kind of customer.
type Manual struct {
	Name   string `yaml:"name"`
	Title  Text   `yaml:"title"`  // for people, by language
	Cues   []Cue  `yaml:"cues"`   // what in a message speaks for it
	Form   Form   `yaml:"form"`   // how to answer
	Manual Text   `yaml:"manual"` // the response manual, for people and models, by language
}

// A Cue is a pattern in a customer's message and how much it counts.
type Cue struct {
	Lang    string  `yaml:"lang"` // "ko", "en" or "" for both
	Pattern string  `yaml:"pattern"`
	Weight  float64 `yaml:"weight"` // 0..1; two whole cues make a belief

	re *regexp.Regexp
}

// Manuals are those of all personas, by name.
type Manuals struct {
	all map[string]*Manual
}

// names are the personas there are; a brand may rewrite each but not add one,
// because every one of them is known to the care policy.
func names() []string {
	return []string{"analytic", "formal", "humour", "hurried", "sensitive", "unknown"}
}

// defaults are the built-in manuals; a test reads them, so a fault in them
// cannot reach a customer.
var defaults = sync.OnceValue(func() *Manuals {
	m := &Manuals{all: map[string]*Manual{}}
	for _, n := range names() {
		file := "manuals/" + n + ".yaml"
		text, err := manualFiles.ReadFile(file)
		if err != nil {
			panic(err)
		}
		if m.all[n], err = parseManual(file, n, text, []string{"ko", "en"}); err != nil {
			panic(err)
		}
	}
	return m
})

// LoadManuals returns the built-in manuals with those of the brand's
// personas/*.yaml in their place. languages are the brand's. The error joins
// every fault with file, line and remedy.
func LoadManuals(fsys fs.FS, languages []string) (*Manuals, error) {
	m := &Manuals{all: maps.Clone(defaults().all)}
	files, err := fs.Glob(fsys, "personas/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("read personas: %w", err)
	}
	var faults []error
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".yaml")
		if name == "voice" {
			continue
		}
		if !slices.Contains(names(), name) {
			faults = append(faults, fmt.Errorf("%s:1: no persona is called %q%s", file, name, suggest(name, names())))
			continue
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, fmt.Errorf("read personas: %w", err)
		}
		own, err := parseManual(file, name, text, languages)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		m.all[name] = own
	}
	return m, errors.Join(faults...)
}

var manualKeys = strings.Fields("name title cues form manual lang pattern weight clauses sentences questions order numbers cushion formal humour no_emoji")

func parseManual(file, name string, text []byte, languages []string) (*Manual, error) {
	m := &Manual{}
	if err := yaml.UnmarshalWithOptions(text, m, yaml.Strict()); err != nil {
		return nil, readError(file, err, manualKeys)
	}
	c := checker{file: file, text: text}
	if m.Name != name {
		c.fault("$.name", "name %q in a file called %s.yaml: write name: %s", m.Name, name, name)
	}
	m.Form.Name = name
	m.check(&c, languages)
	return m, errors.Join(c.faults...)
}

var orders = strings.Fields("feeling answer questions step")

// mocking are instructions no manual may hold: the customer is never the joke.
var mocking = regexp.MustCompile(`(?i)놀려|놀리|비꼬|조롱|비웃|깔보|무시하고|골려|make fun of|mock|ridicul|tease|sarcas|laugh at|talk down|patroni[sz]`)

// refusals turn a mocking word into its opposite: "never mock".
var refusals = regexp.MustCompile(`(?i)(never|not|no|don't|without|avoid)[^.]{0,40}$`)

func (m *Manual) check(c *checker, languages []string) {
	for _, l := range languages {
		if strings.TrimSpace(m.Manual[l]) == "" {
			c.fault("$.manual", "manual has no %s: people who answer in that language need one", l)
		}
		if strings.TrimSpace(m.Title[l]) == "" {
			c.fault("$.title", "title has no %s: add it", l)
		}
	}
	for i := range m.Cues {
		cue := &m.Cues[i]
		at := fmt.Sprintf("$.cues[%d]", i)
		re, err := regexp.Compile("(?i)" + cue.Pattern)
		switch {
		case err != nil:
			c.fault(at+".pattern", "pattern %q is no regular expression: %v", cue.Pattern, err)
		case re.MatchString(""):
			c.fault(at+".pattern", "pattern %q fits every message: make it narrower", cue.Pattern)
		case cue.Weight <= 0 || cue.Weight > 1:
			c.fault(at+".weight", "weight %v: write a number above 0, at most 1", cue.Weight)
		case cue.Lang != "" && cue.Lang != "ko" && cue.Lang != "en":
			c.fault(at+".lang", "language %q: Onki speaks ko and en", cue.Lang)
		}
		cue.re = re
	}
	f := m.Form
	if f.Order != "" && !slices.Contains(orders, f.Order) {
		c.fault("$.form.order", "order %q%s", f.Order, suggest(f.Order, orders))
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"clauses", f.Clauses}, {"sentences", f.Sentences}, {"questions", f.Questions}} {
		if n.value < 0 || n.value > 12 {
			c.fault("$.form."+n.name, "%s %d: write 0 for no limit, or a number up to 12", n.name, n.value)
		}
	}
	for _, l := range slices.Sorted(maps.Keys(m.Manual)) {
		if at := mocks(m.Manual[l]); at != "" {
			c.fault("$.manual."+l, "the manual says %q: a persona never mocks, take it out", at)
		}
	}
}

// mocks returns the mocking words of a manual that are not refused by it.
func mocks(text string) string {
	for _, span := range mocking.FindAllStringIndex(text, -1) {
		before, after := text[max(0, span[0]-60):span[0]], text[span[1]:min(len(text), span[1]+30)]
		if refusals.MatchString(before) || strings.Contains(after, "않") || strings.Contains(after, "지 마") || strings.Contains(after, "금지") {
			continue
		}
		return text[span[0]:span[1]]
	}
	return ""
}

// Manual returns the manual of a persona, that of unknown for a name there is
// none of.
func (m *Manuals) Manual(name string) Manual {
	if own := m.all[name]; own != nil {
		return *own
	}
	return *m.all["unknown"]
}

// Form returns how to answer a persona.
func (m *Manuals) Form(name string) Form { return m.Manual(name).Form }
