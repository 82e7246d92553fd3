// Package bot holds the words, the edges and the engine of Onki, a framework
// for customer-care chatbots that hear the feeling before they solve the
// problem. It imports the standard library and nothing else; every other
// package of Onki imports it, and none of them imports a sibling.
//
// # The words
//
// A customer's [Message] arrives at an [Address]. What is recognized in it is a
// [Reading]; what happened to the customer is a [Case]; what we decide to do is
// a [Plan]; what we say is a [Reply] made of [Part]s. One exchange in the making
// is a [Turn]. What we remember of the conversation is a [Session], of the
// person a [Customer], of each exchange an [Entry] of the journal.
//
// # The edges
//
// A [Channel] is where customers are. A [Ledger] keeps every conversation safe,
// and its sending side is an [Outbox]. [Hints] wake sleeping workers; losing
// every hint costs one poll interval and never a message. Further abilities are
// small interfaces found by assertion: [Transcript], [Journal], [Desk],
// [Typist], [Resender]. Each edge has a conformance suite in package bottest and an
// in-memory twin here: [Memory] and [LocalHints].
//
// # The path of one message
//
//  1. [Channel].Listen verifies and decodes an event into a [Message] and calls
//     deliver.
//  2. deliver is [Ledger].Receive. Nil means the message is in safe keeping, and
//     only then is the network told so. A repeat is dropped by its key.
//  3. [Ledger].Claim gives one worker one conversation with everything it has
//     pending, in order, under a fence number.
//  4. [Engine.Answer] makes a [Turn] and runs the [Flow] outside any
//     transaction: recognize, acknowledge, guide, stabilize. A conversation that
//     a person owns is recorded and recognized, but the bot stays silent: what
//     it would have said is a draft for the person.
//  5. [Ledger].Commit writes session, journal and replies in one transaction
//     that compares the fence. If the fence has moved on, the work is thrown
//     away: somebody else is answering.
//  6. The sender takes the head of each conversation's outbox and calls
//     [Channel].Send. It sends at least once, with an ID by which the other end
//     can drop a repeat.
//
// Two places wait, the claim and the outbox; the rest is one straight call.
package bot
