package flows

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// recognize is the first stage: it hears, understands and decides, and says
// nothing yet.
func (c *Care) recognize(ctx context.Context, t *bot.Turn) error {
	if t.Message.Event != "" {
		return c.hearEvent(t)
	}
	r, err := c.Recognizer.Recognize(ctx, t.Message, t.Session)
	if err != nil {
		return fmt.Errorf("recognize: %w", err)
	}
	if r.Lang == "" {
		r.Lang = t.Reply.Lang
	}
	t.Reading = r
	t.Case = sayable(c.Appraise(t.Message, r, t.Session))
	c.takeAnswer(t)
	open := !t.Session.Mood.Calm && t.Session.Turns > 0 || t.Case.Event != ""
	mood := c.Follow(t.Session.Mood, r, t.Case, open)
	if t.Session.Waiting() && mood.Trajectory == "resigned" && !r.Has("resigned") {
		mood.Trajectory = "steady" // "ok" to "somebody will be here by five" is an answer and no giving up
	}
	load := lastOf(mood.Recent)
	last := t.Session.Last()
	mood.Futile = policy.Futile(t.Session.Mood.Futile, last, load)
	reaction := policy.React(last, load, r, mood, policy.Added(t.Session.Case, t.Case) || len(t.Case.Questions) > 0 && r.Intensity < .6)
	if n := len(t.After.Moves); n > 0 {
		t.After.Moves[n-1].After, t.After.Moves[n-1].Reaction = load, reaction
	}
	t.After.Mood, t.After.Case = mood, t.Case
	if p := awaited(t.Customer); p != nil && !t.Session.Waiting() {
		p.State = "kept" // somebody came
	}
	form := policy.Form{Name: "unknown"}
	if c.Study != nil && t.Customer != nil {
		if !t.Message.Signals.NoTone {
			c.Study.Observe(t.Message, r, t.Customer)
		}
		form = c.Study.Form(t.Customer)
	}
	t.Plan = policy.Decide(policy.Situation{
		Reading: r, Case: t.Case, Before: t.Session, Mood: mood, Reaction: reaction,
		Form: form, House: c.house(t.Reply.Lang), Choice: t.Message.Choice,
		Lang: t.Reply.Lang, Now: t.Message.Time, Waiting: waited(t),
		Answered: c.Solver != nil && inFlow(t) && c.Solver.Answered(t), Asks: onlyAsks(t),
	})
	t.After.Priority = t.Plan.Priority
	if t.Plan.Safety != "" {
		return c.safety(ctx, t)
	}
	return nil
}

// onlyAsks reports a message that is a question and nothing else.
func onlyAsks(t *bot.Turn) bool {
	asked := 0
	for _, q := range t.Case.Questions {
		asked += len(q)
	}
	return asked > 0 && asked*10 >= len(strings.TrimSpace(t.Message.Text))*9
}

// waited is how long the customer has waited: as the channel saw it, or since a
// person was called. Nothing that is said meanwhile sets that clock back.
func waited(t *bot.Turn) time.Duration {
	w := t.Message.Signals.Waiting
	if !t.Session.Asked.IsZero() {
		w = max(w, t.Message.Time.Sub(t.Session.Asked))
	}
	return w
}

// codePattern is the shape of an order number or a booking reference.
var codePattern = regexp.MustCompile(`\b[A-Za-z]{0,4}-?[0-9][A-Za-z0-9-]{3,23}\b|\b[A-Z0-9]{5,8}\b`)

// takeAnswer takes a bare code as the answer when the last reply asked for one:
// "it's H202603010001" needs no word that says what it is.
func (c *Care) takeAnswer(t *bot.Turn) {
	last := t.Session.Last()
	if last == nil || last.Asked != c.reference() {
		return
	}
	if code := codePattern.FindString(t.Message.Text); code != "" {
		t.Case.Given = append(t.Case.Given, bot.Fact{Name: c.reference(), Value: code, Source: "customer"})
	}
}

// reference is the name of what identifies a purchase at this brand.
func (c *Care) reference() string {
	if c.Reference == "" {
		return "order"
	}
	return c.Reference
}

// safety says the reviewed text of the lane, calls a person and ends the flow:
// business waits until somebody has looked. A mere check is said first, and the
// flow goes on.
func (c *Care) safety(ctx context.Context, t *bot.Turn) error {
	text, err := c.Writer.Write(ctx, "safety."+t.Plan.Safety, t)
	if err != nil || strings.TrimSpace(text) == "" {
		return fmt.Errorf("safety %s: no text: %w", t.Plan.Safety, cmp.Or(err, errNoWords))
	}
	t.Say(bot.Part{Stage: "safety", Text: text})
	if t.Plan.Safety == policy.Check {
		return nil
	}
	c.remember(t, "safety."+t.Plan.Safety)
	return bot.SkipRest
}

func (c *Care) house(lang string) policy.House {
	if c.House == nil {
		return policy.House{}
	}
	return c.House(lang)
}

func lastOf(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return v[len(v)-1]
}
