package solve

import (
	"fmt"
	"strings"
	"time"
)

// Lines is one text, or several ways to say the same: the first is said first,
// the next when it has to be said again.
type Lines []string

// UnmarshalYAML reads a text or a list of texts.
func (l *Lines) UnmarshalYAML(read func(any) error) error {
	var one string
	if err := read(&one); err == nil {
		*l = Lines{one}
		return nil
	}
	var many []string
	if err := read(&many); err != nil {
		return fmt.Errorf("want a text or a list of texts")
	}
	*l = many
	return nil
}

// A Text is what is said, by language. "ko" is said in any register;
// "ko.haeyo", "ko.hasipsio", "en.plain" and "en.formal" take its place in theirs.
type Text map[string]Lines

// in returns the n-th way to say it, the last when there are fewer, "" when the
// text has no words in that language.
func (t Text) in(lang, register string, n int) string {
	l := t[lang+"."+register]
	if len(l) == 0 {
		l = t[lang]
	}
	if len(l) == 0 {
		return ""
	}
	return l[min(n, len(l)-1)]
}

// A Flow is one problem and the way through it.
type Flow struct {
	Title Text             `yaml:"title"`
	When  When             `yaml:"when"`
	Know  map[string]*Slot `yaml:"know"`
	Steps []*Step          `yaml:"steps"`

	name  string
	file  string
	text  []byte
	index map[string]*Step
	holds *condition
}

// Name is the file's name without its ending.
func (f *Flow) Name() string { return f.name }

// When says when a flow applies.
type When struct {
	Events []string            `yaml:"events"` // what happened, as the appraisal names it
	If     string              `yaml:"if"`     // a condition over event, asks, named, lang and channel
	Says   map[string][]string `yaml:"says"`   // what customers say then, by language
	Words  map[string][]string `yaml:"words"`  // what names the problem by itself: words, joined by + where several must be there
	Not    map[string][]string `yaml:"not"`    // what sounds like it and is something else
}

// A Slot is one thing that must be known.
type Slot struct {
	Type    string             `yaml:"type"`    // code, date, amount, email, choice or text
	Pattern string             `yaml:"pattern"` // for a code: what it looks like (RE2)
	Words   map[string]Choices `yaml:"words"`   // for a choice: each value with the words that mean it, by language
	Events  map[string]string  `yaml:"events"`  // for a choice: the value that an event says already
	Called  map[string]Lines   `yaml:"called"`  // for a proof: words before it by which it is known when it comes unasked
	From    []string           `yaml:"from"`    // facts of the conversation or the page that hold it; its own name always does
	Label   Text               `yaml:"label"`   // what it is called in a form
	Ask     Text               `yaml:"ask"`     // how to ask for it
	Where   Text               `yaml:"where"`   // where the customer finds it, for who does not know

	pattern matcher
}

// Choices are the words that mean one value, by language.
type Choices map[string]Lines

// A Step is one step of a flow. It says its words first; then it does at most
// one thing and goes on.
type Step struct {
	Step   string   `yaml:"step"`
	Say    Text     `yaml:"say"`
	Ask    Names    `yaml:"ask"`     // a slot, or several: in a form where one can be shown, else one after the other
	LookUp string   `yaml:"look_up"` // a look-up of backoffice.yaml; its arguments are asked for when they are not known
	None   string   `yaml:"none"`    // where to go when the look-up finds nothing
	Choose *Choose  `yaml:"choose"`
	Do     *Do      `yaml:"do"`
	Forget string   `yaml:"forget"` // a slot that turned out wrong: it is asked for again when it is needed
	Then   []Branch `yaml:"then"`
	Go     string   `yaml:"go"`
	End    string   `yaml:"end"` // solved or person
}

// Choose lets the customer choose.
type Choose struct {
	Ask     Text     `yaml:"ask"`
	Options []Option `yaml:"options"`
}

// An Option is one of the ways a customer can choose.
type Option struct {
	Name  string           `yaml:"name"`
	Label Text             `yaml:"label"` // on the button
	Note  Text             `yaml:"note"`  // a quieter line under it; options with notes are shown as a list
	Says  map[string]Lines `yaml:"says"`  // words that mean it
	If    string           `yaml:"if"`    // offered only then
	Go    string           `yaml:"go"`

	holds *condition
}

// Do is an action that changes something at the brand.
type Do struct {
	Action  string           `yaml:"action"`  // of backoffice.yaml
	Amount  string           `yaml:"amount"`  // what it moves, an expression over looked-up facts only
	Confirm Text             `yaml:"confirm"` // the proposal; nothing is done before the customer says yes
	Yes     map[string]Lines `yaml:"yes"`     // further words that mean yes to this, at the beginning of a message
	Doing   Text             `yaml:"doing"`   // said when it is ordered
	No      string           `yaml:"no"`      // where to go when they decline

	amount *condition
}

// A Branch goes somewhere if its condition holds. The last branch has none.
type Branch struct {
	If string `yaml:"if"`
	Go string `yaml:"go"`

	holds *condition
}

// Limits are what a brand lets its bot do by itself, by action, in the money of
// its back office. An action that is not listed always needs a person.
type Limits map[string]float64

// Money amounts, dates and other facts have a kind, declared in backoffice.yaml.
const (
	kindText   = "text"
	kindNumber = "number"
	kindMoney  = "money"
	kindDate   = "date"
	kindFlag   = "flag"
	kindWord   = "word"
)

// A Kind is the type of a fact: text, number, date, flag, "money KRW", or the
// list of the words it may be.
type Kind struct {
	Name     string
	Currency string
	Words    []string
}

// UnmarshalYAML reads the name of a type or a list of words.
func (k *Kind) UnmarshalYAML(read func(any) error) error {
	var words []string
	if err := read(&words); err == nil {
		*k = Kind{Name: kindWord, Words: words}
		return nil
	}
	var name string
	if err := read(&name); err != nil {
		return fmt.Errorf("want a type or a list of words")
	}
	k.Name, k.Currency, _ = strings.Cut(name, " ")
	return nil
}

// An Office is backoffice.yaml: how Onki reaches the brand's own systems.
type Office struct {
	URL     string           `yaml:"url"`     // env:NAME, or where they are
	Hosts   []string         `yaml:"hosts"`   // the only hosts that may be called
	Secret  string           `yaml:"secret"`  // env:NAME: signs every call
	Timeout string           `yaml:"timeout"` // of one try
	Retries int              `yaml:"retries"` // further tries of a look-up
	LookUps map[string]*Call `yaml:"look_ups"`
	Actions map[string]*Call `yaml:"actions"`
}

// A Call is one look-up or one action.
type Call struct {
	Get   string          `yaml:"get"`   // path of a look-up, with {arguments}
	Post  string          `yaml:"post"`  // path of an action, with {arguments}
	With  []string        `yaml:"with"`  // its arguments: slots, or facts such as delivery.item
	Proof []string        `yaml:"proof"` // slots that are asked for, and sent, where nobody vouches for the customer
	Same  []string        `yaml:"same"`  // fields of the answer that must repeat what was asked for
	Facts map[string]Kind `yaml:"facts"` // fields of the answer that may be told
	Card  *Card           `yaml:"card"`  // how a look-up shows them at a glance
}

// Wait is Timeout as a duration: two seconds when it does not say.
func (o *Office) Wait() time.Duration {
	if d, err := time.ParseDuration(o.Timeout); err == nil && d > 0 {
		return d
	}
	return 2 * time.Second
}
