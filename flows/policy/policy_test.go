package policy

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// felt makes a reading of one strong feeling.
func felt(emotion string, intensity float64, flags ...string) bot.Reading {
	v := .0
	if Negative(emotion) {
		v = -.7
	}
	return bot.Reading{
		Emotions: []bot.Emotion{{Name: emotion, Strength: .8}}, Valence: v, Arousal: .6,
		Intensity: intensity, Confidence: .8, Flags: flags,
	}
}

func TestTableIsComplete(t *testing.T) {
	emotions := "anger frustration disappointment distrust incredulity anxiety panic confusion grief shame helplessness expectation gratitude joy relief amusement neutral"
	for _, e := range strings.Fields(emotions) {
		if _, ok := Table()[e]["H"]; !ok {
			t.Errorf("table.yaml has no row for %s", e)
		}
	}
	if want := len(strings.Fields(emotions)) + 1; len(Table()) != want { // and calm_report
		t.Errorf("table.yaml has %d rows, want %d", len(Table()), want)
	}
}

func TestParseTableRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"unknown word":  "neutral:\n  L: {acknowledge: hug, clauses: 0, tone: crisp, apology: \"0\", guidance: path, stabilise: [], humour: no, person: none}\n",
		"missing band":  "neutral: {}\n",
		"unknown field": "neutral:\n  L: {mood: x}\n",
		"no neutral":    "{}\n",
		"broken":        "neutral: [",
	} {
		if _, err := ParseTable([]byte(text)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestLadder(t *testing.T) {
	for _, c := range []struct {
		name string
		c    bot.Case
		want int
	}{
		{"praise", bot.Case{Event: "praise", Agency: "firm"}, 0},
		{"a question", bot.Case{Event: "question", Agency: "unknown"}, 0},
		{"their own mistake", bot.Case{Event: "own_mistake", Agency: "customer"}, 0},
		{"firm", bot.Case{Event: "double_charge", Agency: "firm", Harm: .5}, 3},
		{"firm, small harm", bot.Case{Event: "wrong_item", Agency: "firm", Harm: .25}, 2},
		{"firm, tiny harm", bot.Case{Event: "bug", Agency: "firm", Harm: .1}, 1},
		{"system", bot.Case{Event: "outage", Agency: "firm_system", Harm: .4}, 2},
		{"carrier", bot.Case{Event: "delivery_late", Agency: "third_party", Harm: .4}, 2},
		{"weather", bot.Case{Event: "cancellation", Agency: "circumstance", Harm: .5}, 1},
		{"unknown", bot.Case{Event: "delivery_late", Agency: "unknown", Harm: .4}, 1},
		{"broken promise", bot.Case{Event: "refund_delay", Agency: "firm", Broken: 1, Harm: .5}, 4},
		{"health", bot.Case{Event: "health_reaction", Agency: "firm", Harm: 1, Stakes: []bot.Stake{{Kind: "health"}}}, 4},
		{"rude staff, not verified", bot.Case{Event: "rude_staff", Agency: "firm_employee", Harm: .5}, 3},
		{"rude staff, verified", bot.Case{Event: "rude_staff", Agency: "firm_employee", Harm: .5, Verified: true}, 4},
	} {
		if got, why := Ladder(c.c); got != c.want {
			t.Errorf("%s: level %d (%s), want %d", c.name, got, why, c.want)
		}
	}
}

func TestDecide(t *testing.T) {
	late := bot.Case{Event: "delivery_late", Agency: "firm", Harm: .5, Contacts: 1, Noun: "딸 생일 선물", Stakes: []bot.Stake{{Kind: "occasion", Words: "내일이 딸 생일"}}}
	broken := bot.Case{Event: "refund_delay", Agency: "firm", Harm: .5, Contacts: 3, Broken: 1}
	for _, c := range []struct {
		name string
		s    Situation
		ok   func(p bot.Plan) bool
	}{
		{"an anxious parent is acknowledged by the occasion", Situation{Reading: felt("anxiety", .6), Case: late},
			func(p bot.Plan) bool {
				return p.Acknowledge.Moment == "meaning" && p.Acknowledge.Why == "내일이 딸 생일"
			}},
		{"a third contact about a broken promise gets a person and level 4", Situation{Reading: felt("anger", .8), Case: broken},
			func(p bot.Plan) bool {
				return p.Apology == 4 && p.Handoff.Level == "now" && p.Acknowledge.Moment == "effort"
			}},
		{"praise is received without apology", Situation{Reading: felt("gratitude", .5), Case: bot.Case{Event: "praise"}},
			func(p bot.Plan) bool {
				return p.Apology == 0 && p.Acknowledge.Moment == "thanks" && p.Handoff.Level == "none"
			}},
		{"a plain question is answered first", Situation{Reading: felt("neutral", .1), Case: bot.Case{Event: "question", Questions: []string{"배송비 얼마예요?"}}},
			func(p bot.Plan) bool {
				return p.Guidance == "answer_first" && p.Acknowledge.Budget == 0 && p.Apology == 0
			}},
		{"danger comes before everything", Situation{Reading: func() bot.Reading { r := felt("helplessness", .9); r.Risk = bot.R2; return r }(), Case: late},
			func(p bot.Plan) bool {
				return p.Safety == "R2" && p.Handoff.Level == "now" && p.Priority.Tier == "P0" && p.Apology == 0
			}},
		{"low confidence names no feeling", Situation{Reading: func() bot.Reading { r := felt("anger", .6); r.Confidence = .3; return r }(), Case: late},
			func(p bot.Plan) bool { return p.Acknowledge.Feeling == "" }},
		{"a person is called when asked for", Situation{Reading: felt("neutral", .1), Case: bot.Case{Asks: []string{"human"}}},
			func(p bot.Plan) bool { return p.Handoff.Level == "now" && p.Handoff.Reason == "asked" }},
		{"a person asked for by button too", Situation{Reading: felt("joy", .1), Choice: bot.ChoiceHuman},
			func(p bot.Plan) bool { return p.Handoff.Level == "now" }},
		{"no joke with somebody in grief", Situation{Reading: felt("grief", .3, "joke"), House: House{Humour: true}},
			func(p bot.Plan) bool { return !p.Humour }},
		{"a light line with somebody who jokes", Situation{Reading: felt("amusement", .2, "joke"), House: House{Humour: true}},
			func(p bot.Plan) bool { return p.Humour }},
		{"a serious failure is owned formally", Situation{Reading: felt("anger", .5), Case: late, Lang: "ko"},
			func(p bot.Plan) bool { return p.Apology == 3 && p.Register == "hasipsio" }},
		{"resigned is not calm", Situation{Reading: felt("neutral", .1, "closing"), Mood: bot.Mood{Trajectory: "resigned"}, Case: late},
			func(p bot.Plan) bool { return p.Acknowledge.Moment == "tired" && !p.Close && p.Handoff.Level != "none" }},
		{"abuse gets one boundary", Situation{Reading: felt("anger", .9, "abuse"), Case: late},
			func(p bot.Plan) bool { return p.Boundary && p.Stabilisers[0] == "S5" }},
		{"abuse gets no second boundary", Situation{Reading: felt("anger", .9, "abuse"), Case: late, Before: &bot.Session{Boundary: true}},
			func(p bot.Plan) bool { return !p.Boundary }},
		{"no compensation beyond the brand", Situation{Reading: felt("anger", .9), Case: bot.Case{Event: "delivery_late", Agency: "firm", Asks: []string{"compensation"}}},
			func(p bot.Plan) bool { return p.Compensation == "" }},
		{"compensation within the brand", Situation{Reading: felt("anger", .9), Case: bot.Case{Event: "delivery_late", Agency: "firm", Asks: []string{"compensation"}}, House: House{Compensation: []Compensation{{When: "delivery_late", Text: "a coupon"}}}},
			func(p bot.Plan) bool { return p.Compensation == "a coupon" }},
	} {
		c.s.Now = noon
		if p := Decide(c.s); !c.ok(p) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

// TestEveryDecisionHasAReason holds that a manager can follow each plan.
func TestEveryDecisionHasAReason(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		s := someSituation(rnd)
		p := Decide(s)
		if len(p.Reasons) == 0 {
			t.Fatalf("no reasons for %+v", s)
		}
		for _, r := range p.Reasons {
			if r.Decision == "" || r.Why == "" || r.Source == "" {
				t.Fatalf("reason without decision, why or source: %+v", r)
			}
		}
	}
}

// TestTheLastReplyMatters is response engineering: with our previous reply
// removed, the choice differs.
func TestTheLastReplyMatters(t *testing.T) {
	s := Situation{Reading: felt("anger", .6), Case: bot.Case{Event: "delivery_late", Agency: "firm", Harm: .5, Contacts: 1}, Mood: bot.Mood{Futile: 1}, Now: noon}
	s.Before = &bot.Session{Apology: 1, Moves: []bot.Move{{Strategy: "fact/act_now", Stabiles: []string{"S2", "S3"}, Apology: 3, Before: .5}}}
	s.Reaction = "worse"
	with := Decide(s)
	s.Before, s.Reaction = &bot.Session{}, ""
	without := Decide(s)
	if with.Acknowledge.Moment == without.Acknowledge.Moment || with.Apology == without.Apology {
		t.Errorf("the plan does not depend on our last reply:\nwith    %+v\nwithout %+v", with, without)
	}
}

func TestReact(t *testing.T) {
	last := &bot.Move{Before: .6}
	for _, c := range []struct {
		last  *bot.Move
		load  float64
		r     bot.Reading
		m     bot.Mood
		added bool
		want  string
	}{
		{nil, .5, bot.Reading{}, bot.Mood{}, false, ""},
		{last, .9, bot.Reading{}, bot.Mood{}, false, "worse"},
		{last, .6, bot.Reading{}, bot.Mood{}, false, "same"},
		{last, .4, bot.Reading{}, bot.Mood{}, false, "eased"},
		{last, .5, bot.Reading{Flags: []string{"cooperation"}}, bot.Mood{}, false, "cooperated"},
		{last, .1, bot.Reading{Flags: []string{"closing"}}, bot.Mood{}, false, "closed"},
		{last, .1, bot.Reading{Flags: []string{"closing"}}, bot.Mood{Trajectory: "resigned"}, false, "resigned"},
		{last, .5, bot.Reading{Flags: []string{"new_grievance"}}, bot.Mood{}, false, "told"},
		{last, .9, bot.Reading{}, bot.Mood{}, true, "told"},
		{last, .9, felt("shame", .9), bot.Mood{}, false, "told"},
		{last, .9, bot.Reading{Flags: []string{"rebuff"}}, bot.Mood{}, true, "worse"},
		{last, .6, bot.Reading{Flags: []string{"rebuff"}}, bot.Mood{}, true, "same"},
		{last, .2, bot.Reading{Flags: []string{"rebuff"}}, bot.Mood{}, false, "same"},
		{last, .9, bot.Reading{Flags: []string{"threat"}}, bot.Mood{}, true, "worse"},
	} {
		if got := React(c.last, c.load, c.r, c.m, c.added); got != c.want {
			t.Errorf("load %.1f flags %v trajectory %q: %q, want %q", c.load, c.r.Flags, c.m.Trajectory, got, c.want)
		}
	}
}

func TestStuckCustomersReachAPerson(t *testing.T) {
	for futile, want := range map[int]string{0: "none", 2: "offer", 3: "now"} {
		p := Decide(Situation{Reading: felt("frustration", .3), Case: bot.Case{Event: "bug", Agency: "firm_system"}, Mood: bot.Mood{Futile: futile}, Now: noon})
		if p.Handoff.Level != want {
			t.Errorf("after %d futile replies: %s, want %s", futile, p.Handoff.Level, want)
		}
	}
	if n := Futile(1, &bot.Move{Before: .6}, .6); n != 2 {
		t.Errorf("no effect: %d, want 2", n)
	}
	if n := Futile(2, &bot.Move{Before: .6}, .4); n != 0 {
		t.Errorf("an effect: %d, want 0", n)
	}
}

func TestApologyBudget(t *testing.T) {
	c := bot.Case{Event: "double_charge", Agency: "firm", Harm: .5}
	s := Situation{Reading: felt("anger", .5), Case: c, Now: noon}
	if p := Decide(s); p.Apology != 3 {
		t.Fatalf("first: %d, want 3", p.Apology)
	}
	s.Before = &bot.Session{Apology: 1, Moves: []bot.Move{{Apology: 3, Before: .5}}}
	if p := Decide(s); p.Apology != 0 {
		t.Errorf("right after an apology: %d, want 0", p.Apology)
	}
	s.Reading.Flags = []string{"new_grievance"}
	if p := Decide(s); p.Apology != 3 {
		t.Errorf("new grievance: %d, want 3", p.Apology)
	}
	s.Reading.Flags = nil
	s.Before = &bot.Session{Apology: 2, Moves: []bot.Move{{Before: .5}}}
	if p := Decide(s); p.Apology != 0 {
		t.Errorf("over the budget: %d, want 0", p.Apology)
	}
}

// TestFormChangesFormOnly holds that a persona changes the form of a reply and
// never facts, priority, safety, apology or the way to a person.
func TestFormChangesFormOnly(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	forms := []Form{{Name: "sensitive", Clauses: 2}, {Name: "analytic", Clauses: 1, NoEmoji: true}, {Name: "hurried", Clauses: 1, Sentences: 3, Questions: 1}, {Name: "formal", Formal: true}, {Name: "humour", Humour: true}}
	for range 2000 {
		s := someSituation(rnd)
		s.Form = Form{Name: "unknown"}
		base := Decide(s)
		for _, f := range forms {
			s.Form = f
			p := Decide(s)
			same := p.Safety == base.Safety && p.Apology == base.Apology && p.Handoff == base.Handoff && p.Priority.Tier == base.Priority.Tier &&
				p.Priority.Score == base.Priority.Score && p.Compensation == base.Compensation && p.Acknowledge.Fact == base.Acknowledge.Fact && p.Acknowledge.Why == base.Acknowledge.Why
			if !same {
				t.Fatalf("persona %s changed more than form:\n%+v\n%+v", f.Name, base, p)
			}
		}
	}
}

// TestPriorityIsMonotone holds that priority never falls when harm, closeness
// of the deadline, contacts or vulnerability rise.
func TestPriorityIsMonotone(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 5000 {
		s := someSituation(rnd)
		base := Prioritise(s).Score
		more := map[string]func(*Situation){
			"harm":          func(x *Situation) { x.Case.Harm = min(1, x.Case.Harm+.2) },
			"contacts":      func(x *Situation) { x.Case.Contacts++ },
			"vulnerability": func(x *Situation) { x.Case.Vulnerable = true },
			"waiting":       func(x *Situation) { x.Waiting += time.Hour },
			"deadline": func(x *Situation) {
				if x.Case.Deadline.IsZero() {
					x.Case.Deadline = x.Now.Add(time.Hour)
				} else {
					x.Case.Deadline = x.Case.Deadline.Add(-time.Hour)
				}
			},
		}
		for name, change := range more {
			x := s
			change(&x)
			if got := Prioritise(x).Score; got < base-1e-9 {
				t.Fatalf("more %s lowers priority from %.2f to %.2f: %+v", name, base, got, s)
			}
		}
	}
}

// someSituation makes a situation of any kind.
func someSituation(r *rand.Rand) Situation {
	emotions := strings.Fields("anger frustration disappointment distrust incredulity anxiety panic confusion grief shame helplessness expectation gratitude joy relief amusement neutral")
	events := strings.Fields("delivery_late wrong_item refund_delay double_charge outage privacy_leak rude_staff health_reaction bereavement own_mistake question praise")
	agencies := strings.Fields("firm firm_employee firm_system third_party customer circumstance unknown")
	flags := strings.Fields("sarcasm thanks closing abuse new_grievance threat cooperation joke")
	s := Situation{
		Reading: felt(emotions[r.IntN(len(emotions))], r.Float64(), flags[r.IntN(len(flags))]),
		Case:    bot.Case{Event: events[r.IntN(len(events))], Agency: agencies[r.IntN(len(agencies))], Harm: r.Float64(), Contacts: 1 + r.IntN(4), Broken: r.IntN(2), Noun: "주문"},
		Mood:    bot.Mood{Futile: r.IntN(4)}, Lang: "ko", Now: noon, Waiting: time.Duration(r.IntN(90)) * time.Minute,
	}
	s.Reading.Confidence = r.Float64()
	s.Reading.Risk = bot.Risk(max(0, r.IntN(12)-8))
	if r.IntN(2) == 0 {
		s.Case.Deadline = noon.Add(time.Duration(r.IntN(96)) * time.Hour)
	}
	s.Before = &bot.Session{}
	if r.IntN(2) == 0 {
		s.Before.Moves = []bot.Move{{Strategy: "fact/act_now", Apology: r.IntN(4), Before: r.Float64()}}
		s.Reaction = []string{"worse", "same", "eased", "cooperated"}[r.IntN(4)]
	}
	return s
}

// TestSafetyLanes holds which text answers which danger: a doubt is asked about
// once beside the matter, everything graver replaces it.
func TestSafetyLanes(t *testing.T) {
	for _, c := range []struct {
		risk         bot.Risk
		kind, before string
		want         string
	}{
		{bot.R0, "", "", ""},
		{bot.R1, "self", "", "R1"}, {bot.R2, "self", "", "R2"}, {bot.R3, "self", "", "R3"},
		{bot.R2, "", "", "R2"}, // a reader that names no kind
		{bot.R2, "other", "", "other"}, {bot.R3, "other", "", "other_now"},
		{bot.R2, "medical", "", "medical"}, {bot.R3, "medical", "", "emergency"}, {bot.R3, "child", "", "emergency"}, {bot.R2, "child", "", "child"},
		{bot.R2, "fire", "", "fire"}, {bot.R3, "fire", "", "fire_now"},
		{bot.R2, "violence", "", "violence"}, {bot.R3, "violence", "", "violence_now"}, {bot.R3, "threat", "", "threat"},
		{bot.R1, "fire", "", Check}, {bot.R1, "fire", "safety.check", ""}, {bot.R2, "fire", "safety.check", "fire"},
		{bot.R1, "self", "safety.R2", "after"}, {bot.R1, "medical", "safety.emergency", "after"}, {bot.R1, "self", "safety.check", "R1"},
	} {
		s := Situation{Reading: bot.Reading{Risk: c.risk, Danger: c.kind}, Before: &bot.Session{}}
		if c.before != "" {
			s.Before.Moves = []bot.Move{{Strategy: c.before}}
		}
		p := Decide(s)
		if p.Safety != c.want {
			t.Errorf("%v %s after %q: safety %q, want %q", c.risk, c.kind, c.before, p.Safety, c.want)
		}
		if paused := p.Handoff.Level == "now" && p.Forward == "handoff"; paused != (c.want != "" && c.want != Check) {
			t.Errorf("%v %s: business paused and a person called: %v", c.risk, c.kind, paused)
		}
	}
}
