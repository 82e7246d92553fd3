// Package backoffice is the way to the brand's own systems over HTTP: look-ups
// that change nothing ([Client], a flows.Lookup) and actions that do ([Channel],
// a bot.Channel).
//
// A system is called only on the hosts that backoffice.yaml lists, redirects
// are not followed, every call is signed, and of an answer only the declared
// fields are taken, each checked against its type: a system that answers
// something else is as good as silent. An action is a reply to the channel
// "backoffice", so that the ledger's outbox carries it: at least once, under an
// Idempotency-Key by which the system drops a repeat, with its result delivered
// as a message to the conversation that waits for it.
package backoffice
