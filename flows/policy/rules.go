package policy

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// Check is the Plan.Safety of a doubt: one question whether everybody is safe,
// and business goes on beside it.
const Check = "check"

// safety decides the lane that replaces everything else when a person may be
// in danger (care model 2.12): a reviewed fixed text, business paused, a person
// called. It reports whether nothing else is decided.
func safety(s Situation, p *bot.Plan) bool {
	lane := laneOf(s)
	if lane == "" {
		return false
	}
	p.Safety = lane
	heard := "heard in: " + strings.Join(dangerous(s.Reading), " · ")
	if lane == Check {
		p.Because("ask whether everybody is safe", heard+"; not certain, so it is asked once and the matter goes on", "care model 2.12")
		return false
	}
	p.Tone, p.Guidance, p.Forward = "quiet", "safety", "handoff"
	p.Stabilisers = []string{"S4"}
	p.Handoff = bot.Handoff{Level: "now", Reason: "risk"}
	p.Acknowledge.Moment = "none"
	p.Sentences, p.Questions = 8, 1
	p.Because("safety "+p.Safety, "the message may speak of danger to a person; everything else waits. "+heard, "care model 2.12, after VERA-MH")
	p.Because("call a person now", "the bot must never be the last one to judge danger", "care model 2.12")
	return true
}

// laneOf names the text that fits the tier and the kind of the danger, or "".
func laneOf(s Situation) string {
	risk, kind := s.Reading.Risk, s.Reading.Danger
	if risk == bot.R0 {
		return still(s)
	}
	after := false
	if last := s.Before.Last(); last != nil {
		after = strings.HasPrefix(last.Strategy, "safety.")
	}
	lanes, other := lanes[kind]
	switch {
	case after && risk <= bot.R1 && s.Before.Last().Strategy != "safety."+Check:
		return "after" // the resource has been given: stay with the person, do not repeat it
	case other && risk == bot.R1 && after:
		return "" // asked already
	case other:
		return lanes[risk-bot.R1]
	}
	return risk.String()
}

// still keeps the lane of somebody who has spoken of death and goes on without
// any other matter: "never mind, I just said that" is no return to business.
func still(s Situation) string {
	last := s.Before.Last()
	if last == nil || !s.Before.Waiting() || len(s.Case.Questions) > 0 || Added(s.Before.Case, s.Case) {
		return ""
	}
	if slices.Contains([]string{"safety.R1", "safety.R2", "safety.R3", "safety.after"}, last.Strategy) {
		return "after"
	}
	return ""
}

// lanes are the texts for each kind of danger at R1, R2 and R3. Thoughts of
// death of one's own are met by the tier itself.
var lanes = map[string][3]string{
	"other":    {"other", "other", "other_now"},
	"medical":  {Check, "medical", "emergency"},
	"child":    {Check, "child", "emergency"},
	"fire":     {Check, "fire", "fire_now"},
	"violence": {Check, "violence", "violence_now"},
	"threat":   {Check, "threat", "threat"},
}

// dangerous lists the words that counted as danger.
func dangerous(r bot.Reading) []string {
	var words []string
	for _, e := range r.Evidence {
		if e.Kind == "risk" && e.Text != "" && !slices.Contains(words, e.Text) && len(words) < 4 {
			words = append(words, e.Text)
		}
	}
	if len(words) == 0 {
		return []string{"the whole message"}
	}
	return words
}

// cellOf finds the row of the decision table for the feeling that is answered.
func cellOf(s Situation, p *bot.Plan) Cell {
	row := s.feeling
	if report(s) {
		row = calmReport
	}
	if s.Reading.Confidence < .45 && Negative(s.feeling) {
		p.Because("do not name a feeling", "confidence "+decimal(s.Reading.Confidence)+" is too low; naming the wrong one costs more than naming none", "care model 3.2")
	}
	p.Because("answer to "+strings.ReplaceAll(row, "_", " ")+" "+p.Band, evidence(s.Reading), "care model 3.6")
	return Table()[row][p.Band]
}

// Grave reports an event so serious that neither a cheerful reading of it nor a
// page of knowledge that only shares its words may be followed.
func Grave(event string) bool {
	return event == "bereavement" || event == "health_reaction" || event == "privacy_leak"
}

// sarcastic reports praise that is none: joy about something that went wrong.
func sarcastic(s Situation) bool {
	if s.Reading.Has("sarcasm") {
		return true
	}
	top := s.Reading.Top()
	return (top == "joy" || top == "gratitude" || top == "amusement") && hurt(s.Case) && (s.Before.Last() == nil || s.Case.Event == "rude_staff" && s.Before.Case.Event == "") &&
		!s.Reading.Has("thanks") && !s.Reading.Has("joke") && !s.Reading.Has("laugh")
}

// strongestComplaint returns the strongest complaint in the reading, or
// disappointment: what bitter praise most often means.
func strongestComplaint(r bot.Reading) string {
	for _, e := range r.Emotions {
		if Group(e.Name) == "complaint" && e.Strength >= .2 {
			return e.Name
		}
	}
	return "disappointment"
}

// hurt reports that something has gone wrong for the customer.
func hurt(c bot.Case) bool {
	switch c.Event {
	case "", "question", "praise", "exchange", "order_change":
		return c.Broken > 0
	}
	return true
}

// plainQuestion reports a question that is only a question. Asking how
// something works reads like confusion to a recognizer, but nobody who asks for
// the delivery fee wants to be told how unclear things must be. In the middle
// of a case a calm question is one too: it is answered, not soothed.
func plainQuestion(s Situation) bool {
	if s.Reading.Has("injection") {
		return true // what the text pretends to feel is part of the trick
	}
	emotion := s.Reading.Top()
	if faint := s.Reading.Confidence < .45 || s.Reading.Strength(emotion) < .4; faint && s.Reading.Intensity < .35 {
		emotion = "neutral" // too faint and too unsure to mean anything
	}
	switch emotion {
	case "confusion", "expectation", "neutral", "anxiety", "panic":
	default:
		return false
	}
	if len(s.Case.Questions) == 0 || s.Reading.Has("threat") || s.Reading.Has("new_grievance") {
		return false
	}
	for _, e := range s.Reading.Emotions {
		if g := Group(e.Name); (g == "complaint" || g == "vulnerable" && e.Name != "panic") && e.Strength >= .5 {
			return false
		}
	}
	worried := emotion == "anxiety" || emotion == "panic"
	if worried && (s.Reading.Intensity >= .4 || len(s.Case.Stakes) > 0) || s.Reading.Intensity >= .65 {
		return false
	}
	if s.Asks && s.Reading.Intensity < .35 && s.Case.Contacts <= 1 && s.Case.Broken == 0 && len(s.Case.Stakes) == 0 {
		return true // "when will it come?" tells of no failure
	}
	return !hurt(s.Case) || s.Before.Last() != nil || len(s.Case.Questions) > 1
}

// evidence says in plain words what spoke for the reading.
func evidence(r bot.Reading) string {
	var words []string
	for _, e := range r.Evidence {
		if e.Text != "" && !slices.Contains(words, e.Text) {
			words = append(words, e.Text)
		}
		if len(words) == 4 {
			break
		}
	}
	if len(words) == 0 {
		return "no strong words; the whole message decided"
	}
	return "heard in: " + strings.Join(words, " · ")
}

// acknowledge binds the acknowledgement to the customer's own noun and why it
// matters: a third contact is met with its effort, a lost occasion with its
// meaning.
func acknowledge(s Situation, c Cell, p *bot.Plan) {
	a := bot.Acknowledge{Moment: moment(s, c.Acknowledge, p), Budget: c.Clauses, Fact: s.Case.Noun, Why: why(s.Case)}
	if stake, ok := s.Case.Staked("occasion"); ok && hurt(s.Case) && (a.Moment == "fact" || a.Moment == "worry" && s.Case.Deadline.IsZero()) {
		a.Moment, a.Why = "meaning", stake.Words
	}
	if s.Reading.Confidence >= .65 && s.Reading.Intensity >= .35 && s.feeling != "neutral" {
		a.Feeling = s.feeling
	}
	if s.Mood.Trajectory == "resigned" {
		a.Fact = s.Before.Case.Noun // "fine" is not what it is about
	}
	if !hurt(s.Case) && a.Fact != "" && (tooLittle(a.Fact) || strings.Contains(a.Why, a.Fact)) {
		a.Fact, a.Why = "", "" // "돈" alone binds nothing, nor does the same thing twice
	}
	if s.Case.Event == "praise" && s.Before.Case.Event == "praise" {
		a.Fact, a.Why = "", "" // what they go on about need not be what they praised
	}
	unbound(s, &a)
	if s.Form.Clauses > 0 {
		a.Budget = min(a.Budget, s.Form.Clauses)
	}
	p.Acknowledge = a
	p.Warmth = warmth(p)
	if a.Moment != "none" && (a.Fact != "" || a.Why != "") {
		p.Because("acknowledge "+a.Moment, "in the customer's own words: "+strings.Trim(a.Fact+" · "+a.Why, " ·"), "finding 2: substance, not strategy labels")
	}
}

// unbound handles a message that names nothing to bind words to: nothing is
// echoed, and only an angry question is met by asking whether we understood.
func unbound(s Situation, a *bot.Acknowledge) {
	if hurt(s.Case) || a.Fact != "" || a.Why != "" {
		return
	}
	switch a.Moment {
	case "fact", "meaning", "worry", "proof", "restate", "goal":
		a.Moment = "none"
		a.Check = Group(s.feeling) == "complaint" && len(s.Case.Questions) > 0 && s.Reading.Intensity >= .35
	}
}

// moment chooses what to acknowledge: what happened decides over what is felt
// where the two differ.
func moment(s Situation, table string, p *bot.Plan) string {
	group := Group(s.feeling)
	complaint := group == "complaint" || s.Mood.Trajectory == "escalating" || s.feeling == "helplessness" && s.Mood.Trajectory != "resigned"
	promised := s.Case.Broken > 0 || s.Case.Event == "misinformation" || s.Case.Event == "price_dispute"
	switch {
	case table == "none" || group == "positive" && !sarcastic(s) && !Grave(s.Case.Event) || s.Mood.Trajectory == "resigned":
		return table
	case s.Reading.Has("sorry") && s.feeling == "shame":
		return "self"
	case s.Case.Event == "bereavement" && slices.ContainsFunc(s.Before.Moves, func(m bot.Move) bool { return strings.HasPrefix(m.Strategy, "loss/") }):
		return "none" // condolences are given once; then it is deeds that comfort
	case s.Case.Event == "bereavement":
		return "loss"
	case table == "loss" && mourning(s.Case):
		return "loss"
	case table == "loss" && hurt(s.Case):
		table = "meaning" // sad, but nobody has died: it is about what was lost
		if !lookedForward(s.Case) {
			return "fact"
		}
	case table == "loss" && s.Case.Event != "":
		return "none"
	case s.Case.Broken > 0 && complaint && s.Case.Contacts < 3:
		p.Because("acknowledge what was promised", "they say a promise was broken", "care model 2.6: distrust needs proof")
		return "proof"
	case s.Case.Contacts >= 2 && complaint:
		p.Because("acknowledge the effort", "contact number "+strconv.Itoa(s.Case.Contacts)+" about the same thing", "care model 3.6")
		return "effort"
	case s.Case.Event == "own_mistake":
		return "self"
	case table == "goal" && !hurt(s.Case), table == "restate" && !hurt(s.Case) && s.Case.Noun == "":
		return "none" // a wish needs no echo
	case table == "effort" && s.Case.Contacts < 2, table == "proof" && !promised, table == "tired" && hurt(s.Case), table == "meaning" && !lookedForward(s.Case):
		return "fact"
	}
	return table
}

// lookedForward reports something the customer had been waiting for, whose loss
// is more than the thing.
func lookedForward(c bot.Case) bool {
	switch c.Event {
	case "delivery_late", "delivery_missing", "wrong_item", "not_as_described", "damaged_item", "cancellation", "unavailable", "schedule_change", "lost_item":
		return true
	}
	return hasStake(c, "occasion")
}

// stakeOrder lists what may be at stake, the gravest first.
var stakeOrder = []string{"health", "safety", "occasion", "deadline", "privacy", "money", "work", "legal", "dignity", "relationship"}

// why picks the stake that most explains the feeling, in the customer's words.
// What hurt their dignity is never said back to them.
func why(c bot.Case) string {
	for _, kind := range stakeOrder {
		if kind == "dignity" || kind == "relationship" {
			continue
		}
		s, ok := c.Staked(kind)
		if !ok || tooLittle(s.Words) || !strings.Contains(s.Words, " ") && utf8.RuneCountInString(s.Words) < 3 || c.Noun != "" && (strings.Contains(c.Noun, s.Words) || kind == "money" && strings.Contains(s.Words, c.Noun)) || sum(s) {
			continue // it says nothing, or the noun says it already
		}
		return s.Words
	}
	return ""
}

// sum reports a stake that is an amount of money: a sum is not what hurts.
func sum(s bot.Stake) bool { return s.Kind == "money" && strings.ContainsAny(s.Words, "0123456789") }

// tooLittle reports words that explain nothing when said back: one English
// word, or a Korean one that is very short or still carries its particle.
func tooLittle(words string) bool {
	runes := []rune(words)
	if len(runes) == 0 {
		return true
	}
	if strings.HasSuffix(words, "중") || strings.HasSuffix(words, "안에") || strings.HasSuffix(words, "까지") {
		return true // "오늘 중", "내일까지": when, and not what
	}
	if strings.Contains(words, " ") {
		return strings.ContainsRune("된한던할", runes[len(runes)-1]) // a modifier without its noun
	}
	if len(runes) < 2 || runes[0] < 0x1100 {
		return true
	}
	return strings.ContainsRune("이가은는을를도에된한던할", runes[len(runes)-1])
}

// warmth is the share of warmth in the opening: warm at the start and the end,
// competent in the middle (Li, Packard & Berger 2023).
func warmth(p *bot.Plan) float64 {
	if p.Acknowledge.Budget == 0 {
		return .35
	}
	return .9
}

// humour allows one light line only when they joked first, nothing is at stake
// and nothing is being apologised for (care model 2.9).
func humour(s Situation, c Cell, p *bot.Plan) {
	joked := s.Reading.Has("joke") || s.Reading.Has("laugh") && Group(s.feeling) == "positive"
	p.Humour = c.Humour != "no" && joked && s.House.Humour && p.Band == "L" &&
		p.Apology <= 1 && s.Case.Harm <= .12 && !s.Case.Vulnerable && !Negative(s.feeling)
	if p.Humour {
		p.Because("one light line", "they joked first, nothing is at stake and the brand allows it", "care model 2.9")
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
