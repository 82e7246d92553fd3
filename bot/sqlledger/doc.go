// Package sqlledger is the durable [bot.Ledger]: one SQL database is the only
// source of truth about what came in, what was decided and what must go out.
// SQLite is embedded and needs nothing but a file:
//
//	ledger, err := sqlledger.Open(ctx, "sqlite:onki.db", sqlledger.Options{})
//
// A [Ledger] is also a [bot.Outbox], a [bot.Transcript], a [bot.Journal], a
// [bot.Desk] and a [bot.Opener], and keeps the promises of package bottest.
//
// # How nothing is lost and nothing is answered twice
//
// Every method is one transaction, durable (write-ahead log, synchronous=FULL)
// before it returns. A message enters by its unique key (channel, ID), so a
// repeat is dropped. A claim raises the fence of its conversation and a commit
// compares it, so that of two workers on one conversation only one can win;
// leases only decide when work is tried again, never whether it counts. A
// commit writes session, customer, journal, transcript and outbox and marks the
// messages answered, all or nothing. The outbox hands out only the oldest
// unsent reply of a conversation. In SQLite one goroutine writes; transactions
// that wait for it share one fsync, each in a savepoint of its own.
//
// # One process, or several
//
// SQLite is one node. A second process that opens the same file gets an error.
// What a killed process had claimed is free as soon as the next one opens the
// file; what it was sending is sent again, flagged as ambiguous.
//
// PostgreSQL is shared by any number of nodes:
//
//	ledger, err := sqlledger.Open(ctx, "postgres://onki:secret@db/onki", sqlledger.Options{})
//
// Both run the same statements, written in what the two have in common ($1
// parameters, ON CONFLICT, RETURNING, BIGINT microseconds, JSON as TEXT). On
// PostgreSQL each transaction has a connection of its own and locks the row of
// its conversation before it decides, and a queue skips what others have locked.
// Every node writes twice a second that it lives, by the server's clock; what a
// node held that has been silent for two seconds is free, and so is what a node
// holds that lost the outcome of a transaction with its connection. [Ledger.Lead]
// gives one node at a time the right to listen where only one may.
package sqlledger
