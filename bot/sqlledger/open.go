package sqlledger

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"time"
)

// Options tune a Ledger. The zero value is right for a small machine.
type Options struct {
	// Lease is how long a claim or a delivery stays with one worker before
	// another may try. It must be longer than the engine's Deadline; 0 means
	// 60 s.
	Lease time.Duration
	// Now is the clock; nil means the clock of the server, or without one a
	// clock that starts with the wall and never goes back.
	Now func() time.Time
	// Log is told what an operator should know; nil discards.
	Log *slog.Logger
	// Keys encrypt what customers say where it lies: the first seals, all open,
	// so that a key can be replaced; see Reseal. With none it lies as it is.
	Keys []Key
	// Migrate lets Open bring the schema of a server forward.
	Migrate bool
	// Beat is how often this process tells the others on a server that it
	// lives; after four beats without a word they take over what it held. 0
	// means 500 ms. SQLite has no others.
	Beat time.Duration
	// Step is called at every named step of the path of a message, so that a
	// test can kill the process there; see StepNames. Nil does nothing.
	Step func(name string)
}

// StepNames are the steps at which Options.Step is called, in the order of the
// path of one message. At "inside" the transaction has written but not
// committed; what comes "after" is durable.
func StepNames() []string {
	return []string{
		"received.before", "received.inside", "received.after",
		"claimed.inside", "claimed.after",
		"opened.before", "opened.inside", "opened.after",
		"committed.before", "committed.inside", "committed.after",
		"next.inside", "next.after",
		"done.before", "done.inside", "done.after", "again.inside",
	}
}

// suspicion times the square of its attempts is how long a conversation waits
// that was being answered at more than one death: 200 ms after the second,
// 1.25 s after the fifth.
const suspicion = 50 * time.Millisecond

// Open opens the ledger at the URL and makes it if it is not there:
//
//	sqlite:PATH                             a file of this process alone
//	postgres://USER:PASSWORD@HOST/DATABASE  a server that several processes share
//
// The file is readable by its owner alone. A database that is damaged, of a
// newer version, of another program, not writable or not there is refused with
// an error that says what to do. A file of an older version is brought forward;
// a server of an older version is refused unless Options.Migrate is set, since
// other processes may be using it.
func Open(ctx context.Context, url string, o Options) (*Ledger, error) {
	l := &Ledger{boot: rand.Text(), lease: cmp.Or(o.Lease, time.Minute), now: o.Now, step: o.Step, log: o.Log}
	if l.now == nil {
		begin := time.Now()
		l.now = func() time.Time { return begin.Add(time.Since(begin)) } // monotonic: nothing waits for a clock that was set back
	}
	if l.step == nil {
		l.step = func(string) {}
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if l.codec, err = newCodec(o.Keys); err != nil {
		return nil, err
	}
	open := l.openFile
	if OnServer(url) {
		open = l.openServer
	}
	if err := open(ctx, url, o); err != nil {
		if l.db != nil {
			_ = l.db.close() // the error of opening says more
		}
		return nil, err
	}
	return l, nil
}

// OnServer reports whether the URL names a database server, which several
// processes may share.
func OnServer(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Close finishes what is being written and gives back what this process held.
// Everything afterwards fails.
func (l *Ledger) Close() (err error) {
	l.once.Do(func() {
		if l.node != nil {
			l.node.leave()
		}
		err = l.db.explain("close", l.db.close())
	})
	return err
}
