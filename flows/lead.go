package flows

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// lead lets a problem-solving flow of the brand say what to do next, and
// reports whether it did. The flow supplies what guide says; the policy still
// decides whether anything may be asked and whether a person comes in. When the
// message was about something else, that is answered first, and then the open
// question is put again in other words.
func (c *Care) lead(ctx context.Context, t *bot.Turn, part *bot.Part) (bool, error) {
	if c.Solver == nil || !c.mayLead(t) {
		return false, nil
	}
	p, err := c.Solver.Solve(ctx, t)
	if err != nil {
		return false, fmt.Errorf("solve: %w", err)
	}
	if p.Flow == "" {
		return false, nil
	}
	if !inFlow(t) && (t.Plan.Handoff.Level == "now" || t.Session.Waiting()) && p.Say == "" && p.Person == "" && t.Message.Event == "" {
		return false, nil // a person is on the way: nothing is begun by asking
	}
	if p.Off && t.Session.Waiting() && p.Journey.Order == "" && len(t.Case.Questions) == 0 {
		return false, nil // they wait for the person now and not for us
	}
	t.After.Journey = p.Journey
	if p.Dropped && (t.After.Mood.Trajectory == "resigned" || t.Reading.Has("resigned") || t.Session.Waiting() && t.Reading.Has("false_calm")) {
		return !asksAnew(t), nil // giving up is not leaving it: what helps then comes after; what they ask for instead is answered
	}
	t.Plan.Because("flow "+p.Flow+": "+p.Step, orElse(p.Why, "it applies to what they say"), "flows/"+p.Flow+".yaml")
	if !p.Off || p.Journey.Order != "" || !t.Reading.Has("closing") {
		t.Plan.Close = false // they answered, or something is still open; that is no farewell
	}
	if p.Off && p.Person == "" && t.Plan.Acknowledge.Moment == "change" && len(t.Case.Questions) == 0 {
		return true, nil // our last reply made it worse: the same question would, too; a person is offered
	}
	if err := c.between(ctx, t, p, part); err != nil {
		return false, err
	}
	t.Orders = append(t.Orders, p.Orders...)
	if err := c.said(ctx, t, p, part); err != nil {
		return false, err
	}
	c.forward(t, p, part)
	if t.Plan.Acknowledge.Check { // what happened need not be asked by one who knows how to go on
		t.Reply.Parts = slices.DeleteFunc(t.Reply.Parts, func(p bot.Part) bool { return p.Stage == "acknowledge" })
	}
	return t.Plan.Forward != "" || part.Text != "", nil
}

// mayLead reports whether a flow may speak: one that is open always, unless
// they part; a new one only where there is something to solve.
func (c *Care) mayLead(t *bot.Turn) bool {
	switch {
	case t.Message.Event != "":
		return true
	case t.Reading.Has("injection"), onlyGreets(t):
		return false
	case policy.Grave(t.Case.Event):
		return false // a person comes; nobody in grief or in pain is asked for a number
	case inFlow(t):
		return true
	}
	return t.Session.Journey.Flow != "" || !t.Plan.Close && wantsAnswer(t)
}

// inFlow reports whether a flow waits for the customer's answer.
func inFlow(t *bot.Turn) bool {
	j := t.Session.Journey
	return j.Flow != "" && !j.Done && j.Step != ""
}

// between answers what is not for the flow: what is not about the brand at all,
// and a question of the customer that comes between a question of the flow and
// its answer.
func (c *Care) between(ctx context.Context, t *bot.Turn, p Progress, part *bot.Part) error {
	if t.Message.Event != "" {
		return nil
	}
	if !t.Case.Asked("compensation") {
		t.Plan.Compensation = "" // in the middle of a solution a gift reads as being bought off
	}
	if err := c.asides(ctx, t, part); err != nil {
		return err
	}
	if !p.Off || p.Own || p.Person != "" || len(t.Case.Questions) == 0 {
		return nil
	}
	before := part.Text
	if err := c.answer(ctx, t, part); err != nil || part.Text != before {
		return err
	}
	gap(t, t.Message.Text)
	line, err := c.say(ctx, "guide.unknown", t)
	if err != nil {
		return fmt.Errorf("guide.unknown: %w", err)
	}
	part.Text = joinLines(part.Text, line)
	if t.Plan.Handoff == (bot.Handoff{Level: "none"}) {
		t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "unknown"}
	}
	return nil
}

// said adds the flow's words. They are the brand's own, so that they pass as
// its knowledge does; links and the speech linter's faults are looked at.
func (c *Care) said(ctx context.Context, t *bot.Turn, p Progress, part *bot.Part) error {
	say := func(text string) {
		if why := c.refuseFlow(text, t); why != "" {
			t.Note("guard", "flow "+p.Flow+": refused, "+why+": "+text)
			t.Plan.Handoff = bot.Handoff{Level: "now", Reason: "flow"}
			return
		}
		part.Text = strings.TrimSpace(part.Text + "\n" + text)
	}
	if p.Say != "" {
		say(p.Say)
	}
	if p.Moment != "" {
		line, err := c.say(ctx, p.Moment, t)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Moment, err)
		}
		part.Text = strings.TrimSpace(part.Text + "\n" + line)
	}
	for _, card := range p.Cards {
		if why := c.refuseFlow(bot.Part{Cards: []bot.Card{card}}.Shown(), t); why != "" {
			t.Note("guard", "flow "+p.Flow+": card refused, "+why)
			continue
		}
		part.Cards = append(part.Cards, card)
	}
	if p.Question != "" && t.Plan.Handoff.Level != "now" {
		if !requests(p.Say) || len(p.Choices) > 0 {
			say(p.Question)
		}
		part.Choices, part.Form = p.Choices, p.Form
		t.Plan.Ask, t.Plan.Options = p.Ask, p.Choices
	}
	return nil
}

// requests reports words that end by asking the customer for something.
func requests(said string) bool {
	return slices.ContainsFunc([]string{"?", "주세요.", "주십시오.", "please."}, func(end string) bool { return strings.HasSuffix(said, end) })
}

// refuseFlow returns why a flow's words may not be said, or "". Facts from the
// brand's systems are what a stranger may have written there: a link among them
// must lead to the brand.
func (c *Care) refuseFlow(text string, t *bot.Turn) string {
	for _, l := range linkPattern.FindAllString(text, -1) {
		if !c.linked(l) {
			return "the link " + l + " leads to a host the brand does not allow"
		}
	}
	faults, _ := c.lint(text, t)
	if len(faults) > 0 {
		return faults[0]
	}
	return ""
}

// forward says how the flow moves things, and calls a person where it ends with
// one.
func (c *Care) forward(t *bot.Turn, p Progress, part *bot.Part) {
	switch {
	case p.Person != "" && t.Plan.Handoff.Level != "now" && !t.Session.Waiting():
		t.Plan.Handoff = bot.Handoff{Level: "now", Reason: p.Person, Brief: found(p)}
		t.Plan.Because("call a person now", orElse(p.Why, p.Person), "flows/"+p.Flow+".yaml")
	case len(p.Orders) > 0:
		t.Plan.Forward = "doing"
	case len(part.Choices) > 0:
		t.Plan.Forward = "choice"
	case t.Plan.Ask != "":
		t.Plan.Forward = "question"
	case p.Solved && t.Message.Event != "":
		t.Plan.Forward = "done"
	case part.Text != "":
		t.Plan.Forward = "answer"
	}
}

// found is what the person should know: the flow, and what it has found.
func found(p Progress) string {
	words := []string{p.Flow}
	for _, k := range slices.Sorted(maps.Keys(p.Journey.Slots)) {
		words = append(words, k+" "+p.Journey.Slots[k])
	}
	for _, f := range p.Journey.Facts {
		words = append(words, f.Name+" "+f.Value)
	}
	return strings.Join(words, " · ")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// hearEvent makes the turn of a message that no customer sent: nothing is felt,
// nothing is asked, and what is remembered of the customer stays as it is.
func (c *Care) hearEvent(t *bot.Turn) error {
	last := policy.Form{Name: "unknown"}
	if c.Study != nil && t.Customer != nil {
		last = c.Study.Form(t.Customer)
	}
	t.Reading = bot.Reading{Emotions: []bot.Emotion{{Name: "neutral", Strength: 1}}, Confidence: 1, Lang: t.Reply.Lang}
	t.Case = t.Session.Case.Clone()
	t.Case.Questions, t.Case.Asks = nil, nil
	t.Plan = policy.Report(policy.Situation{
		Reading: t.Reading, Case: t.Case, Before: t.Session, Mood: t.Session.Mood, Form: last,
		House: c.house(t.Reply.Lang), Lang: t.Reply.Lang, Now: t.Message.Time,
	})
	return nil
}
