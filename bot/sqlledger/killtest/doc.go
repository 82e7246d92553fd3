// Package killtest kills a chatbot again and again and checks with a log of its
// own that no message is lost, none is answered twice and none out of order.
//
// A [Trial] plays customers whose network sends every message until it is
// acknowledged, and sometimes once more. It starts the program, lets it die at
// every named step of the path of a message or at a random moment, starts it
// again, and goes on until it has died often enough. Then it lets the program
// finish and compares what the customers sent with what they were shown:
//
//   - every acknowledged message is answered by exactly one reply,
//   - the replies of a conversation come in the order of its messages,
//   - a reply comes twice only under the same ID, with the same words, before
//     any younger reply, and only if it said that it may have come before,
//   - the conversation is remembered: each reply counts what it has heard.
//
// With several nodes only one dies at a time and the others carry on; whoever
// sends finds any of them.
//
// The program is anything that can be started, written to and listened to; the
// folder victim holds the smallest one, an engine on a ledger.
package killtest
