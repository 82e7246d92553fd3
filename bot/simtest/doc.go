// Package simtest plays whole clusters in virtual time. One seed decides
// everything: several real engines on one [bot.Memory] as their database,
// customers, a network that delays, repeats, reorders and loses, nodes that
// crash between any two effects and pause until their leases have run out,
// clocks that differ. A minute of their time takes milliseconds.
//
// What keeps a run the same each time is that no two things happen at the same
// moment: every call waits for a time of its own, drawn from the seed and from
// what the call is about, never from the order in which goroutines happened to
// run. Seeds can therefore be replayed, and [Play] says how.
package simtest
