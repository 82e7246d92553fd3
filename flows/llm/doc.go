// Package llm gives a conversation a language model: a better voice and a
// second opinion, never a decision.
//
// [New] opens the models that a brand has configured. What they may be used for
// is named by purpose: to write, to recognize, to appraise, to fill, to
// summarise and to judge. An [Author] words a reply that was decided and drafted
// already; what it returns passes the guards of package flows or is not said. A
// [Cascade] asks a model for a reading when the embedded recognizer is not sure.
// Every model goes through github.com/tmc/langchaingo, whose types stay in here.
//
// # What a model sees
//
// Only [redact.Text]: personal data is replaced by placeholders before anything
// leaves and put back into the answer. What customers wrote and what the brand
// knows stands in blocks marked with a random word, as data. The instructions
// are text files (prompts/LANG/PURPOSE.txt) that a brand may override.
//
// # When a model fails
//
// Every call has a deadline, a circuit breaker, at most one retry and a budget
// for the day and for the conversation. A model that fails is passed over for
// the next one; when none is left, the caller has its own way on. The error says
// why, and [Options.Seen] is told of every call.
package llm
