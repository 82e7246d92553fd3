package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// A Turn is one exchange with what came before it.
type Turn struct {
	bot.Entry
	Before []bot.Entry // earlier exchanges of the conversation
	Care   *flows.Care // whose facts and linter are asked
}

// A Rule is one promise of care that a reply keeps or breaks.
type Rule struct {
	Name string
	Doc  string
	// Check returns whether the rule applies here, and what broke it, or "".
	Check func(t Turn) (applies bool, broke string)
}

// Rules returns all rules, in the order of a report.
func Rules() []Rule {
	return []Rule{
		{"forward", "the reply moves things: an answer, a question, a choice, a person or a close", forward},
		{"more than sympathy", "no reply only acknowledges or apologises", sympathy},
		{"the stake is named", "an acknowledgement holds a word of what the customer wrote", stake},
		{"apology as due", "as many apologies as the ladder allows, and one where one is due", apology},
		{"responsibility", "from level 3 on, responsibility is taken in words", responsibility},
		{"facts are known", "numbers, days, names, links and addresses have a source", facts},
		{"nothing asked twice", "nothing is asked that was given", known},
		{"one question", "no more questions than the plan allows", questions},
		{"good speech", "no banned phrase, wrong honorific or mixed register", speech},
		{"not said before", "no opening that resembles an earlier one (4-gram cosine below .6)", repeated},
		{"a person when asked", "who asks for a person gets one in the same turn", person},
		{"language", "the reply is in the customer's language", language},
		{"safety first", "where a person may be in danger, nothing else is talked about", safety},
		{"short enough", "at most 500 letters in Korean, 900 in English", short},
	}
}

func forward(t Turn) (bool, string) {
	text, p := t.Reply.Text(), t.Plan
	choices := slices.ContainsFunc(t.Reply.Parts, func(x bot.Part) bool { return len(x.Choices) > 0 })
	switch {
	case len(t.Reply.Parts) == 0:
		return false, ""
	case t.Plan.Safety != "", p.Handoff.Level == "now", choices, strings.Contains(text, "?"), len(t.Passages) > 0, p.Close, p.Forward != "":
		return true, ""
	}
	return true, "nothing moves"
}

func sympathy(t Turn) (bool, string) {
	if len(t.Reply.Parts) == 0 {
		return false, ""
	}
	for _, p := range t.Reply.Parts {
		if p.Stage != "acknowledge" && p.Stage != "notice" {
			return true, ""
		}
	}
	if strings.Contains(t.Reply.Text(), "?") || t.Plan.Close || t.Plan.Forward == "close" {
		return true, ""
	}
	return true, "it only acknowledges"
}

// part is the text of one stage.
func (t Turn) part(stage string) string {
	for _, p := range t.Reply.Parts {
		if p.Stage == stage {
			return p.Text
		}
	}
	return ""
}

func (t Turn) said() string { return bot.Join(t.Messages).Text }

func stake(t Turn) (bool, string) {
	ack := t.part("acknowledge")
	a := t.Plan.Acknowledge
	bound := slices.Contains([]string{"fact", "worry", "meaning"}, a.Moment) // thanks, condolences and effort need no noun
	if ack == "" || a.Fact == "" && a.Why == "" || t.Plan.Safety != "" || !bound {
		return false, ""
	}
	said := []string{a.Fact, a.Why, t.Case.Noun, t.said()}
	for _, e := range t.Before {
		said = append(said, bot.Join(e.Messages).Text)
	}
	if flows.Names(ack, said...) {
		return true, ""
	}
	return true, "it names nothing of theirs: " + ack
}

func apology(t Turn) (bool, string) {
	n := flows.Apologies(t.Reply.Text(), t.Reply.Lang)
	switch {
	case len(t.Reply.Parts) == 0 || t.Plan.Safety != "":
		return false, ""
	case t.Plan.Apology == 0 && n > 0:
		return true, fmt.Sprintf("%d apologies where none is due", n)
	case t.Plan.Apology > 0 && n == 0 && !flows.Owns(t.Reply.Text(), t.Reply.Lang):
		return true, fmt.Sprintf("no apology where level %d is due", t.Plan.Apology)
	case n > 2:
		return true, fmt.Sprintf("%d apologies in one reply", n)
	}
	return true, ""
}

func responsibility(t Turn) (bool, string) {
	if t.Plan.Apology < 3 || t.part("acknowledge") == "" {
		return false, ""
	}
	if flows.Owns(t.part("acknowledge"), t.Reply.Lang) {
		return true, ""
	}
	return true, "level 3 without responsibility: " + t.part("acknowledge")
}

func facts(t Turn) (bool, string) {
	if len(t.Reply.Parts) == 0 || t.Plan.Safety != "" {
		return false, ""
	}
	inFlow := t.Session.Journey.Flow != "" || t.last().Session.Journey.Flow != ""
	for _, r := range t.Care.Unknown(t.Entry, t.last().Session) {
		if r.Stage != "guide" || !inFlow { // what a brand's own flow says does not stand in the journal
			return true, r.String()
		}
	}
	return true, ""
}

// last is the exchange before, empty at the beginning.
func (t Turn) last() bot.Entry {
	if len(t.Before) == 0 {
		return bot.Entry{}
	}
	return t.Before[len(t.Before)-1]
}

func known(t Turn) (bool, string) {
	if t.Plan.Ask == "" {
		return false, ""
	}
	for _, f := range slices.Concat(t.Case.Given, t.last().Case.Given) {
		if f.Name == t.Plan.Ask {
			return true, "the " + f.Name + " was given: " + f.Value
		}
	}
	return true, ""
}

func questions(t Turn) (bool, string) {
	if t.Plan.Safety != "" || len(t.Reply.Parts) == 0 {
		return false, ""
	}
	n := 0
	for _, p := range t.Reply.Parts {
		if len(p.Sources) == 0 || p.Stage != "guide" { // questions in a brand's own text are not ours
			n += strings.Count(p.Text, "?")
		}
	}
	if n > max(t.Plan.Questions, 1) {
		return true, fmt.Sprintf("%d questions", n)
	}
	return true, ""
}

func speech(t Turn) (bool, string) {
	if t.Care.Lint == nil || len(t.Reply.Parts) == 0 {
		return false, ""
	}
	turn := &bot.Turn{Reading: t.Reading, Plan: t.Plan, Reply: t.Reply}
	for _, p := range t.Reply.Parts {
		if faults, _ := t.Care.Lint(p.Text, turn); len(faults) > 0 && p.Stage != "guide" { // what a brand has written is its own
			return true, faults[0]
		}
	}
	return true, ""
}

func repeated(t Turn) (bool, string) {
	ack := t.part("acknowledge")
	if ack == "" || len(t.Before) == 0 {
		return false, ""
	}
	for _, e := range t.Before {
		for _, p := range e.Reply.Parts {
			if p.Stage == "acknowledge" && Alike(ack, p.Text) >= .6 {
				return true, "as before: " + ack
			}
		}
	}
	return true, ""
}

func person(t Turn) (bool, string) {
	if !t.Case.Asked("human") && bot.Join(t.Messages).Choice != bot.ChoiceHuman {
		return false, ""
	}
	if t.Plan.Handoff.Level == "now" || t.Session.Owner != bot.OwnerBot {
		return true, ""
	}
	return true, "no person was called"
}

func language(t Turn) (bool, string) {
	text := t.Reply.Text()
	if text == "" {
		return false, ""
	}
	hangul := strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Hangul, r) })
	if hangul != (t.Reply.Lang == "ko") {
		return true, "it is not in " + t.Reply.Lang
	}
	return true, ""
}

func safety(t Turn) (bool, string) {
	if t.Reading.Risk < bot.R2 {
		return false, ""
	}
	for _, p := range t.Reply.Parts {
		if p.Stage != "safety" {
			return true, p.Stage + " beside safety"
		}
	}
	return true, ""
}

func short(t Turn) (bool, string) {
	most := 900
	if t.Reply.Lang == "ko" {
		most = 500
	}
	n := utf8.RuneCountInString(t.Reply.Text())
	if n == 0 {
		return false, ""
	}
	if n > most {
		return true, fmt.Sprintf("%d letters", n)
	}
	return true, ""
}

// Alike is the cosine of the letter 4-grams of two texts, 0..1 (care model 3.9).
func Alike(a, b string) float64 {
	x, y := grams(a), grams(b)
	dot, nx, ny := 0.0, 0.0, 0.0
	for g, n := range x {
		dot += n * y[g]
		nx += n * n
	}
	for _, n := range y {
		ny += n * n
	}
	if nx == 0 || ny == 0 {
		return 0
	}
	return dot / math.Sqrt(nx*ny)
}

func grams(text string) map[[4]rune]float64 {
	var letters []rune
	for _, r := range strings.ToLower(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		}
	}
	out := make(map[[4]rune]float64)
	for i := 0; i+4 <= len(letters); i++ {
		out[[4]rune(letters[i:i+4])]++
	}
	return out
}
