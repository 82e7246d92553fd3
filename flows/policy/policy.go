// Package policy decides what to do about a feeling: which fact to
// acknowledge, how much to apologise, what to offer, when a person comes in and
// how urgent it is. It is made of pure functions over what was recognized, what
// happened, what we did last and how the customer reacted; it says no word to
// anybody and every decision carries its reason and its source.
//
// The sources named "care model" are the project's own computable model,
// described in DESIGN.md; papers are named where a rule rests on one.
package policy

import (
	"time"

	"github.com/onkihq/onki/bot"
)

// Situation is everything a decision may look at.
type Situation struct {
	Reading  bot.Reading
	Case     bot.Case
	Before   *bot.Session  // the conversation before this turn; never nil
	Mood     bot.Mood      // after this message
	Reaction string        // to our last move: "", eased, same, worse, told, cooperated, resigned, closed
	Form     Form          // how this customer likes to be answered
	House    House         // what the brand allows
	Choice   string        // the button pressed, if any
	Lang     string        // of the reply
	Now      time.Time     // the time of the message
	Waiting  time.Duration // how long they have waited
	Answered bool          // they answered what a problem-solving flow had asked
	Asks     bool          // the message is a question and nothing else

	plain   bool   // the message is only a question
	feeling string // the one the plan answers
}

// Form is what a customer persona changes: the form of a reply and nothing
// else. Facts, priority and safety never depend on it.
type Form struct {
	Name      string // sensitive, analytic, humour, hurried, formal or unknown
	Clauses   int    // most acknowledgement sentences; 0 means no limit of its own
	Sentences int    // most sentences of the reply; 0 means no limit of its own
	Questions int    // most questions; 0 means no limit of its own
	Formal    bool   // 하십시오체, formal English
	Humour    bool   // likes a light line when nothing is at stake
	NoEmoji   bool
}

// House is what the brand allows its bot to do and say.
type House struct {
	Formal       bool // the brand's own base register
	Humour       bool // the brand allows a light line
	Compensation []Compensation
	Open         func(time.Time) bool      // inside hours; nil means always
	Back         func(time.Time) time.Time // by when somebody answers who was called at that time; nil, and the zero time, promise nothing
}

// Compensation is something the brand lets its bot give, in kind.
type Compensation struct {
	When string // the event, such as "delivery_late"
	Text string // in the language of the reply
}

// Decide makes the plan for one reply. The order matters: danger first, then a
// wish for a person, then the feeling, its cause, our last move, and last the
// form.
func Decide(s Situation) bot.Plan {
	if s.Before == nil {
		s.Before = &bot.Session{}
	}
	p := bot.Plan{Persona: s.Form.Name, Band: Band(s.Reading.Intensity), Handoff: bot.Handoff{Level: "none"}}
	p.Priority = Prioritise(s)
	if safety(s, &p) {
		register(s, &p)
		return p
	}
	s.plain = plainQuestion(s)
	s.feeling = answered(s, &p)
	p.Feeling = s.feeling
	cell := cellOf(s, &p)
	acknowledge(s, cell, &p)
	p.Tone = cell.Tone
	p.Guidance = cell.Guidance
	p.Stabilisers = append([]string(nil), cell.Stabilise...)
	p.Apology = apologise(s, cell, &p)
	humour(s, cell, &p)
	handoff(s, cell, &p)
	react(s, &p)
	boundary(s, &p)
	compensate(s, &p)
	closing(s, &p)
	length(s, &p)
	register(s, &p)
	return p
}

// Report makes the plan for a reply to something that happened at the brand and
// that no customer said: nobody is soothed or apologised to, the level of speech
// stays, and a person who has been called stays called.
func Report(s Situation) bot.Plan {
	if s.Before == nil {
		s.Before = &bot.Session{}
	}
	p := bot.Plan{
		Persona: s.Form.Name, Band: "L", Tone: "plain", Guidance: "answer_first", Handoff: bot.Handoff{Level: "none"},
		Acknowledge: bot.Acknowledge{Moment: "none"}, Priority: s.Before.Priority, Warmth: .35,
	}
	if s.Before.Waiting() {
		p.Handoff.Reason = "waiting"
	}
	length(s, &p)
	register(s, &p)
	p.Because("report", "the brand's system has answered; the result comes first", "care model 3.7")
	return p
}

// Band names the intensity: L below .35, M below .65, else H (care model 3.2).
func Band(intensity float64) string {
	switch {
	case intensity < .35:
		return "L"
	case intensity < .65:
		return "M"
	}
	return "H"
}

// Group returns the coarse group of a care emotion: complaint, confusion,
// expectation, vulnerable, positive or neutral (care model 3.1).
func Group(emotion string) string {
	switch emotion {
	case "anger", "frustration", "disappointment", "distrust", "incredulity":
		return "complaint"
	case "confusion", "anxiety":
		return "confusion"
	case "expectation":
		return "expectation"
	case "panic", "grief", "shame", "helplessness":
		return "vulnerable"
	case "gratitude", "joy", "relief", "amusement":
		return "positive"
	}
	return "neutral"
}

// Negative reports whether the emotion is one that asks for stabilising.
func Negative(emotion string) bool {
	g := Group(emotion)
	return g == "complaint" || g == "confusion" || g == "vulnerable"
}
