// Package danger hears danger to a person in a customer's message: thoughts of
// death, one's own or somebody else's, illness and injury, a child, fire, gas
// and current, violence. It is a linear reader, trained from messages labelled
// by hand (../data/danger.*.tsv), over the n-grams of the text, over concepts
// (data/concepts.txt: body, means, place, weapon, game, price …) alone and in
// pairs that stand close together, and over the matches of the risk rules.
//
// Concepts are what lets it hear a sentence nobody wrote down before: that
// somebody's breath is spoken of together with a child and with "not" is danger
// in any wording. A long message is read whole and in windows of a few
// sentences, so that one line about danger is not drowned by the complaint
// around it.
package danger
