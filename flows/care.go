package flows

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// A Recognizer hears what a customer feels.
type Recognizer interface {
	// Recognize returns the reading of a message in the light of the session.
	// The session is only read and may be nil.
	Recognize(ctx context.Context, m bot.Message, s *bot.Session) (bot.Reading, error)
}

// A Writer finds the words for one moment of a decided plan. It may note in
// t.After.Used what it said; it changes nothing else.
type Writer interface {
	// Write returns the words for the moment in t.Reply.Lang, or "" when there
	// is nothing to say.
	Write(ctx context.Context, moment string, t *bot.Turn) (string, error)
}

// A Library finds what the brand knows.
type Library interface {
	// Search returns the passages that answer the question, best first, at
	// most n, and none when the brand's knowledge does not answer it.
	Search(ctx context.Context, q Question, n int) ([]bot.Passage, error)
}

// Question is what a Library is asked.
type Question struct {
	Text  string // the customer's question
	About string // words of the open case that a short follow-up leaves out; may be ""
	Lang  string // answer in this language
}

// A Study of customers learns how each likes to be answered.
type Study interface {
	// Observe learns from one message; c remembers.
	Observe(m bot.Message, r bot.Reading, c *bot.Customer)
	// Form returns the form of the persona that fits the customer best.
	Form(c *bot.Customer) policy.Form
}

// Care hears the feeling before it solves the problem. Recognizer, Appraise,
// Follow and Writer must be set.
type Care struct {
	Recognizer Recognizer
	Appraise   func(bot.Message, bot.Reading, *bot.Session) bot.Case     // what happened
	Follow     func(bot.Mood, bot.Reading, bot.Case, bool) bot.Mood      // where the feeling goes; the bool says that the need is open
	Writer     Writer                                                    // words for a plan
	Fallback   Writer                                                    // words when Writer fails or a guard refuses its text; may be nil
	Author     Author                                                    // words the whole reply anew from the draft, as a language model does; nil leaves the draft
	Brief      func(ctx context.Context, t *bot.Turn) (string, error)    // what the person who is called should know, beside what the desk shows; may be nil
	Within     time.Duration                                             // how long the author has; 0 means 6 s
	Library    Library                                                   // what the brand knows; nil knows nothing
	Solver     Solver                                                    // leads through the brand's problem-solving flows; nil has none
	Study      Study                                                     // nil treats everybody alike
	House      func(lang string) policy.House                            // what the brand allows; nil allows nothing special
	Reference  string                                                    // what identifies a purchase here: "order", "booking" …; "" means order
	Notice     func(channel string) bool                                 // whether to say in the first reply that an AI answers; nil says it nowhere
	Links      []string                                                  // hosts a reply may link to
	Lint       func(text string, t *bot.Turn) (faults, remarks []string) // the speech linter: words with faults are not said, remarks are noted; nil has none
	Known      []string                                                  // further facts a reply may state: contact numbers, hours
	Labels     map[string]map[string]string                              // button labels by language, over the built-in ones
}

// Flow returns the stages in their order.
func (c *Care) Flow() bot.Flow {
	return bot.Flow{
		{Name: "recognize", Doc: "hears the feeling, what happened and how they reacted to our last reply; decides the plan", Run: c.recognize},
		{Name: "acknowledge", Doc: "names the fact and why it matters, and apologises as far as it is due", Run: c.acknowledge},
		{Name: "guide", Doc: "leads to the solution from the brand's own knowledge", Run: c.guide},
		{Name: "stabilize", Doc: "gives certainty, control or a person, and parts well", Run: c.stabilize},
		{Name: "word", Doc: "lets an author find better words for what was decided; those that fail the guards are not said", Run: c.word, Ahead: c.ahead},
		{Name: "guard", Doc: "lets nothing out that is not known, promised, forward or fitting; remembers the move", Run: c.guard},
	}
}

// Rescue is what is said when a stage fails: one honest line in the brand's
// voice, and a person is called.
func (c *Care) Rescue() bot.Stage {
	return bot.Stage{Name: "rescue", Doc: "owns the bot's failure in one line and calls a person", Run: func(ctx context.Context, t *bot.Turn) error {
		if t.Plan.Register == "" {
			t.Plan.Register = map[string]string{"ko": "haeyo", "en": "plain"}[t.Reply.Lang]
		}
		text, err := c.Writer.Write(ctx, "handoff.failure", t)
		if err != nil {
			return err
		}
		t.Say(bot.Part{Stage: "rescue", Text: text})
		return nil
	}}
}

// errNoWords is a writer's silence where something must be said.
var errNoWords = errors.New("the writer had no words")

// say asks the writer for the words of a moment and lets them pass the guards.
// Words that fail are asked for again with less of the customer's own speech in
// them, which is what most often stumbles; then the fallback writer speaks.
func (c *Care) say(ctx context.Context, moment string, t *bot.Turn) (string, error) {
	planned := t.Plan.Acknowledge
	defer func() { t.Plan.Acknowledge = planned }()
	var err error
	for _, a := range looser(moment, planned) {
		t.Plan.Acknowledge = a
		var text string
		if text, err = c.Writer.Write(ctx, moment, t); err != nil {
			t.Note("writer", moment+": "+err.Error())
			break
		}
		why := c.refuse(moment, text, t)
		if why == "" {
			return text, nil
		}
		t.Note("guard", moment+": refused, "+why+": "+text)
	}
	t.Plan.Acknowledge = planned
	if c.Fallback == nil {
		return "", err
	}
	return c.Fallback.Write(ctx, moment, t)
}

// looser lists what an acknowledgement may bind to: all that was planned, then
// without the reason, then without the noun too.
func looser(moment string, a bot.Acknowledge) []bot.Acknowledge {
	all := []bot.Acknowledge{a}
	if !strings.HasPrefix(moment, "acknowledge.") && !strings.HasPrefix(moment, "apology.") {
		return all
	}
	if a.Why != "" {
		a.Why = ""
		all = append(all, a)
	}
	if a.Fact != "" {
		a.Fact = ""
		all = append(all, a)
	}
	return all
}

// joinLines joins two sentences with a space, leaving out empty ones.
func joinLines(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " " + b
}
