package llm

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/flowstest"
)

func served(t *testing.T, say string) (*Models, *provider) {
	t.Helper()
	p := newProvider(t, say)
	return models(t, Options{Models: []Spec{{Use: "openai:m@" + p.URL, For: Purposes()}}}), p
}

const grieving = `{"emotions":[{"name":"anxiety","strength":0.3},{"name":"grief","strength":0.8}],"intensity":0.7,"risk":0}`

func TestRecognizerSuite(t *testing.T) {
	m, _ := served(t, grieving)
	r, err := Recognizer{m}.Recognize(t.Context(), bot.Message{Text: "아버지가 어제 돌아가셨어요"}, nil)
	if err != nil || r.Top() != "grief" || r.Valence > -.5 || r.Intensity != .7 || r.Lang != "ko" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, bad := range []string{`{}`, `[]`, `{"emotions":[{"name":"hangry","strength":1}],"intensity":1,"risk":0}`, `{"emotions":[],"intensity":1,"risk":0}`,
		`{"emotions":[{"name":"joy","strength":1}],"risk":0}`, `{"emotions":[{"name":"joy","strength":1}],"intensity":0,"risk":9}`} {
		m, _ := served(t, bad)
		if r, err := (Recognizer{m}).Recognize(t.Context(), bot.Message{Text: "x"}, nil); !errors.Is(err, ErrNonsense) {
			t.Errorf("%s: %+v, %v", bad, r, err)
		}
	}
}

// told is a recognizer that says what it was told.
type told bot.Reading

func (r told) Recognize(context.Context, bot.Message, *bot.Session) (bot.Reading, error) {
	return bot.Reading(r), nil
}

func TestCascade(t *testing.T) {
	unsure := bot.Reading{Emotions: []bot.Emotion{{Name: "neutral", Strength: .4}}, Confidence: .4, Intensity: .2, Flags: []string{"closing"}, Lang: "ko"}
	message := bot.Message{Text: "어제 아버지를 보내 드렸어요"}
	for name, c := range map[string]struct {
		first   func(r *bot.Reading, m *bot.Message)
		say     string
		asked   int
		top     string
		conf    float64
		outcome string
	}{
		"unsure":        {nil, grieving, 1, "grief", .5, "ok"},
		"they agree":    {func(r *bot.Reading, _ *bot.Message) { r.Emotions[0].Name = "shame" }, grieving, 1, "grief", .7, "ok"},
		"sure":          {func(r *bot.Reading, _ *bot.Message) { r.Confidence = .8 }, grieving, 0, "neutral", .8, ""},
		"danger":        {func(r *bot.Reading, _ *bot.Message) { r.Risk = bot.R2 }, grieving, 0, "neutral", .4, ""},
		"tone is off":   {func(_ *bot.Reading, m *bot.Message) { m.Signals.NoTone = true }, grieving, 0, "neutral", .4, ""},
		"nothing said":  {func(_ *bot.Reading, m *bot.Message) { m.Text = " " }, grieving, 0, "neutral", .4, ""},
		"nonsense":      {nil, "I feel with them", 1, "neutral", .4, "nonsense"},
		"danger unseen": {nil, strings.Replace(grieving, `"risk":0`, `"risk":2`, 1), 1, "grief", .5, "ok"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, c.say)
			outcome := ""
			m := models(t, Options{Models: []Spec{{Use: "openai:m@" + p.URL, For: []string{Recognize}}}, Seen: func(c Call) { outcome = c.Outcome }})
			first, said := unsure, message
			first.Emotions = append([]bot.Emotion(nil), unsure.Emotions...)
			if c.first != nil {
				c.first(&first, &said)
			}
			got, err := Cascade{First: told(first), Second: Recognizer{m}}.Recognize(t.Context(), said, nil)
			if err != nil || p.count() != c.asked || got.Top() != c.top || got.Confidence != c.conf || outcome != c.outcome || !got.Has("closing") {
				t.Errorf("%+v, %v, asked %d times, %s", got, err, p.count(), outcome)
			}
			if name == "danger unseen" && got.Risk != bot.R2 {
				t.Errorf("risk %v; want what the second saw", got.Risk)
			}
		})
	}
}

func TestCascadeIsInTime(t *testing.T) {
	m, p := served(t, grieving)
	p.play(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	start := time.Now()
	first := bot.Reading{Emotions: []bot.Emotion{{Name: "neutral", Strength: 1}}, Confidence: .2}
	got, err := Cascade{First: told(first), Second: Recognizer{m}, Within: 100 * time.Millisecond}.Recognize(t.Context(), bot.Message{Text: "음"}, nil)
	if err != nil || got.Confidence != .2 || time.Since(start) > 2*time.Second {
		t.Errorf("%+v, %v after %v", got, err, time.Since(start))
	}
}

// TestCascadeKeepsThePromises of every recognizer, with a model that talks nonsense.
func TestCascadeKeepsThePromises(t *testing.T) {
	m, _ := served(t, "nonsense")
	flowstest.TestRecognizer(t, Cascade{First: flowstest.Readings{}, Second: Recognizer{m}, Sure: .99, Within: time.Second})
}

func TestAppraiser(t *testing.T) {
	hurt := bot.Reading{Emotions: []bot.Emotion{{Name: "anger", Strength: .8}}, Lang: "ko"}
	text := "화분이라고 산 것이 흙뿐이었습니다 그 말만 드리고 싶었어요"
	for name, c := range map[string]struct{ say, text, event, noun string }{
		"found":         {`{"event":"damaged_item","noun":"화분"}`, text, "damaged_item", "화분"},
		"not a word":    {`{"event":"damaged_item","noun":"냉장고"}`, text, "damaged_item", ""},
		"no event":      {`{"event":"alien_landing","noun":"화분"}`, text, "", ""},
		"nothing":       {`{"event":"","noun":""}`, text, "", ""},
		"known already": {`{"event":"damaged_item","noun":""}`, "환불이 일주일째 안 들어왔어요", "refund_delay", ""},
		"too short":     {`{"event":"damaged_item","noun":""}`, "에휴", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := served(t, c.say)
			got := Appraiser{Models: m}.Read(bot.Message{Text: c.text}, hurt, nil)
			if got.Event != c.event || c.noun != "" && !strings.Contains(got.Noun, c.noun) || strings.Contains(got.Noun, "냉장고") {
				t.Errorf("event %q noun %q; want %q %q", got.Event, got.Noun, c.event, c.noun)
			}
		})
	}
}

func TestLibrary(t *testing.T) {
	inner := flowstest.Shelf{{ID: "refund", Title: "환불 기간", Text: "환불 은 이틀 안에 처리됩니다"}}
	m, p := served(t, `{"question":"환불 기간 이 얼마나 되나요?"}`)
	l := Library{Library: inner, Models: m}
	for _, c := range []struct {
		q     flows.Question
		found int
		asked int
	}{
		{flows.Question{Text: "환불 기간", Lang: "ko"}, 1, 0},
		{flows.Question{Text: "그건 얼마나?", Lang: "ko"}, 0, 0},
		{flows.Question{Text: "그건 얼마나?", About: "환불", Lang: "ko"}, 1, 1},
		{flows.Question{Text: strings.Repeat("그건 얼마나? ", 20), About: "환불", Lang: "ko"}, 0, 1},
	} {
		got, err := l.Search(t.Context(), c.q, 3)
		if err != nil || len(got) != c.found || p.count() != c.asked {
			t.Errorf("%.20s: %d found, %v, asked %d times", c.q.Text, len(got), err, p.count())
		}
	}
	p.play(func(w http.ResponseWriter, _ *http.Request) bool { http.Error(w, "no", 500); return true })
	if got, err := l.Search(t.Context(), flows.Question{Text: "그건?", About: "환불", Lang: "ko"}, 3); err != nil || len(got) > 0 {
		t.Errorf("a model that fails: %v, %v", got, err)
	}
}

func TestClerk(t *testing.T) {
	turn := upset("ko")
	m, p := served(t, `{"summary":"환불이 늦어 세 번째 문의.\n월세 낼 돈, 연락처 ⟦PHONE_1⟧."}`)
	got, err := Clerk{m}.Brief(t.Context(), turn)
	if err != nil || got != "환불이 늦어 세 번째 문의. 월세 낼 돈, 연락처 010-1234-5678." {
		t.Errorf("%q, %v", got, err)
	}
	p.say = `{"summary":"연락처 ⟦PHONE_7⟧"}`
	if got, err := (Clerk{m}).Brief(t.Context(), turn); err == nil {
		t.Errorf("an invented value was taken: %q", got)
	}
}

func TestAuthor(t *testing.T) {
	turn := upset("ko")
	m, p := served(t, `{"parts":[{"stage":"guide","text":"⟦PHONE_1⟧로 전화드리지 않아요. 환불은 이틀 안에 처리돼요.","sources":["refund.md#1"]},{"stage":"safety","text":"x","sources":[]}]}`)
	got, err := Author{m}.Word(t.Context(), turn, turn.Reply.Parts[1:], nil)
	if err != nil || len(got) != 1 || !strings.HasPrefix(got[0].Text, "010-1234-5678로") || got[0].Sources[0] != "refund.md#1" {
		t.Errorf("%+v, %v", got, err)
	}
	if len(turn.Notes) != 1 || !strings.Contains(turn.Notes[0].Text, "ko/write 1") {
		t.Errorf("notes %v; want the model and the version of the prompt", turn.Notes)
	}
	p.say = `{"parts":[{"stage":"guide","text":"⟦PHONE_9⟧","sources":[]}]}`
	if got, err := (Author{m}).Word(t.Context(), turn, turn.Reply.Parts[1:], nil); err != nil || len(got) != 0 {
		t.Errorf("an invented value was taken: %+v, %v", got, err)
	}
}
