package bot

import (
	"slices"
	"time"
)

// A Case is the appraisal of what happened, from the customer's point of view:
// not what they feel but why. The slots follow appraisal theory (Scherer 2001;
// Smith & Ellsworth 1985) as far as text can show them.
type Case struct {
	Event      string    `json:"event"`                // what happened: "delivery_late", "double_charge" … or "" when unclear
	Noun       string    `json:"noun,omitempty"`       // the customer's own word for the thing: "딸 생일 선물", "my suitcase"
	Agency     string    `json:"agency"`               // whose doing: firm, firm_employee, firm_system, third_party, customer, circumstance, unknown
	Fairness   string    `json:"fairness,omitempty"`   // which justice is hurt: distributive, procedural, interactional
	Certainty  float64   `json:"certainty"`            // 0 nothing known .. 1 settled: how much the customer knows about the outcome
	Control    float64   `json:"control"`              // 0..1: how much the customer can do about it
	Contacts   int       `json:"contacts,omitempty"`   // how many times they have written about this, this time included
	Broken     int       `json:"broken,omitempty"`     // promises they say were broken
	Stakes     []Stake   `json:"stakes,omitempty"`     // what is at stake for this person
	Deadline   time.Time `json:"deadline,omitzero"`    // the closest time that matters to them
	Asks       []string  `json:"asks,omitempty"`       // what they asked for: human, refund, exchange, cancel, status, info, compensation, apology …
	Questions  []string  `json:"questions,omitempty"`  // their questions, word for word, in order
	Given      []Fact    `json:"given,omitempty"`      // what they told us: order number, date, product …
	Lost       bool      `json:"lost,omitempty"`       // what happened cannot be undone
	Others     string    `json:"others,omitempty"`     // who else is affected, in their words
	Harm       float64   `json:"harm,omitempty"`       // 0..1: money, time, health or dignity already hurt
	Verified   bool      `json:"verified,omitempty"`   // the allegation is confirmed by a lookup
	Vulnerable bool      `json:"vulnerable,omitempty"` // bereavement, illness, debt, disability, a child
}

// A Stake is one thing that matters to the customer, in their own words.
type Stake struct {
	Kind  string `json:"kind"`            // deadline, money, health, safety, privacy, occasion, dignity, legal, work, relationship
	Words string `json:"words,omitempty"` // "내일이 딸 생일", "my rent money"
}

// A Fact is one thing known: told by the customer, found in a lookup or
// written by the brand. A number may appear in a reply only if a Fact, a
// Passage or the Plan holds it.
type Fact struct {
	Name   string `json:"name"`             // order, date, amount, product, name …
	Value  string `json:"value"`            // as the source has it
	Source string `json:"source,omitempty"` // "customer", "context", a passage ID or a lookup
}

// Asked reports whether the customer asked for this.
func (c Case) Asked(what string) bool {
	return slices.Contains(c.Asks, what)
}

// Staked returns the first stake of this kind and whether there is one.
func (c Case) Staked(kind string) (Stake, bool) {
	for _, s := range c.Stakes {
		if s.Kind == kind {
			return s, true
		}
	}
	return Stake{}, false
}
