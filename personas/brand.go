package personas

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/goccy/go-yaml"
)

// A Text is something said in several languages, by language code.
type Text map[string]string

// In returns the text in the language, or in the first other one there is.
func (t Text) In(lang string) string {
	if s := t[lang]; s != "" {
		return s
	}
	for _, l := range []string{"en", "ko"} {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// A Brand is what brand.yaml says: who speaks, when people are there, and what
// may be given and promised.
type Brand struct {
	Name         Text                `yaml:"name"`
	Kind         string              `yaml:"kind"`  // shop, airline, hospital, office, course …: what it sells
	Never        []string            `yaml:"never"` // what cannot happen here: nobody's parcel is late at a hospital
	Languages    []string            `yaml:"languages"`
	Timezone     string              `yaml:"timezone"`
	Accent       string              `yaml:"accent"` // colour of the chat, as #rrggbb
	Hours        Hours               `yaml:"hours"`
	Contact      Contact             `yaml:"contact"`
	Person       Text                `yaml:"person"`       // what a human colleague is called
	ReplyWithin  string              `yaml:"reply_within"` // a called person answers within this, inside hours
	Country      string              `yaml:"country"`      // whose emergency numbers come first: KR, US, GB …
	Reference    string              `yaml:"reference"`    // what identifies a purchase: order, booking …
	Compensation []Compensation      `yaml:"compensation"`
	Promises     []Promise           `yaml:"promises"`
	Actions      []Action            `yaml:"actions"`  // what a flow may do by itself
	Links        []string            `yaml:"links"`    // hosts a reply may link to
	Greeting     Text                `yaml:"greeting"` // the first line of an empty chat
	Starters     map[string][]string `yaml:"starters"` // questions to begin with, by language
	Privacy      string              `yaml:"privacy"`  // address of the privacy page
	Identity     string              `yaml:"identity"` // how the brand's pages say who a customer is: off, verify or require
	Banner       Text                `yaml:"banner"`   // a notice above the chat, read again while the chat is served

	zone *time.Location
}

// Contact is how the brand can be reached elsewhere.
type Contact struct {
	Phone string `yaml:"phone"`
	Email string `yaml:"email"`
	Page  string `yaml:"page"`
}

// Compensation is something the bot may give when an event was the brand's
// doing. Nothing else is ever offered.
type Compensation struct {
	When     string  `yaml:"when"` // the event, such as delivery_late
	Kind     string  `yaml:"kind"`
	UpTo     float64 `yaml:"up_to"`
	Currency string  `yaml:"currency"`
	Text     Text    `yaml:"text"`
}

// Promise is something the bot may promise, and the longest time it may name.
type Promise struct {
	What   string `yaml:"what"`
	Within string `yaml:"within"`
	Owner  Text   `yaml:"owner"`
}

// Action is something a problem-solving flow may do in the brand's own systems
// when the customer says yes. Above its limit a person decides.
type Action struct {
	Do       string  `yaml:"do"` // its name in backoffice.yaml
	UpTo     float64 `yaml:"up_to"`
	Currency string  `yaml:"currency"`
}

// LoadBrand reads brand.yaml of a brand's folder. The error joins every fault,
// each with file, line and remedy.
func LoadBrand(fsys fs.FS) (*Brand, error) {
	text, err := fs.ReadFile(fsys, "brand.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("brand.yaml is missing: a brand's folder needs one; onki init writes an example")
	}
	if err != nil {
		return nil, fmt.Errorf("read brand: %w", err)
	}
	return ParseBrand("brand.yaml", text)
}

// ParseBrand reads the text of a brand.yaml; file is its name in errors.
func ParseBrand(file string, text []byte) (*Brand, error) {
	b := &Brand{}
	if err := yaml.UnmarshalWithOptions(text, b, yaml.Strict()); err != nil {
		return nil, readError(file, err, brandKeys)
	}
	b.defaults()
	c := checker{file: file, text: text}
	b.check(&c)
	return b, errors.Join(c.faults...)
}

func (b *Brand) defaults() {
	if len(b.Languages) == 0 {
		for _, l := range []string{"ko", "en"} {
			if b.Name[l] != "" {
				b.Languages = append(b.Languages, l)
			}
		}
	}
	if b.Timezone == "" {
		b.Timezone = "Asia/Seoul"
	}
	if b.Accent == "" {
		b.Accent = "#2f6f6a"
	}
	if b.Country == "" {
		b.Country = "KR"
	}
	if b.Person == nil {
		b.Person = defaultPerson()
	}
	if b.Reference == "" {
		b.Reference = map[string]string{"airline": "booking", "hospital": "appointment", "office": "receipt", "course": "course"}[b.Kind]
	}
	if b.Reference == "" {
		b.Reference = "order"
	}
	b.zone, _ = time.LoadLocation(b.Timezone) // nil if unknown: check reports it
	if b.zone == nil {
		b.zone = time.UTC
	}
}

// Zone is the brand's time zone.
func (b *Brand) Zone() *time.Location { return b.zone }

// Within is ReplyWithin as a duration; 0 when the brand names no time.
func (b *Brand) Within() time.Duration {
	d, _ := time.ParseDuration(b.ReplyWithin) // checked when read
	return d
}
