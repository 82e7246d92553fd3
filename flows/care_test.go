package flows_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/flowstest"
	"github.com/onkihq/onki/flows/policy"
)

// scene is a conversation with twins in place of everything but the stages.
type scene struct {
	t      *testing.T
	care   *flows.Care
	cases  map[string]bot.Case
	ledger *bot.Memory
	now    time.Time
	n      int
}

func newScene(t *testing.T, readings flowstest.Readings, cases map[string]bot.Case) *scene {
	s := &scene{t: t, cases: cases, now: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	s.ledger = &bot.Memory{Now: func() time.Time { return s.now }}
	s.care = &flows.Care{
		Recognizer: readings,
		Appraise: func(m bot.Message, _ bot.Reading, _ *bot.Session) bot.Case {
			return s.cases[m.Text]
		},
		Follow: func(m bot.Mood, r bot.Reading, _ bot.Case, _ bool) bot.Mood {
			load := 0.0
			if policy.Negative(r.Top()) {
				load = r.Intensity
			}
			m.Recent = append(m.Recent, load)
			m.Peak = max(m.Peak, load)
			return m
		},
		Writer: flowstest.Echo{},
		Library: flowstest.Shelf{
			{ID: "late", Title: "배송 지연", Text: "지연된 선물 배송은 접수해 드립니다."},
			{ID: "refund", Title: "환불 기간", Text: "환불은 이틀 걸립니다."},
		},
	}
	return s
}

func (s *scene) say(text string) bot.Entry {
	s.t.Helper()
	return s.send(bot.Message{Text: text})
}

func (s *scene) send(m bot.Message) bot.Entry {
	s.t.Helper()
	ctx := context.Background()
	s.n++
	s.now = s.now.Add(time.Minute)
	m.ID, m.From, m.User, m.Time = string(rune('a'+s.n)), bot.Address{Channel: "t", Thread: "t"}, "u", s.now
	if err := s.ledger.Receive(ctx, m); err != nil {
		s.t.Fatal(err)
	}
	w, err := s.ledger.Claim(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	e := &bot.Engine{Flow: s.care.Flow(), Rescue: s.care.Rescue(), Now: func() time.Time { return s.now }}
	e.Answer(ctx, w)
	if err := s.ledger.Commit(ctx, w); err != nil {
		s.t.Fatal(err)
	}
	return w.Entry
}

func anxious(intensity float64) bot.Reading {
	return bot.Reading{Emotions: []bot.Emotion{{Name: "anxiety", Strength: .8}}, Valence: -.6, Arousal: .6, Intensity: intensity, Confidence: .8}
}

var lateGift = bot.Case{Event: "delivery_late", Agency: "firm", Noun: "딸 생일 선물", Harm: .4, Contacts: 1, Stakes: []bot.Stake{{Kind: "deadline", Words: "내일이 생일"}}}

func TestHeardThenHelped(t *testing.T) {
	s := newScene(t, flowstest.Readings{"선물 배송 언제 와요": anxious(.6)}, map[string]bot.Case{"선물 배송 언제 와요": lateGift})
	e := s.say("선물 배송 언제 와요")
	if len(e.Reply.Parts) < 2 {
		t.Fatalf("parts: %+v", e.Reply.Parts)
	}
	if p := e.Reply.Parts[0]; p.Stage != "acknowledge" || !strings.Contains(p.Text, "딸 생일 선물 · 내일이 생일") {
		t.Errorf("first part is not an acknowledgement bound to their words: %+v", p)
	}
	if p := e.Reply.Parts[1]; p.Stage != "guide" || !strings.Contains(p.Text, "접수해 드립니다") || len(p.Sources) != 1 || p.Sources[0] != "late" {
		t.Errorf("second part is not the cited answer: %+v", p)
	}
}

func TestInformationIsNotRepeated(t *testing.T) {
	s := newScene(t, flowstest.Readings{"배송 지연": anxious(.5), "배송 지연 이라니까요": anxious(.8)}, map[string]bot.Case{"배송 지연": lateGift, "배송 지연 이라니까요": lateGift})
	s.say("배송 지연")
	e := s.say("배송 지연 이라니까요")
	for _, p := range e.Passages {
		if p.ID == "late" {
			t.Errorf("the same passage again: %+v", e.Reply)
		}
	}
	if e.Plan.Handoff.Level == "none" {
		t.Errorf("no person offered although the information did not help: %+v", e.Plan)
	}
}

func TestHumanIsCalledAtOnce(t *testing.T) {
	s := newScene(t, nil, map[string]bot.Case{"상담원": {Asks: []string{"human"}}})
	if e := s.say("상담원"); e.Session.Owner != bot.OwnerWaiting || e.Plan.Forward != "handoff" {
		t.Errorf("owner %s forward %s", e.Session.Owner, e.Plan.Forward)
	}
	s = newScene(t, nil, nil)
	if e := s.send(bot.Message{Choice: bot.ChoiceHuman}); e.Session.Owner != bot.OwnerWaiting {
		t.Errorf("by button: owner %s", e.Session.Owner)
	}
}

func TestStaffedConversationIsSilent(t *testing.T) {
	s := newScene(t, nil, nil)
	s.say("안녕")
	if _, err := bot.TakeOver(context.Background(), s.ledger, bot.Address{Channel: "t", Thread: "t"}, "mina"); err != nil {
		t.Fatal(err)
	}
	e := s.say("배송 지연")
	if len(e.Reply.Parts) != 0 {
		t.Errorf("the bot talked over a person: %+v", e.Reply)
	}
	if len(e.Reading.Emotions) == 0 {
		t.Errorf("the message was not recognized for the record")
	}
	if e.Draft == nil || e.Draft.Text() == "" || len(e.Session.Moves) != 1 {
		t.Errorf("draft %+v after %d moves; want words for the person, and no move that was not made", e.Draft, len(e.Session.Moves))
	}
}

// TestACalledPersonIsPromised: the reply says how many wait and by when somebody
// answers; the promise stays with the customer, and asking again neither sets
// the clock back nor makes a second promise.
func TestACalledPersonIsPromised(t *testing.T) {
	s := newScene(t, nil, nil)
	due := s.now.Add(45 * time.Minute)
	s.care.House = func(string) policy.House { return policy.House{Back: func(time.Time) time.Time { return due }} }
	for _, other := range []string{"x", "y"} {
		s.wait(other)
	}
	e := s.send(bot.Message{Choice: bot.ChoiceHuman})
	if text := e.Reply.Text(); !strings.Contains(text, "handoff.now") || !strings.Contains(text, "handoff.ahead") {
		t.Errorf("said %q; want the call and the place in line", text)
	}
	asked := e.Session.Asked
	if len(e.Plan.Promises) != 1 || !e.Plan.Promises[0].Due.Equal(due) {
		t.Errorf("promises %+v; want one, by %v", e.Plan.Promises, due)
	}
	e = s.send(bot.Message{Choice: bot.ChoiceHuman})
	if !e.Session.Asked.Equal(asked) || len(e.Plan.Promises) != 1 || !strings.Contains(e.Reply.Text(), "handoff.waiting") {
		t.Errorf("asked again: waiting since %v, %d promises, %q", e.Session.Asked, len(e.Plan.Promises), e.Reply.Text())
	}
	if err := s.ledger.Receive(t.Context(), bot.Message{ID: "last", From: bot.Address{Channel: "t", Thread: "t"}, User: "u"}); err != nil {
		t.Fatal(err)
	}
	w, err := s.ledger.Claim(t.Context())
	if err != nil || len(w.Customer.Promises) != 1 || w.Customer.Promises[0].State != "open" {
		t.Errorf("remembered %+v, %v; want the one open promise", w.Customer.Promises, err)
	}
}

// wait lets another conversation wait for a person.
func (s *scene) wait(thread string) {
	s.t.Helper()
	a := bot.Address{Channel: "t", Thread: thread}
	_, err := bot.TakeOver(context.Background(), s.ledger, a, "mina")
	var state bot.Session
	if err == nil {
		state, err = s.ledger.State(context.Background(), a)
	}
	if err == nil {
		_, err = s.ledger.Own(context.Background(), state, bot.OwnerQueued, bot.Reply{})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestSafetyComesFirst(t *testing.T) {
	r := anxious(.9)
	r.Risk = bot.R2
	s := newScene(t, flowstest.Readings{"위험": r}, map[string]bot.Case{"위험": lateGift})
	e := s.say("위험")
	if len(e.Reply.Parts) != 1 || e.Reply.Parts[0].Text != "[safety.R2]" || e.Session.Owner != bot.OwnerWaiting || len(e.Passages) != 0 {
		t.Errorf("safety did not replace everything: %+v owner %s", e.Reply.Parts, e.Session.Owner)
	}
}

func TestOneNeededQuestionThenAPerson(t *testing.T) {
	given := lateGift
	given.Given = []bot.Fact{{Name: "order", Value: "H1"}}
	s := newScene(t, flowstest.Readings{"늦어요": anxious(.4)}, map[string]bot.Case{"늦어요": lateGift, "H1": given})
	if e := s.say("늦어요"); e.Plan.Ask != "order" || !strings.Contains(e.Reply.Text(), "[guide.ask]") {
		t.Errorf("the order number was not asked for: %+v", e.Reply.Parts)
	}
	if e := s.say("H1"); e.Plan.Handoff.Level != "now" || e.Session.Owner != bot.OwnerWaiting || e.Plan.Ask != "" {
		t.Errorf("the order is known and nobody was called: %+v", e.Plan)
	}
}

func TestUnknownIsSaid(t *testing.T) {
	s := newScene(t, nil, map[string]bot.Case{"우주 여행 되나요?": {Event: "question", Questions: []string{"우주 여행 되나요?"}}})
	e := s.say("우주 여행 되나요?")
	if !strings.Contains(e.Reply.Text(), "[guide.unknown]") || e.Plan.Handoff.Level != "offer" || len(e.Notes) == 0 || e.Notes[0].Stage != "gap" {
		t.Errorf("%+v notes %+v", e.Reply.Parts, e.Notes)
	}
}

// wild is a writer that invents a number.
type wild struct{ flowstest.Echo }

func (wild) Write(_ context.Context, moment string, _ *bot.Turn) (string, error) {
	return "I promise you 99999 won at https://evil.example/x (" + moment + ")", nil
}

// brokenShelf is a library that cannot be asked.
type brokenShelf struct{ asked int }

func (b *brokenShelf) Search(context.Context, flows.Question, int) ([]bot.Passage, error) {
	b.asked++
	return nil, errors.New("server down")
}

func TestALibraryThatIsDownKnowsNothing(t *testing.T) {
	shelf := &brokenShelf{}
	s := newScene(t, flowstest.Readings{}, map[string]bot.Case{"when? how much?": {Questions: []string{"when?", "how much?"}}})
	s.care.Library = shelf
	e := s.say("when? how much?")
	if e.Failure != "" || e.Plan.Handoff.Level != "offer" || shelf.asked != 1 {
		t.Errorf("failure %q, hand-off %+v, asked %d times; want a person offered, and one try", e.Failure, e.Plan.Handoff, shelf.asked)
	}
	for _, n := range e.Notes {
		if n.Stage == "gap" {
			t.Errorf("a gap is noted: %v", n)
		}
	}
}

func TestInventedNumbersAreRefused(t *testing.T) {
	s := newScene(t, flowstest.Readings{"배송 지연": anxious(.6)}, map[string]bot.Case{"배송 지연": lateGift})
	s.care.Writer, s.care.Fallback = wild{}, flowstest.Echo{}
	e := s.say("배송 지연")
	if strings.Contains(e.Reply.Text(), "99999") {
		t.Errorf("an invented number was said: %s", e.Reply.Text())
	}
	if len(e.Notes) == 0 || e.Notes[0].Stage != "guard" {
		t.Errorf("the refusal is not in the trace: %+v", e.Notes)
	}
}

func TestRescueSpeaksForAFailedStage(t *testing.T) {
	s := newScene(t, nil, nil)
	s.care.Recognizer = broken{}
	e := s.say("배송 지연")
	if len(e.Reply.Parts) != 1 || e.Reply.Parts[0].Stage != "rescue" || e.Session.Owner != bot.OwnerWaiting || !strings.Contains(e.Failure, "shelf fell") {
		t.Errorf("%+v owner %s failure %q", e.Reply.Parts, e.Session.Owner, e.Failure)
	}
}

type broken struct{}

func (broken) Recognize(context.Context, bot.Message, *bot.Session) (bot.Reading, error) {
	return bot.Reading{}, errors.New("the shelf fell down")
}

func TestEveryReplyMovesForward(t *testing.T) {
	s := newScene(t, nil, nil)
	for _, text := range []string{"", "?", "ㅠㅠ", "음", "네", "배송 지연", "환불 기간", "환불 기간", "고마워요"} {
		if e := s.say(text); e.Plan.Forward == "" || strings.TrimSpace(e.Reply.Text()) == "" {
			t.Errorf("%q: forward %q reply %q", text, e.Plan.Forward, e.Reply.Text())
		}
	}
}

func TestTwins(t *testing.T) {
	flowstest.TestRecognizer(t, flowstest.Readings{})
	flowstest.TestWriter(t, flowstest.Echo{}, []string{"acknowledge.fact", "handoff.now"})
	flowstest.TestLibrary(t, flowstest.Shelf{{ID: "a", Text: "환불은 이틀"}}, flows.Question{Text: "환불은 언제"}, flows.Question{Text: "우주"})
}
