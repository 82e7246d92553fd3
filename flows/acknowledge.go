package flows

import (
	"context"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// acknowledge is the second stage: the customer's own noun and why it matters,
// then the apology the ladder allows. One part, so that it reads as one breath.
func (c *Care) acknowledge(ctx context.Context, t *bot.Turn) error {
	said := t.Opened > 0 // in an attempt that did not come to its end: worded again for the plan, but not said again
	if c.Notice != nil && !said && !t.Session.Welcomed && c.Notice(t.Message.From.Channel) {
		text, err := c.say(ctx, "notice.ai", t)
		if err != nil {
			return err
		}
		t.Say(bot.Part{Stage: "notice", Text: text})
	}
	t.After.Welcomed = true
	var text string
	for _, moment := range c.openings(t) {
		line, err := c.say(ctx, moment, t)
		if err != nil {
			return err
		}
		if line != "" && text == "" {
			t.Plan.Acknowledge.Moment = strings.TrimPrefix(moment, "acknowledge.")
		}
		text = joinLines(text, line)
	}
	if !said {
		t.Say(bot.Part{Stage: "acknowledge", Text: text})
	}
	return nil
}

// openings lists the moments to word, in order.
func (c *Care) openings(t *bot.Turn) []string {
	var moments []string
	a := t.Plan.Acknowledge
	if t.Plan.Boundary {
		moments = append(moments, "stabilize.boundary")
	}
	switch {
	case t.Session.Waiting() && (t.Case.Event == "" || policy.Group(t.Feeling()) == "positive"):
		// thanks or "hurry" while somebody is still to come: nothing has been solved to be glad about
	case t.Session.Journey.Done && a.Moment == "thanks" && t.Plan.Close:
		// thanks for what a flow has done: it has been told, and the thing itself may have been the trouble
	case inFlow(t) && policy.Group(t.Feeling()) == "positive" && t.After.Mood.Trajectory != "resigned":
		// a thank-you on the way: nothing has been solved to be glad about either
	case (t.Plan.Handoff.Reason == "asked" || t.Plan.Handoff.Reason == "waiting_asked") && !policy.Negative(t.Feeling()):
		// they want a person, not our opening
	case a.Check:
		moments = append(moments, "acknowledge.check")
	case onlyGreets(t):
		moments = append(moments, "acknowledge.greeting")
	case a.Moment != "none" && a.Budget > 0:
		moments = append(moments, "acknowledge."+a.Moment)
	}
	if t.Plan.Apology > 0 {
		moments = append(moments, "apology."+string(rune('0'+t.Plan.Apology)))
	}
	if len(t.Message.Files) > 0 && t.Plan.Safety == "" {
		moments = append(moments, "acknowledge.file")
	}
	return moments
}

// onlyGreets reports a hello without a concern.
func onlyGreets(t *bot.Turn) bool {
	return t.Reading.Has("greeting") && t.Case.Event == "" && len(t.Case.Questions) == 0 && len(t.Case.Asks) == 0
}
