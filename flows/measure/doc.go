// Package measure says how well conversations keep the rules of care that can
// be computed without a judge (care model 4.2): whether every reply moves things
// forward, names what the customer named, apologises as far as is due, states
// nothing that is not known, honours a call for a person at once, and does not
// repeat itself.
//
// A [Rule] looks at one turn and the one before it. [Measure] plays all rules over
// the journal of conversations and adds what shows only over a conversation: how
// many turns until the customer was calm, how often they relapsed, how many
// replies in a row only sympathised.
package measure
