package appraise

import (
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// order settles ties between events: the graver and the more specific first.
var order = []string{
	"health_reaction", "bereavement", "privacy_leak", "double_charge", "delivery_missing", "wrong_item",
	"damaged_item", "lost_item", "refund_delay", "account_locked", "payment_fail", "cancellation",
	"schedule_change", "rude_staff", "misinformation", "outage", "bug", "price_dispute", "own_mistake",
	"contact_loop", "delivery_late", "waiting", "exchange", "order_change", "praise", "question",
	"not_as_described", "unavailable", "refused", "safety_worry",
}

// RuleEvents lists the events that the rules know.
func RuleEvents() []string { return slices.Clone(order) }

// RuleScores adds up what the rules say for each event of a text, about 0..1.5.
func RuleScores(text string) map[string]float64 {
	t, err := compiled()
	if err != nil {
		return nil // Check tells why
	}
	return newPage(t, bot.Message{Text: text}, bot.Reading{}).ruled
}

// ruleScores adds up the matches of the rules for each event.
func ruleScores(hits []cues.Hit) map[string]float64 {
	scores := make(map[string]float64)
	for _, h := range hits {
		scores[h.Name] += h.Weight * max(.25, 1-.5*min(scores[h.Name], 1.5))
	}
	return scores
}

// sureRule is the rule score of an event whose words are said outright.
const sureRule = .8

// plainRule is the rule score that names an event where the weights believe in
// none and nothing hurts. It is high: of what rules of sureRule named alone, less
// than half was right on messages that nobody had read while writing them. Who is
// upset is upset about something, and there sureRule is enough.
const plainRule = 1.1

// deathLeast is how likely the weights must think a death that the rules see
// plainly: a death in the message is what it is about, whatever else happened.
const deathLeast = .08

// findEvent takes the likeliest event. The weights read the whole message, the
// rules' matches among it; where they believe nothing, only plain words count.
func (p *page) findEvent() {
	scores := p.ruled
	w := p.weights[p.lang]
	if w == nil {
		w = p.weights["en"]
	}
	likely := w.Read(p.lang, p.text, scores)
	best := -1
	for i, e := range w.Labels {
		if slices.Contains(p.never, e) || e == "praise" && p.bitter() || e == "bereavement" && scores[e] == 0 {
			continue // condolence for somebody who lives would be the worst of all mistakes: a death has to be said
		}
		if best < 0 || likely[i] > likely[best] {
			best = i
		}
	}
	if i := slices.Index(w.Labels, "bereavement"); scores["bereavement"] >= sureRule && likely[i] >= deathLeast {
		p.event, p.score = "bereavement", .5+likely[i]
		return
	}
	if likely[best] >= w.Cuts[Least] {
		if p.event, p.score = w.Labels[best], .5+likely[best]; p.event == Nothing || p.onlyAsks(scores) {
			p.event, p.score = "", 0
		}
		return
	}
	enough := plainRule
	if p.bitter() {
		enough = sureRule
	}
	for _, e := range order {
		if slices.Contains(p.never, e) {
			continue
		}
		if s := scores[e]; s >= enough && s > p.score+.001 && !(e == "praise" && p.bitter()) {
			p.event, p.score = e, s
		}
	}
}

// onlyAsks reports a message that asks for a person and tells of nothing:
// "상담원 연결해 주세요" sounds like those who have waited, and need not have.
func (p *page) onlyAsks(scores map[string]float64) bool {
	asks := slices.ContainsFunc(p.hits["ask"], func(h cues.Hit) bool { return h.Name == "human" })
	return asks && len(scores) == 0 && slices.Contains([]string{"waiting", "contact_loop", "question", "other"}, p.event)
}

// bitter reports that whatever sounds like praise is none.
func (p *page) bitter() bool {
	if p.r.Has("sarcasm") {
		return true
	}
	for _, e := range p.r.Emotions {
		switch e.Name {
		case "anger", "frustration", "disappointment", "distrust", "incredulity", "anxiety", "grief":
			if e.Strength > .5 {
				return true
			}
		}
	}
	return false
}

// agencyOrder settles ties between agents.
var agencyOrder = []string{"customer", "circumstance", "third_party", "firm_employee", "firm_system", "firm"}

// agency is whose doing it is: what the customer says weighs more than what
// the event usually means.
func (p *page) agency(u usual) string {
	scores := make(map[string]float64)
	if u.agency != "" {
		scores[u.agency] += .85
	}
	for _, h := range p.hits["agency"] {
		if h.Name == "firm" && h.Weight < .5 {
			continue
		}
		scores[h.Name] = max(scores[h.Name], scores[h.Name]*.3+h.Weight)
	}
	best, most := "unknown", 0.0
	if u.agency == "unknown" {
		delete(scores, "unknown")
		most = .55
	}
	for _, a := range agencyOrder {
		if scores[a] > most {
			best, most = a, scores[a]
		}
	}
	return best
}
