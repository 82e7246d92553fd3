package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onkihq/onki/bot"
)

// handoff decides whether a person comes in. A wish for a person is honoured in
// the same turn; two stabilising turns without effect offer one, three call one
// (care model 3.8); what a bot must not settle goes to a person at once.
func handoff(s Situation, c Cell, p *bot.Plan) {
	if s.Before.Waiting() {
		p.Handoff = bot.Handoff{Level: "none", Reason: "waiting"}
		if asksHuman(s) || s.Reading.Has("asks_when") && s.Case.Noun == s.Before.Case.Noun {
			p.Handoff.Reason = "waiting_asked"
		}
		p.Because("a person is already called", "the call stands; we keep helping meanwhile", "care model 3.9")
		return
	}
	level, reason, why := wanted(s)
	if level == "" && c.Person != "none" {
		level, reason, why = c.Person, "feeling", s.feeling+" "+p.Band+" may want a person"
	}
	if level == "" {
		return
	}
	p.Handoff = bot.Handoff{Level: level, Reason: reason}
	word := map[string]string{"now": "call a person now", "offer": "offer a person"}[level]
	p.Because(word, why, "care model 3.6, 3.8")
}

func asksHuman(s Situation) bool { return s.Choice == bot.ChoiceHuman || s.Case.Asked("human") }

// wanted returns the strongest reason for a person that lies outside the
// feeling itself.
func wanted(s Situation) (level, reason, why string) {
	switch {
	case asksHuman(s):
		return "now", "asked", "they asked for a person"
	case s.Case.Event == "privacy_leak":
		return "now", "privacy", "a data leak is for people to settle"
	case s.Case.Event == "health_reaction":
		return "now", "health", "health is at stake"
	case s.Case.Broken > 0 && s.Case.Contacts >= 3:
		return "now", "double_deviation", "a promise was broken and this is contact " + strconv.Itoa(s.Case.Contacts) + ": who and what must change, not the wording"
	case (Grave(s.Case.Event) || s.Case.Event == "rude_staff") && s.Before.Case.Event == s.Case.Event && s.Before.Last() != nil && !s.Reading.Has("thanks") && !s.Reading.Has("closing"):
		return "now", "dignity", "they go on, and nobody in this situation should have to press a button for a person"
	case s.Case.Contacts >= 3 && (s.Reaction == "worse" || s.Reaction == "same") && judges(s.Reading):
		return "now", "double_deviation", "this is contact " + strconv.Itoa(s.Case.Contacts) + ", and our last reply did not help either"
	case s.Mood.Futile >= 3:
		return "now", "stuck", "three replies in a row brought no calm"
	case s.Before.Journey.Tries >= 2:
		return "now", "stuck", "two attempts at the task failed"
	case s.Mood.Futile >= 2:
		return "offer", "stuck", "two replies in a row brought no calm"
	case s.Case.Event == "safety_worry":
		return "offer", "safety", "whether it is safe is not for a bot to judge"
	case s.Case.Event == "rude_staff", s.Case.Event == "bereavement":
		return "offer", "dignity", "this deserves a person's attention"
	case s.Case.Broken > 0:
		return "offer", "promise", "a promise was broken: somebody should own the next one"
	case s.Reading.Has("threat"):
		return "offer", "threat", "they speak of leaving, the media or the law"
	}
	return "", "", ""
}

// react changes the move by what came of the last one: this is response
// engineering, the closed loop (care model 1.2). The same message after a
// different last reply gets a different plan.
func react(s Situation, p *bot.Plan) {
	last := s.Before.Last()
	if last == nil {
		return
	}
	if s.Answered && s.Reading.Intensity < .65 && !s.Reading.Has("abuse") && !Grave(s.Case.Event) {
		p.Acknowledge = bot.Acknowledge{Moment: "none", Fact: p.Acknowledge.Fact, Why: p.Acknowledge.Why}
		p.Apology, p.Warmth = 0, .35
		p.Because("no words before the next step", "they answered what we asked; doing it is the answer to that", "care model 3.7")
		return
	}
	if s.Before.Waiting() || s.plain {
		return // a person is on the way, or they simply ask: there is no course to change
	}
	if before := s.Before.Case.Event; before != "" && s.Case.Event != "" && s.Case.Event != before {
		return // another matter: what we said was about the one before
	}
	upset := Negative(s.feeling) && s.Reading.Intensity >= .25
	stake, fresh := news(s.Before.Case, s.Case)
	grave := fresh && (stake.Kind == "health" || stake.Kind == "safety")
	more := Added(s.Before.Case, s.Case) && (upset || grave) && !judges(s.Reading)
	switch {
	case s.Asks && !judges(s.Reading) && !Added(s.Before.Case, s.Case) && s.Reading.Intensity < .6 && Group(s.feeling) != "vulnerable":
		p.Acknowledge.Moment = "none"
		p.Because("no words before the answer", "they only ask; the answer is what they want", "care model 3.7")
	case s.Reaction == "told", more && (s.Reaction == "cooperated" || s.Reaction == "eased"):
		listen(s, p)
	case s.Reaction == "same" && upset && !advised(last) && !judges(s.Reading):
		p.Acknowledge.Moment = "none" // they have not answered yet; nothing was advised that could have failed
	case (s.Reaction == "worse" || s.Reaction == "same") && upset && !advised(last):
		p.Acknowledge.Moment, p.Acknowledge.Budget = "more", 1
		nearer(s, last, p)
		p.Because("nothing to take back", "our last reply advised nothing that could have failed", "response engineering, care model 1.2")
	case s.Reaction == "worse" && upset, s.Reaction == "same" && upset:
		change(s, last, p)
	case s.Reaction == "cooperated" || s.Reaction == "eased":
		if m := p.Acknowledge.Moment; m != "thanks" && m != "joy" && m != "loss" && !upset {
			p.Acknowledge = bot.Acknowledge{Moment: "none", Fact: p.Acknowledge.Fact, Why: p.Acknowledge.Why}
		}
		p.Warmth = .35
		p.Because("less soothing, more doing", "they "+s.Reaction+" after our last reply; the middle of a conversation is for competence", "Li, Packard & Berger 2023")
	}
}

// listen meets what somebody adds to their story: that is acknowledged for
// itself, and neither the first acknowledgement nor the course is changed.
func listen(s Situation, p *bot.Plan) {
	if Group(s.feeling) == "vulnerable" {
		return // who mourns, is ashamed or gives up is met in the same way again
	}
	stake, fresh := news(s.Before.Case, s.Case)
	p.Acknowledge.Moment, p.Acknowledge.Budget = "more", 1
	p.Acknowledge.Fact, p.Acknowledge.Why = s.Case.Noun, ""
	why := "they go on telling; that says nothing against our last reply"
	if fresh && !sum(stake) {
		p.Acknowledge.Why = stake.Words
		why = "they add what is at stake (" + stake.Kind + "); that says nothing against our last reply"
	}
	p.Because("acknowledge what they add", why, "response engineering, care model 1.2")
}

// change takes another course: another acknowledgement, other stabilisers, and
// a person if one was not offered yet or the offer did not help.
func change(s Situation, last *bot.Move, p *bot.Plan) {
	p.Acknowledge.Moment = "change"
	p.Acknowledge.Budget = 1
	p.Guidance = "options"
	p.Stabilisers = swap(p.Stabilisers, last.Stabiles)
	nearer(s, last, p)
	p.Because("change course", "our last reply ("+last.Strategy+") left them "+s.Reaction+"; another one like it would too", "response engineering, care model 1.2")
}

// advised reports that our last reply gave something that may have helped or
// not: a page, a step, an act. A question or the offer of a person is none.
func advised(last *bot.Move) bool {
	switch last.Forward {
	case "answer", "done", "doing":
		return true
	case "choice":
		return len(last.Passages) > 0 || last.Asked != ""
	}
	return len(last.Passages) > 0
}

// nearer brings a person nearer: one is offered, or called when the offer did
// not help.
func nearer(s Situation, last *bot.Move, p *bot.Plan) {
	if p.Handoff.Level == "none" {
		p.Handoff = bot.Handoff{Level: "offer", Reason: "stuck"}
	} else if p.Handoff.Level == "offer" && last.Handoff == "offer" && s.Reaction == "worse" {
		p.Handoff = bot.Handoff{Level: "now", Reason: "stuck"}
		p.Because("call a person now", "one was offered, and it got worse", "care model 3.8")
	}
}

// swap puts a stabiliser that was not used last in front; if all were used, it
// turns to real options (S3), which is what repeating words cannot give.
func swap(now, last []string) []string {
	var fresh []string
	for _, n := range now {
		if !slices.Contains(last, n) {
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 {
		return []string{"S3"}
	}
	return fresh
}

// React names the customer's reaction to our last move, from the change of the
// negative load and from what they did. added says that the message adds to the
// case (Added) or asks on: who goes on telling has not judged our reply, however
// much it hurts to tell, unless the message says so.
func React(last *bot.Move, load float64, r bot.Reading, mood bot.Mood, added bool) string {
	judged := judges(r)
	switch {
	case last == nil:
		return ""
	case mood.Trajectory == "resigned":
		return "resigned"
	case r.Has("closing") && load < .35:
		return "closed"
	case !judged && load >= .25 && load-last.Before >= -.15 && (added || r.Has("new_grievance") || Group(r.Top()) != "complaint" && Negative(r.Top())):
		return "told"
	case r.Has("new_grievance") || load-last.Before > .15:
		return "worse"
	case r.Has("rebuff"):
		return "same"
	case r.Has("cooperation") && load <= last.Before:
		return "cooperated"
	case last.Before-load > .15:
		return "eased"
	case load < .25:
		return "cooperated" // calm and going on is what most success looks like
	}
	return "same"
}

// judges reports a message that says what they think of our last reply.
func judges(r bot.Reading) bool { return r.Has("rebuff") || r.Has("threat") || r.Has("abuse") }

// Added reports that a message adds something to the open case: what happened,
// what is at stake, a thing, a day, a number. At the beginning of a case
// everything is new.
func Added(before, now bot.Case) bool {
	if now.Event != before.Event && now.Event != "question" || now.Noun != before.Noun || len(now.Given) > len(before.Given) || !now.Deadline.Equal(before.Deadline) || now.Contacts > before.Contacts {
		return true
	}
	_, fresh := news(before, now)
	return fresh
}

// news returns what is newly at stake, the gravest first.
func news(before, now bot.Case) (bot.Stake, bool) {
	for _, kind := range stakeOrder {
		s, ok := now.Staked(kind)
		if old, had := before.Staked(kind); ok && (!had || old.Words != s.Words) {
			return s, true
		}
	}
	return bot.Stake{}, false
}

// Futile counts stabilising turns in a row without effect: the load was worth
// stabilising, we tried, and it did not go down (care model 3.8).
func Futile(before int, last *bot.Move, load float64) int {
	if last == nil || last.Before < .2 || load < .2 {
		return 0
	}
	if load < last.Before-.1 {
		return 0
	}
	return before + 1
}

// boundary says once, with respect, that abuse of people is not all right, and
// goes on helping (S5).
func boundary(s Situation, p *bot.Plan) {
	if !s.Reading.Has("abuse") || s.Before.Boundary {
		return
	}
	p.Boundary = true
	p.Stabilisers = append([]string{"S5"}, p.Stabilisers...)
	p.Because("one boundary", "the words attack a person; it is said once and help goes on", "care model 2.11 item 8")
}

// Offered reports whether the brand's compensation has been offered in this
// conversation before; it is offered once.
func Offered(s *bot.Session) bool {
	return slices.ContainsFunc(s.Moves, func(m bot.Move) bool { return m.Promise != "" })
}

// compensate offers only what the brand allows for this event, once, and only
// when it was the brand's failure: more is never given because somebody shouts.
func compensate(s Situation, p *bot.Plan) {
	if !s.Case.Asked("compensation") && (!s.Mood.Calm || s.Before.Waiting()) || s.Case.Agency == "customer" {
		return // a coupon before anything is better reads as being bought off
	}
	if Offered(s.Before) {
		return
	}
	for _, c := range s.House.Compensation {
		if c.When == s.Case.Event {
			p.Compensation = c.Text
			p.Because("offer what the brand allows", c.Text, "brand.yaml compensation; pay back in kind (Roschk & Gelbrich 2014)")
			return
		}
	}
}

// closing recognises that the need is met: stop soothing, summarise, part well
// (care model 3.8).
func closing(s Situation, p *bot.Plan) {
	if s.Before.Waiting() {
		return // somebody is still to come: nothing is closed
	}
	done := s.Mood.Calm && (s.Reading.Has("closing") || s.Reading.Has("thanks"))
	calmEnd := s.Reading.Has("closing") && s.Mood.Trajectory != "resigned" && !Negative(s.feeling)
	if (done || calmEnd) && len(s.Case.Questions) == 0 && p.Handoff.Level == "none" {
		p.Close = true
		p.Stabilisers = []string{"S8"}
		p.Because("close", "the need is met and they are parting", "care model 3.8")
	}
}

// length bounds sentences and questions by band and form (care model 3.7).
func length(s Situation, p *bot.Plan) {
	p.Sentences = map[string]int{"L": 4, "M": 5, "H": 4}[p.Band]
	if !s.plain { // nothing needs to be asked before a plain question is answered
		p.Questions = 1
	}
	if s.Form.Sentences > 0 {
		p.Sentences = min(p.Sentences, s.Form.Sentences)
	}
	if s.Form.Questions > 0 {
		p.Questions = min(p.Questions, s.Form.Questions)
	}
	if n := len(s.Case.Questions); n > 1 {
		p.Sentences += n - 1 // every question is answered
	}
}

// register chooses the level of speech: formal when we own a serious failure,
// when somebody has died or is in danger, or when the brand or the customer
// prefers it (care model 2.11).
func register(s Situation, p *bot.Plan) {
	formal := s.House.Formal || s.Form.Formal || p.Apology >= 3 || p.Safety != "" || p.Acknowledge.Moment == "loss"
	for _, m := range s.Before.Moves {
		formal = formal || m.Apology >= 3 || strings.HasPrefix(m.Strategy, "loss/") // the level is kept while the case is open
	}
	switch {
	case s.Lang == "ko" && formal:
		p.Register = "hasipsio"
	case s.Lang == "ko":
		p.Register = "haeyo"
	case formal:
		p.Register = "formal"
	default:
		p.Register = "plain"
	}
}
