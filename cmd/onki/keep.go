package main

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/channels/web"
)

// days is a time in whole days, "365d", or a shorter one as Go writes it, "36h".
type days time.Duration

// UnmarshalText reads the time.
func (d *days) UnmarshalText(text []byte) error {
	s := string(text)
	if n, err := strconv.Atoi(strings.TrimSuffix(s, "d")); err == nil && strings.HasSuffix(s, "d") && n >= 0 && n < 100_000 {
		*d = days(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	t, err := time.ParseDuration(s)
	if err != nil || t < 0 {
		return fmt.Errorf("%q is not a time: write days such as 365d, or 0s for never", s)
	}
	*d = days(t)
	return nil
}

// before is the moment that lies d before now, or the zero time for d 0.
func (d days) before(now time.Time) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return now.Add(-time.Duration(d))
}

// keeping is the ledger of serve: what a customer deletes is deleted, unless the
// brand has to keep its record of a complaint, which then goes out of sight.
type keeping struct {
	*sqlledger.Ledger
	complaints time.Duration // how long records of complaints are kept; 0 keeps none
	files      web.Store     // what was attached goes, too; nil when nothing can be
}

// Erase forgets the conversation and those of the same person on other
// channels, or locks them away.
func (k keeping) Erase(ctx context.Context, a bot.Address) error {
	all, err := k.Linked(ctx, a)
	if err != nil {
		return err
	}
	for _, b := range all {
		if _, err := k.remove(ctx, b, "a record of a complaint"); err != nil {
			return err
		}
		if k.files == nil {
			continue
		}
		if err := k.files.Forget(ctx, web.Attached(b)); err != nil {
			return err
		}
	}
	return nil
}

// remove erases the conversation, or locks it until the time that is returned.
func (k keeping) remove(ctx context.Context, a bot.Address, reason string) (until time.Time, err error) {
	last, err := k.complaint(ctx, a)
	if err != nil {
		return until, err
	}
	if until = last.Add(k.complaints); k.complaints == 0 || last.IsZero() || !until.After(time.Now()) {
		return time.Time{}, k.Ledger.Erase(ctx, a)
	}
	return until, k.Lock(ctx, a, reason, until)
}

// complaint returns when something that had happened to the customer was last
// spoken of, the zero time when nothing had: then it was no complaint.
func (k keeping) complaint(ctx context.Context, a bot.Address) (last time.Time, err error) {
	if k.complaints == 0 {
		return last, nil
	}
	const page = 200
	for after := int64(0); ; {
		entries, err := k.Entries(ctx, a, after, page)
		if err != nil {
			return last, err
		}
		for _, e := range entries {
			if e.Case.Event != "" {
				last = e.Time
			}
			after = e.Seq
		}
		if len(entries) < page {
			return last, nil
		}
	}
}

// A sweeper deletes what has been kept long enough.
type sweeper struct {
	ledger keeping
	files  web.Store // nil when nothing can be attached
	chats  days
	seen   days
	log    *slog.Logger
}

// sweepEvery is how often a sweeper looks.
const sweepEvery = time.Hour

// run sweeps until ctx ends, on one node at a time.
func (s sweeper) run(ctx context.Context) {
	for ctx.Err() == nil {
		held, release, err := s.ledger.Lead(ctx, "retention")
		if err != nil {
			return
		}
		s.while(held)
		release()
	}
}

// while sweeps and anchors the audit log until the lead is lost.
func (s sweeper) while(held context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	var anchored time.Time
	for {
		if n, err := s.sweep(held, time.Now()); err != nil && held.Err() == nil {
			s.log.Error("what was kept long enough is not yet deleted", "error", err)
		} else if n > 0 {
			s.log.Info("kept long enough", "conversations", n)
		}
		if time.Since(anchored) > 24*time.Hour {
			anchored = time.Now()
			s.anchor(held)
		}
		select {
		case <-held.Done():
			return
		case <-tick.C:
		}
	}
}

// sweep deletes everything whose time has come by now and returns how many
// conversations there were.
func (s sweeper) sweep(ctx context.Context, now time.Time) (n int, err error) {
	const page = 100
	for s.chats > 0 {
		quiet, err := s.ledger.Quiet(ctx, s.chats.before(now), page)
		if err != nil {
			return n, err
		}
		for _, a := range quiet {
			if _, err := s.ledger.remove(ctx, a, "a record of a complaint"); err != nil {
				return n, err
			}
			if s.files != nil {
				if err := s.files.Forget(ctx, web.Attached(a)); err != nil {
					return n, err
				}
			}
			n++
		}
		if len(quiet) < page {
			break
		}
	}
	_, _, err = s.ledger.Expire(ctx, s.seen.before(now))
	return n, err
}

// anchor writes the end of the audit log into the program's log, which lies
// elsewhere: who cuts the audit log short is found by it.
func (s sweeper) anchor(ctx context.Context) {
	const page = 1000
	var last sqlledger.Act
	for {
		acts, err := s.ledger.Acts(ctx, last.Seq, page)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Error("the audit log cannot be trusted", "error", err)
			}
			return
		}
		if len(acts) > 0 {
			last = acts[len(acts)-1]
		}
		if len(acts) < page {
			break
		}
	}
	if last.Seq > 0 {
		s.log.Info("audit log", "lines", last.Seq, "hash", last.Hash)
	}
}
