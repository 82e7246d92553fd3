package simtest

import (
	"context"
	"strconv"
	"time"

	"github.com/onkihq/onki/bot"
)

// hear says first words.
func (n *node) hear(_ context.Context, t *bot.Turn) error {
	if t.Opened == 0 {
		t.Say(bot.Part{Stage: "hear", Text: "heard"})
	}
	return nil
}

// ahead lets the first words leave in every second turn.
func (n *node) ahead(t *bot.Turn) int {
	if n.w.dice("ahead", t.Message.ID).oneIn(2) {
		return len(t.Reply.Parts)
	}
	return 0
}

// count takes its time, sometimes longer than a lease and sometimes longer than
// the engine allows, and remembers how many messages it has heard.
func (n *node) count(before string) func(context.Context, *bot.Turn) error {
	return func(ctx context.Context, t *bot.Turn) error {
		if before == "" {
			d := n.w.dice("think", n.id, n.life, t.Message.ID, n.nth("think"+t.Message.ID))
			took := d.between(time.Millisecond, 300*time.Millisecond)
			if d.oneIn(15) {
				took = d.between(n.w.lease, 2*n.w.lease)
			}
			time.Sleep(took)
			if d.oneIn(40) {
				panic("a stage fails")
			}
		}
		heard, _ := strconv.Atoi(t.Session.Journey.Slots["heard"]) // nothing yet is 0
		heard += len(t.Burst)
		t.After.Journey.Slots = map[string]string{"heard": strconv.Itoa(heard)}
		t.Say(bot.Part{Stage: "count", Text: before + strconv.Itoa(heard)})
		return nil
	}
}
