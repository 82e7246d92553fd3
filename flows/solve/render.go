package solve

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/onkihq/onki/flows/phrases"
)

//go:embed buttons.yaml
var buttonsText []byte

// buttons are the labels of a proposal, by language.
var buttons = sync.OnceValue(func() map[string]map[string]string {
	var w map[string]map[string]string
	if err := yaml.UnmarshalWithOptions(buttonsText, &w, yaml.Strict()); err != nil {
		panic(fmt.Sprintf("buttons.yaml: %v", err)) // part of the binary; a test reads it
	}
	return w
})

// fill says the n-th way of a text with its holes filled; false when something
// in it is not known.
func (r *run) fill(t Text, n int) (string, bool) {
	text, ok := t.in(r.in.Lang, r.in.Register, n), true
	text = placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		m := placeholder.FindStringSubmatch(hole)
		v := r.value(m[1])
		if v == "" {
			ok = false
			return ""
		}
		if m[2] == "" {
			return v
		}
		return v + phrases.Particle(v, m[2])
	})
	return text, ok
}

// value is what a name holds, as it is said in the language of the reply.
func (r *run) value(name string) string {
	call, field, looked := strings.Cut(name, ".")
	switch {
	case name == "today":
		return sayDate(r.in.Today, r.in.Lang)
	case looked:
		c := r.book.Office.calls()[call]
		if c == nil {
			return ""
		}
		return sayFact(r.fact(name), c.Facts[field], r.in.Lang)
	}
	v := r.j.Slots[name]
	if s := r.flow.Know[name]; s != nil {
		switch {
		case v == "":
		case s.Type == "date":
			return sayFact(v, Kind{Name: kindDate}, r.in.Lang)
		case s.Type == "choice" && len(s.Words[v][r.in.Lang]) > 0:
			return s.Words[v][r.in.Lang][0]
		}
	}
	return v
}

// sayFact writes a fact as people say it.
func sayFact(v string, k Kind, lang string) string {
	if v == "" {
		return ""
	}
	switch k.Name {
	case kindDate:
		if d, err := time.Parse(time.DateOnly, v); err == nil {
			return sayDate(d, lang)
		}
		return ""
	case kindMoney:
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return ""
		}
		if lang == "ko" && k.Currency == "KRW" {
			return thousands(n) + "원"
		}
		return strings.TrimSpace(thousands(n) + " " + k.Currency)
	}
	return v
}

func sayDate(d time.Time, lang string) string {
	if lang == "ko" {
		return fmt.Sprintf("%d월 %d일 %s요일", d.Month(), d.Day(), []string{"일", "월", "화", "수", "목", "금", "토"}[d.Weekday()])
	}
	return d.Format("Monday 2 January")
}

func thousands(n float64) string {
	s := decimal(n)
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		return whole + "." + rest
	}
	return whole
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// env is what conditions see.
func (r *run) env() map[string]any {
	env := map[string]any{
		"today": r.in.Today, "event": r.in.Event, "lang": r.in.Lang, "channel": r.in.Channel, "asks": r.in.Asks,
	}
	for name, s := range r.flow.Know {
		env[name] = typed(r.j.Slots[name], s.Type)
	}
	for name, c := range r.book.Office.calls() {
		fields := make(map[string]any, len(c.Facts))
		for field, k := range c.Facts {
			fields[field] = typed(r.fact(name+"."+field), k.Name)
		}
		env[name] = fields
	}
	for _, s := range r.flow.Steps {
		if s.Choose != nil {
			env[s.Step] = r.j.Slots[s.Step]
		}
	}
	return env
}

// typed is a value as a condition computes with it.
func typed(v, kind string) any {
	switch kind {
	case kindNumber, kindMoney, "amount":
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil // an amount that is not known is not nought
		}
		return n
	case kindDate:
		d, err := time.Parse(time.DateOnly, v)
		if err != nil {
			return nil // nor is a day that is not known long past
		}
		return d
	case kindFlag:
		if v == "" {
			return nil
		}
		return v == "true"
	}
	return v
}
