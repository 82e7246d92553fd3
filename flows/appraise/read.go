package appraise

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// textMax is how much of a message is appraised, in bytes.
const textMax = 16 << 10

// hitsMax bounds the matches of one class, so that hostile text costs little.
const hitsMax = 400

// page is one message being appraised.
type page struct {
	*tables
	text  string
	lang  string
	hits  map[string][]cues.Hit // by class
	m     bot.Message
	r     bot.Reading
	event string
	score float64
	parts []span             // sentences
	ruled map[string]float64 // what the rules say for each event
	never []string
}

// A Reader appraises what the customers of one brand write. The zero Reader is
// ready to use.
type Reader struct {
	Never []string // names of Events that cannot happen at this brand
}

// Read appraises one message. s may be nil; an open case in it is continued
// when the message goes on with it, and replaced when it clearly tells of
// something else. Asks and Questions are those of this message; asks of earlier
// messages stay while a message asks for nothing, except asks for a person, for
// an apology, for a call and for compensation, which are answered in their own
// turn.
func (x Reader) Read(m bot.Message, r bot.Reading, s *bot.Session) bot.Case {
	return x.ReadAs(m, r, s, "")
}

// ReadAs is Read with a second opinion: where the message itself shows no event,
// the named one is what happened. A name that is not in Events, or is among
// those that cannot happen here, changes nothing.
func (x Reader) ReadAs(m bot.Message, r bot.Reading, s *bot.Session, event string) bot.Case {
	t, err := compiled()
	if err != nil {
		return bot.Case{Agency: "unknown"} // Check tells why
	}
	p := newPage(t, m, r)
	p.never = x.Never
	p.findEvent()
	if _, ok := t.defaults[event]; ok && p.event == "" && !slices.Contains(x.Never, event) {
		p.event = event
	}
	c := p.fill()
	if s == nil {
		return c
	}
	return p.merge(s.Case, c)
}

// newPage finds every rule that matches the message.
func newPage(t *tables, m bot.Message, r bot.Reading) *page {
	p := &page{tables: t, m: m, r: r, text: Meant(clip(m.Text)), lang: r.Lang, hits: make(map[string][]cues.Hit)}
	if p.lang == "" {
		p.lang = guess(p.text)
	}
	for _, h := range t.rules.Scan(p.text) {
		if len(p.hits[h.Class]) < hitsMax {
			p.hits[h.Class] = append(p.hits[h.Class], h)
		}
	}
	p.parts = sentences(p.text)
	p.ruled = ruleScores(p.hits["event"])
	return p
}

// Events are the names of what can happen to a customer.
func Events() []string {
	t, err := compiled()
	if err != nil {
		return nil // Check tells why
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.defaults)), func(e string) bool { return e == "" })
}

func clip(text string) string {
	if len(text) <= textMax {
		return text
	}
	end := textMax
	for end > 0 && text[end]&0xc0 == 0x80 {
		end--
	}
	return text[:end]
}

// setAside finds a remedy that somebody names only to say that it is not the one
// they want: "교환 말고 환불", "not an exchange, a refund".
var setAside = regexp.MustCompile(`(?i)(?:교환|환불|반품|취소|변경|수리|재발송|쿠폰|포인트|적립금)(?:은|는|이|가|을|를)? ?(?:말고|아니라|아니고),? |\b(?:not|instead of|rather than) (?:an? |the )?(?:exchange|refund|replacement|repair|return|voucher|cancellation|credit)[,;]? `)

// Meant blanks out the remedy that a text sets aside, byte for byte, so that
// places in the text stay where they are: what is left is what they want.
func Meant(text string) string {
	return setAside.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
}

func guess(text string) string {
	for _, r := range text {
		if r >= 0xac00 && r <= 0xd7a3 || r >= 0x3131 && r <= 0x318e {
			return "ko"
		}
	}
	return "en"
}

// fill makes the case of this message alone.
func (p *page) fill() bot.Case {
	u := p.defaults[p.event]
	c := bot.Case{Event: p.event, Agency: p.agency(u), Fairness: u.fairness, Certainty: u.certainty, Control: u.control}
	if p.event == "" {
		c.Certainty, c.Control = .5, .5
	}
	c.Noun = p.noun()
	c.Stakes = p.stakes()
	c.Deadline = p.deadline(c.Stakes)
	c.Asks = p.asks()
	c.Questions = p.questions()
	c.Given = p.given(c.Noun)
	c.Contacts = p.contacts()
	c.Broken = p.broken()
	c.Lost = len(p.hits["lost"]) > 0
	if hs := p.hits["other"]; len(hs) > 0 {
		c.Others = p.text[hs[0].Start:hs[0].End]
	}
	c.Vulnerable = len(p.hits["vulnerable"]) > 0
	c.Harm = harm(c, u, p.r)
	p.adjust(&c)
	return c
}

// adjust lets what was said move the usual certainty and control.
func (p *page) adjust(c *bot.Case) {
	if c.Lost {
		c.Control = min(c.Control, .1)
	}
	if !c.Deadline.IsZero() && !p.m.Time.IsZero() {
		if h := c.Deadline.Sub(p.m.Time).Hours(); h < 24 {
			c.Control = max(0, c.Control-.1)
		}
	}
	if slices.Contains(c.Asks, "status") {
		c.Certainty = min(c.Certainty, .3)
	}
	if c.Contacts >= 3 || c.Broken > 0 {
		c.Control = max(0, c.Control-.1)
	}
	if c.Fairness == "" && (c.Broken > 0 || c.Contacts >= 3) {
		c.Fairness = "procedural"
	}
	if _, ok := c.Staked("dignity"); ok && c.Fairness != "interactional" && p.event == "" {
		c.Fairness = "interactional"
	}
}

// harm is what has been hurt, 0..1: the event's usual harm, raised by what is
// at stake (care model 3.5; the numbers are set by hand).
func harm(c bot.Case, u usual, r bot.Reading) float64 {
	h := u.harm
	for _, s := range c.Stakes {
		switch s.Kind {
		case "safety":
			h = max(h, .9)
		case "health":
			h = max(h, .7)
		case "privacy":
			if c.Event != "question" {
				h = max(h, .7)
			}
		case "money", "work":
			if c.Event != "question" && c.Event != "praise" && c.Event != "" {
				h = max(h, .5)
			}
		case "dignity":
			h = max(h, .5)
		case "occasion":
			if c.Event != "question" && c.Event != "praise" && c.Event != "" {
				h = max(h, .4)
			}
		}
	}
	if c.Event == "praise" {
		h = 0
	}
	if r.Risk >= bot.R2 {
		h = 1
	}
	return h
}

// contacts is how often they say they have written, this time included; 1 for
// a first message.
func (p *page) contacts() int {
	most := 1
	for _, h := range p.hits["contacts"] {
		n := 0
		for _, d := range h.Name {
			n = n*10 + int(d-'0')
		}
		most = max(most, n)
	}
	return most
}

// broken counts the sentences that tell of a promise not kept, at most 3.
func (p *page) broken() int {
	seen := map[int]bool{}
	for _, h := range p.hits["broken"] {
		seen[h.Sentence] = true
	}
	if p.event == "praise" || p.event == "question" {
		return 0
	}
	return min(len(seen), 3)
}

// asks lists what they ask for, in order; for a message that tells of a trouble
// and asks for nothing, what is usually wished then.
func (p *page) asks() []string {
	var asks []string
	add := func(a string) {
		if !slices.Contains(asks, a) {
			asks = append(asks, a)
		}
	}
	if p.m.Choice == bot.ChoiceHuman {
		add("human")
	}
	for _, h := range p.hits["ask"] {
		if h.Name == "info" {
			continue // said last: a question is also about something
		}
		add(h.Name)
	}
	if len(p.hits["ask"]) > 0 && (len(asks) == 0 || p.event == "question" || p.event == "bereavement") {
		for _, h := range p.hits["ask"] {
			if h.Name == "info" {
				add("info")
				break
			}
		}
	}
	switch wish := p.defaults[p.event].wish; {
	case len(asks) > 0:
	case wish != "":
		add(wish) // whoever tells of an outage wants it mended
	case strings.ContainsAny(p.text, "?？"):
		add("info")
	}
	return asks
}
