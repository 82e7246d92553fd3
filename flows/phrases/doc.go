// Package phrases is the writer that needs no model. It finds the words for a
// decided [bot.Plan] in text files, in Korean and in English; it decides
// nothing itself.
//
// # The text files
//
// A file is a list of entries. Each names a moment of the conversation, when it
// fits, and the texts that may be said:
//
//	# worry, with what is at stake
//	- moment: acknowledge.worry
//	  when: {register: haeyo, has: why}
//	  say:
//	    - "{why}인데 {+happened.ni} {+legit}"
//
// A text holds slots such as {fact} or {due}, Korean slots with the particle
// that follows ({fact:이/가}), English ones with the verb that agrees
// ({fact:is/are}), and parts ({+happened.ni}) which are chosen in the same way
// from entries whose moment starts with "part.". A text whose slot has no value
// here is not said; there is never a hole in a sentence.
//
// # The choice
//
// Of the entries that fit, the most specific win, a brand's own before the
// built-in ones. Among their texts a hash of conversation, turn and moment
// chooses, so that a repeated attempt says the same words and two conversations
// do not. A text said before in this conversation is not said again, nor one
// that resembles an earlier opener (care model 3.9). When all are used up, the
// one used longest ago returns, and the writer counts it.
package phrases
