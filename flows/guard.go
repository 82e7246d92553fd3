package flows

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// movesKept is how many of our own moves a session remembers: enough for the
// loop guards, which look back three, and for a person who takes over.
const movesKept = 12

// guard is the last stage. No reply leaves that only acknowledges or
// apologises: if no earlier stage found a way forward, a person is offered.
// Then it remembers the move, so that the next turn can see what came of it.
func (c *Care) guard(ctx context.Context, t *bot.Turn) error {
	if t.Message.Event != "" && len(t.Reply.Parts) == 0 {
		return errStray
	}
	if t.Plan.Forward == "" || len(t.Reply.Parts) == 0 {
		t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "no_way_forward"}
		t.Plan.Because("offer a person", "nothing else in this reply would move things forward", "care model 3.7: every reply carries a forward act")
		line, err := c.say(ctx, "handoff.offer", t)
		if err != nil {
			return fmt.Errorf("handoff.offer: %w", err)
		}
		t.Say(bot.Part{Stage: "stabilize", Text: line, Choices: []bot.Choice{{ID: bot.ChoiceHuman, Label: c.label("human", t.Reply.Lang)}}})
		t.Plan.Forward = "choice"
	}
	for _, p := range t.Reply.Parts {
		faults, remarks := c.lint(p.Text, t) // the brand's own passages too: they are said as they are, and remarked on
		for _, r := range append(faults, remarks...) {
			t.Note("lint", p.Stage+": "+r)
		}
	}
	strategy := t.Plan.Acknowledge.Moment + "/" + t.Plan.Guidance
	if t.Plan.Safety == policy.Check {
		strategy = "safety." + policy.Check
	}
	c.remember(t, strategy)
	return nil
}

// remember records our move for the closed loop.
func (c *Care) remember(t *bot.Turn, strategy string) {
	m := bot.Move{
		Strategy: strategy, Stabiles: t.Plan.Stabilisers, Apology: t.Plan.Apology,
		Asked: t.Plan.Ask, Forward: t.Plan.Forward, Handoff: t.Plan.Handoff.Level,
		Before: lastOf(t.After.Mood.Recent), Promise: t.Plan.Compensation, Time: t.Message.Time,
	}
	for _, o := range t.Plan.Options {
		m.Options = append(m.Options, o.ID)
	}
	for _, p := range t.Passages {
		m.Passages, m.Topic = append(m.Passages, p.ID), p.Title
	}
	if last := t.Session.Last(); m.Topic == "" && last != nil {
		m.Topic = last.Topic // still what we are talking about
	}
	for _, p := range t.Reply.Parts {
		if p.Stage == "acknowledge" {
			m.Opener = p.Text
		}
	}
	t.After.Moves = append(t.After.Moves, m)
	if n := len(t.After.Moves); n > movesKept {
		t.After.Moves = slices.Clone(t.After.Moves[n-movesKept:])
	}
	if t.Plan.Ask != "" {
		if t.After.Journey.Asked == nil {
			t.After.Journey.Asked = make(map[string]int)
		}
		t.After.Journey.Asked[t.Plan.Ask]++
	}
	if t.Plan.Apology > 0 {
		t.After.Apology++
	}
	if t.Plan.Safety != "" && t.Plan.Safety != policy.Check {
		call(t)
	}
	t.After.Boundary = t.After.Boundary || t.Plan.Boundary
	if t.Plan.Close {
		t.After.Case, t.After.Apology, t.After.Journey = bot.Case{}, 0, bot.Journey{}
	}
}

// errStray is a report that nothing waits for.
var errStray = errors.New("word from the brand's systems that no flow waits for")

var (
	numberPattern = regexp.MustCompile(`[0-9][0-9,.:/-]*`)
	linkPattern   = regexp.MustCompile(`https?://[^\s)\]]+`)
)

// refuse returns why a writer's words may not be said, or "". Numbers, dates,
// prices and links must be known: told by the customer, written by the brand or
// decided in the plan. This is a check outside the writer, so that it holds for
// any of them.
func (c *Care) refuse(moment, text string, t *bot.Turn) string {
	if text == "" || moment == "stabilize.safety" || strings.HasPrefix(moment, "safety.") {
		return "" // reviewed texts, with the numbers to call
	}
	known := c.known(t)
	for _, n := range numberPattern.FindAllString(text, -1) {
		n = strings.TrimRight(n, ",.:/-")
		if !strings.Contains(known, n) {
			return "the number " + n + " is not known"
		}
	}
	for _, l := range linkPattern.FindAllString(text, -1) {
		if !c.linked(l) {
			return "the link " + l + " leads to a host the brand does not allow"
		}
	}
	if faults, _ := c.lint(text, t); len(faults) > 0 {
		return faults[0]
	}
	for _, m := range t.Session.Moves {
		if len(text) > 20 && strings.HasPrefix(m.Opener, text) {
			return "it was said before in this conversation"
		}
	}
	return ""
}

// linked reports whether a link leads to a host the brand allows.
func (c *Care) linked(link string) bool {
	u, err := url.Parse(link)
	return err == nil && slices.ContainsFunc(c.Links, func(h string) bool {
		return u.Hostname() == h || strings.HasSuffix(u.Hostname(), "."+h)
	})
}

// lint asks the speech linter, if there is one.
func (c *Care) lint(text string, t *bot.Turn) (faults, remarks []string) {
	if c.Lint == nil || text == "" {
		return nil, nil
	}
	return c.Lint(text, t)
}

// known is everything a number in a reply may come from.
func (c *Care) known(t *bot.Turn) string {
	var b strings.Builder
	add := func(s ...string) {
		for _, x := range s {
			b.WriteString(x)
			b.WriteByte(' ')
		}
	}
	add(t.Message.Text, t.Plan.Acknowledge.Fact, t.Plan.Acknowledge.Why, t.Plan.Compensation)
	for _, f := range t.Case.Given {
		add(f.Value)
	}
	for _, f := range t.After.Journey.Facts {
		add(f.Value)
	}
	for _, s := range t.Case.Stakes {
		add(s.Words)
	}
	for _, p := range t.Passages {
		add(p.Text, p.Answer, p.Title)
	}
	for _, p := range t.Plan.Promises {
		add(p.What, p.Owner, p.Due.Format("2006-01-02 15:04 1/2 3:04 1 2 3 15 4"))
	}
	add(fmt.Sprint(t.Case.Contacts))
	for _, k := range c.Known {
		add(k)
	}
	return b.String()
}
