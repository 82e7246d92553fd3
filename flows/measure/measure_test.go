package measure

import (
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

func turn(text string, change func(*bot.Entry)) Turn {
	e := bot.Entry{
		Messages: []bot.Message{{Text: "세 번째 문의예요. 환불 언제 되나요?"}},
		Reading:  bot.Reading{Emotions: []bot.Emotion{{Name: "anger", Strength: .8}}},
		Case:     bot.Case{Noun: "환불"},
		Plan:     bot.Plan{Acknowledge: bot.Acknowledge{Moment: "fact", Fact: "환불"}, Apology: 3, Questions: 1, Forward: "answer", Handoff: bot.Handoff{Level: "none"}},
		Passages: []bot.Passage{{ID: "r", Text: "환불은 이틀 안에 처리됩니다."}},
		Reply:    bot.Reply{Lang: "ko", Parts: []bot.Part{{Stage: "acknowledge", Text: text}, {Stage: "guide", Text: "환불은 이틀 안에 처리됩니다.", Sources: []string{"r"}}}},
		Session:  bot.Session{Owner: bot.OwnerBot},
	}
	if change != nil {
		change(&e)
	}
	return Turn{Entry: e, Care: &flows.Care{Lint: func(text string, _ *bot.Turn) (faults, remarks []string) {
		if text == "진정하세요." {
			return []string{"command"}, nil
		}
		return nil, nil
	}}}
}

const due = "환불이 늦어진 것은 저희 잘못입니다. 사과드립니다."

// TestRules: a good reply keeps every rule, and each rule sees what breaks it.
func TestRules(t *testing.T) {
	for _, r := range Rules() {
		if applies, broke := r.Check(turn(due, nil)); applies && broke != "" {
			t.Errorf("%s refuses a good reply: %s", r.Name, broke)
		}
	}
	parts := func(p ...bot.Part) func(*bot.Entry) { return func(e *bot.Entry) { e.Reply.Parts = p } }
	bad := map[string]Turn{
		"forward": turn("", func(e *bot.Entry) {
			e.Reply.Parts, e.Passages, e.Plan.Forward = []bot.Part{{Stage: "guide", Text: "음."}}, nil, ""
		}),
		"more than sympathy":  turn("", parts(bot.Part{Stage: "acknowledge", Text: due})),
		"the stake is named":  turn("불편을 드려 저희 잘못입니다. 사과드립니다.", nil),
		"apology as due":      turn("죄송합니다. 죄송합니다. 죄송합니다. 환불은 저희 잘못입니다.", nil),
		"responsibility":      turn("환불이 늦었습니다. 사과드립니다.", nil),
		"facts are known":     turn(due+" 37분 안에 답합니다.", nil),
		"nothing asked twice": turn(due, func(e *bot.Entry) { e.Plan.Ask = "order"; e.Case.Given = []bot.Fact{{Name: "order", Value: "H1"}} }),
		"one question":        turn(due+" 언제요? 어디요? 왜요?", nil),
		"good speech":         turn("진정하세요.", nil),
		"a person when asked": turn(due, func(e *bot.Entry) { e.Case.Asks = []string{"human"} }),
		"language":            turn("", parts(bot.Part{Stage: "guide", Text: "Two days."})),
		"safety first":        turn(due, func(e *bot.Entry) { e.Reading.Risk = bot.R2 }),
		"short enough":        turn(string(make([]rune, 600)), nil),
	}
	again := turn(due, nil)
	again.Before = []bot.Entry{turn(due, nil).Entry}
	bad["not said before"] = again
	for _, r := range Rules() {
		x, ok := bad[r.Name]
		if !ok {
			t.Errorf("%s has no bad example", r.Name)
			continue
		}
		if applies, broke := r.Check(x); !applies || broke == "" {
			t.Errorf("%s does not see %q", r.Name, x.Reply.Text())
		}
	}
}

func TestMeasure(t *testing.T) {
	load := func(x float64, calm bool) func(*bot.Entry) {
		return func(e *bot.Entry) { e.Session.Mood = bot.Mood{Recent: []float64{x}, Calm: calm} }
	}
	good := turn(due, load(.8, false))
	res := Measure([]Conversation{{Name: "a", Care: good.Care, Entries: []bot.Entry{good.Entry, turn("환불 건을 이어서 볼게요.", load(.3, false)).Entry, turn("마무리할게요.", load(.1, true)).Entry, turn("다시 볼게요.", load(.7, false)).Entry}}})
	if res.Turns != 4 || res.Stirred != 1 || res.Relapses != 1 || res.CalmIn != 2 && res.Calmed == 1 || len(res.Breaches) == 0 {
		t.Errorf("%+v", res)
	}
}

func TestAlike(t *testing.T) {
	if a := Alike(due, due); a < .99 {
		t.Errorf("the same text: %v", a)
	}
	if a := Alike(due, "안녕하세요, 무엇을 도와드릴까요?"); a > .2 {
		t.Errorf("another text: %v", a)
	}
}
