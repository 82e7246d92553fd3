package phrases

import (
	"slices"
	"strconv"

	"github.com/onkihq/onki/bot"
)

// A view is what conditions and slots see of one turn, computed once.
type view struct {
	w     *Writer
	t     *bot.Turn
	lang  string
	words *vocabulary
	of    [keys][]string
	slots map[string]string
}

// feelingGroup sorts the care emotions into the coarse groups of care model 3.1.
var feelingGroup = map[string]string{
	"anger": "complaint", "frustration": "complaint", "disappointment": "complaint", "distrust": "complaint", "incredulity": "complaint",
	"confusion": "confusion", "anxiety": "confusion", "expectation": "expectation",
	"panic": "vulnerable", "grief": "vulnerable", "shame": "vulnerable", "helplessness": "vulnerable",
	"gratitude": "positive", "joy": "positive", "relief": "positive", "amusement": "positive", "neutral": "neutral",
}

func newView(w *Writer, t *bot.Turn, lang string) *view {
	v := &view{w: w, t: t, lang: lang, words: w.words[lang], slots: map[string]string{}}
	p := &t.Plan
	top := t.Feeling()
	v.of[keyEmotion] = []string{top}
	v.of[keyGroup] = []string{feelingGroup[top]}
	v.of[keyFeeling] = some(p.Acknowledge.Feeling)
	v.of[keyNamed] = yes(p.Acknowledge.Feeling != "")
	v.of[keyBand] = []string{orElse(p.Band, "L")}
	v.of[keyPersona] = []string{orElse(p.Persona, "unknown")}
	v.of[keyEvent] = []string{orElse(t.Case.Event, "none")}
	v.of[keyAgency] = []string{orElse(t.Case.Agency, "unknown")}
	v.of[keyApology] = []string{strconv.Itoa(p.Apology)}
	v.of[keyRegister] = []string{register(lang, p.Register)}
	v.of[keyTone] = some(p.Tone)
	v.of[keyTrajectory] = some(t.Session.Mood.Trajectory)
	v.of[keyFlag] = t.Reading.Flags
	v.of[keyAsk] = some(p.Ask)
	v.of[keyRisk] = []string{t.Reading.Risk.String()}
	v.of[keyCountry] = country(lang, w.country)
	v.of[keyReason] = some(p.Handoff.Reason)
	v.of[keyForward] = some(p.Forward)
	v.of[keyHumour] = yes(p.Humour)
	v.of[keyVerified] = yes(t.Case.Verified)
	v.of[keyBroken] = yes(t.Case.Broken > 0)
	v.of[keyLost] = yes(t.Case.Lost)
	v.of[keyOptions] = []string{strconv.Itoa(min(len(p.Options), 2))}
	v.of[keyAbout] = subjects[t.Case.Event]
	v.of[keyStake] = stakes(t)
	v.of[keyTurn] = []string{"first"}
	if last := t.Session.Last(); last != nil {
		v.of[keyTurn] = []string{"later"}
		v.of[keyReaction] = some(last.Reaction)
	}
	if len(p.Promises) > 0 {
		v.of[keyPromise] = some(p.Promises[0].What)
	}
	v.fill()
	return v
}

// stakes returns the kinds of the stake that the acknowledgement names, or of
// all when it names none of them.
func stakes(t *bot.Turn) []string {
	var named, all []string
	for _, s := range t.Case.Stakes {
		all = append(all, s.Kind)
		if s.Words != "" && s.Words == t.Plan.Acknowledge.Why {
			named = append(named, s.Kind)
		}
	}
	if len(named) > 0 || t.Plan.Acknowledge.Moment == "more" {
		return named // of a story that goes on, only what is new
	}
	return all
}

// country returns the country if its emergency numbers are known, else "other".
// A brand that names none gets those of Korea in Korean and a list of several
// in English, "any". Every safety text carries its countries, so that a number
// of one country is never given in another.
func country(lang, code string) []string {
	switch {
	case code == "" && lang == "ko":
		return []string{"KR"}
	case code == "":
		return []string{"any"}
	case slices.Contains(conditions["country"].values, code):
		return []string{code}
	}
	return []string{"other"}
}

// register returns a register of the language, the warmer one by default.
func register(lang, wanted string) string {
	switch {
	case lang == "ko" && wanted == "hasipsio", lang == "ko" && wanted == "formal":
		return "hasipsio"
	case lang == "ko":
		return "haeyo"
	case wanted == "formal", wanted == "hasipsio":
		return "formal"
	}
	return "plain"
}

func some(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func yes(b bool) []string {
	if b {
		return []string{"yes"}
	}
	return []string{"no"}
}

// fill computes the slots that come from the turn, and with them the values of
// "has". Slots that fall back to the language's own nouns (fact, event, ask,
// promise) count as had only when the customer or the plan gave them.
func (v *view) fill() {
	t, p := v.t, &v.t.Plan
	v.set("name", clip(t.Customer, v.words))
	v.set("brand", v.w.brand[v.lang])
	v.set("hours", v.w.hours[v.lang])
	v.set("person", orElse(v.w.person[v.lang], v.words.one["person"]))
	v.set("gift", p.Compensation)
	if t.Case.Contacts > 1 {
		v.set("contacts", v.words.ordinal(t.Case.Contacts))
	}
	if v.w.within > 0 {
		v.set("within", v.words.span(v.w.within))
	}
	v.set("ahead", v.words.people(t.Others))
	photo, file := v.words.files(t.Message.Files)
	v.set("photo", photo)
	v.set("file", file)
	fact := v.words.noun(p.Acknowledge.Fact)
	if event := v.of[keyEvent][0]; event != "none" && event != "other" && v.words.isDealing(fact) {
		fact = "" // "배송", "my refund": the event says it better than its name
	}
	switch kin := v.words.endsIn("kin", fact); {
	case kin && t.Case.Event == "bereavement":
		v.set("fact", fact)
		v.of[keyHas] = append(v.of[keyHas], "kin")
	case !kin: // nobody's father is late, cancelled or charged twice
		v.set("fact", fact)
	}
	if v.words.endsIn("pets", v.slots["fact"]) {
		v.of[keyHas] = append(v.of[keyHas], "pet")
	}
	why := v.words.noun(p.Acknowledge.Why)
	switch {
	case why != "" && why == v.slots["fact"] || v.words.isDealing(why): // named already, by the noun or by the event
	case why == "" && (v.about("occasion", "deadline", "money", "work") || v.words.begins("determiners", p.Acknowledge.Why)):
		v.set("words", v.words.clause(p.Acknowledge.Why)) // "one has a fever", "I'll go to the press" are not said back
	case !v.words.isThing(why):
		v.set("why", why)
	default:
		v.set("thing", why)
		if !v.about("health", "safety", "dignity", "relationship") {
			v.set("why", why)
		}
	}
	if len(t.Passages) > 0 {
		v.set("title", t.Passages[0].Title)
	}
	v.fillPlan(p)
}

// about reports that the stake which is named is of one of these kinds.
func (v *view) about(kinds ...string) bool {
	return slices.ContainsFunc(v.of[keyStake], func(k string) bool { return slices.Contains(kinds, k) })
}

// fillPlan computes the slots that come from the plan: promise, question, options.
func (v *view) fillPlan(p *bot.Plan) {
	t := v.t
	if len(p.Promises) > 0 {
		promise := p.Promises[0]
		v.set("owner", promise.Owner)
		v.set("promise", v.words.spoken(promise.What))
		if !promise.Due.IsZero() {
			v.set("due", v.words.due(promise.Due.In(v.w.zone), t.Message.Time.In(v.w.zone)))
		}
	}
	v.set("ask", v.words.spoken(p.Ask))
	for _, name := range []string{"ask", "promise"} {
		if v.slots[name] == "" && v.knows("part.noun."+name) {
			v.of[keyHas] = append(v.of[keyHas], name)
		}
	}
	for i, name := range []string{"option1", "option2"} {
		if i < len(p.Options) {
			v.slots[name] = v.words.one["open label"] + p.Options[i].Label + v.words.one["close label"]
		}
	}
}

// knows reports whether the language has a word of its own here.
func (v *view) knows(part string) bool {
	all := v.w.entries[v.lang+" "+part]
	return slices.ContainsFunc(all, func(p phrase) bool { return p.fits(v) })
}

// drop takes slots away again.
func (v *view) drop(names ...string) {
	for _, n := range names {
		delete(v.slots, n)
	}
	v.of[keyHas] = slices.DeleteFunc(v.of[keyHas], func(h string) bool { return slices.Contains(names, h) })
}

func (v *view) set(name, value string) {
	if value == "" {
		return
	}
	v.slots[name] = value
	v.of[keyHas] = append(v.of[keyHas], name)
}

// clip returns the customer's name when it looks like one: short and without
// anything that a sentence would stumble over.
func clip(c *bot.Customer, words *vocabulary) string {
	if c == nil || !words.plain(c.Name, 20) {
		return ""
	}
	return c.Name
}
