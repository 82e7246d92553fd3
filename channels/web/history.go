package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/onkihq/onki/bot"
)

// newest returns the newest events of a conversation, at most historyMax.
func (c *Channel) newest(ctx context.Context, a bot.Address) ([]bot.Event, error) {
	events, err := c.o.Ledger.Events(ctx, a, 0, historyMax+1)
	if err != nil || len(events) <= historyMax {
		return events, err
	}
	last, err := c.last(ctx, a, events[historyMax].Seq)
	if err != nil {
		return nil, err
	}
	return c.o.Ledger.Events(ctx, a, max(0, last-historyMax), historyMax)
}

// last returns the newest sequence number of a conversation, given one that it
// has. A transcript can only be read forwards, but its numbers rise by one, so
// the end is found by doubling and halving: twenty short reads for a thousand
// events.
func (c *Channel) last(ctx context.Context, a bot.Address, low int64) (int64, error) {
	has := func(seq int64) (bool, error) {
		e, err := c.o.Ledger.Events(ctx, a, seq-1, 1)
		return len(e) > 0, err
	}
	step := int64(historyMax)
	for {
		more, err := has(low + step)
		if err != nil {
			return 0, err
		}
		if !more {
			break
		}
		low += step
		step *= 2
	}
	for high := low + step; low+1 < high; { // the end is in [low, high)
		mid := low + (high-low)/2
		more, err := has(mid)
		if err != nil {
			return 0, err
		}
		if more {
			low = mid
		} else {
			high = mid
		}
	}
	return low, nil
}

// owner returns who has the conversation, given its newest events: what the
// last change of owner says, however far back it is.
func (c *Channel) owner(ctx context.Context, a bot.Address, events []bot.Event) (string, error) {
	for {
		for _, e := range slices.Backward(events) {
			if e.Kind == "owner" {
				return owner(e.Owner), nil
			}
		}
		if len(events) == 0 || events[0].Seq <= 1 {
			return bot.OwnerBot, nil
		}
		before := events[0].Seq - 1
		from := max(0, before-pageMax)
		var err error
		if events, err = c.o.Ledger.Events(ctx, a, from, int(before-from)); err != nil {
			return "", err
		}
	}
}

// find returns the sequence number of a message, looking first after the
// number the client knew when it wrote it. 0 when it is not there.
func (c *Channel) find(ctx context.Context, a bot.Address, id string, after int64) (int64, error) {
	for _, from := range []int64{after, 0} {
		for {
			events, err := c.o.Ledger.Events(ctx, a, from, 200)
			if err != nil {
				return 0, err
			}
			for _, e := range events {
				if e.Message != nil && e.Message.ID == id {
					return e.Seq, nil
				}
			}
			if len(events) < 200 {
				break
			}
			from = events[len(events)-1].Seq
		}
		if after == 0 {
			break
		}
	}
	return 0, nil
}

type historyAnswer struct {
	Events []event `json:"events"`
	First  int64   `json:"first"` // as in a session
}

// history answers with what came before an event.
func (c *Channel) history(w http.ResponseWriter, r *http.Request, a access) {
	before, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	limit, lerr := strconv.Atoi(r.URL.Query().Get("limit"))
	if r.URL.Query().Get("limit") == "" {
		limit, lerr = historyMax, nil
	}
	if err != nil || lerr != nil || before < 0 || limit < 1 {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	limit = min(limit, historyMax)
	from := max(0, before-1-int64(limit))
	events, err := c.o.Ledger.Events(r.Context(), address(a.Thread), from, min(limit, int(max(0, before-1-from))))
	if err != nil {
		c.fail(w, r, "read history", err)
		return
	}
	out := historyAnswer{Events: c.wire(r.Context(), address(a.Thread), events)}
	if len(out.Events) > 0 {
		out.First = out.Events[0].Seq
	}
	answer(w, http.StatusOK, out)
}
