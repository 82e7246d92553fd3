package flows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// stabilize is the fourth stage: certainty, control, pace or a person; and,
// when the customer has calmed, a good end. At most one stabilising line and
// one about a person: a third would be read by nobody.
func (c *Care) stabilize(ctx context.Context, t *bot.Turn) error {
	part := bot.Part{Stage: "stabilize"}
	if t.Plan.Forward == "" && stranded(t) && !t.Plan.Close && !t.Session.Waiting() && !slices.Contains(t.Plan.Stabilisers, "S8") {
		t.Plan.Handoff = bot.Handoff{Level: "now", Reason: "stuck"}
		t.Plan.Because("call a person now", "two replies in a row had nothing to offer but a person", "care model 3.9: no loops")
	}
	for _, moment := range c.closings(t) {
		line, err := c.say(ctx, moment, t)
		if err != nil {
			return fmt.Errorf("%s: %w", moment, err)
		}
		part.Text = joinLines(part.Text, line)
	}
	switch t.Plan.Handoff.Level {
	case "now":
		t.Plan.Forward = "handoff"
		call(t)
	case "offer":
		part.Choices = append(part.Choices, bot.Choice{ID: bot.ChoiceHuman, Label: c.label("human", t.Reply.Lang)})
		t.Plan.Options = part.Choices
		if t.Plan.Forward == "" {
			t.Plan.Forward = "choice"
		}
	}
	t.Say(part)
	return nil
}

// call marks the conversation as waiting for a person.
func call(t *bot.Turn) {
	if t.After.Owner == bot.OwnerBot {
		t.After.Owner = bot.OwnerWaiting
		t.After.Epoch++
	}
	t.After.Called = t.Plan.Handoff.Reason
}

// closings lists the moments that end the reply, in order.
func (c *Care) closings(t *bot.Turn) []string {
	var moments []string
	if m := c.stabiliser(t); m != "" {
		moments = append(moments, m)
	}
	last := t.Session.Last()
	switch {
	case t.Plan.Handoff.Level == "now":
		house := c.house(t.Reply.Lang)
		if house.Open != nil && !house.Open(t.Message.Time) {
			moments = append(moments, "handoff.closed")
		} else {
			moments = append(moments, "handoff.now")
			if t.Others > 0 {
				moments = append(moments, "handoff.ahead")
			}
		}
		promise(t, house)
	case t.Plan.Handoff.Reason == "waiting_asked", t.Plan.Handoff.Reason == "waiting" && t.Plan.Forward == "":
		moment := "handoff.waiting"
		if t.Reading.Has("thanks") && t.Plan.Forward == "" && t.Plan.Handoff.Reason == "waiting" {
			moment = "handoff.thanked"
		}
		switch {
		case noted(t):
			moment = "handoff.noted"
		case t.Plan.Handoff.Reason == "waiting" && len(t.Case.Questions) > 0:
			moment = "handoff.asked"
		}
		t.Plan.Forward = "handoff"
		moments = append(moments, moment)
		if p := awaited(t.Customer); p != nil && p.Due.After(t.Message.Time) {
			t.Plan.Promises = append(t.Plan.Promises, *p)
		}
	case t.Plan.Handoff.Level == "offer" && t.After.Mood.Trajectory == "resigned":
		moments = append(moments, "stabilize.resigned")
	case t.Plan.Handoff.Level == "offer" && (last == nil || last.Handoff != "offer" || t.Plan.Forward == ""):
		moments = append(moments, "handoff.offer")
	}
	return moments
}

// noted reports something more that is told to the person who is on the way,
// when by when they come has just been said: it need not be said each time.
func noted(t *bot.Turn) bool {
	last := t.Session.Last()
	return t.Plan.Handoff.Reason == "waiting" && last != nil && last.Forward == "handoff" && last.Handoff == "none" &&
		len(t.Case.Questions) == 0 && !t.Reading.Has("thanks") && !brief(t.Message.Text)
}

// promise notes that somebody answers by the time the brand allows us to name.
// The customer is told it, and it is remembered with them until it is kept.
func promise(t *bot.Turn, house policy.House) {
	if house.Back == nil {
		return
	}
	due := house.Back(t.Message.Time)
	if due.IsZero() {
		return
	}
	p := bot.Promise{What: promisePerson, Due: due, Made: t.Message.Time, State: "open"}
	t.Plan.Promises = append(t.Plan.Promises, p)
	t.Plan.Because("promise an answer by "+due.Format("Mon 15:04"), "somebody was called, and the brand says how soon people answer", "brand.yaml hours, reply_within")
	if t.Customer == nil {
		return
	}
	if old := awaited(t.Customer); old != nil {
		*old = p
		return
	}
	t.Customer.Promises = append(t.Customer.Promises, p)
}

// promisePerson is the Promise.What of an answer from a person.
const promisePerson = "person"

// awaited returns the open promise of an answer from a person, or nil.
func awaited(c *bot.Customer) *bot.Promise {
	if c == nil {
		return nil
	}
	for i, p := range c.Promises {
		if p.What == promisePerson && p.State == "open" {
			return &c.Promises[i]
		}
	}
	return nil
}

// stabiliser picks the one stabilising moment that fits what has been said so
// far, or none: an answer that settles the matter needs no balm.
func (c *Care) stabiliser(t *bot.Turn) string {
	has := func(s string) bool { return slices.Contains(t.Plan.Stabilisers, s) }
	answered := t.Plan.Forward == "answer"
	health := t.Case.Event == "health_reaction"
	_, danger := t.Case.Staked("safety")
	switch {
	case t.Session.Waiting():
		return "" // nothing is over before the person has come
	case t.Plan.Close:
		t.Plan.Forward = "close"
		return "stabilize.close"
	case has("S8") && t.Plan.Forward == "":
		t.Plan.Forward = "close"
		return "stabilize.savour"
	case t.Plan.Handoff.Level == "now" || t.Plan.Ask != "":
		return "" // the person, or the question, is the next step
	case has("S4") && (health || danger):
		return "stabilize.safety"
	case has("S7") && answered:
		return "stabilize.reframe"
	case has("S6") && answered && steps(t):
		return "stabilize.pace"
	case eased(t) && answered && t.Plan.Questions > 0 && len(t.Case.Questions) == 0 && t.Session.Case.Event != "":
		return "stabilize.check"
	}
	return ""
}

// eased reports that our last reply did them good, after a bad moment.
func eased(t *bot.Turn) bool {
	last := t.After.Last()
	return last != nil && (last.Reaction == "eased" || last.Reaction == "cooperated") && t.Session.Mood.Peak >= .35
}

// steps reports whether the answer is a list of steps to follow.
func steps(t *bot.Turn) bool {
	for _, p := range t.Reply.Parts {
		if p.Stage == "guide" && (strings.Contains(p.Text, "\n2.") || strings.Contains(p.Text, "\n- ")) {
			return true
		}
	}
	return false
}
