package appraise

import "slices"

// order settles ties between events: the graver and the more specific first.
var order = []string{
	"health_reaction", "bereavement", "privacy_leak", "double_charge", "delivery_missing", "wrong_item",
	"damaged_item", "lost_item", "refund_delay", "account_locked", "payment_fail", "cancellation",
	"schedule_change", "rude_staff", "misinformation", "outage", "bug", "price_dispute", "own_mistake",
	"contact_loop", "delivery_late", "waiting", "exchange", "order_change", "praise", "question",
}

// weak events are what a message may also do while it tells of another one.
var weak = []string{"praise", "question", "order_change", "exchange", "waiting", "contact_loop"}

// eventMin is the least evidence for an event.
const eventMin = .5

// findEvent adds up the evidence for each event and takes the most.
func (p *page) findEvent() {
	scores := make(map[string]float64)
	for _, h := range p.hits["event"] {
		scores[h.Name] += h.Weight * max(.25, 1-.5*min(scores[h.Name], 1.5))
	}
	upset := 0.0
	for _, e := range p.r.Emotions {
		switch e.Name {
		case "anger", "frustration", "disappointment", "distrust", "incredulity", "anxiety", "grief":
			upset = max(upset, e.Strength)
		}
	}
	if upset > .5 || p.r.Has("sarcasm") {
		scores["praise"] *= .3
	}
	for _, w := range weak {
		for e, s := range scores {
			if !slices.Contains(weak, e) && s >= .8 && (w == "question" || w == "praise" || w == "waiting") {
				scores[w] *= .6
			}
		}
	}
	for _, e := range order {
		if s := scores[e]; s >= eventMin && s > p.score+.001 {
			p.event, p.score = e, s
		}
	}
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
