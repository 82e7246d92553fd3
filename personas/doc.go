// Package personas knows who the brand is and who the customer is: the brand's
// description ([LoadBrand]) and voice ([LoadVoice]), the manuals of six kinds
// of customers ([LoadManuals]) and the linter of service speech ([NewLinter]).
// All of it is text that a strategist can edit.
//
// A customer persona is believed gradually, from cues in what the customer
// writes, and shapes only the form of an answer: how long, in which order, with
// or without numbers. A [Form] has no field by which it could touch facts,
// priority or safety (care model 3.6).
//
// The rules of speech are data, too: rules/ko.yaml and rules/en.yaml hold the
// patterns, why each matters, what to write instead, and the examples that are
// its tests.
package personas
