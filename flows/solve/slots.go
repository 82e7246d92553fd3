package solve

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// textMax bounds what a text slot keeps, in letters.
const textMax = 200

// A matcher finds codes that look like a pattern.
type matcher struct{ whole, inside *regexp.Regexp }

// unit is what follows a number that is no code: money, dates, counts.
var unit = regexp.MustCompile(`^\s?(?:[,.]\d|원|만|년|월|일|시|분|초|개|번째|번이|명|박|%|:|-\d|won|krw|usd|days?|hours?|minutes?|st|nd|rd|th)`)

// find returns every code in the text, in order. It must stand by itself: not
// inside a longer number or word, and not be an amount or a date.
func (m matcher) find(text string) []string {
	var found []string
	for _, at := range m.inside.FindAllStringIndex(text, 16) {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		code := text[at[0]:at[1]]
		switch {
		case latin(before) || latin(after) || strings.ContainsRune("$€£₩.,-/", before) && at[0] > 0:
		case digits(code) && unit.MatchString(strings.ToLower(text[at[1]:])):
		default:
			found = append(found, code)
		}
	}
	return found
}

func latin(r rune) bool {
	return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// short is a code so short that it is taken only where it was asked for or
// named, because a year or a price may look like it.
func short(code string) bool { return digits(code) && len(code) < 6 }

// value finds the slot's value in one message: awaited means that it was just
// asked for. held is the value so far; when the message names several, the last
// that differs counts: "not 1042 but 1043".
func (s *Slot) value(name string, in Input, awaited bool, held string) string {
	switch s.Type {
	case "code":
		return s.code(name, in, awaited, held)
	case "date":
		if d, ok := readDate(in.Text, in.Today); ok {
			return d.Format(time.DateOnly)
		}
	case "amount":
		if v, ok := readAmount(in.Text); ok && awaited {
			return v
		}
	case "email":
		return emailIn.FindString(in.Text)
	case "choice":
		if awaited {
			if v, ok := strings.CutPrefix(in.Choice, name+"."); ok && s.Words[v] != nil {
				return v
			}
		}
		for _, v := range sortedKeys(s.Words) {
			for _, list := range s.Words[v] {
				if says(in.Text, list) {
					return v
				}
			}
		}
		if held == "" {
			return s.Events[in.Event] // they told what happened: it need not be asked
		}
	case "text":
		if t := strings.TrimSpace(in.Text); awaited && utf8.RuneCountInString(t) >= 2 && !asks(t) {
			return string([]rune(t)[:min(textMax, utf8.RuneCountInString(t))])
		}
	}
	return ""
}

func (s *Slot) code(name string, in Input, awaited bool, held string) string {
	var found []string
	for _, code := range s.pattern.find(in.Text) {
		if awaited || held != "" || !short(code) {
			found = append(found, code)
		}
	}
	for _, g := range in.Given {
		if (g.Name == name || slices.Contains(s.From, g.Name)) && s.pattern.whole.MatchString(g.Value) && !slices.Contains(found, g.Value) {
			found = append([]string{g.Value}, found...)
		}
	}
	for i := len(found) - 1; i >= 0; i-- {
		if found[i] != held {
			return found[i]
		}
	}
	if held != "" {
		return held
	}
	for _, from := range append([]string{name}, s.From...) {
		if v := in.Context[from]; s.pattern.whole.MatchString(v) {
			return v
		}
	}
	return ""
}

// told returns what the customer has said in this case before the flow began.
func (s *Slot) told(name string, facts []bot.Fact) string {
	if s.Type != "code" {
		return ""
	}
	for _, f := range slices.Backward(facts) {
		if (f.Name == name || slices.Contains(s.From, f.Name)) && f.Source == "customer" && s.pattern.whole.MatchString(f.Value) {
			return f.Value
		}
	}
	return ""
}

// asks reports a question.
func asks(text string) bool { return strings.ContainsAny(text, "?？") }

var (
	isoDate   = regexp.MustCompile(`(\d{4})[-./](\d{1,2})[-./](\d{1,2})`)
	koDate    = regexp.MustCompile(`(\d{1,2})\s?월\s?(\d{1,2})\s?일`)
	enDate    = regexp.MustCompile(`(?i)\b(?:(\d{1,2})(?:st|nd|rd|th)?\s(?:of\s)?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\s(\d{1,2}))\b`)
	koWeekday = regexp.MustCompile(`(다음\s?주\s?)?([월화수목금토일])요일`)
	enWeekday = regexp.MustCompile(`(?i)\b(next\s)?(mon|tues|wednes|thurs|fri|satur|sun)day\b`)
	emailIn   = regexp.MustCompile(`[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}`)
	amountIn  = regexp.MustCompile(`(\d[\d,]*(?:\.\d+)?)\s?(만)?`)
)

// nearDays are words for days close by, the longest first.
var nearDays = []struct {
	word string
	days int
}{{"day after tomorrow", 2}, {"tomorrow", 1}, {"today", 0}, {"내일모레", 2}, {"모레", 2}, {"글피", 3}, {"내일", 1}, {"오늘", 0}}

// readDate reads the first date of a text. A date without a year is the next
// one to come, or the last within half a year.
func readDate(text string, today time.Time) (time.Time, bool) {
	on := func(y, m, d int) (time.Time, bool) {
		t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, today.Location())
		return t, t.Day() == d && int(t.Month()) == m
	}
	month := func(m, d int) (time.Time, bool) {
		t, ok := on(today.Year(), m, d)
		if daysBetween(today, t) < -182 {
			return on(today.Year()+1, m, d)
		}
		return t, ok
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return on(number(m[1]), number(m[2]), number(m[3]))
	}
	if m := koDate.FindStringSubmatch(text); m != nil {
		return month(number(m[1]), number(m[2]))
	}
	if m := enDate.FindStringSubmatch(text); m != nil {
		return month(monthNumber(m[2]+m[3]), number(m[1]+m[4]))
	}
	lower := strings.ToLower(text)
	for _, n := range nearDays {
		if strings.Contains(lower, n.word) {
			return today.AddDate(0, 0, n.days), true
		}
	}
	if m := koWeekday.FindStringSubmatch(text); m != nil {
		return weekday(today, strings.Index("일월화수목금토", m[2])/len("일"), m[1] != ""), true
	}
	if m := enWeekday.FindStringSubmatch(text); m != nil {
		days := []string{"sun", "mon", "tues", "wednes", "thurs", "fri", "satur"}
		return weekday(today, slices.Index(days, strings.ToLower(m[2])), m[1] != ""), true
	}
	return time.Time{}, false
}

// weekday is the next such day, or the one of the week after.
func weekday(today time.Time, day int, next bool) time.Time {
	n := (day - int(today.Weekday()) + 7) % 7
	if next {
		monday := (8 - int(today.Weekday())) % 7
		if monday == 0 {
			monday = 7
		}
		n = monday + (day+6)%7
	}
	return today.AddDate(0, 0, n)
}

func monthNumber(name string) int {
	return strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(name))/3 + 1
}

func number(s string) int { n, _ := strconv.Atoi(s); return n }

// readAmount reads the first amount of money of a text.
func readAmount(text string) (string, bool) {
	m := amountIn.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(m[1], ",", ""), 64)
	if m[2] != "" {
		v *= 10_000
	}
	return strconv.FormatFloat(v, 'f', -1, 64), err == nil
}

// given keeps of the case's facts those of this message: what the session knew
// before has been taken then.
func given(now bot.Case, before bot.Case) []bot.Fact {
	var fresh []bot.Fact
	for _, f := range now.Given {
		if !slices.Contains(before.Given, f) {
			fresh = append(fresh, f)
		}
	}
	return fresh
}
