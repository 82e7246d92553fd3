// Package solve leads a customer through a brand's problem-solving flows.
//
// A flow is a text file that reads like a recipe: when it applies, what must be
// known, what to look up in the brand's own systems, which ways there are, what
// to say, when the matter is solved and when a person is needed. [Load] reads a
// brand's flows and reports every fault in them with file, line and remedy;
// [Book.Next] is the next move, a pure function of the flows, of what is
// remembered and of what one message brings; [Solver] carries the moves out with
// the brand's look-ups and hands them to the guide stage.
//
// Conditions are written in the language of github.com/expr-lang/expr, compiled
// when the brand is read and bounded in size and memory.
package solve
