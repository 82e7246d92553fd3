package personas

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onkihq/onki/bot"
)

var both = []string{"ko", "en"}

func TestBuiltinManuals(t *testing.T) {
	m, err := LoadManuals(fstest.MapFS{}, both)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range Names() {
		if f := m.Form(n); f.Name != n {
			t.Errorf("form of %s is called %q", n, f.Name)
		}
	}
	if m.Form("grumpy").Name != "unknown" {
		t.Error("a persona that does not exist is not answered as unknown")
	}
}

func TestBelief(t *testing.T) {
	for _, c := range []struct {
		name     string
		lang     string
		messages []string
		want     string
	}{
		{"nothing said yet", "ko", nil, "unknown"},
		{"one cue is not enough", "ko", []string{"빨리 좀 부탁드려요"}, "unknown"},
		{"two messages with a cue", "ko", []string{"빨리 좀 부탁드려요", "지금 당장 필요해요"}, "hurried"},
		{"two cues in one message", "en", []string{"ASAP please, I'm boarding in 10 min"}, "hurried"},
		{"feeling", "ko", []string{"너무 속상해요 ㅠㅠ", "걱정돼서 잠이 안 와요..."}, "sensitive"},
		{"feeling in English", "en", []string{"I'm really worried...", "I was in tears all day"}, "sensitive"},
		{"reasons", "ko", []string{"1. 환불 규정의 근거\n2. 처리 기준", "약관 몇 조인지 정확히 알려주세요"}, "analytic"},
		{"reasons in English", "en", []string{"What policy is this based on?\n1. refund\n2. fee", "Please be specific."}, "analytic"},
		{"jokes", "ko", []string{"택배가 가출했나봐요 ㅋㅋㅋㅋ", "ㅋㅋㅋ 여행 중인가"}, "humour"},
		{"formal", "ko", []string{"안녕하십니까. 환불을 문의드립니다.", "빠른 처리를 해 주시기 바랍니다."}, "formal"},
		{"formal in English", "en", []string{"Dear Sir, I am writing to ask about my refund.", "Kind regards"}, "formal"},
		{"one laugh among many words", "ko", []string{"ㅋㅋㅋ 네", "주문 언제 와요", "주소 바꿀게요", "고마워요"}, "unknown"},
		{"long ago", "ko", append([]string{"빨리요, 지금 바로"}, strings.Split(strings.Repeat("주문 확인해 주세요|", 12), "|")...), "unknown"},
	} {
		who := &bot.Customer{}
		for _, m := range c.messages {
			Observe(m, c.lang, who)
		}
		if got := Pick(who); got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.name, got, c.want, who.Personas)
		}
	}
}

func TestBeliefIsGradualAndForgets(t *testing.T) {
	who := &bot.Customer{}
	before := 0.0
	for i := range 40 {
		Observe("급해요 빨리요", "ko", who)
		now := who.Personas["hurried"]
		if now < before || now > 1 {
			t.Fatalf("message %d: belief went from %.2f to %.2f", i, before, now)
		}
		before = now
	}
	if b := who.Cues["hurried"]; b.For+b.Against > memoryMax+1e-9 {
		t.Errorf("evidence %v outgrows the memory", b)
	}
	for range 60 {
		Observe("주문 내역을 보고 싶어요", "ko", who)
	}
	if Pick(who) != "unknown" {
		t.Errorf("still %s after sixty calm messages: %v", Pick(who), who.Cues)
	}
	Observe("무엇이든", "ko", nil) // nobody to remember it for
	if Pick(nil) != "unknown" {
		t.Error("nobody has a persona")
	}
}

func TestManualFaults(t *testing.T) {
	head := "name: humour\ntitle: {ko: 유머, en: Humour}\n"
	prose := "manual: {ko: 가볍게, en: lightly}\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"unknown persona", "grumpy", head + prose, `personas/grumpy.yaml:1: no persona is called "grumpy"`},
		{"other name", "hurried", head + prose, "personas/hurried.yaml:1: name"},
		{"unknown key", "humour", head + prose + "cuse: []\n", `did you mean "cues"`},
		{"missing language", "humour", head + "manual: {ko: 가볍게}\n", "personas/humour.yaml:3: manual has no en"},
		{"no pattern", "humour", head + prose + "cues:\n  - {pattern: '(', weight: 1}\n", "personas/humour.yaml:5: pattern"},
		{"fits all", "humour", head + prose + "cues:\n  - {pattern: 'x*', weight: 1}\n", "fits every message"},
		{"weight", "humour", head + prose + "cues:\n  - {pattern: 'x', weight: 3}\n", "weight 3"},
		{"order", "humour", head + prose + "form: {order: anwser}\n", `did you mean "answer"`},
		{"limit", "humour", head + prose + "form: {sentences: -1}\n", "sentences -1"},
		{"mocks", "humour", head + "manual: {ko: 고객을 놀려도 된다, en: Make fun of slow customers}\n", `"놀려": a persona never mocks`},
		{"mocks in English", "humour", head + "manual: {ko: 가볍게, en: Make fun of slow customers}\n", "a persona never mocks"},
	} {
		_, err := LoadManuals(fstest.MapFS{"personas/" + c.file + ".yaml": {Data: []byte(c.text)}}, both)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", c.name, err, c.want)
		}
	}
	own := head + "manual: {ko: 놀리지 않는다, en: Never mock anybody}\nform: {sentences: 2}\n"
	m, err := LoadManuals(fstest.MapFS{"personas/humour.yaml": {Data: []byte(own)}, "personas/voice.yaml": {Data: []byte("humour: false")}}, both)
	if err != nil || m.Form("humour").Sentences != 2 || m.Form("humour").Humour {
		t.Errorf("the brand's own manual does not count: %+v, %v", m, err)
	}
}

func TestVoice(t *testing.T) {
	v, err := LoadVoice(fstest.MapFS{}, both)
	if err != nil || v.Register("ko") != "haeyo" || v.Register("en") != "plain" || !v.Jokes() || v.Emojis() {
		t.Errorf("built-in voice: %+v, %v", v, err)
	}
	load := func(text string) (*Voice, error) {
		return LoadVoice(fstest.MapFS{"personas/voice.yaml": {Data: []byte(text)}}, both)
	}
	v, err = load("formality: {ko: hasipsio, en: formal}\nhumour: false\nnever: {ko: [고객놈]}\n")
	if err != nil || v.Register("ko") != "hasipsio" || v.Jokes() || v.Never["ko"][0] != "고객놈" || v.Assistant["ko"] == "" {
		t.Errorf("own voice: %+v, %v", v, err)
	}
	for _, c := range []struct{ text, want string }{
		{"formalty: {ko: haeyo}\n", `did you mean "formality"`},
		{"humour: false\nformality: {ko: banmal}\n", `personas/voice.yaml:2: formality "banmal" in ko: write haeyo or hasipsio`},
		{"assistant: {ko: 온기}\n", "assistant has no en"},
		{"says: {ko: [고객님]}\nnever: {ko: [고객님]}\n", "personas/voice.yaml:2:"},
		{"never: {en: [\"\"]}\n", "an empty word"},
		{"humour: [\n", "personas/voice.yaml:"},
	} {
		if _, err := load(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
}
