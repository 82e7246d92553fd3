package flows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onkihq/onki/bot"
)

// An Author words a decided reply anew, as a whole. It may be slow and it may
// fail: the draft is there already.
type Author interface {
	// Word returns other words for the parts of the draft: the same stages in
	// the same order, with the passages each rests on. refused says why the
	// words of the attempt before were not accepted; it is empty at first.
	Word(ctx context.Context, t *bot.Turn, draft []bot.Part, refused []Refusal) ([]bot.Part, error)
}

// wordWithin is how long an author has for a reply, both attempts together,
// unless Care.Within says otherwise.
const wordWithin = 6 * time.Second

// authored reports whether an author words this reply. Where a person may be in
// danger only reviewed words are said.
func (c *Care) authored(t *bot.Turn) bool {
	return c.Author != nil && t.Plan.Safety == "" && t.Reading.Risk == bot.R0 && !t.Session.Staffed() && len(c.parts(t)) > 0
}

// parts are those of the draft that have not left and that an author may word.
func (c *Care) parts(t *bot.Turn) []bot.Part {
	var out []bot.Part
	for _, p := range t.Reply.Parts[t.Opened:] {
		if p.Text != "" && (p.Stage == "acknowledge" || p.Stage == "guide" || p.Stage == "stabilize") {
			out = append(out, p)
		}
	}
	return out
}

// ahead is how many parts need not wait for the author: the acknowledgement and
// what stands before it, if more is to follow.
func (c *Care) ahead(t *bot.Turn) int {
	if !c.authored(t) {
		return 0
	}
	n := 0
	for _, p := range t.Reply.Parts {
		if p.Stage != "acknowledge" && p.Stage != "notice" {
			break
		}
		n++
	}
	if n == len(t.Reply.Parts) {
		return 0
	}
	return n
}

// word lets the author find better words for what was decided and drafted. Each
// part passes the guards or is tried once more with the reasons; what fails
// again stays as the draft has it. An author that fails or is late costs
// nothing but its chance.
func (c *Care) word(ctx context.Context, t *bot.Turn) error {
	if !c.authored(t) {
		return nil
	}
	draft := c.parts(t)
	within := c.Within
	if within <= 0 {
		within = wordWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	brief := c.brief(ctx, t)
	defer func() { t.Plan.Handoff.Brief = brief() }()
	s := c.source(t, draft)
	var refused []Refusal
	for range 2 {
		words, err := c.Author.Word(ctx, t, draft, refused)
		if err != nil {
			t.Note("degraded", "what is not worded yet is the draft's: "+err.Error())
			return nil
		}
		refused = c.accept(t, s, draft, words)
		if len(refused) == 0 {
			return nil
		}
	}
	t.Note("degraded", fmt.Sprintf("%d parts are the draft's: the model's words were refused twice", len(refusedStages(refused))))
	return nil
}

// brief lets the colleague's brief be written while the reply is worded, and
// returns what waits for it.
func (c *Care) brief(ctx context.Context, t *bot.Turn) func() string {
	if c.Brief == nil || t.Plan.Handoff.Level != "now" {
		return func() string { return t.Plan.Handoff.Brief }
	}
	seen := *t // as it is now: the wording goes on beside it
	done := make(chan string, 1)
	go func() {
		text, err := c.Brief(ctx, &seen)
		if err != nil {
			text = ""
		}
		done <- text
	}()
	return func() string {
		select {
		case text := <-done:
			return text
		case <-ctx.Done():
			return ""
		}
	}
}

var errShape = errors.New("the model did not return the parts that were asked for")

// accept puts the words that pass the guards into the reply and returns why the
// others do not.
func (c *Care) accept(t *bot.Turn, s *source, draft, words []bot.Part) []Refusal {
	var all []Refusal
	for _, d := range draft {
		at := slices.IndexFunc(t.Reply.Parts, func(p bot.Part) bool { return p.Stage == d.Stage && p.Text == d.Text })
		if at < t.Opened {
			continue // accepted in the first attempt
		}
		i := slices.IndexFunc(words, func(p bot.Part) bool { return p.Stage == d.Stage })
		if i < 0 {
			all = append(all, Refusal{d.Stage, "empty", errShape.Error()})
			continue
		}
		found := c.examine(t, words[i], s)
		if t.Plan.Forward == "handoff" && d.Stage == "stabilize" && !names(words[i].Text, "", d.Text) {
			found = append(found, Refusal{d.Stage, "forward", "it does not say that a person comes"})
		}
		for _, r := range found {
			t.Note("refused", fmt.Sprintf("%s: %s: %s", r.Reason, r.What, words[i].Text))
		}
		if len(found) > 0 {
			all = append(all, found...)
			continue
		}
		p := &t.Reply.Parts[at]
		p.Text = words[i].Text
		if len(words[i].Sources) > 0 {
			p.Sources = words[i].Sources
		}
		t.Note("worded", d.Stage)
	}
	return all
}

func refusedStages(all []Refusal) []string {
	var out []string
	for _, r := range all {
		if !slices.Contains(out, r.Stage) {
			out = append(out, r.Stage)
		}
	}
	return out
}
