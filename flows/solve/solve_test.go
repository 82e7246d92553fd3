package solve_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/solve"
	"pgregory.net/rapid"
)

const office = `
url: env:X
hosts: [x.example]
look_ups:
  parcel:
    get: /orders/{order}
    with: [order]
    same: [order]
    facts: {order: text, item: text, status: [shipped, lost], due: date, amount: money KRW}
actions:
  cancel: {post: "/orders/{order}/cancel", with: [order], facts: {refund: money KRW, by: date}}
`

const late = `title: {ko: 늦을 때, en: Late}
when:
  events: [delivery_late]
  says:
    ko: [언제 와요, 아직 안 왔어요, 배송이 늦어요]
    en: [where is my order, it has not arrived, my parcel is late]
know:
  order:
    type: code
    pattern: '1\d{3}'
    ask: {ko: [주문번호를 알려 주세요., 주문번호가 필요합니다.], en: ["Your order number, please?", I need the order number.]}
    where: {ko: 문자에 있습니다., en: It is in the text message.}
steps:
  - step: look
    look_up: parcel
    none: none
    then:
      - if: parcel.due < today
        go: offer
      - go: fine
  - step: none
    say: {ko: "{order:은/는} 없습니다.", en: "There is no {order}."}
    forget: order
    go: look
  - step: fine
    say: {ko: "{parcel.item:은/는} {parcel.due} 옵니다.", en: "Your {parcel.item} comes on {parcel.due}."}
    end: solved
  - step: offer
    say: {ko: "{parcel.item:이/가} 늦었습니다.", en: "Your {parcel.item} is late."}
    choose:
      ask: {ko: [기다릴까요 취소할까요?, 정해 주세요.], en: ["Wait or cancel?", Please choose.]}
      options:
        - {name: wait, label: {ko: 기다리기, en: Wait}, says: {ko: [기다릴], en: [wait]}, go: left}
        - {name: cancel, label: {ko: 취소하기, en: Cancel}, says: {ko: [취소], en: [cancel]}, go: cancel}
  - step: cancel
    do:
      action: cancel
      amount: parcel.amount
      confirm: {ko: ["{parcel.amount:을/를} 돌려 드릴까요?", "취소할까요?"], en: ["Refund {parcel.amount}?", "Cancel it?"]}
      doing: {ko: 넣었습니다., en: On its way.}
      no: left
    go: done
  - step: done
    say: {ko: "{cancel.refund}, {cancel.by}까지.", en: "{cancel.refund} by {cancel.by}."}
    end: solved
  - step: left
    say: {ko: 그대로 둡니다., en: Left as it is.}
    end: solved
`

func load(t testing.TB, flow string) (*solve.Book, error) {
	t.Helper()
	return solve.Load(fstest.MapFS{
		"backoffice.yaml": {Data: []byte(office)}, "flows/late.yaml": {Data: []byte(flow)},
	}, solve.Options{Languages: []string{"ko", "en"}, Limits: solve.Limits{"cancel": 50_000}})
}

func book(t testing.TB) *solve.Book {
	t.Helper()
	b, err := load(t, late)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var wednesday = time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)

// talk plays a flow by hand: look-ups answer with the given facts.
type talk struct {
	b      *solve.Book
	j      bot.Journey
	lang   string
	parcel map[string]string // nil: there is none; with "!", the look-up fails
	n      int
}

func (k *talk) say(text string) solve.Move {
	k.n++
	return k.next(solve.Input{ID: "re:" + string(rune('0'+k.n)), Text: text, Lang: k.lang, Today: wednesday})
}

func (k *talk) next(in solve.Input) solve.Move {
	for range 10 {
		m := k.b.Next(k.j, in)
		k.j = m.Journey
		if m.Ask != "" {
			if k.j.Asked == nil {
				k.j.Asked = make(map[string]int)
			}
			k.j.Asked[m.Ask]++
		}
		if m.LookUp == "" {
			return m
		}
		var facts []bot.Fact
		outcome := "ok"
		for name, v := range k.parcel {
			facts = append(facts, bot.Fact{Name: name, Value: v})
		}
		switch {
		case k.parcel == nil:
			outcome = "none"
		case k.parcel["!"] != "":
			outcome = "failed"
		}
		k.j = solve.Found(k.j, m.LookUp, outcome, facts)
		in.Taken = true
	}
	panic("no end")
}

func begun(t testing.TB, lang string, parcel map[string]string) *talk {
	return &talk{b: book(t), j: bot.Journey{Flow: "late"}, lang: lang, parcel: parcel}
}

func lateParcel() map[string]string {
	return map[string]string{"order": "1042", "item": "의자", "status": "shipped", "due": "2026-03-01", "amount": "42000"}
}

func want(t *testing.T, m solve.Move, say, question string) {
	t.Helper()
	if got := strings.Join(m.Say, " "); got != say || m.Question != question {
		t.Fatalf("says %q and asks %q, want %q and %q (%+v)", got, m.Question, say, question, m)
	}
}

func TestHappyPath(t *testing.T) {
	k := begun(t, "ko", lateParcel())
	want(t, k.say("왜 안 와요"), "", "주문번호를 알려 주세요.")
	want(t, k.say("1042요"), "의자가 늦었습니다.", "기다릴까요 취소할까요?")
	m := k.say("취소할게요")
	want(t, m, "", "42,000원을 돌려 드릴까요?")
	if len(m.Choices) != 2 || m.Choices[0].ID != "cancel.yes" {
		t.Errorf("choices %v", m.Choices)
	}
	m = k.say("네")
	want(t, m, "넣었습니다.", "")
	if m.Order == nil || m.Order.ID != "do:re:4" || m.Order.Amount != 42_000 || m.Order.Args["order"] != "1042" {
		t.Fatalf("order %+v", m.Order)
	}
	if m := k.say("네"); m.Order != nil || !m.Off {
		t.Fatalf("a second yes orders again: %+v", m)
	}
	m = k.next(solve.Input{Lang: "ko", Today: wednesday, Result: &solve.Result{Order: "do:re:4", Outcome: "done",
		Facts: []bot.Fact{{Name: "refund", Value: "42000"}, {Name: "by", Value: "2026-03-07"}}}})
	want(t, m, "42,000원, 3월 7일 토요일까지.", "")
	if !m.Solved || !m.Journey.Done {
		t.Errorf("not solved: %+v", m)
	}
}

func TestInterruptions(t *testing.T) {
	k := begun(t, "en", lateParcel())
	want(t, k.say("it is late"), "", "Your order number, please?")
	m := k.say("how much is delivery?")
	want(t, m, "", "I need the order number.")
	if !m.Off {
		t.Error("a question in the middle is not noticed")
	}
	want(t, k.say("I don't know it"), "It is in the text message.", "I need the order number.")
	want(t, k.say("1042"), "Your 의자 is late.", "Wait or cancel?")
	want(t, k.say("no, I mean 1043"), "Your 의자 is late.", "Wait or cancel?")
	if k.j.Slots["order"] != "1043" {
		t.Errorf("order %q after a correction", k.j.Slots["order"])
	}
	want(t, k.say("I am so angry"), "", "Please choose.")
	want(t, k.say("cancel then"), "", "Refund 42,000 KRW?")
	want(t, k.say("no, I'll wait"), "Left as it is.", "")
}

func TestWordsThatCanBeReadInTwoWaysDoNothing(t *testing.T) {
	for _, text := range []string{"yes?", "네?", "네 아니 잠깐만요", "yes but wait", "no problem, go ahead", "음", "how long does it take?", "취소하면 언제 들어와요?",
		"네이버페이로 결제했어요", "설명 해 주세요", "네 근데 수수료는요", "yes if it is free", "취소해 주세요?", "그래서 얼마 돌려받는데요", "예약도 있어요", "can you", "cancel that"} {
		k := begun(t, "ko", lateParcel())
		k.say("1042")
		k.say("취소")
		if m := k.say(text); m.Order != nil {
			t.Errorf("%q orders %+v", text, m.Order)
		}
	}
}

func TestNothingIsMadeUp(t *testing.T) {
	for name, parcel := range map[string]map[string]string{
		"failed": {"!": "1"}, "no date": {"order": "1042", "item": "의자"}, "no item": {"order": "1042", "due": "2026-03-01"},
	} {
		k := begun(t, "ko", parcel)
		m := k.say("1042")
		if m.Person == "" || m.Moment != "flow.unreachable" || len(m.Say) > 0 || m.Question != "" {
			t.Errorf("%s: %+v", name, m)
		}
	}
	k := begun(t, "ko", nil)
	m := k.say("1042")
	want(t, m, "1042는 없습니다.", "주문번호를 알려 주세요.")
	if m := k.say("1043"); m.Person != "" {
		t.Errorf("%+v", m)
	}
}

func TestAboveTheLimitAPersonDecides(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		amount := rapid.IntRange(0, 200_000).Draw(r, "amount")
		parcel := lateParcel()
		parcel["amount"] = decimal(amount)
		k := begun(t, "ko", parcel)
		k.say("1042")
		first := k.say("취소할게요")
		second := k.say(rapid.SampledFrom([]string{"네", "네 해 주세요", "yes", "응 진행해"}).Draw(r, "yes"))
		if amount > 50_000 && (first.Person != "limit" || first.Order != nil || second.Order != nil) {
			r.Fatalf("%d: %+v then %+v", amount, first, second)
		}
		if amount <= 50_000 && (second.Order == nil || second.Order.Amount != float64(amount)) {
			r.Fatalf("%d: %+v", amount, second)
		}
	})
}

func decimal(n int) string {
	var b []byte
	for ; n > 0 || len(b) == 0; n /= 10 {
		b = append(b, byte('0'+n%10))
	}
	slices.Reverse(b)
	return string(b)
}

func TestNextIsPure(t *testing.T) {
	k := begun(t, "ko", lateParcel())
	k.say("1042")
	before := k.j
	in := solve.Input{ID: "re:x", Text: "취소", Lang: "ko", Today: wednesday}
	a, b := k.b.Next(before, in), k.b.Next(before, in)
	if a.Question != b.Question || a.Journey.Step != b.Journey.Step || before.Slots["offer"] != "" || before.Step != "offer" {
		t.Errorf("%+v\n%+v\n%+v", a, b, before)
	}
}

func TestFaultsNameLineAndRemedy(t *testing.T) {
	for _, c := range []struct{ name, old, new, line, says string }{
		{"unreachable step", "none: none\n", "none: left\n", ":21:", "cannot be reached"},
		{"missing branch", "      - go: fine\n", "      - {if: 'parcel.due > today', go: fine}\n", ":20:", "a branch is missing"},
		{"unknown slot", "{order:은/는} 없", "{orden:은/는} 없", ":22:", "{orden} is neither a slot nor a fact"},
		{"unknown look-up", "look_up: parcel", "look_up: parsel", ":15:", "is not in backoffice.yaml"},
		{"loop without exit", "no: left\n    go: done", "no: round\n    go: done\n  - step: round\n    choose:\n      ask: {ko: 가, en: a}\n      options: [{name: a, label: {ko: 가, en: a}, go: round}, {name: b, label: {ko: 나, en: b}, go: round}]", ":43:", "loop without exit"},
		{"missing language", "say: {ko: 그대로 둡니다., en: Left as it is.}", "say: {ko: 그대로 둡니다.}", ":47:", "has no words in en"},
		{"bad expression", "parcel.due < today", "parcel.due < 3", ":18:", "mismatched types"},
		{"unknown fact in an expression", "parcel.due < today", "parcel.dew < today", ":18:", "dew"},
		{"unknown target", "go: done\n", "go: dome\n", ":42:", `no step "dome"`},
		{"nowhere", "    end: solved\n  - step: offer", "  - step: offer", ":25:", "leads nowhere"},
		{"fact before its look-up", "  - step: look\n", "  - step: first\n    say: {ko: \"{parcel.item}\", en: \"{parcel.item}\"}\n    go: look\n  - step: look\n", ":14:", "has not been looked up on every way"},
		{"amount from the customer", "amount: parcel.amount", "amount: 'order == \"1\" ? 1 : 2'", ":38:", "may rest on looked-up facts only"},
		{"action without a limit", "action: cancel", "action: cancle", ":37:", "is not in backoffice.yaml"},
		{"one way to ask", "ask: {ko: [주문번호를 알려 주세요., 주문번호가 필요합니다.]", "ask: {ko: 주문번호를 알려 주세요.", ":11:", "add another"},
		{"unknown key", "forget: order", "forgot: order", ":23:", "unknown field"},
		{"circle by itself", "    forget: order\n", "", ":14:", "comes back to itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(late, c.old) {
				t.Fatalf("%q is not in the flow", c.old)
			}
			_, err := load(t, strings.Replace(late, c.old, c.new, 1))
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "flows/late.yaml"+c.line) {
				t.Errorf("want %s … %s, got\n%v", c.line, c.says, err)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	b := book(t)
	for text, applies := range map[string]bool{
		"제 주문 아직 안 왔어요": true, "where's my order please": true, "my parcel is so late": true,
		"안녕하세요": false, "매장 주차장 있나요": false, "do you sell gift cards": false, "": false, "😡": false,
	} {
		if f, score := b.Match(solve.Input{Text: text}, false); (f != nil) != applies {
			t.Errorf("%q: %v %.2f", text, f != nil, score)
		}
	}
}

func TestConditionsAreBounded(t *testing.T) {
	_, err := load(t, strings.Replace(late, "parcel.due < today", strings.Repeat("parcel.due < today and ", 80)+"true", 1))
	if err == nil || !strings.Contains(err.Error(), "nodes") {
		t.Errorf("a huge condition: %v", err)
	}
	_, err = load(t, strings.Replace(late, "parcel.due < today", "len(1..1000000000) > 3", 1))
	if err == nil {
		b, _ := load(t, strings.Replace(late, "parcel.due < today", "len(1..1000000000) > 3", 1))
		k := &talk{b: b, j: bot.Journey{Flow: "late"}, lang: "ko", parcel: lateParcel()}
		start := time.Now()
		if m := k.say("1042"); !m.Solved || time.Since(start) > 5*time.Second {
			t.Errorf("a condition that asks for a billion cells: %+v after %s", m, time.Since(start))
		}
	}
}
