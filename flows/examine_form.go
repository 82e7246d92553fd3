package flows

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

var markupPattern = regexp.MustCompile("(?s)<[a-zA-Z/!][^>]*>|!\\[|```|\\{\\{|⟦|⟧|<<<|>>>|^\\s*[{\\[]\"|&[a-z]+;|&#")

// examineForm: length, questions, language, markup.
func (s *source) examineForm(p bot.Part, t *bot.Turn, refuse refuser) {
	draft := s.drafts[p.Stage]
	if n, most := utf8.RuneCountInString(p.Text), max(2*utf8.RuneCountInString(draft.Text), 160); n > most {
		refuse("length", "%d characters where %d are enough", n, most)
	}
	if n, most := sentenceCount(p.Text), max(sentenceCount(draft.Text)+2, t.Plan.Sentences); n > most {
		refuse("length", "%d sentences where %d are enough", n, most)
	}
	if n, most := strings.Count(p.Text, "?"), max(strings.Count(draft.Text, "?"), min(t.Plan.Questions, 1)); n > most {
		refuse("question", "%d questions where %d are allowed", n, most)
	}
	if t.Plan.Ask != "" && strings.Contains(draft.Text, "?") && !strings.Contains(p.Text, "?") {
		refuse("ask", "it does not ask for the %s", t.Plan.Ask)
	}
	for _, sentence := range splitSentences(p.Text) {
		if s.words.re["casual"].MatchString(sentence) {
			refuse("register", "a sentence is not polite: %s", sentence)
		}
	}
	if t.Plan.Register == "hasipsio" && slices.ContainsFunc(splitSentences(p.Text), soft) && !slices.ContainsFunc(splitSentences(draft.Text), soft) {
		refuse("register", "a sentence ends in -요")
	}
	if m := markupPattern.FindString(p.Text); m != "" {
		refuse("markup", "%q", m)
	}
	if why := foreign(p.Text, s.lang); why != "" {
		refuse("language", "%s", why)
	}
}

// soft reports a sentence in 해요체.
func soft(sentence string) bool {
	return strings.HasSuffix(strings.TrimRight(sentence, ".?!…~ "), "요")
}

// foreign says what of the text is not in the language of the reply, or "".
func foreign(text, lang string) string {
	var hangul, latin, other int
	for _, r := range text {
		switch {
		case unicode.Is(unicode.Hangul, r):
			hangul++
		case unicode.Is(unicode.Latin, r):
			latin++
		case unicode.IsLetter(r), unicode.Is(unicode.Cf, r), r >= 0xE0000 && r <= 0xE007F:
			other++
		}
	}
	switch {
	case other > 0:
		return "letters of another script, or invisible ones"
	case lang == "ko" && hangul < 2*latin/3+1:
		return "it is not in Korean"
	case lang != "ko" && hangul > 0:
		return "it is not in English"
	}
	return ""
}

var (
	latinWord = regexp.MustCompile(`[A-Za-z][A-Za-z.&'’-]+`)
	upperWord = regexp.MustCompile(`[A-Z][A-Za-z]+`)
)

// foreignNames lists what may be a name: in Korean any word in Latin letters, in
// English a capitalised word inside a sentence.
func foreignNames(text, lang string) []string {
	if lang == "ko" {
		return slices.DeleteFunc(latinWord.FindAllString(text, -1), func(w string) bool { return w == "AI" || strings.Contains(w, ".") })
	}
	var out []string
	for _, at := range upperWord.FindAllStringIndex(text, -1) {
		before := strings.TrimRight(text[:at[0]], " \"'“‘(*")
		start := before == "" || strings.ContainsAny(before[len(before)-1:], ".?!:\n-") || strings.HasSuffix(before, "…")
		if word := text[at[0]:at[1]]; !start && word != "AI" && word != "OK" {
			out = append(out, word)
		}
	}
	return out
}

var (
	hostPattern   = regexp.MustCompile(`(?i)\b(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|kr|example|shop|info|biz|me|ly|app|dev|xyz|site|online|link|top|page|ru|cn|jp|uk|eu|us)\b(?:/[^\s)\]]*)?`)
	mailPattern   = regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9.-]+`)
	phonePattern  = regexp.MustCompile(`\+?[0-9][0-9() -]{5,}[0-9]`)
	couponPattern = regexp.MustCompile(`[A-Za-z]{2,}-?[0-9]{2,}[A-Za-z0-9]*|(?:[Cc]ode|코드)[은는:]?(?: is)? ?"?[A-Z]{4,}`)
	schemeMarks   = regexp.MustCompile(`(?i)\b(?:javascript|data|file|ftp|tel|sms|intent):|hxxps?|\[\.\]| dot com\b|닷컴`)
)

// examineLinks: links lead to the brand, and addresses and numbers are its own.
func (c *Care) examineLinks(text string, s *source, refuse refuser) {
	known := func(host string) bool {
		return slices.ContainsFunc(c.Links, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) })
	}
	for _, m := range mailPattern.FindAllString(text, -1) {
		if !strings.Contains(s.named, strings.ToLower(m)) {
			refuse("contact", "the address %s is not known", m)
		}
	}
	bare := mailPattern.ReplaceAllString(text, " ")
	for _, m := range hostPattern.FindAllString(bare, -1) {
		u, err := url.Parse("https://" + m)
		if err != nil || !known(strings.ToLower(u.Hostname())) {
			refuse("link", "%s leads to a host the brand does not allow", m)
		}
	}
	for _, m := range linkPattern.FindAllString(bare, -1) {
		if u, err := url.Parse(m); err != nil || u.User != nil || !known(strings.ToLower(u.Hostname())) {
			refuse("link", "%s leads to a host the brand does not allow", m)
		}
	}
	if m := schemeMarks.FindString(bare); m != "" && !strings.Contains(s.named, strings.ToLower(m)) {
		refuse("link", "%q is not how the brand links", m)
	}
	for _, m := range couponPattern.FindAllString(bare, -1) {
		coupon := s.words.benefit["coupon"].MatchString(text) || s.words.benefit["discount"].MatchString(text)
		if !strings.Contains(s.brand, m) && (coupon || !strings.Contains(s.given, m)) {
			refuse("contact", "the code %s is not ours", m)
		}
	}
	digits := func(x string) string { return strings.Map(keepDigit, x) }
	for _, m := range phonePattern.FindAllString(text, -1) {
		if n := digits(m); len(n) >= 7 && !strings.Contains(digits(s.brand), n) && !strings.Contains(digits(s.given), n) {
			refuse("contact", "the number %s is not known", m)
		}
	}
}

func keepDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}

// Unknown returns the numbers, days, names, links and addresses of a reply that
// neither the brand's texts, the plan nor the customer named, as far as the
// journal shows it. before is the session before the turn.
func (c *Care) Unknown(e bot.Entry, before bot.Session) []Refusal {
	t := &bot.Turn{Message: bot.Join(e.Messages), Session: &before, Reading: e.Reading, Case: e.Case, Plan: e.Plan, Passages: e.Passages, Reply: e.Reply}
	before.Journey.Facts = append(slices.Clone(before.Journey.Facts), e.Session.Journey.Facts...)
	s := c.source(t, nil)
	var found []Refusal
	for _, p := range e.Reply.Parts {
		if p.Stage == "safety" || p.Stage == "notice" {
			continue
		}
		refuse := func(reason, format string, args ...any) {
			found = append(found, Refusal{p.Stage, reason, fmt.Sprintf(format, args...)})
		}
		c.examineFacts(p.Text, s, refuse)
		c.examineLinks(p.Text, s, refuse)
	}
	return found
}

// Names reports whether the text takes up a word of what was said.
func Names(text string, what ...string) bool { return names(text, "", what...) }

// Apologies counts the words of apology in a text.
func Apologies(text, lang string) int {
	if g := guardPatterns()[lang]; g != nil {
		return len(g.re["apology"].FindAllString(text, -1))
	}
	return 0
}

// Owns reports whether a text takes responsibility in words.
func Owns(text, lang string) bool {
	g := guardPatterns()[lang]
	return g != nil && g.re["own"].MatchString(text)
}
