package personas

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed words.yaml
var wordsText []byte

type wording struct {
	Person Text            `yaml:"person"`
	Hours  map[string]Text `yaml:"hours"`
}

// words is the package's own text file; a test reads it, so a fault in it
// cannot reach a customer.
var words = sync.OnceValue(func() wording {
	var w wording
	if err := yaml.UnmarshalWithOptions(wordsText, &w, yaml.Strict()); err != nil {
		panic(err)
	}
	return w
})

func defaultPerson() Text { return words().Person }

// Hours say when people answer, as "09:00-18:00" or "closed". A day that is
// left out is closed, and no hours at all means around the clock.
type Hours struct {
	Weekdays string `yaml:"weekdays"`
	Saturday string `yaml:"saturday"`
	Sunday   string `yaml:"sunday"`
	Holidays string `yaml:"holidays"`
}

// span is one day's hours in minutes; open is false for a closed day.
type span struct {
	from, to int
	open     bool
}

// parseSpan reads "09:00-18:00", "closed" or "".
func parseSpan(s string) (span, error) {
	if s == "" || s == "closed" {
		return span{}, nil
	}
	var h1, m1, h2, m2 int
	if n, err := fmt.Sscanf(s, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); n != 4 || err != nil {
		return span{}, fmt.Errorf("hours %q: write them as \"09:00-18:00\" or closed", s)
	}
	p := span{h1*60 + m1, h2*60 + m2, true}
	if h1 < 0 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59 || p.to > 24*60 || p.from >= p.to {
		return span{}, fmt.Errorf("hours %q: the end must be after the beginning, both between 00:00 and 24:00", s)
	}
	return p, nil
}

func (h Hours) none() bool { return h == Hours{} }

func (h Hours) day(d time.Weekday) span {
	s := h.Weekdays
	switch d {
	case time.Saturday:
		s = h.Saturday
	case time.Sunday:
		s = h.Sunday
	}
	p, _ := parseSpan(s) // checked when read
	return p
}

// Open reports whether people answer at that time. Public holidays are not
// known to it; a brand closes for them by its crisis or notice texts.
func (b *Brand) Open(at time.Time) bool {
	if b.Hours.none() {
		return true
	}
	at = at.In(b.zone)
	d := b.Hours.day(at.Weekday())
	m := at.Hour()*60 + at.Minute()
	return d.open && m >= d.from && m < d.to
}

// NextOpen returns when people answer next: at itself if they do now. Without
// any opening in the next two weeks it returns the zero time.
func (b *Brand) NextOpen(at time.Time) time.Time {
	if b.Open(at) {
		return at
	}
	at = at.In(b.zone)
	for i := range 15 {
		day := time.Date(at.Year(), at.Month(), at.Day()+i, 0, 0, 0, 0, b.zone)
		d := b.Hours.day(day.Weekday())
		if open := day.Add(time.Duration(d.from) * time.Minute); d.open && open.After(at) {
			return open
		}
	}
	return time.Time{}
}

// HoursIn says the hours in words, such as "평일 09:00~18:00, 토요일 10:00~15:00".
func (b *Brand) HoursIn(lang string) string {
	w, ok := words().Hours[lang]
	if !ok {
		w = words().Hours["en"]
	}
	h := b.Hours
	if h.none() {
		return w["always"]
	}
	if h.Weekdays == h.Saturday && h.Saturday == h.Sunday {
		return w["daily"] + " " + strings.ReplaceAll(h.Weekdays, "-", w["to"])
	}
	var parts []string
	for _, d := range []struct{ name, hours string }{{"weekdays", h.Weekdays}, {"saturday", h.Saturday}, {"sunday", h.Sunday}} {
		if d.hours != "" && d.hours != "closed" {
			parts = append(parts, w[d.name]+" "+strings.ReplaceAll(d.hours, "-", w["to"]))
		}
	}
	return strings.Join(parts, w["join"])
}
