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

// guide is the third stage: the answer from the brand's own knowledge, or an
// honest "I do not know" with what can be done instead. Each question of the
// message is answered, in order.
func (c *Care) guide(ctx context.Context, t *bot.Turn) error {
	if t.Plan.Handoff.Reason == "asked" || t.Plan.Handoff.Reason == "waiting_asked" {
		return nil // they want a person, or to know when one comes: no lecture
	}
	part := bot.Part{Stage: "guide"}
	led, err := c.lead(ctx, t, &part)
	if err != nil {
		return err
	}
	if led || t.Plan.Close {
		t.Say(part) // a flow leads, or they part
		return nil
	}
	if err := c.asides(ctx, t, &part); err != nil {
		return err
	}
	if onlyGreets(t) {
		t.Plan.Forward = "question"
		t.Say(part)
		return nil
	}
	if nods(t) {
		line, err := c.say(ctx, "stabilize.check", t)
		if err != nil {
			return fmt.Errorf("stabilize.check: %w", err)
		}
		t.Plan.Forward = "question"
		t.Say(bot.Part{Stage: "guide", Text: joinLines(part.Text, line)})
		return nil
	}
	if wantsAnswer(t) {
		if err := c.answer(ctx, t, &part); err != nil {
			return err
		}
	}
	if err := c.ask(ctx, t, &part); err != nil {
		return err
	}
	if unanswered(t) {
		if err := c.admit(ctx, t, &part); err != nil {
			return err
		}
	}
	t.Say(part)
	return nil
}

// nods reports a word that says no more than that our answer was read: "cool",
// "네", "알겠어요". It asks nothing, so there is nothing to look up.
func nods(t *bot.Turn) bool {
	last := t.Session.Last()
	return last != nil && last.Forward == "answer" && !t.Session.Waiting() && t.Plan.Handoff.Level == "none" && !t.Plan.Close &&
		len(t.Case.Questions) == 0 && len(t.Case.Asks) == len(t.Session.Case.Asks) && !policy.Negative(t.Feeling()) &&
		brief(t.Message.Text)
}

// brief reports one word, or two that are hardly more, and no number.
func brief(text string) bool {
	words := strings.Fields(text)
	return !strings.ContainsAny(text, "0123456789") && (len(words) == 1 && utf8.RuneCountInString(text) <= 8 ||
		len(words) == 2 && utf8.RuneCountInString(words[0]) <= 4 && utf8.RuneCountInString(words[1]) <= 4)
}

// unanswered reports that something was to be answered, nothing was, and no
// person is or will be on the way who could.
func unanswered(t *bot.Turn) bool {
	personComes := t.Plan.Handoff.Level == "now" || t.Session.Waiting()
	return wantsAnswer(t) && t.Plan.Forward == "" && !personComes && (t.Plan.Handoff == (bot.Handoff{Level: "none"}) || vague(t))
}

// asides answers what is not about the brand: an instruction hidden in the
// text, "are you a bot?", a demand for more than the brand allows.
func (c *Care) asides(ctx context.Context, t *bot.Turn, part *bot.Part) error {
	var moments []string
	if t.Reading.Has("injection") {
		moments = append(moments, "guide.injection")
	}
	if t.Reading.Has("bot_question") {
		moments = append(moments, "guide.bot")
	}
	switch {
	case t.Plan.Compensation != "":
		moments = append(moments, "guide.compensation")
	case t.Case.Asked("compensation") && !policy.Offered(t.Session):
		moments = append(moments, "guide.outside")
		if t.Plan.Handoff.Level == "none" && t.Plan.Handoff.Reason == "" {
			t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "limit"}
			t.Plan.Because("offer a person", "only a person may go beyond what the brand lets the bot give", "brand.yaml compensation")
		}
	}
	for _, moment := range moments {
		line, err := c.say(ctx, moment, t)
		if err != nil {
			return fmt.Errorf("%s: %w", moment, err)
		}
		if line != "" {
			if moment != "guide.compensation" {
				t.Plan.Forward = "answer" // a gift alone moves nothing
			}
			part.Text = joinLines(part.Text, line)
		}
	}
	return nil
}

// wantsAnswer reports whether there is something to look up: a question, an
// ask, or something that happened.
func wantsAnswer(t *bot.Turn) bool {
	switch {
	case t.Reading.Has("injection") && len(t.Case.Questions) == 0 && t.Case.Event == "":
		return false
	case gave(t) && echoes(t.Case.Questions):
		return false
	case len(t.Case.Questions) > 0:
		return true
	case t.Reading.Has("sorry"):
		return false
	case t.Session.Waiting() && (brief(t.Message.Text) || t.Reading.Has("false_calm")):
		return false // "ok" to somebody who is on the way
	case t.Reading.Has("thanks") && len(strings.Fields(t.Message.Text)) <= 4 && t.Case.Event == t.Session.Case.Event && slices.Equal(t.Case.Asks, t.Session.Case.Asks):
		return false // "cool, cheers"
	case policy.Group(t.Feeling()) == "positive" && t.Plan.Guidance != "answer_first":
		return false
	case t.Case.Event == "praise", t.Case.Event == "rude_staff", t.Reading.Has("closing"):
		return false
	case strings.TrimSpace(t.Message.Text) == "", gave(t):
		return false
	}
	return true
}

// gave reports that the message is the answer to our question and nothing else.
func gave(t *bot.Turn) bool {
	last := t.Session.Last()
	return last != nil && last.Asked != "" && last.Asked != "need" && last.Asked != "what_happened" && len(t.Case.Given) > len(t.Session.Case.Given)
}

// echoes reports that the only question says ours back before answering it:
// "주문번호요? 20418이에요", "my order number? it's 20418".
func echoes(questions []string) bool {
	return len(questions) == 1 && utf8.RuneCountInString(questions[0]) <= 20
}

// ask asks the one thing somebody must know to look into the case, once, or
// calls a person when it is known: without a look-up of its own the bot cannot
// see an order, and says so by handing it to somebody who can.
func (c *Care) ask(ctx context.Context, t *bot.Turn, part *bot.Part) error {
	need := needs()[t.Case.Event]
	if t.Session.Journey.Flow != "" && t.Case.Event == t.Session.Case.Event {
		return nil // a flow has looked into it
	}
	if t.Case.Event == "lost_item" && t.Case.Agency == "customer" {
		return nil // what they lost themselves stands on no order
	}
	if len(need) == 0 || t.Plan.Handoff.Reason == "waiting" || t.Case.Event == "own_mistake" {
		return nil
	}
	name := c.reference()
	known := slices.ContainsFunc(t.Case.Given, func(f bot.Fact) bool { return f.Name == name || f.Name == "order" || f.Name == "booking" }) ||
		t.Message.Context[name] != ""
	switch {
	case known:
		if t.Plan.Handoff.Level != "now" && (t.Plan.Questions > 0 || gave(t)) {
			t.Plan.Handoff = bot.Handoff{Level: "now", Reason: "lookup"}
			t.Plan.Because("call a person now", "the "+name+" is known; a person can look it up at once", "care model 3.7: a forward act")
		}
	case t.Plan.Questions > 0 && !t.Reading.Has("injection") && t.Session.Journey.Asked[name] == 0 && t.Plan.Handoff.Level != "now":
		t.Plan.Ask = name
		line, err := c.say(ctx, "guide.ask", t)
		if err != nil {
			return fmt.Errorf("guide.ask: %w", err)
		}
		if line != "" {
			part.Text = strings.TrimSpace(part.Text + "\n" + line)
			t.Plan.Forward = "question"
			t.Plan.Because("ask for the "+name, "it is the one thing needed to look into it", "care model 3.7: one needed question")
		}
	}
	return nil
}

// vague reports a message that says neither what happened nor what is wanted.
func vague(t *bot.Turn) bool {
	return len(t.Case.Questions) == 0 && t.Case.Event == "" && len(t.Case.Asks) == 0
}

// storyMin is the length, in words, of a message that tells something, in
// English and in Korean: who wrote that much has said what happened, understood
// or not.
var storyMin = map[string]int{"en": 11, "ko": 7}

// story reports a message that tells something and asks nothing.
func story(t *bot.Turn) bool {
	return len(t.Case.Questions) == 0 && len(strings.Fields(t.Message.Text)) >= max(storyMin[t.Reading.Lang], 1)
}

// stranded reports that our last reply had no answer either, and only offered a
// person.
func stranded(t *bot.Turn) bool {
	last := t.Session.Last()
	return last != nil && last.Handoff == "offer" && last.Forward == "choice" && len(last.Passages) == 0 && last.Asked == ""
}

// admit says that the answer is not known, or asks what they need when the
// message does not say.
func (c *Care) admit(ctx context.Context, t *bot.Turn, part *bot.Part) error {
	if t.Plan.Acknowledge.Check {
		t.Plan.Forward = "question" // whether we understood is asked already
		return nil
	}
	moment := "guide.unknown"
	upset := policy.Negative(t.Feeling())
	switch {
	case stranded(t):
		moment = "guide.beyond"
		gap(t, t.Message.Text)
		t.Plan.Handoff = bot.Handoff{Level: "now", Reason: "stuck"}
		t.Plan.Because("call a person now", "nothing in the brand's knowledge answered twice in a row", "care model 3.9: no loops")
	case vague(t) && story(t) && (upset || t.Session.Turns > 0):
		moment = "guide.beyond"
		gap(t, t.Message.Text)
		t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "unknown"}
		t.Plan.Because("say that it is beyond us", "they have told it, and nothing in the brand's knowledge fits", "better no answer than a wrong one")
	case vague(t) && upset && t.Case.Noun != "" && t.Session.Turns > 0:
		t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "feeling"}
		t.Plan.Because("offer a person", "they have told what it is about; now it weighs on them, and no page helps with that", "care model 3.8")
		return nil
	case vague(t) && upset && t.Session.Journey.Asked["what_happened"] == 0:
		moment = "guide.ask"
		t.Plan.Ask, t.Plan.Forward = "what_happened", "question"
		t.Plan.Because("ask what happened", "something hurts and the message does not say what", "care model 3.7: one needed question")
	case vague(t) && !upset && t.Session.Journey.Asked["need"] == 0:
		moment = "guide.clarify"
		t.Plan.Ask, t.Plan.Forward = "need", "question"
		t.Plan.Because("ask what they need", "the message does not say it", "care model 3.7: one needed question")
	default:
		if story(t) {
			moment = "guide.beyond"
		}
		gap(t, t.Message.Text)
		t.Plan.Handoff = bot.Handoff{Level: "offer", Reason: "unknown"}
		t.Plan.Because("say that we do not know", "nothing in the brand's knowledge answers it", "better no answer than a wrong one")
	}
	line, err := c.say(ctx, moment, t)
	if err != nil {
		return fmt.Errorf("%s: %w", moment, err)
	}
	part.Text = strings.TrimSpace(part.Text + "\n" + line)
	return nil
}
