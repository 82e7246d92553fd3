package flows

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// Lengths, in characters, between which a message speaks for itself: a shorter
// one leaves out what it is about, in a longer one the words no longer say what
// to look up, and what happened does.
const (
	followUpMax = 24
	rantMin     = 160
)

// search looks up a question in the light of the conversation: a short
// follow-up is about what was answered last, and trouble is looked up by what
// happened as well as by how it was told.
func (c *Care) search(ctx context.Context, t *bot.Turn, text string) ([]bot.Passage, error) {
	topic := topics()[t.Case.Event][t.Reply.Lang]
	n := utf8.RuneCountInString(text)
	last := t.Session.Last()
	if inFlow(t) {
		return c.beside(ctx, t, topic, text)
	}
	switch {
	case last != nil && last.Topic != "" && n <= followUpMax && (len(t.Case.Questions) > 0 || adds(t)):
		if len(t.Case.Questions) > 1 { // one of a list says what it is about
			if found, err := c.find(ctx, t, text); err != nil || standsOut(found) {
				return found, err
			}
		}
		if found, err := c.find(ctx, t, heading(last.Topic)+" "+text); err != nil || len(found) > 0 {
			return found, err
		}
	case topic != "" && (policy.Grave(t.Case.Event) || last != nil && n <= followUpMax):
		return c.find(ctx, t, topic+" "+t.Case.Noun) // the words around it are not what is looked for
	case topic != "" && n >= rantMin:
		text = topic + " " + t.Case.Noun
	}
	found, err := c.find(ctx, t, text)
	if err != nil || topic == "" || t.Plan.Questions == 0 {
		return found, err
	}
	for _, other := range []string{topic + " " + text, topic} {
		happened, err := c.find(ctx, t, other)
		if err != nil {
			return nil, err
		}
		if found = agree(found, happened); len(found) > 0 {
			break // the topic alone is for when nothing else finds anything
		}
	}
	return found, nil
}

// beside looks up what comes between a question of a flow and its answer: it may
// be about what the flow is about, or about something else altogether. It is
// looked up both ways, and what both find comes first; what is all but certain
// within the matter needs no second witness.
func (c *Care) beside(ctx context.Context, t *bot.Turn, topic, text string) ([]bot.Passage, error) {
	alone, err := c.consult(ctx, t, Question{Text: text, Lang: t.Reply.Lang})
	if err != nil || topic == "" {
		return alone, err
	}
	within, err := c.find(ctx, t, topic+" "+text)
	if err != nil || len(alone) == 0 || len(within) > 0 && within[0].Score >= allButCertain && alone[0].Score < 1 {
		return within, err
	}
	both := func(p bot.Passage) float64 {
		if i := slices.IndexFunc(within, func(w bot.Passage) bool { return w.ID == p.ID }); i >= 0 {
			return p.Score + within[i].Score
		}
		return p.Score
	}
	slices.SortStableFunc(alone, func(a, b bot.Passage) int { return cmp.Compare(both(b), both(a)) })
	return alone[:1], nil
}

const allButCertain = .97

// lonely is the share of the score that a passage loses when only one of two
// searches finds it.
const lonely = .2

// agree ranks passages by how well they answer both what was said and what
// happened. A passage that only one of the two finds loses a little of its
// score: "the card is not refunded" shares words with the page on cancelling,
// and is about the late refund all the same.
func agree(said, happened []bot.Passage) []bot.Passage {
	var all []bot.Passage
	for _, p := range slices.Concat(said, happened) {
		if slices.ContainsFunc(all, func(q bot.Passage) bool { return q.ID == p.ID }) {
			continue
		}
		one, other := scoreOf(said, p.ID), scoreOf(happened, p.ID)
		p.Score = max(one, other)*(1-lonely) + min(one, other)*lonely
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(p, q bot.Passage) int { return cmp.Compare(q.Score, p.Score) })
	return all
}

func scoreOf(all []bot.Passage, id string) float64 {
	if i := slices.IndexFunc(all, func(p bot.Passage) bool { return p.ID == id }); i >= 0 {
		return all[i].Score
	}
	return 0
}

// standsOut reports that one passage stands out: certain, or sure and well ahead.
func standsOut(found []bot.Passage) bool {
	if len(found) == 0 || found[0].Score < sureEnough {
		return false
	}
	return found[0].Score >= certain || len(found) == 1 || found[1].Score < wellAhead*found[0].Score
}

// find asks the library in the light of the open case.
func (c *Care) find(ctx context.Context, t *bot.Turn, text string) ([]bot.Passage, error) {
	return c.consult(ctx, t, Question{Text: text, About: about(t), Lang: t.Reply.Lang})
}

// consult asks the library once. A library that cannot be asked knows nothing:
// the customer hears that we do not know, which is true, and nobody waits for it
// a second time in the same turn.
func (c *Care) consult(ctx context.Context, t *bot.Turn, q Question) ([]bot.Passage, error) {
	if deaf(t) {
		return nil, nil
	}
	found, err := c.Library.Search(ctx, q, 3)
	if err != nil && ctx.Err() == nil {
		t.Note(noteLibrary, err.Error())
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	for i, p := range found {
		found[i] = withoutOrders(t, p)
	}
	return found, nil
}

// heading is the last step of a heading path.
func heading(path string) string {
	if i := strings.LastIndex(path, "›"); i >= 0 {
		path = path[i+len("›"):]
	}
	return strings.TrimSpace(path)
}

// about gives the words of the open case that a short follow-up leaves out.
func about(t *bot.Turn) string {
	words := []string{t.Case.Noun}
	if t.Session.Case.Noun != t.Case.Noun {
		words = append(words, t.Session.Case.Noun)
	}
	if last := t.Session.Last(); last != nil {
		words = append(words, last.Topic)
	}
	words = append(words, topics()[t.Case.Event][t.Reply.Lang])
	return strings.TrimSpace(strings.Join(words, " "))
}
