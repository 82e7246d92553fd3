package flows

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"golang.org/x/text/unicode/norm"
)

// A Refusal is why words may not be said. Reasons are a closed set: empty,
// number, time, money, link, contact, name, promise, done, handed, apology,
// stake, forward, ask, question, register, lint, length, language, feeling,
// human, leak, rude, secret, markup, repeated, source, ground.
type Refusal struct {
	Stage  string // the part it was found in
	Reason string
	What   string // the words themselves, or what is missing
}

// String says the refusal in one line.
func (r Refusal) String() string { return r.Stage + ": " + r.Reason + ": " + r.What }

// A source is what words may rest on. The customer's own words are kept apart:
// they may be spoken of, but nobody is given what only they have named.
type source struct {
	brand, all     string // texts: of the brand, the plan and the draft; and with the customer's
	brandQ, allQ   []quantity
	drafts         map[string]bot.Part // by stage
	draft          string
	words          *guardWords
	lang           string
	named, customs string // lower case, for looking up names
	given          string // what they told us that we may tell back: an order number
}

func (c *Care) source(t *bot.Turn, drafts []bot.Part) *source {
	s := &source{lang: t.Reply.Lang, words: guardPatterns()[t.Reply.Lang], drafts: map[string]bot.Part{}}
	if s.words == nil {
		s.words = guardPatterns()["en"]
	}
	for _, p := range drafts {
		s.drafts[p.Stage] = p
		if p.Stage != "acknowledge" { // it binds to the customer's words, which are no source
			s.draft += p.Text + "\n"
		}
		for _, ch := range p.Choices {
			s.draft += ch.Label + "\n"
		}
	}
	for _, theirs := range []string{t.Plan.Acknowledge.Fact, t.Plan.Acknowledge.Why, t.Case.Noun} {
		if theirs != "" {
			s.draft = strings.ReplaceAll(s.draft, theirs, "")
		}
	}
	s.brand = s.draft + " " + strings.Join(c.Known, " ") + " " + t.Plan.Compensation
	for _, p := range t.Passages {
		s.brand += " " + p.Title + " " + p.Question + " " + p.Answer + " " + p.Text + " " + p.URL
	}
	for _, p := range t.Plan.Promises {
		s.brand += dayWords(p.Due, t.Message.Time)
		s.brand += " " + p.What + " " + p.Owner + " " + p.Due.Format("1월 2일 15시 04분 January 2 3:04 pm")
	}
	s.all = s.brand + " " + c.known(t)
	s.brandQ, s.allQ = quantities(s.brand), quantities(s.all)
	if strings.Contains(s.all, "내일") || strings.Contains(strings.ToLower(s.all), "tomorrow") {
		s.allQ = append(s.allQ, quantity{value: 1, unit: "day"}) // tomorrow is in one day
	}
	for _, f := range append(slices.Clone(t.Case.Given), t.Session.Journey.Facts...) {
		if f.Name != "phone" && f.Name != "email" && f.Name != "account" {
			s.given += f.Value + "\n"
		}
	}
	s.named, s.customs = strings.ToLower(s.brand), strings.ToLower(s.all)
	return s
}

// dayWords are the words for the day something is due, as said at a time.
func dayWords(due, now time.Time) string {
	if due.IsZero() {
		return ""
	}
	now = now.In(due.Location())
	words := " " + due.Weekday().String() + " " + [...]string{"일요일", "월요일", "화요일", "수요일", "목요일", "금요일", "토요일"}[due.Weekday()]
	switch days := due.YearDay() - now.YearDay(); {
	case days == 0:
		words += " today 오늘"
	case days == 1:
		words += " tomorrow 내일"
	}
	return words
}

// examine returns everything for which the words of a part may not be said. It
// is a check outside any model, so that it holds for all of them.
func (c *Care) examine(t *bot.Turn, p bot.Part, s *source) []Refusal {
	var found []Refusal
	refuse := func(reason, format string, args ...any) {
		found = append(found, Refusal{p.Stage, reason, fmt.Sprintf(format, args...)})
	}
	if strings.TrimSpace(p.Text) == "" {
		refuse("empty", "no words")
		return found
	}
	p.Text = norm.NFKC.String(p.Text) // full-width digits are digits
	c.examineFacts(p.Text, s, refuse)
	c.examineLinks(p.Text, s, refuse)
	s.examinePromises(p.Text, t, refuse)
	s.examineManner(p, t, refuse)
	s.examineForm(p, t, refuse)
	if least := groundMin[p.Stage]; s.ground(p.Text) < least {
		refuse("ground", "hardly anything of it stands in the brand's texts")
	}
	for _, id := range p.Sources {
		if !slices.ContainsFunc(t.Passages, func(q bot.Passage) bool { return q.ID == id }) {
			refuse("source", "there is no passage %q", id)
		}
	}
	if faults, _ := c.lint(p.Text, t); len(faults) > 0 {
		refuse("lint", "%s", faults[0])
	}
	for _, m := range t.Session.Moves {
		if utf8.RuneCountInString(p.Text) > 10 && strings.HasPrefix(m.Opener, p.Text) {
			refuse("repeated", "it was said before in this conversation")
		}
	}
	return found
}

// groundMin is the share a part must have in common with what it may rest on;
// set on the hand-checked texts of testdata/words.
var groundMin = map[string]float64{"guide": .3, "stabilize": .15}

// ground returns how much of the text stands in what is known: in Korean of its
// pairs of syllables, in English, where pairs of letters say nothing, of the
// beginnings of its longer words.
func (s *source) ground(text string) float64 {
	have, known := pieces(text, s.lang), pieces(s.brand+" "+s.drafts["acknowledge"].Text, s.lang)
	shared := 0
	for b := range have {
		if known[b] {
			shared++
		}
	}
	return float64(shared) / float64(max(len(have), 1))
}

func pieces(text, lang string) map[string]bool {
	out := make(map[string]bool)
	if lang == "ko" {
		for b := range bigrams(text) {
			out[string(b[:])] = true
		}
		return out
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		if len(w) >= 4 {
			out[w[:min(len(w), 5)]] = true
		}
	}
	return out
}

type refuser func(reason, format string, args ...any)

// examineFacts: numbers, days and names come from somewhere.
func (c *Care) examineFacts(text string, s *source, refuse refuser) {
	for _, q := range quantities(text) {
		sentence := sentenceOf(text, q.at)
		switch {
		case q.among(s.brandQ):
		case !q.among(s.allQ):
			refuse("number", "%q is not known", q.text)
		case s.gives(sentence):
			refuse("money", "%q was named by the customer and not by the brand", q.text)
		}
	}
	for _, at := range s.words.re["time"].FindAllStringIndex(text, -1) {
		word := strings.ToLower(text[at[0]:at[1]])
		switch {
		case strings.Contains(s.named, word):
		case !strings.Contains(s.customs, word):
			refuse("time", "%q is not known", word)
		case s.gives(sentenceOf(text, at[0])):
			refuse("money", "%q was named by the customer and not by the brand", word)
		}
	}
	for _, m := range s.words.re["title"].FindAllString(text, -1) {
		if !strings.Contains(s.customs, strings.ToLower(strings.TrimSpace(m))) && !s.words.re["anybody"].MatchString(m) {
			refuse("name", "%q is not known", m)
		}
	}
	for _, n := range foreignNames(text, s.lang) {
		if !strings.Contains(s.customs, strings.ToLower(n)) {
			refuse("name", "%q is not known", n)
		}
	}
}

// gives reports a sentence in which the customer gets something.
func (s *source) gives(sentence string) bool {
	if !s.words.re["commit"].MatchString(sentence) {
		return false
	}
	for _, p := range s.words.benefit {
		if p.MatchString(sentence) {
			return true
		}
	}
	return false
}

// examinePromises: nothing is promised, said to be done or said to be on its
// way that the draft does not say.
func (s *source) examinePromises(text string, t *bot.Turn, refuse refuser) {
	for _, sentence := range splitSentences(text) {
		will, commit := s.words.re["will"].MatchString(sentence), s.words.re["commit"].MatchString(sentence)
		for _, kind := range slices.Sorted(maps.Keys(s.words.benefit)) {
			p := s.words.benefit[kind]
			if !p.MatchString(sentence) {
				continue
			}
			switch {
			case commit && !p.MatchString(s.brand):
				refuse("promise", "%s is nothing the brand offers here: %s", kind, sentence)
			case will && !s.drafted(p, "will"):
				refuse("promise", "%s was not decided: %s", kind, sentence)
			}
		}
		if m := s.words.re["vow"].FindString(sentence); m != "" && !s.words.re["vow"].MatchString(s.draft) {
			refuse("promise", "nothing was promised: %s", sentence)
		}
		if m := s.words.re["always"].FindString(sentence); m != "" && !strings.Contains(s.named, strings.ToLower(m)) {
			refuse("promise", "nothing is without a limit here: %s", sentence)
		}
		if m := s.words.re["done"].FindString(sentence); m != "" && !s.drafted(s.words.re["done"], "done") && !strings.Contains(s.named, strings.ToLower(m)) {
			refuse("done", "nothing was done: %s", sentence)
		}
	}
	if m := s.words.re["handed"].FindString(text); m != "" && t.Plan.Handoff.Level != "now" && t.Session.Owner != bot.OwnerWaiting && !s.words.re["handed"].MatchString(s.brand) {
		refuse("handed", "nobody was called: %s", m)
	}
}

// drafted reports whether a sentence of the draft does the same.
func (s *source) drafted(p *regexp.Regexp, how string) bool {
	return slices.ContainsFunc(splitSentences(s.draft), func(x string) bool { return p.MatchString(x) && s.words.re[how].MatchString(x) })
}

// examineManner: apology by the ladder, no feelings, no humanity, no talk about
// instructions, the stake named.
func (s *source) examineManner(p bot.Part, t *bot.Turn, refuse refuser) {
	draft := s.drafts[p.Stage]
	count := func(text string) int { return len(s.words.re["apology"].FindAllString(text, -1)) }
	if n, most := count(p.Text), max(count(draft.Text), min(t.Plan.Apology, 1)*yesNo(p.Stage == "acknowledge")); n > most {
		refuse("apology", "%d apologies where %d are due", n, most)
	}
	if p.Stage == "acknowledge" && t.Plan.Apology > 0 && count(p.Text) == 0 && !s.words.re["own"].MatchString(p.Text) {
		refuse("apology", "an apology of level %d is due", t.Plan.Apology)
	}
	if p.Stage == "acknowledge" && t.Plan.Apology >= 3 && !s.words.re["own"].MatchString(p.Text) {
		refuse("apology", "level %d takes responsibility in words", t.Plan.Apology)
	}
	if a := t.Plan.Acknowledge; p.Stage == "acknowledge" && (a.Fact != "" || a.Why != "") && !names(p.Text, draft.Text, a.Fact, a.Why, t.Case.Noun) {
		refuse("stake", "it names neither %q nor %q", a.Fact, a.Why)
	}
	for _, reason := range []string{"feeling", "human", "leak", "rude", "secret"} {
		if m := s.words.re[reason].FindString(p.Text); m != "" && !strings.Contains(s.named, strings.ToLower(m)) {
			refuse(reason, "%q", m)
		}
	}
}

func yesNo(b bool) int {
	if b {
		return 1
	}
	return 0
}

// names reports whether the text holds a word of at least two letters of what
// it has to name, or of the draft's way of naming it.
func names(text, draft string, what ...string) bool {
	lower := strings.ToLower(text)
	shared := func(w string) bool { return utf8.RuneCountInString(w) >= 2 && strings.Contains(lower, w) }
	for _, x := range what {
		for _, w := range strings.Fields(strings.ToLower(x)) {
			r := []rune(strings.Trim(w, ".,!?"))
			if len(r) > 0 && r[0] >= 0x1100 { // Korean particles differ: two syllables of the word are the word
				if len(r) > 2 {
					r = r[:2]
				}
			} else if len(r) < 4 {
				continue
			}
			if shared(string(r)) {
				return true
			}
		}
	}
	return false
}

// sentenceOf is the sentence around a byte offset.
func sentenceOf(text string, at int) string {
	from := 0
	for _, s := range splitSentences(text) {
		i := strings.Index(text[from:], s)
		if i < 0 {
			continue
		}
		if from += i + len(s); at < from {
			return s
		}
	}
	return text
}
