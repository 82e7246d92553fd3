package appraise

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// What customers tell us in digits. Each pattern's first group is the value.
var (
	phoneNumber = regexp.MustCompile(`(?:^|[^\d])((?:\+82[- ]?10|01[016789])[- .]?\d{3,4}[- .]?\d{4}|\+\d{1,3}[- ]?\d{2,4}[- ]?\d{3,4}[- ]?\d{3,4})(?:[^\d]|$)`)
	mailAddress = regexp.MustCompile(`([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24})`)
	orderNumber = regexp.MustCompile(`(?i)(?:주문\s?번호|주문|접수\s?번호|order(?:\s?(?:number|no\.?|#|id))?|ticket|ref(?:erence)?(?:\s?(?:number|no\.?))?|case)\s*(?:은|는|이|가|:|#|is|=)?\s*#?\s*([A-Z]{0,4}-?\d[\dA-Z-]{2,24})`)
	bareOrder   = regexp.MustCompile(`(?:^|[\s(#])(\d{8}-?\d{4,10}|[A-Z]{2,4}-?\d{4,12})(?:[^\dA-Za-z]|$)`)
	bookingCode = regexp.MustCompile(`(?i:예약\s?번호|booking(?:\s?(?:reference|ref|code|number))?|pnr|reservation(?:\s?(?:code|number))?|confirmation(?:\s?(?:code|number))?)\s*(?:은|는|이|가|:|#|is|=)?\s*#?\s*([A-Z0-9]{5,8})(?:[^A-Za-z0-9]|$)`)
	amount      = regexp.MustCompile(`(\d[\d,]*(?:\.\d+)?\s?(?:만\s?)?(?:천\s?)?원|[$€£₩]\s?\d[\d,]*(?:\.\d{1,2})?|\d[\d,]*(?:\.\d{1,2})?\s?(?i:dollars?|euros?|pounds?|usd|eur|gbp|krw|bucks|quid|won))`)
	date        = regexp.MustCompile(`(\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}월\s?\d{1,2}일|(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\s\d{1,2}(?:st|nd|rd|th)?|\d{1,2}(?:st|nd|rd|th)?\s(?i:january|february|march|april|may|june|july|august|september|october|november|december))`)
)

// givenMax bounds the facts of one message.
const givenMax = 12

// given lists the facts the customer told us. Phone numbers and addresses of
// mail are masked: that they were given is all that is remembered.
func (p *page) given(noun string) []bot.Fact {
	var out []bot.Fact
	add := func(name, value string) {
		for _, f := range out {
			if f.Name == name && f.Value == value {
				return
			}
		}
		if value = strings.TrimSpace(value); value != "" && len(out) < givenMax {
			out = append(out, bot.Fact{Name: name, Value: value, Source: "customer"})
		}
	}
	text := p.text
	if !strings.ContainsAny(text, "0123456789@") {
		text = "" // nothing for the patterns below, which are slow
	}
	for _, m := range phoneNumber.FindAllStringSubmatch(text, 3) {
		add("phone", mask(m[1]))
	}
	text = phoneNumber.ReplaceAllString(text, " ")
	for _, m := range mailAddress.FindAllStringSubmatch(text, 3) {
		name, host, _ := strings.Cut(m[1], "@")
		add("email", name[:1]+"***@"+host)
	}
	text = mailAddress.ReplaceAllString(text, " ")
	for _, m := range bookingCode.FindAllStringSubmatch(text, 3) {
		if strings.ContainsAny(m[1], "0123456789") || m[1] == strings.ToUpper(m[1]) {
			add("booking", m[1])
		}
	}
	for _, m := range orderNumber.FindAllStringSubmatch(text, 3) {
		add("order", strings.TrimRight(m[1], "-"))
	}
	if len(out) == 0 || out[len(out)-1].Name != "order" {
		for _, m := range bareOrder.FindAllStringSubmatch(text, 2) {
			add("order", m[1])
		}
	}
	for _, m := range amount.FindAllStringSubmatch(text, 4) {
		add("amount", m[1])
	}
	for _, m := range date.FindAllStringSubmatch(text, 4) {
		add("date", m[1])
	}
	if noun != "" && p.names(noun) {
		add("product", noun)
	}
	for _, name := range []string{"order", "product", "booking"} {
		if v := p.m.Context[name]; v != "" && len(out) < givenMax {
			out = append(out, bot.Fact{Name: name, Value: v, Source: "context"})
		}
	}
	return out
}

// names reports whether the noun is a thing and not a dealing.
func (p *page) names(noun string) bool {
	for _, h := range p.hits["thing"] {
		if h.Name == "goods" && strings.Contains(noun, p.text[h.Start:h.End]) {
			return true
		}
	}
	return false
}

// mask keeps the last four digits.
func mask(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	return "***-" + digits[max(0, len(digits)-4):]
}

// questionsMax bounds the questions of one message.
const questionsMax = 6

// questions lists the sentences that ask, word for word.
func (p *page) questions() []string {
	var out, thrown []string
	for _, s := range p.parts {
		text := p.text[s.from:s.to]
		asks := strings.ContainsAny(text, "?？")
		for _, h := range p.hits["question"] {
			if h.Start < s.from || h.End > s.to {
				continue
			}
			asks = asks || h.Name == "end" && p.closes(h, s) || h.Name == "begin" && h.Start == p.pastJoints(s)
			if h.Name == "thrown" && !strings.Contains(strings.TrimSpace(p.text[h.End:s.to]), " ") { // nothing more is said
				thrown = append(thrown, text)
			}
		}
		if asks && len(text) <= 400 {
			out = append(out, p.each(s)...)
		}
	}
	if len(thrown) < len(out) {
		out = slices.DeleteFunc(out, func(q string) bool { return slices.Contains(thrown, q) })
	}
	return out[:min(len(out), questionsMax)]
}

// pastJoints returns where a sentence begins behind its "and", "ok so" or "but".
func (p *page) pastJoints(s span) int {
	for _, w := range words(p.text, s) {
		switch strings.ToLower(p.text[w.from:w.to]) {
		case "and", "but", "so", "also", "then", "ok", "okay", "well", "oh", "hi", "hello", "hey", "or":
		default:
			return w.from
		}
	}
	return s.from
}

// each cuts a sentence that asks more than one thing into its questions: "what
// is the fee and how do I send it back?" are two.
func (p *page) each(s span) []string {
	var out []string
	from := s.from
	for _, h := range p.hits["question"] {
		at := h.End
		if h.Name == "before" {
			at = h.Start
		} else if h.Name != "after" {
			continue
		}
		if at > from && at < s.to && p.asksIn(span{from, at}) && p.asksIn(span{at, s.to}) {
			out = append(out, strings.Trim(p.text[from:at], " ,"))
			from = at
		}
	}
	return append(out, strings.TrimLeft(p.text[from:s.to], " ,"))
}

// asksIn reports whether a word that asks stands in this piece of the text.
func (p *page) asksIn(s span) bool {
	return slices.ContainsFunc(p.hits["question"], func(h cues.Hit) bool {
		return h.Name == "what" && h.Start >= s.from && h.End <= s.to
	})
}

// closes reports whether the match ends the sentence but for marks.
func (p *page) closes(h cues.Hit, s span) bool {
	return strings.Trim(p.text[h.End:s.to], " .!~…ㅠㅜㅋㅎ;^?") == ""
}
