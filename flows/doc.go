// Package flows holds the conversation itself: the four stages of care, in
// this order, for every message.
//
//	recognize    the feeling, what happened, and how they reacted to our last reply
//	acknowledge  the feeling, bound to a fact the customer told us
//	guide        to the solution, from the brand's own knowledge
//	stabilize    the feeling; notice calm, or that a person must take over
//
// [Care] puts them together. It decides first and words later: package policy
// makes the [bot.Plan] with its reasons, and a [Writer] finds the words for it,
// so that empathy can be controlled, explained and tested, and works without a
// language model. Whatever a writer returns passes the guards of this package
// before a customer sees it.
//
// The idea is the caring machine of Huang and Rust (2024): service is the
// brain, care is the heart, the bond is between customer and brand, and the
// next move depends on how the customer reacted to the last one.
package flows
