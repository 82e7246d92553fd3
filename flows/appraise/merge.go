package appraise

import (
	"regexp"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// additions are events that people tell of on top of an open case: the matter
// stays, a grievance is added.
var additions = []string{"waiting", "contact_loop", "rude_staff", "misinformation"}

// grave are events that no other pushes aside, and that push any other aside.
var grave = []string{"health_reaction", "bereavement", "privacy_leak"}

// merge continues the open case with what this message adds, or lets a new
// case take its place.
func (p *page) merge(open, now bot.Case) bot.Case {
	if open.Event == "" && open.Noun == "" {
		now.Contacts = max(now.Contacts, open.Contacts)
		return now
	}
	if p.replaces(open, now) {
		now.Contacts = max(now.Contacts, 1)
		return now
	}
	c := open.Clone()
	p.mergeEvent(&c, open, now)
	if now.Event == open.Event && now.Agency != p.defaults[now.Event].agency {
		c.Agency = now.Agency
	}
	if now.Noun != "" && p.value(p.kindOf(now.Noun)) > 1 && (open.Noun == "" || !p.proves(now.Noun)) || c.Noun == "" {
		if now.Noun != "" {
			c.Noun = now.Noun
		}
	}
	c.Certainty = min(c.Certainty, now.Certainty)
	c.Contacts = max(open.Contacts, now.Contacts)
	c.Broken = max(open.Broken, now.Broken)
	for _, s := range now.Stakes {
		if i := slices.IndexFunc(c.Stakes, func(o bot.Stake) bool { return o.Kind == s.Kind }); i >= 0 {
			c.Stakes[i] = s
		} else {
			c.Stakes = append(c.Stakes, s)
		}
	}
	if !now.Deadline.IsZero() {
		c.Deadline = now.Deadline
	}
	c.Asks = now.Asks
	if len(now.Asks) == 0 {
		c.Asks = slices.DeleteFunc(slices.Clone(open.Asks), func(a string) bool { return a == "human" || a == "apology" || a == "callback" || a == "compensation" })
	}
	c.Questions = now.Questions
	for _, f := range now.Given {
		if !slices.Contains(c.Given, f) && len(c.Given) < 3*givenMax {
			c.Given = append(c.Given, f)
		}
	}
	c.Lost = c.Lost || now.Lost
	if now.Others != "" {
		c.Others = now.Others
	}
	c.Harm = max(c.Harm, now.Harm)
	c.Vulnerable = c.Vulnerable || now.Vulnerable
	return c
}

// plainly returns the event that the rules see in as many words, or "": not one
// of the additions, which say only that it has been going on.
func (p *page) plainly() string {
	best, most := "", sureRule-.001
	for _, e := range order {
		if p.ruled[e] > most && !slices.Contains(p.never, e) && !slices.Contains(additions, e) && e != "question" && e != "praise" {
			best, most = e, p.ruled[e]
		}
	}
	return best
}

// proves reports a noun that is evidence of the matter and not the matter: the
// photo that was sent, the receipt.
func (p *page) proves(noun string) bool {
	return slices.ContainsFunc(p.hits["proof"], func(h cues.Hit) bool { return strings.HasSuffix(noun, p.text[h.Start:h.End]) })
}

// supposes finds a question about what might be.
var supposes = regexp.MustCompile(`(?i)\b(?:if|can i|could i|may i|should i)\b|만약|혹시|[가-힣]면 |[어아해]도 (?:되|돼|괜찮)`)

// onlyWonders reports a message that is one question, about what might be or
// about what no rule sees in it: "what if I already opened the bag?"
func (p *page) onlyWonders(now bot.Case) bool {
	return len(now.Questions) == 1 && len(p.parts) == 1 && (p.ruled[now.Event] < sureRule || supposes.MatchString(p.text))
}

// mergeEvent settles what has happened, from what was open and what is told now.
func (p *page) mergeEvent(c *bot.Case, open, now bot.Case) {
	if slices.Contains(additions, open.Event) && (now.Event == "" || slices.Contains(additions, now.Event)) {
		if e := p.plainly(); e != "" {
			now.Event, now.Agency, now.Control = e, p.defaults[e].agency, p.defaults[e].control
		}
	}
	if slices.Contains(additions, open.Event) && now.Event != "" && now.Event != "question" && now.Event != "praise" && !slices.Contains(additions, now.Event) {
		c.Event, c.Agency, c.Control = now.Event, now.Agency, now.Control // they had waited or asked again, and say now for what
	} else if now.Event != "" && (open.Event == "" || open.Event == "question" || slices.Contains(additions, now.Event) && !slices.Contains(grave, open.Event)) {
		if open.Event == "" || open.Event == "question" {
			c.Event, c.Agency, c.Fairness, c.Control = now.Event, now.Agency, now.Fairness, now.Control
		} else {
			c.Fairness = now.Fairness
		}
	}
}

func (p *page) kindOf(noun string) string {
	if p.names(noun) {
		return "goods"
	}
	return "dealing"
}

// families are events that are one matter at different moments.
var families = [][]string{
	{"delivery_late", "delivery_missing", "refund_delay", "cancellation", "order_change"},
	{"wrong_item", "damaged_item", "exchange", "refund_delay", "delivery_late"},
	{"double_charge", "refund_delay", "price_dispute", "payment_fail"},
	{"cancellation", "schedule_change", "refund_delay"},
	{"outage", "bug", "account_locked", "payment_fail"},
	{"own_mistake", "order_change", "refund_delay", "exchange", "cancellation"},
}

// replaces reports whether the message clearly tells of another matter.
func (p *page) replaces(open, now bot.Case) bool {
	switch {
	case now.Event == "" || now.Event == open.Event || now.Event == "praise" || now.Event == "question" || open.Event == "":
		return false
	case slices.Contains(additions, now.Event):
		return false
	case slices.Contains(grave, now.Event):
		return true
	case p.score < 1 && p.ruled[now.Event] < sureRule:
		return false // a guess does not end a matter that is open
	case p.onlyWonders(now):
		return false
	case open.Event == "question" || open.Event == "praise":
		return true
	}
	for _, f := range families {
		if slices.Contains(f, open.Event) && slices.Contains(f, now.Event) {
			return now.Noun != "" && open.Noun != "" && now.Noun != open.Noun && len(p.hits["continue"]) == 0 && p.names(now.Noun) // another thing, and not another dealing about the same
		}
	}
	return len(p.hits["continue"]) == 0 || p.score >= 1
}
