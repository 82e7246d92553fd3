package flows

import (
	"context"
	"errors"

	"github.com/onkihq/onki/bot"
)

// A Lookup asks the brand's own systems. It never changes anything there.
type Lookup interface {
	// Lookup returns what the named look-up knows about the arguments, each
	// fact named after its field, as the look-up declares it. ErrNone means
	// that the system answered and has no such thing; any other error that
	// nothing is known.
	Lookup(ctx context.Context, name string, args map[string]string) ([]bot.Fact, error)
}

// ErrNone from a Lookup: the brand's system has nothing under that name.
var ErrNone = errors.New("there is no such thing")

// A Solver leads a customer through the brand's problem-solving flows.
type Solver interface {
	// Solve returns the next move for this turn. It reads the turn and changes
	// nothing in it. The zero Progress means that no flow applies.
	Solve(ctx context.Context, t *bot.Turn) (Progress, error)
	// Answered reports whether the message answers what a flow has asked. It
	// looks nothing up.
	Answered(t *bot.Turn) bool
}

// A Progress is the next move of a problem-solving flow.
type Progress struct {
	Flow     string       // the flow that leads, or ""
	Step     string       // the step it has come to, for the trace
	Journey  bot.Journey  // where the conversation stands after the move
	Say      string       // what is known now, in the language of the reply
	Moment   string       // a moment that the writer words, said after Say; or ""
	Question string       // the one question that goes with the move; or ""
	Ask      string       // what the question is for, by name
	Choices  []bot.Choice // the answers that can be picked
	Form     *bot.Card    // asks for it and more at once; or nil
	Cards    []bot.Card   // what was found, at a glance
	Off      bool         // the message did not answer what was asked
	Own      bool         // and yet it is about what the flow is about: there is nothing else to answer first
	Dropped  bool         // the customer wants to leave it
	Solved   bool         // the flow has come to its end
	Person   string       // why a person is called now, or ""
	Orders   []bot.Reply  // what the brand's systems are told to do
	Why      string       // for the trace
}
