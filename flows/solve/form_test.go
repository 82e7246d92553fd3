package solve_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/solve"
)

const swap = `title: {ko: 교환, en: Swap}
when:
  says:
    ko: [교환하고 싶어요, 바꿔 주세요, 교환 신청할게요]
    en: [I want to swap it, please exchange it, can I change it]
know:
  order:
    type: code
    pattern: '1\d{3}'
    label: {ko: 주문번호, en: Order number}
    ask: {ko: [주문번호를 알려 주세요., 주문번호가 필요합니다.], en: ["Your order number, please?", I need the order number.]}
    where: {ko: 문자에 있습니다., en: It is in the text message.}
  why:
    type: choice
    words:
      small: {ko: [작아요], en: [Too small, small]}
      broken: {ko: [망가졌어요], en: [Broken]}
    label: {ko: 사유, en: Reason}
    ask: {ko: [왜 바꾸시나요?, 사유를 골라 주세요.], en: ["What is wrong with it?", Please pick one.]}
  day:
    type: date
    label: {ko: 받을 날, en: Day}
    ask: {ko: [언제 받으시겠어요?, 날짜를 알려 주세요.], en: ["Which day?", I need a day.]}
steps:
  - step: what
    ask: [why, order, day]
    go: look
  - step: look
    look_up: parcel
    none: none
    go: end
  - step: none
    say: {ko: 없습니다., en: There is none.}
    end: solved
  - step: end
    say: {ko: "{parcel.item:을/를} {day}에 바꿔 드립니다.", en: "A new {parcel.item} comes on {day}, because: {why}."}
    end: solved
`

const cards = `
    card:
      title: {ko: "주문 {order}", en: "Order {order}"}
      rows:
        - {label: {ko: 상품, en: Item}, fact: item}
        - label: {ko: 상황, en: Status}
          fact: status
          words:
            shipped: {ko: 배송 중, en: On its way}
        - {label: {ko: 도착 예정일, en: Due}, fact: due}
      link: {label: {ko: 열기, en: Open}, url: "https://shop.example/o?n={order}&i={parcel.item}"}
actions:`

func loadSwap(change ...string) (*solve.Book, error) {
	return solve.Load(fstest.MapFS{
		"backoffice.yaml": {Data: []byte(strings.Replace(office, "\nactions:", strings.NewReplacer(change...).Replace(cards), 1))},
		"flows/swap.yaml": {Data: []byte(strings.NewReplacer(change...).Replace(swap))},
	}, solve.Options{Languages: []string{"ko", "en"}, Limits: solve.Limits{"cancel": 50_000}})
}

// asker plays messages against the flow, with or without forms.
func asker(t *testing.T, forms bool) func(in solve.Input) solve.Move {
	b, err := loadSwap()
	if err != nil {
		t.Fatal(err)
	}
	j := bot.Journey{Flow: "swap"}
	return func(in solve.Input) solve.Move {
		in.ID, in.Lang, in.Today, in.Forms = "re:1", "en", wednesday, forms
		m := b.Next(j, in)
		j = m.Journey
		return m
	}
}

func TestForm(t *testing.T) {
	say := asker(t, true)
	m := say(solve.Input{Text: "I want to swap it"})
	if m.Form == nil || m.Form.ID != "swap.what" || len(m.Form.Rows) != 3 || len(m.Choices) != 0 || m.Ask != "why" {
		t.Fatalf("asked with %+v", m)
	}
	if f := m.Form.Rows[1]; f.Kind != bot.FieldText || f.Hint != "It is in the text message." || !f.Required {
		t.Errorf("the second field is %+v", f)
	}
	m = say(solve.Input{Text: "Day: soon", Form: "swap.what", Values: map[string]string{"why": "small", "order": "99", "day": "soon"}})
	if m.Off || m.Form == nil || len(m.Form.Rows) != 2 {
		t.Fatalf("after a form that could not be read: %+v", m)
	}
	for _, f := range m.Form.Rows {
		if f.Error == "" || f.Value == "" {
			t.Errorf("%s: nothing says what was wrong: %+v", f.Name, f)
		}
	}
	m = say(solve.Input{Text: "Day: 2026-03-06", Form: "swap.what", Values: map[string]string{"order": "1042", "day": "2026-03-06", "parcel.amount": "1"}})
	if m.LookUp != "parcel" || m.Args["order"] != "1042" || len(m.Journey.Slots) != 3 || m.Journey.Slots["why"] != "small" {
		t.Errorf("filled in, it goes on with %+v", m)
	}
}

// Who answers a form in words is understood, and what is left is asked again.
func TestFormAnsweredInWords(t *testing.T) {
	say := asker(t, true)
	say(solve.Input{Text: "I want to swap it"})
	if m := say(solve.Input{Text: "it is too small, order 1042"}); m.Journey.Slots["why"] != "small" || m.Journey.Slots["order"] != "1042" || m.Form != nil || m.Question != "Which day?" {
		t.Errorf("words were taken as %+v", m)
	}
}

// A form of another step is only its text.
func TestOtherFormIsOnlyText(t *testing.T) {
	say := asker(t, true)
	say(solve.Input{Text: "I want to swap it"})
	if m := say(solve.Input{Text: "hm", Form: "late.look", Values: map[string]string{"order": "1042", "why": "small", "day": "2026-03-06"}}); len(m.Journey.Slots) != 0 || !m.Off {
		t.Errorf("another form was taken: %+v", m)
	}
}

func TestWithoutFormsOneThingAtATime(t *testing.T) {
	say := asker(t, false)
	for _, x := range []struct{ says, asks string }{{"I want to swap it", "What is wrong with it?"}, {"too small", "Your order number, please?"}, {"1042", "Which day?"}} {
		if m := say(solve.Input{Text: x.says}); m.Form != nil || m.Question != x.asks {
			t.Errorf("%s: %+v, want %q", x.says, m, x.asks)
		}
	}
	if m := say(solve.Input{Text: "on 6 March"}); m.LookUp != "parcel" {
		t.Errorf("in the end %+v", m)
	}
}

func TestCard(t *testing.T) {
	b, err := loadSwap()
	if err != nil {
		t.Fatal(err)
	}
	lookup := records()
	lookup["parcel"]["1042"] = append(lookup["parcel"]["1042"], bot.Fact{Name: "status", Value: "lost"})
	s := &solve.Solver{Book: b, Lookup: lookup}
	m := bot.Message{ID: "m", Text: "I want to swap it, it is too small, order 1042, on 6 March", Time: wednesday, Forms: true}
	for _, lang := range []string{"en", "ko"} {
		p, err := s.Solve(context.Background(), &bot.Turn{Message: m, Session: &bot.Session{}, Reply: bot.Reply{ID: "re:m", Lang: lang}})
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Cards) != 1 || !p.Solved {
			t.Fatalf("progress %+v", p)
		}
		want := map[string]bot.Card{
			"en": {Title: "Order 1042", Rows: []bot.Row{{Label: "Item", Value: "chair"}, {Label: "Due", Value: "Sunday 1 March"}}, Choices: []bot.Choice{{Label: "Open", URL: "https://shop.example/o?n=1042&i=chair"}}},
			"ko": {Title: "주문 1042", Rows: []bot.Row{{Label: "상품", Value: "chair"}, {Label: "도착 예정일", Value: "3월 1일 일요일"}}, Choices: []bot.Choice{{Label: "열기", URL: "https://shop.example/o?n=1042&i=chair"}}},
		}[lang]
		if got := p.Cards[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("card %+v, want %+v: a word without words is for nobody", got, want)
		}
	}
}

func TestCardsAndFormsAreChecked(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"a slot of a form without a label": {"    label: {ko: 사유, en: Reason}\n", "", "label: of why"},
		"a label in one language":          {"{ko: 받을 날, en: Day}", "{ko: 받을 날}", "no words in en"},
		"a fact that is not there":         {"fact: item", "fact: colour", `"colour" is no fact of parcel`},
		"a word that never comes":          {"shipped:", "sailed:", `status is never "sailed"`},
		"words left out":                   {"          words:\n            shipped: {ko: 배송 중, en: On its way}\n", "", "say under words"},
		"a hole that cannot be filled":     {"n={order}", "n={member}", "{member} is neither"},
		"an unknown slot":                  {"ask: [why, order, day]", "ask: [why, colour]", `slot "colour" is not under know`},
		"a card for an action":             {"\nactions:", "\nactions:\n  stop: {post: /x, card: {title: {ko: 가, en: a}, rows: []}}\n", "give it to the look-up"},
	} {
		if _, err := loadSwap(c.from, c.to); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
