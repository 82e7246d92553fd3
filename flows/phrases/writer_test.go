package phrases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onkihq/onki/bot"
)

func newWriter(t testing.TB, country string) *Writer {
	t.Helper()
	return writerWith(t, Options{
		Brand: map[string]string{"ko": "하늘마켓", "en": "Haneul Market"}, Country: country,
		Hours: map[string]string{"ko": "평일 9시–18시", "en": "9 am–6 pm on weekdays"}, Within: 30 * time.Minute,
	})
}

func writerWith(t testing.TB, o Options) *Writer {
	t.Helper()
	w, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func turn(lang, register, band string) *bot.Turn {
	now := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	return &bot.Turn{
		Session: &bot.Session{Address: bot.Address{Channel: "web", Thread: "1"}},
		Message: bot.Message{Time: now, Files: []bot.File{{Name: "a.jpg", Type: "image/jpeg"}}},
		Plan:    bot.Plan{Register: register, Band: band},
		Reply:   bot.Reply{Lang: lang},
		Case:    bot.Case{Event: "delivery_late"},
		Others:  2,
	}
}

func write(t testing.TB, w *Writer, moment string, turn *bot.Turn) string {
	t.Helper()
	text, err := w.Write(context.Background(), moment, turn)
	if err != nil {
		t.Fatalf("%s: %v", moment, err)
	}
	return text
}

// registers are all combinations of language and register.
var registers = [][2]string{{"ko", "haeyo"}, {"ko", "hasipsio"}, {"en", "plain"}, {"en", "formal"}}

func TestEveryMomentHasWords(t *testing.T) {
	w := newWriter(t, "KR")
	for _, r := range registers {
		for _, m := range Moments() {
			for _, event := range append(slices.Clone(events), "", "something new") {
				tt := turn(r[0], r[1], "M")
				tt.Case.Event = event
				text := write(t, w, m, tt)
				if text == "" || strings.ContainsAny(text, "{}+") || strings.Contains(text, "  ") {
					t.Errorf("%v %s %s: %q", r, m, event, text)
				}
			}
		}
	}
	if _, err := w.Write(context.Background(), "acknowledge.nothing", turn("ko", "", "L")); err == nil {
		t.Error("an unknown moment was worded")
	}
	if got := write(t, w, "handoff.now", turn("fr", "", "L")); !strings.Contains(got, "person") {
		t.Errorf("a language without words is not answered in English: %q", got)
	}
}

func TestLeadIsSilentWhenTheToneIsCrisp(t *testing.T) {
	w := newWriter(t, "KR")
	tt := turn("ko", "haeyo", "L")
	tt.Plan.Tone = "crisp"
	if got := write(t, w, "guide.lead", tt); got != "" {
		t.Errorf("crisp, but says %q", got)
	}
}

// TestEnoughWords counts what there is for every moment and register.
func TestEnoughWords(t *testing.T) {
	w := newWriter(t, "KR")
	need := func(moment string) int {
		switch moment {
		case "acknowledge.fact", "acknowledge.effort", "acknowledge.meaning", "acknowledge.worry", "acknowledge.proof":
			return 18
		case "apology.1", "apology.2", "apology.3", "apology.4", "acknowledge.thanks", "acknowledge.self", "acknowledge.tired":
			return 8
		case "guide.cite", "guide.compensation", "notice.ai":
			return 2
		}
		if strings.HasPrefix(moment, "safety.") {
			return 2
		}
		if strings.HasPrefix(moment, "flow.") {
			return 2 // said once in a matter, and then a person has it
		}
		return 6
	}
	for _, r := range registers {
		for _, m := range Moments() {
			n := 0
			for _, p := range w.entries[r[0]+" "+m] {
				i := slices.IndexFunc(p.when, func(c condition) bool { return c.key == keyRegister })
				if i < 0 || slices.Contains(p.when[i].wanted, r[1]) {
					n++
				}
			}
			if n < need(m) {
				t.Errorf("%v %s: %d texts, want %d", r, m, n, need(m))
			}
		}
	}
}

func TestAcknowledgementNamesTheStake(t *testing.T) {
	w := newWriter(t, "KR")
	for i := range 60 {
		for _, c := range []struct{ lang, fact, why, noun, stake string }{
			{"ko", "딸 생일 선물", "내일이 딸 생일", "따님 생일", "occasion"},
			{"en", "my daughter's birthday present", "my daughter's birthday is tomorrow", "our daughter's birthday", "occasion"},
			{"ko", "환불", "월세 낼 돈", "월세 낼 돈", "money"},
			{"en", "cream", "my baby's skin", "our baby's skin", "health"},
			{"ko", "크림", "아기 피부", "아기 피부", "health"},
		} {
			tt := turn(c.lang, "", "M")
			tt.Session.Address.Thread = fmt.Sprint(i)
			tt.Case.Stakes = []bot.Stake{{Kind: c.stake, Words: c.why}}
			tt.Plan.Acknowledge = bot.Acknowledge{Fact: c.fact, Why: c.why, Feeling: "anxiety", Budget: 1 + i%2}
			if got := write(t, w, "acknowledge.worry", tt); !strings.Contains(got, c.noun) || sentences(got) > 1+i%2 {
				t.Errorf("%q does not name %q in %d sentences", got, c.noun, 1+i%2)
			}
		}
	}
}

func TestFeelingIsNamedOnlyWhenAllowed(t *testing.T) {
	w := newWriter(t, "KR")
	feelings := []string{"화가", "답답", "초조", "불안", "걱정", "실망", "속상", "서운", "지치", "angry", "worried", "disappoint", "frustrat", "fed up"}
	for _, r := range registers {
		for i := range 80 {
			for _, m := range []string{"fact", "effort", "worry", "meaning", "proof"} {
				tt := turn(r[0], r[1], "M")
				tt.Session.Address.Thread = fmt.Sprint(i)
				tt.Reading.Emotions = []bot.Emotion{{Name: "anger", Strength: .7}}
				tt.Case.Contacts = i % 4
				got := write(t, w, "acknowledge."+m, tt)
				if at := slices.IndexFunc(feelings, func(f string) bool { return strings.Contains(strings.ToLower(got), f) }); at >= 0 {
					t.Errorf("names %q without leave: %q", feelings[at], got)
				}
			}
		}
	}
}

// TestNothingIsSaidTwice holds long conversations: no text, no opener and
// nothing that resembles one returns.
func TestNothingIsSaidTwice(t *testing.T) {
	w := newWriter(t, "KR")
	for _, r := range registers {
		session := bot.Session{Address: bot.Address{Channel: "web", Thread: "long"}}
		said := map[string]int{}
		for n := range 12 {
			tt := turn(r[0], r[1], "M")
			tt.Session, tt.After = &session, session.Clone()
			tt.Plan.Acknowledge = bot.Acknowledge{Fact: map[string]string{"ko": "운동화", "en": "my shoes"}[r[0]], Feeling: "anger", Budget: 2}
			moment := []string{"acknowledge.fact", "acknowledge.change", "acknowledge.effort"}[n%3]
			tt.Case.Contacts = 3
			text := write(t, w, moment, tt)
			if at, ok := said[text]; ok {
				t.Errorf("%v: turn %d repeats turn %d: %q", r, n, at, text)
			}
			for _, m := range session.Moves {
				if like := shapeOf(text).like(shapeOf(m.Opener)); like >= similarMax && w.Fallbacks() == 0 {
					t.Errorf("%v: turn %d is too much like %q: %q", r, n, m.Opener, text)
				}
			}
			said[text] = n
			session = tt.After
			session.Turns = n + 1
			session.Moves = append(session.Moves, bot.Move{Opener: text, Reaction: "same"})
		}
	}
	if n := w.Fallbacks(); n > 2 {
		t.Errorf("%d of 48 openers had to bend a rule", n)
	}
}

func TestTheSameTurnSaysTheSame(t *testing.T) {
	w := newWriter(t, "KR")
	different := map[string]bool{}
	for i := range 30 {
		first, again := turn("ko", "", "M"), turn("ko", "", "M")
		first.Session.Address.Thread, again.Session.Address.Thread = fmt.Sprint(i), fmt.Sprint(i)
		a, b := write(t, w, "acknowledge.fact", first), write(t, w, "acknowledge.fact", again)
		if a != b || !slices.Equal(first.After.Used, again.After.Used) {
			t.Errorf("%q and %q", a, b)
		}
		different[a] = true
	}
	if len(different) < 15 {
		t.Errorf("thirty conversations begin in %d ways", len(different))
	}
}

func TestWhenEverythingIsSaidTheOldestReturns(t *testing.T) {
	brand := fstest.MapFS{"phrases/ko.yaml": {Data: []byte("- moment: guide.injection\n  say: [\"하나예요.\", \"둘이에요.\"]\n")}}
	w := writerWith(t, Options{Overrides: brand})
	tt := turn("ko", "haeyo", "L")
	var said []string
	for range 40 {
		said = append(said, write(t, w, "guide.injection", tt))
	}
	if said[0] == said[1] || !strings.HasSuffix(said[0], "예요.") && !strings.HasSuffix(said[0], "이에요.") {
		t.Errorf("the brand's own words do not come first: %q", said[:3])
	}
	first := said[0]
	back := slices.Index(said[1:], first) + 1
	if back < 5 || w.Fallbacks() == 0 {
		t.Errorf("%q returns after %d, %d fallbacks", first, back, w.Fallbacks())
	}
	if len(tt.After.Used) > back {
		t.Errorf("%d used texts are remembered of %d", len(tt.After.Used), back)
	}
}

func TestSafetyNumbersBelongToTheCountry(t *testing.T) {
	foreign := map[string][]string{
		"KR": {"988", "911", "116 123", "999"}, "US": {"109", "119", "116 123", "999"}, "GB": {"109", "119", "988", "911"},
		"JP": {"109(", "109는", "119나"},
	}
	for country, never := range foreign {
		w := newWriter(t, country)
		for _, lang := range []string{"ko", "en"} {
			if country == "JP" && lang == "en" {
				continue // the list of several countries
			}
			tt := turn(lang, "", "H")
			for range 8 {
				for _, m := range Moments() {
					if !strings.HasPrefix(m, "safety.") {
						continue
					}
					got := write(t, w, m, tt)
					for _, n := range never {
						if strings.Contains(got, n) {
							t.Errorf("%s in %s says %s: %q", m, country, n, got)
						}
					}
				}
			}
		}
	}
}

func TestPromisesAreSaidWithOwnerAndTime(t *testing.T) {
	w := writerWith(t, Options{Zone: time.FixedZone("KST", 9*3600)})
	for _, c := range []struct {
		lang, owner string
		want        []string
	}{{"ko", "배송팀", []string{"배송팀", "오늘 오후 6시", "전화 안내"}}, {"en", "the delivery team", []string{"elivery team", "6 pm today", "call back"}}} {
		for i := range 30 {
			for _, m := range []string{"guide.next", "stabilize.certainty", "stabilize.close"} {
				tt := turn(c.lang, "", "M")
				tt.Session.Address.Thread = fmt.Sprint(i)
				tt.Plan.Promises = []bot.Promise{{What: "callback", Owner: c.owner, Due: tt.Message.Time.Add(4*time.Hour + 2*time.Minute)}}
				got := write(t, w, m, tt)
				if !strings.Contains(got, c.want[1]) || m == "guide.next" && !(strings.Contains(got, c.want[0]) && strings.Contains(strings.ToLower(got), c.want[2])) {
					t.Errorf("%s: %q lacks %q", m, got, c.want)
				}
			}
		}
	}
}

func TestPeopleAreNotThings(t *testing.T) {
	w := newWriter(t, "KR")
	for i := range 40 {
		tt := turn("ko", "", "M")
		tt.Session.Address.Thread = fmt.Sprint(i)
		tt.Plan.Acknowledge = bot.Acknowledge{Fact: "아버지", Feeling: "anger", Budget: 2}
		if got := write(t, w, "acknowledge.fact", tt); strings.Contains(got, "아버님") {
			t.Errorf("a late delivery of a father: %q", got)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	w := newWriter(b, "KR")
	b.ReportAllocs()
	for b.Loop() {
		tt := turn("ko", "haeyo", "M")
		tt.Session.Moves = []bot.Move{{Opener: "말씀 잘 읽었어요. 운동화를 아직도 기다리고 계신 상황이네요."}}
		tt.Plan.Acknowledge = bot.Acknowledge{Fact: "딸 생일 선물", Why: "내일이 딸 생일", Feeling: "anxiety", Budget: 2}
		write(b, w, "acknowledge.worry", tt)
		write(b, w, "apology.2", tt)
		write(b, w, "guide.lead", tt)
		write(b, w, "stabilize.certainty", tt)
	}
}
