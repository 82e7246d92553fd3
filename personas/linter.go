package personas

import (
	"cmp"
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

//go:embed rules/*.yaml
var ruleFiles embed.FS

// A Finding is a place in a text that breaks a rule of speech.
type Finding struct {
	Rule     string `json:"rule"`
	Start    int    `json:"start"` // byte offset into the text
	End      int    `json:"end"`   // byte offset after the last byte
	Text     string `json:"text"`  // the words themselves
	Why      string `json:"why"`
	Instead  string `json:"instead"`
	Severity string `json:"severity"` // "error": must not be sent; "warning": a careful person would write it differently
}

// String says the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %q – %s %s", f.Rule, f.Text, f.Why, f.Instead)
}

// A Saying is the situation a text is said in.
type Saying struct {
	Complaint bool   // the customer complains or is hurt: no cheer, no emoji, no survey
	Register  string // haeyo, hasipsio, plain or formal; "" checks no register
	Emoji     bool   // an emoji is allowed
}

// A rule is one entry of rules/LANG.yaml.
type rule struct {
	Name     string   `yaml:"rule"`
	Severity string   `yaml:"severity"`
	When     []string `yaml:"when"`    // all must hold: complaint, haeyo, hasipsio, plain, formal, no_emoji
	Pattern  string   `yaml:"pattern"` // what is looked for
	Except   string   `yaml:"except"`  // a hit that overlaps with this is none
	Unless   string   `yaml:"unless"`  // nor one in a sentence that holds this
	Max      int      `yaml:"max"`     // so many are allowed
	Per      string   `yaml:"per"`     // in a "sentence" or in the "text"
	Share    float64  `yaml:"share"`   // so great a share of the sentences may hold it
	Why      string   `yaml:"why"`
	Instead  string   `yaml:"instead"`
	Good     []string `yaml:"good"` // texts that pass: the tests of the rule
	Bad      []string `yaml:"bad"`  // texts that do not

	pattern, except, unless *regexp.Regexp
	words                   []string // a text without any of them cannot break the rule; nil says nothing
}

// A Linter reads every sentence before a customer does. It may be used by
// several goroutines at once.
type Linter struct {
	rules map[string][]*rule // by language
}

// NewLinter returns a linter with the built-in rules and the words that the
// voice never uses. A nil voice has none.
func NewLinter(v *Voice) (*Linter, error) {
	l := &Linter{rules: map[string][]*rule{}}
	for _, lang := range []string{"ko", "en"} {
		file := "rules/" + lang + ".yaml"
		text, err := ruleFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("linter: %w", err)
		}
		if l.rules[lang], err = parseRules(file, text); err != nil {
			return nil, fmt.Errorf("linter: %w", err)
		}
		if v == nil {
			continue
		}
		for _, word := range v.Never[lang] {
			l.rules[lang] = append(l.rules[lang], never(word, text))
		}
	}
	return l, nil
}

// never makes a rule of a word the brand does not use. Its explanation is that
// of the rule called brand_word in the file.
func never(word string, text []byte) *rule {
	r := &rule{Name: "brand_word", Severity: "error"}
	var all []*rule
	if yaml.Unmarshal(text, &all) == nil {
		for _, a := range all {
			if a.Name == r.Name {
				r.Why, r.Instead = a.Why, a.Instead
			}
		}
	}
	pattern := regexp.QuoteMeta(word)
	if first, _ := utf8.DecodeRuneInString(word); first < utf8.RuneSelf {
		pattern = `\b` + pattern + `\b`
	}
	r.pattern = regexp.MustCompile("(?i)" + pattern)
	return r
}

func parseRules(file string, text []byte) ([]*rule, error) {
	var rules []*rule
	if err := yaml.UnmarshalWithOptions(text, &rules, yaml.Strict()); err != nil {
		return nil, readError(file, err, nil)
	}
	rules = slices.DeleteFunc(rules, func(r *rule) bool { return r.Pattern == "" })
	for _, r := range rules {
		for _, p := range []struct {
			text string
			into **regexp.Regexp
		}{{r.Pattern, &r.pattern}, {r.Except, &r.except}, {r.Unless, &r.unless}} {
			if p.text == "" {
				continue
			}
			re, err := regexp.Compile("(?i)" + p.text)
			if err != nil {
				return nil, fmt.Errorf("%s: rule %s: %w", file, r.Name, err)
			}
			*p.into = re
		}
		r.words = literals("(?i)" + r.Pattern)
	}
	return rules, nil
}

// Lint returns what in the text breaks a rule, in the order of the text.
// Customer's words in “quotation marks” and titles in 「brackets」 are not ours
// and are passed over.
func (l *Linter) Lint(text, lang string, in Saying) []Finding {
	ours := unquoted(text)
	lower, parts := strings.ToLower(ours), sentencesOf(ours)
	var found []Finding
	for _, r := range l.rules[lang] {
		if r.holds(in) && r.mayHold(lower) {
			found = append(found, r.find(text, ours, parts)...)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return found
}

// holds reports whether the rule applies in this situation.
func (r *rule) holds(in Saying) bool {
	for _, w := range r.When {
		switch w {
		case "complaint":
			if !in.Complaint {
				return false
			}
		case "no_emoji":
			if in.Emoji && !in.Complaint {
				return false
			}
		case in.Register:
		default:
			return false
		}
	}
	return true
}

// A stretch is a sentence by its byte offsets.
type stretch struct{ from, to int }

func (r *rule) find(text, ours string, parts []stretch) []Finding {
	var hits []stretch
	var except [][]int
	if r.except != nil {
		except = r.except.FindAllStringIndex(ours, -1)
	}
	for _, at := range r.pattern.FindAllStringIndex(ours, -1) {
		h := stretch{at[0], at[1]}
		overlaps := slices.ContainsFunc(except, func(e []int) bool { return e[0] < h.to && h.from < e[1] })
		if !overlaps && !(r.unless != nil && r.unless.MatchString(sentenceAt(ours, parts, h.from))) {
			hits = append(hits, h)
		}
	}
	switch {
	case len(hits) == 0:
		return nil
	case r.Share > 0:
		if float64(len(hits)) <= r.Share*float64(len(parts)) {
			return nil
		}
		hits = hits[:1]
	case r.Max > 0 && r.Per == "sentence":
		hits = beyond(hits, parts, r.Max)
	case r.Max > 0:
		hits = hits[min(r.Max, len(hits)):]
	}
	found := make([]Finding, 0, len(hits))
	for _, h := range hits {
		found = append(found, Finding{r.Name, h.from, h.to, strings.TrimSpace(text[h.from:h.to]), r.Why, r.Instead, r.Severity})
	}
	return found
}

// beyond returns the hits after the first max of each sentence.
func beyond(hits, parts []stretch, most int) []stretch {
	var over []stretch
	for _, p := range parts {
		n := 0
		for _, h := range hits {
			if p.from <= h.from && h.from < p.to {
				if n++; n > most {
					over = append(over, h)
				}
			}
		}
	}
	return over
}

func sentenceAt(text string, parts []stretch, at int) string {
	for _, p := range parts {
		if p.from <= at && at < p.to {
			return text[p.from:p.to]
		}
	}
	return text
}

// unquoted returns the text with everything in “…” and 「…」 blanked, so that
// offsets stay as they are.
func unquoted(text string) string {
	b := []byte(text)
	for _, q := range [][2]string{{"“", "”"}, {"「", "」"}} {
		for at := 0; ; {
			i := strings.Index(text[at:], q[0])
			if i < 0 {
				break
			}
			from := at + i + len(q[0])
			j := strings.Index(text[from:], q[1])
			if j < 0 {
				break
			}
			for k := from; k < from+j; k++ {
				b[k] = '_'
			}
			at = from + j
		}
	}
	return string(b)
}

// sentencesOf cuts a text after marks that end a sentence and at line ends.
func sentencesOf(text string) []stretch {
	var parts []stretch
	from := 0
	add := func(to int) {
		if strings.TrimSpace(text[from:to]) != "" {
			parts = append(parts, stretch{from, to})
		}
		from = to
	}
	for i, r := range text {
		end := i + utf8.RuneLen(r)
		switch r {
		case '\n':
			add(end)
		case '.', '?', '!', '…':
			if end == len(text) || text[end] == ' ' || text[end] == '\n' {
				add(end)
			}
		}
	}
	add(len(text))
	return parts
}
