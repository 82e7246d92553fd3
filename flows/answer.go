package flows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/policy"
)

// answer looks every question up and says what was found.
func (c *Care) answer(ctx context.Context, t *bot.Turn, part *bot.Part) error {
	if c.Library == nil {
		return nil
	}
	questions := t.Case.Questions
	switch {
	case t.Reading.Has("injection"):
		questions = asking(t.Message.Text) // what is asked beside the instruction
	case len(questions) == 1 && (t.Reading.Has("thanks") || t.Reading.Has("greeting")):
		// the rest of the message is not about it
	case len(questions) < 2:
		questions = []string{t.Message.Text} // the whole message holds the nouns the question leaves out
	}
	texts, err := c.answers(ctx, t, part, questions)
	if err != nil {
		return err
	}
	if len(t.Passages) == 0 && len(questions) > 1 {
		// Apart they say too little; together they may not.
		if texts, err = c.answers(ctx, t, part, []string{t.Message.Text}); err != nil {
			return err
		}
	}
	if len(t.Passages) == 0 {
		return nil
	}
	lead, err := c.leadIn(ctx, t)
	if err != nil {
		return err
	}
	part.Text = joinLines(part.Text, lead)
	for _, text := range texts {
		if part.Text != "" {
			part.Text += "\n"
		}
		part.Text += text
	}
	t.Plan.Forward = "answer"
	t.Plan.Because("answer from knowledge", t.Passages[0].Title+" ("+t.Passages[0].Source+")", "brand knowledge")
	return nil
}

// answers looks the questions up one by one and returns what to say to each, in
// their order. Beside answers, a question that has none is said to have none:
// who asked three things and gets two must not wonder about the third.
func (c *Care) answers(ctx context.Context, t *bot.Turn, part *bot.Part, questions []string) ([]string, error) {
	var texts []string
	var missed []int // places in texts
	for i, q := range questions {
		found, err := c.search(ctx, t, q)
		if err == nil && len(found) == 0 && i > 0 && utf8.RuneCountInString(q) <= followUpMax {
			found, err = c.find(ctx, t, questions[i-1]+" "+q) // "how much is it?" is about what was asked before it
		}
		if err != nil {
			return nil, err
		}
		if len(found) == 0 && len(questions) > 1 && honest(t) {
			missed = append(missed, len(texts))
			texts = append(texts, q)
		}
		p, ok := c.choose(t, found)
		if !ok {
			continue
		}
		t.Passages = append(t.Passages, p)
		part.Sources = append(part.Sources, p.ID)
		n := budget(t, len(questions))
		if told(t, p.ID) {
			n = 1 // the page is known: only what answers this
		}
		texts = append(texts, excerpt(p, q, n))
	}
	if len(missed) == len(texts) {
		return nil, nil // nothing is known: guide says so, once
	}
	for _, i := range missed {
		line, err := c.say(ctx, "guide.unknown", t)
		if err != nil {
			return nil, fmt.Errorf("guide.unknown: %w", err)
		}
		gap(t, texts[i])
		if t.Plan.Handoff == (bot.Handoff{Level: "none"}) {
			t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "unknown"}
		}
		texts[i] = "“" + texts[i] + "” " + line
	}
	return texts, nil
}

// honest reports that a question without an answer is a question that the
// brand's knowledge should answer: not one thrown in anger, nor about the bot,
// nor about an order that somebody has to look up.
func honest(t *bot.Turn) bool {
	return !rhetorical(t) && !t.Reading.Has("bot_question") && !t.Reading.Has("injection") && len(needs()[t.Case.Event]) == 0
}

// rhetorical reports that questions are rather said in anger than asked.
func rhetorical(t *bot.Turn) bool {
	return policy.Group(t.Feeling()) == "complaint" && t.Reading.Intensity >= .4
}

const noteLibrary = "library"

// deaf reports that the library could not be asked in this turn.
func deaf(t *bot.Turn) bool {
	return slices.ContainsFunc(t.Notes, func(n bot.Note) bool { return n.Stage == noteLibrary })
}

// gap notes a question for the brand to see, unless it may well be answered and
// only could not be looked up.
func gap(t *bot.Turn, question string) {
	if !deaf(t) {
		t.Note("gap", question)
	}
}

// asking returns the sentences that end in a question mark.
func asking(text string) []string {
	var out []string
	for _, s := range splitSentences(text) {
		if strings.HasSuffix(s, "?") || strings.HasSuffix(s, "？") {
			out = append(out, s)
		}
	}
	return out
}

// leadIn is the short lead-in between an acknowledgement and the answer. Without
// one before it, in crisp tones and for people in a hurry the answer comes first.
func (c *Care) leadIn(ctx context.Context, t *bot.Turn) (string, error) {
	if len(t.Reply.Parts) == 0 || t.Plan.Tone == "crisp" || t.Plan.Tone == "brisk" || t.Plan.Persona == "hurried" {
		return "", nil
	}
	return c.say(ctx, "guide.lead", t)
}

// How sure a passage must be when the customer did not ask but told of
// trouble, where an answer beside the point hurts most: sureEnough in any case,
// and when we do not know what happened, well ahead of the next, and sureUnnamed
// when not even a thing is named. nearlyBest, in
// shares of the best, may stand in for one that was told; certain needs no
// second search.
const (
	sureEnough  = .5
	sureUnnamed = .65
	certain     = .9
	wellAhead   = .85
	nearlyBest  = .9
)

// sure reports whether passage i may be told to somebody who did not ask.
func sure(t *bot.Turn, found []bot.Passage, i int) bool {
	score := found[i].Score
	if len(t.Case.Questions) > 0 || wishes(t) || adds(t) || asksAnew(t) {
		return true // they asked, and the library knows when it does not know
	}
	if score < sureEnough || topics()[t.Case.Event] != nil {
		return score >= sureEnough
	}
	if t.Case.Noun == "" && score < sureUnnamed {
		return false // what hurts is not named: hardly any page can be about it
	}
	return len(found) == 1 || found[1].Score < wellAhead*score // only the first is asked about
}

// asksAnew reports a wish for something that was not asked for before: "never
// mind, just refund it" gives up one thing and asks for another.
func asksAnew(t *bot.Turn) bool {
	return t.Session.Turns > 0 && slices.ContainsFunc(t.Case.Asks, func(a string) bool {
		return slices.Contains([]string{"refund", "exchange", "cancel"}, a) && !slices.Contains(t.Session.Case.Asks, a)
	})
}

// adds reports a few calm words that go on with what was just answered: "60%
// 들었어요" after how refunds are counted. They are looked up on that page.
func adds(t *bot.Turn) bool {
	last := t.Session.Last()
	return last != nil && len(last.Passages) > 0 && !t.Session.Waiting() && t.Plan.Handoff.Level != "now" && len(t.Case.Given) == len(t.Session.Case.Given) && t.Case.Event == t.Session.Case.Event &&
		utf8.RuneCountInString(t.Message.Text) <= followUpMax && policy.Group(t.Feeling()) == "neutral"
}

// wishes reports a wish said outright where nothing has gone wrong: "강의
// 환불하고 싶은데요" asks how, without a question mark.
func wishes(t *bot.Turn) bool {
	if t.Session.Turns > 0 && slices.Equal(t.Case.Asks, t.Session.Case.Asks) {
		return false // wished before, and kept
	}
	switch t.Case.Event {
	case "", "exchange", "order_change", "question":
		return len(t.Case.Asks) > 0 && !t.Case.Asked("human") && !policy.Negative(t.Feeling())
	}
	return false
}

// choose takes the best passage that was not said in the last three replies:
// information repeated is information not heard.
func (c *Care) choose(t *bot.Turn, found []bot.Passage) (bot.Passage, bool) {
	asked := (len(t.Case.Questions) > 0 || adds(t)) && !rhetorical(t)
	for i, p := range found {
		if !asked && (i > 0 || !sure(t, found, i)) || i > 0 && p.Score < nearlyBest*found[0].Score {
			break // nobody asked, or only because the right page was told before: a guess would be worse than none
		}
		said := slices.ContainsFunc(t.Passages, func(q bot.Passage) bool { return q.ID == p.ID })
		if (t.Session.Waiting() || t.Plan.Handoff.Level == "now" && !policy.Grave(t.Case.Event)) && (p.Score < sureUnnamed || told(t, p.ID)) {
			break // somebody comes who knows: a page beside the point would only be in the way
		}
		said = said || told(t, p.ID) && !asked // a calm question may be answered from the same page
		if !said {
			return p, true
		}
	}
	if len(found) > 0 {
		t.Plan.Because("do not repeat the information", "it was given in one of the last replies and did not settle it", "care model 3.9")
		if t.Plan.Handoff.Level == "none" && t.Plan.Handoff.Reason == "" && policy.Negative(t.Feeling()) {
			t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "stuck"}
		}
	}
	return bot.Passage{}, false
}

// told reports that the page was told in one of the last three replies.
func told(t *bot.Turn, id string) bool {
	return slices.ContainsFunc(lastMoves(t.Session.Moves, 3), func(m bot.Move) bool { return slices.Contains(m.Passages, id) })
}

func lastMoves(m []bot.Move, n int) []bot.Move { return m[max(len(m)-n, 0):] }

// budget is how many sentences the answer may take.
func budget(t *bot.Turn, questions int) int {
	spent := 0
	for _, p := range t.Reply.Parts {
		spent += sentenceCount(p.Text)
	}
	n := max(t.Plan.Sentences-min(spent, 2), 2)
	switch {
	case questions > 3:
		n = 1 // all are answered, and it still fits a phone
	case questions > 1:
		n = 2
	}
	if t.Plan.Handoff.Level == "now" {
		n = min(n, 2)
	}
	return n
}
