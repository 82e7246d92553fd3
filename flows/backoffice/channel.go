package backoffice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/solve"
)

// giveUp is how long an order is tried. Then the customer is told that nothing
// is known, and a person looks.
const giveUp = 10 * time.Minute

// A Channel carries out orders: it is the bot.Channel to which a flow's actions
// are addressed. Send does what is ordered and delivers the result to the
// conversation that waits for it.
type Channel struct {
	Client *Client
	Limits solve.Limits     // checked again here: the last gate before money moves
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil means time.Now

	mu      sync.Mutex
	deliver func(context.Context, bot.Message) error
}

// Name is the name that orders are addressed to.
func (c *Channel) Name() string { return solve.Channel }

// Listen remembers where results go. It returns at once: nobody writes here.
func (c *Channel) Listen(_ context.Context, deliver func(context.Context, bot.Message) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deliver = deliver
	return nil
}

// soon is a failure to be tried again soon, because nothing has left yet.
type soon struct{ error }

// RetryAfter says when.
func (soon) RetryAfter() time.Duration { return 50 * time.Millisecond }

// Send carries out one order under its ID as the Idempotency-Key, and delivers
// what came of it under a name of its own. Nil means that the result is in safe
// keeping; after any error all of it may be repeated without doing it twice.
func (c *Channel) Send(ctx context.Context, r bot.Reply) error {
	c.mu.Lock()
	deliver := c.deliver
	c.mu.Unlock()
	if deliver == nil {
		return soon{errors.New("the back office does not listen yet")}
	}
	e, err := solve.ReadErrand(r)
	if err != nil {
		return fmt.Errorf("%w: %w", bot.ErrGone, err)
	}
	outcome, facts, err := c.carryOut(ctx, r.ID, e)
	if err != nil {
		if c.now().Sub(r.Time) < giveUp {
			return err
		}
		c.log().Error("an order was given up", "order", r.ID, "action", e.Action, "error", err)
		outcome, facts = "failed", nil
	}
	return deliver(ctx, e.Report(r.ID, r, outcome, facts))
}

// carryOut does what is ordered: done, refused, or failed when the system says
// yes in a way that cannot be trusted. An error means that it is not known
// whether it was done.
func (c *Channel) carryOut(ctx context.Context, id string, e solve.Errand) (outcome string, facts []bot.Fact, err error) {
	call := c.Client.office.Actions[e.Action]
	limit, listed := c.Limits[e.Action]
	if call == nil || !listed || e.Amount > limit || e.Amount < 0 {
		c.log().Error("an order was not authorised", "order", id, "action", e.Action)
		return "refused", nil, nil
	}
	body, err := json.Marshal(map[string]any{
		"args": e.Args, "amount": e.Amount, "customer": e.Customer, "user": e.User, "conversation": e.For.String(),
	})
	if err != nil {
		return "", nil, err
	}
	a, err := c.Client.call(ctx, http.MethodPost, call.Post, id, e.Args, body)
	switch {
	case err != nil:
		return "", nil, fmt.Errorf("%s: %w", e.Action, err)
	case a.status >= 500 || a.status == http.StatusTooManyRequests || a.status == http.StatusRequestTimeout:
		return "", nil, fmt.Errorf("%s: status %d", e.Action, a.status)
	case a.status >= 300:
		return "refused", nil, nil
	}
	facts, err = read(call, a.body, e.Args)
	if err != nil {
		c.log().Error("an action's answer cannot be trusted", "order", id, "action", e.Action, "error", err)
		return "failed", nil, nil
	}
	return "done", facts, nil
}

func (c *Channel) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

func (c *Channel) log() *slog.Logger {
	if c.Log != nil {
		return c.Log
	}
	return slog.New(slog.DiscardHandler)
}
