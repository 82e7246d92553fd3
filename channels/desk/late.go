package desk

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Notifier queues what the bot says of its own accord, once for each ID, and
// reports whether it did: not when the conversation has passed to another owner
// meanwhile, and not when the customer wants no such messages. Ledgers are.
type Notifier interface {
	Notify(ctx context.Context, s bot.Session, r bot.Reply) (queued bool, err error)
}

// Late tells customers that their waiting has become long before they have to
// ask: once for each call, on their own channel, at a decent hour. What has been
// told is known to the ledger alone, so that a kill neither loses nor repeats
// it. All fields but Log and Now must be set.
type Late struct {
	Journal bot.Journal
	Ledger  Notifier
	Hints   bot.Hints
	Due     func(asked time.Time) time.Time                          // by when somebody was to answer; the zero time says never
	Decent  func(at time.Time, zone string) bool                     // an hour at which one may write unasked to somebody in that time zone; "" is not known
	Words   func(ctx context.Context, s bot.Session) (string, error) // what is said; "" says nothing
	Log     *slog.Logger
	Now     func() time.Time
}

// The times of Late.
const (
	lateEvery = 20 * time.Second
	lateSince = 72 * time.Hour // over a weekend
)

// Run looks again and again until ctx ends.
func (n *Late) Run(ctx context.Context) error {
	timer := time.NewTicker(lateEvery)
	defer timer.Stop()
	for {
		if err := n.Round(ctx); err != nil && ctx.Err() == nil && n.Log != nil {
			n.Log.Warn("late notices", "error", err)
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Round tells everybody who waits too long and was not told yet.
func (n *Late) Round(ctx context.Context) error {
	now := time.Now()
	if n.Now != nil {
		now = n.Now()
	}
	all, err := n.Journal.Conversations(ctx, now.Add(-lateSince), 1000)
	if err != nil {
		return fmt.Errorf("read conversations: %w", err)
	}
	for _, s := range all {
		if !s.Waiting() || s.Asked.IsZero() {
			continue
		}
		if due := n.Due(s.Asked); due.IsZero() || now.Before(due) || !n.Decent(now, s.Zone) {
			continue
		}
		text, err := n.Words(ctx, s)
		if err != nil || text == "" {
			return cmp.Or(err, fmt.Errorf("notice for %s: no words", s.Address))
		}
		queued, err := n.Ledger.Notify(ctx, s, bot.Reply{
			ID: fmt.Sprintf("late/%d", s.Asked.Unix()), To: s.Address, Lang: s.Lang, Time: now, Parts: []bot.Part{{Stage: "stabilize", Text: text}},
		})
		if err != nil {
			return err
		}
		if queued {
			n.Hints.Wake(bot.TopicOutbox + s.Address.Channel)
			n.Hints.Wake(bot.TopicEvents + s.Address.String())
		}
	}
	return nil
}
