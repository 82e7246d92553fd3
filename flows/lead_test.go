package flows_test

import (
	"context"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// script is a Solver that knows the next move for each text.
type script map[string]flows.Progress

func (s script) Solve(_ context.Context, t *bot.Turn) (flows.Progress, error) {
	return s[t.Message.Text+t.Message.Event], nil
}

func (s script) Answered(t *bot.Turn) bool {
	p := s[t.Message.Text]
	return p.Flow != "" && !p.Off
}

// asked is a flow that waits for the order number.
var asked = flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Step: "look"}, Question: "주문번호요?", Ask: "order"}

func sceneWith(t *testing.T, moves script) *scene {
	s := newScene(t, nil, map[string]bot.Case{
		"배송 언제 와요": {Event: "delivery_late", Agency: "firm", Questions: []string{"배송 언제 와요"}},
		"환불 되나요?":  {Event: "delivery_late", Questions: []string{"환불 되나요?"}},
		"사람 불러":    {Asks: []string{"human"}},
	})
	moves["배송 언제 와요"] = asked
	s.care.Solver = moves
	s.care.Links = []string{"shop.example"}
	if e := s.say("배송 언제 와요"); e.Plan.Ask != "order" || e.Session.Journey.Step != "look" || e.Session.Journey.Asked["order"] != 1 {
		t.Fatalf("the flow does not lead: %+v %+v", e.Plan, e.Session.Journey)
	}
	return s
}

func TestAQuestionInTheMiddleIsAnsweredFirst(t *testing.T) {
	off := asked
	off.Off, off.Question = true, "번호만 적어 주셔도 돼요."
	e := sceneWith(t, script{"환불 되나요?": off}).say("환불 되나요?")
	text := e.Reply.Text()
	if a, b := strings.Index(text, "이틀"), strings.Index(text, "번호만"); a < 0 || b < a {
		t.Errorf("want the answer and then the question again: %q", text)
	}
}

func TestAPersonIsCalledAtOnceAndTheFlowWaits(t *testing.T) {
	e := sceneWith(t, script{"사람 불러": asked}).say("사람 불러")
	if e.Session.Owner != bot.OwnerWaiting || strings.Contains(e.Reply.Text(), "주문번호") || e.Session.Journey.Step != "look" {
		t.Errorf("%q, %+v", e.Reply.Text(), e.Session.Journey)
	}
}

func TestAStrangersLinkIsNotSaid(t *testing.T) {
	bad := flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Done: true}, Say: "상품: https://evil.example/x", Solved: true}
	e := sceneWith(t, script{"1042": bad}).say("1042")
	if strings.Contains(e.Reply.Text(), "evil") || e.Plan.Handoff.Level != "now" {
		t.Errorf("%q, %+v", e.Reply.Text(), e.Plan.Handoff)
	}
	good := bad
	good.Say = "상품: https://www.shop.example/x"
	if e := sceneWith(t, script{"1042": good}).say("1042"); !strings.Contains(e.Reply.Text(), "shop.example") {
		t.Errorf("%q", e.Reply.Text())
	}
}

func TestAFailureEndsWithAPersonAndABrief(t *testing.T) {
	failed := flows.Progress{Flow: "late", Moment: "flow.unreachable", Person: "lookup", Journey: bot.Journey{Flow: "late", Done: true, Slots: map[string]string{"order": "1042"}}}
	e := sceneWith(t, script{"1042": failed}).say("1042")
	if e.Plan.Handoff.Level != "now" || !strings.Contains(e.Plan.Handoff.Brief, "order 1042") || !strings.Contains(e.Reply.Text(), "[flow.unreachable]") {
		t.Errorf("%+v %q", e.Plan.Handoff, e.Reply.Text())
	}
}

func TestAResultIsToldWithoutFeelings(t *testing.T) {
	order := flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Step: "cancel", Order: "do:1"}, Say: "넣었습니다.", Orders: []bot.Reply{{ID: "do:1", To: bot.Address{Channel: "backoffice", Thread: "t"}}}}
	done := flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Done: true}, Say: "취소되었습니다.", Solved: true}
	s := sceneWith(t, script{"네": order, bot.EventAction: done})
	e := s.say("네")
	if len(e.Orders) != 1 || e.Plan.Forward != "doing" {
		t.Fatalf("%+v", e)
	}
	before := e.Session
	e = s.send(bot.Message{Event: bot.EventAction})
	if e.Reply.Text() != "취소되었습니다." || e.Plan.Forward != "done" || e.Plan.Apology != 0 || len(e.Session.Mood.Recent) != len(before.Mood.Recent) {
		t.Errorf("%q %+v", e.Reply.Text(), e.Plan)
	}
}

func TestAResultWhileAPersonTalksIsADraft(t *testing.T) {
	order := flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Step: "cancel", Order: "do:1"}, Say: "넣었습니다."}
	done := flows.Progress{Flow: "late", Journey: bot.Journey{Flow: "late", Done: true}, Say: "취소되었습니다.", Solved: true}
	s := sceneWith(t, script{"네": order, bot.EventAction: done})
	s.say("네")
	ctx := context.Background()
	state, err := s.ledger.State(ctx, bot.Address{Channel: "t", Thread: "t"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ledger.Own(ctx, state, bot.OwnerPerson+"kim", bot.Reply{}); err != nil {
		t.Fatal(err)
	}
	e := s.send(bot.Message{Event: bot.EventAction})
	if len(e.Reply.Parts) > 0 || e.Draft == nil || e.Draft.Text() != "취소되었습니다." || e.Session.Journey.Order != "" {
		t.Errorf("%+v %+v %+v", e.Reply, e.Draft, e.Session.Journey)
	}
}

func TestDangerPausesTheFlow(t *testing.T) {
	s := sceneWith(t, script{})
	s.care.Recognizer = risky{}
	e := s.say("죽고 싶어요")
	if e.Plan.Safety == "" || e.Session.Journey.Step != "look" || strings.Contains(e.Reply.Text(), "주문번호") {
		t.Errorf("%q %+v", e.Reply.Text(), e.Session.Journey)
	}
}

// risky hears danger in everything.
type risky struct{}

func (risky) Recognize(context.Context, bot.Message, *bot.Session) (bot.Reading, error) {
	return bot.Reading{Emotions: []bot.Emotion{{Name: "grief", Strength: 1}}, Risk: bot.R2, Confidence: .9}, nil
}
