package sqlledger

import "sync/atomic"

// Counts say how often each mechanism has fired since Open, for metrics and for
// tests: a promise whose mechanism never fired was not tested.
type Counts struct {
	Received  int64 // messages taken
	Repeats   int64 // messages that were known already
	Claims    int64 // claims given
	Reclaims  int64 // claims of messages that had been claimed before
	Commits   int64 // turns committed
	Opened    int64 // turns whose first words left before the rest
	Lost      int64 // turns thrown away because the fence had moved on
	Conflicts int64 // turns thought again because the customer had changed
	Handed    int64 // replies handed out to be sent
	Ambiguous int64 // replies handed out that may have arrived before
	Sent      int64 // replies sent
	GivenUp   int64 // replies given up
	Again     int64 // replies put back
	Cancelled int64 // bot replies cancelled by a take-over
	Taken     int64 // take-overs
	Buried    int64 // other processes found dead
	Freed     int64 // claims and deliveries freed whose holder was dead or had lost them
	Leases    int64 // times this process began to lead
	Groups    int64 // durable transactions, each one fsync
	Grouped   int64 // operations in them; Grouped/Groups is the mean size
	GroupMax  int64 // the largest group
}

// counters is Counts while it is being counted.
type counters struct {
	received, repeats, claims, reclaims, commits, opened, lost, conflicts, handed, ambiguous,
	sent, givenUp, again, cancelled, taken, buried, freed, leases, groups, grouped, groupMax atomic.Int64
}

func (c *counters) group(n int) {
	c.groups.Add(1)
	c.grouped.Add(int64(n))
	for most := c.groupMax.Load(); int64(n) > most && !c.groupMax.CompareAndSwap(most, int64(n)); most = c.groupMax.Load() {
	}
}

// Counts returns how often each mechanism has fired since Open.
func (l *Ledger) Counts() Counts {
	c := &l.count
	return Counts{
		Received: c.received.Load(), Repeats: c.repeats.Load(), Claims: c.claims.Load(), Reclaims: c.reclaims.Load(),
		Commits: c.commits.Load(), Opened: c.opened.Load(), Lost: c.lost.Load(), Conflicts: c.conflicts.Load(), Handed: c.handed.Load(),
		Ambiguous: c.ambiguous.Load(), Sent: c.sent.Load(), GivenUp: c.givenUp.Load(), Again: c.again.Load(),
		Cancelled: c.cancelled.Load(), Taken: c.taken.Load(),
		Buried: c.buried.Load(), Freed: c.freed.Load(), Leases: c.leases.Load(),
		Groups: c.groups.Load(), Grouped: c.grouped.Load(), GroupMax: c.groupMax.Load(),
	}
}
