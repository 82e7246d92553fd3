package bot

import "time"

// A Plan is what the care policy decided for one reply, and why. A writer only
// finds the words for it; it never changes a decision.
type Plan struct {
	Feeling      string      `json:"feeling,omitempty"`      // the emotion this reply answers; not always the strongest that was heard
	Acknowledge  Acknowledge `json:"acknowledge"`            // what to name before anything else
	Apology      int         `json:"apology"`                // 0 none, 1 regret, 2 regret and impact, 3 responsibility and repair, 4 also non-repetition and a named owner
	Tone         string      `json:"tone"`                   // plain, warm, sober, brisk, calm, quiet, friendly, light …
	Register     string      `json:"register,omitempty"`     // Korean: "haeyo" or "hasipsio"; English: "plain" or "formal"
	Persona      string      `json:"persona"`                // the customer persona whose manual shapes the form
	Band         string      `json:"band"`                   // L, M or H: the intensity band of the reading
	Guidance     string      `json:"guidance"`               // answer_first, next_step, options, timeline, one_step, restate, safety …
	Stabilisers  []string    `json:"stabilisers,omitempty"`  // S1..S8 of the care model
	Humour       bool        `json:"humour,omitempty"`       // one light line is allowed
	Sentences    int         `json:"sentences"`              // at most this many in the whole reply
	Questions    int         `json:"questions"`              // at most this many
	Ask          string      `json:"ask,omitempty"`          // the one thing we need to know, by name
	Options      []Choice    `json:"options,omitempty"`      // real choices to offer, recommended first
	Promises     []Promise   `json:"promises,omitempty"`     // what this reply commits the brand to
	Compensation string      `json:"compensation,omitempty"` // what the brand allows here, in kind
	Handoff      Handoff     `json:"handoff"`                // whether a person comes in
	Forward      string      `json:"forward"`                // how the reply moves things: done, doing, will, choice, question, answer, handoff, close
	Priority     Priority    `json:"priority"`               // how urgent a person's attention is
	Warmth       float64     `json:"warmth"`                 // 0 all competence .. 1 all warmth, for the opening of this reply
	Close        bool        `json:"close,omitempty"`        // the need is met: summarise and part well
	Safety       string      `json:"safety,omitempty"`       // the safety lane that replaces everything else, or ""; with "check" one question comes first and the rest goes on
	Boundary     bool        `json:"boundary,omitempty"`     // say once, with respect, that abuse is not all right
	Reasons      []Reason    `json:"reasons"`                // every decision with its why and its source
}

// Acknowledge is what the acknowledgement binds to: the customer's own noun
// and why it matters to them.
type Acknowledge struct {
	Moment  string `json:"moment"`            // which kind of acknowledgement: fact, effort, meaning, worry, loss, restate, thanks, none …
	Fact    string `json:"fact,omitempty"`    // the customer's own noun or the event in their words
	Why     string `json:"why,omitempty"`     // why it matters now, in their words
	Feeling string `json:"feeling,omitempty"` // an emotion that may be named; "" when confidence is too low
	Check   bool   `json:"check,omitempty"`   // describe the situation and ask whether we understood
	Budget  int    `json:"budget"`            // sentences at most
}

// Handoff says whether and why a person comes in.
type Handoff struct {
	Level  string `json:"level"`            // none, offer or now
	Reason string `json:"reason,omitempty"` // asked, risk, stuck, high_anger, vulnerable, limit, failure …
	Brief  string `json:"brief,omitempty"`  // what the person should know, for the staff
}

// Priority is how urgently a person should look, with its reasons.
type Priority struct {
	Tier    string   `json:"tier"`              // P0 now .. P4 within a day
	Score   float64  `json:"score"`             // 0..100 and a little more for waiting
	Reasons []string `json:"reasons,omitempty"` // in plain words, strongest first
}

// A Promise is something the brand said it would do.
type Promise struct {
	What  string    `json:"what"`
	Owner string    `json:"owner,omitempty"` // who keeps it
	Due   time.Time `json:"due,omitzero"`
	Made  time.Time `json:"made,omitzero"`
	State string    `json:"state"` // open, kept or broken
}

// A Reason explains one decision so that a customer-experience manager can
// follow it without reading code.
type Reason struct {
	Decision string `json:"decision"`         // what was decided: "apology 3"
	Why      string `json:"why"`              // in plain words: "the promise was ours and it was broken"
	Source   string `json:"source,omitempty"` // the rule, paper or brand file it comes from
}

// Because records a decision with its reason and source.
func (p *Plan) Because(decision, why, source string) {
	p.Reasons = append(p.Reasons, Reason{Decision: decision, Why: why, Source: source})
}
