package web

import (
	"context"
	"slices"

	"github.com/onkihq/onki/bot"
)

// entries finds the journal's lines behind the bot's replies among the events,
// by reply ID: they know the titles of the sources and whether this is a good
// moment to ask how it went. A reply whose line cannot be read is shown
// without them rather than not at all.
func (rd *reader) entries(ctx context.Context, events []bot.Event) map[string]*bot.Entry {
	journal, ok := rd.c.o.Ledger.(bot.Journal)
	if !ok {
		return nil
	}
	var wanted []string
	var first *bot.Reply
	for _, e := range events {
		if e.Reply != nil && e.Reply.From == "" && rd.c.explains(e.Reply) {
			if first == nil {
				first = e.Reply
			}
			wanted = append(wanted, e.Reply.ID)
		}
	}
	if first == nil {
		return nil
	}
	// Turns on which the bot stayed silent lie between those looked for. A reader
	// that follows has the place already: the turn it found last, or the next.
	most := len(wanted) + len(events) + 1
	if rd.turn > 0 {
		if found := rd.after(ctx, journal, wanted, rd.turn, most); len(found) == len(wanted) {
			return found
		}
	}
	after, err := rd.turnBefore(ctx, journal, first)
	if err != nil {
		return nil
	}
	return rd.after(ctx, journal, wanted, after, most)
}

// after reads up to most turns after one and returns those behind the wanted
// replies. It remembers the place of the last.
func (rd *reader) after(ctx context.Context, journal bot.Journal, wanted []string, turn int64, most int) map[string]*bot.Entry {
	entries, err := journal.Entries(ctx, rd.a, turn, most)
	if err != nil {
		return nil
	}
	found := make(map[string]*bot.Entry, len(wanted))
	for i := range entries {
		if id := entries[i].Reply.ID; slices.Contains(wanted, id) {
			found[id] = &entries[i]
			rd.turn = turn + int64(i)
		}
	}
	return found
}

// explains reports whether the journal could add anything to the reply.
func (c *Channel) explains(r *bot.Reply) bool {
	if _, ok := c.o.Ledger.(Rater); ok {
		return true
	}
	for _, p := range r.Parts {
		if len(p.Sources) > 0 {
			return true
		}
	}
	return false
}

// turnBefore returns the number of the last turn that is older than the reply.
// A journal can only be read forwards, but its turns are in the order of time,
// so the place is found by doubling and halving.
func (rd *reader) turnBefore(ctx context.Context, journal bot.Journal, r *bot.Reply) (int64, error) {
	older := func(turn int64) (bool, error) {
		e, err := journal.Entries(ctx, rd.a, turn-1, 1)
		return err == nil && len(e) > 0 && e[0].Reply.ID != r.ID && e[0].Reply.Time.Before(r.Time), err
	}
	low, step := rd.turn, int64(1) // the turn the last reply came from is older
	for {
		yes, err := older(low + step)
		if err != nil {
			return 0, err
		}
		if !yes {
			break
		}
		low += step
		step *= 2
	}
	for high := low + step; low+1 < high; {
		mid := low + (high-low)/2
		yes, err := older(mid)
		if err != nil {
			return 0, err
		}
		if yes {
			low = mid
		} else {
			high = mid
		}
	}
	return low, nil
}
