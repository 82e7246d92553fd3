package danger

import (
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

func hear(t testing.TB, lang, text string) Verdict {
	t.Helper()
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	rules, err := cues.Default()
	if err != nil {
		t.Fatal(err)
	}
	page := rules.Read(text)
	return r.Hear(lang, text, &page)
}

// None of these sentences is in the training data.
func TestHears(t *testing.T) {
	for _, c := range []struct {
		lang, text, kinds string
		least             bot.Risk
	}{
		{"en", "the toddler has swallowed a battery from the toy and is drooling", "child medical", bot.R3},
		{"en", "there is smoke pouring out of the dryer and I smell gas", "fire", bot.R2},
		{"en", "he hits me when he drinks and he checks my phone, please don't call", "violence", bot.R2},
		{"en", "my throat is swelling after your biscuits and I can hardly breathe", "medical", bot.R3},
		{"en", "my brother told me he wants to disappear for good and gave me his guitar", "other self", bot.R2},
		{"ko", "건조기에서 연기가 나고 가스 냄새도 심해요", "fire", bot.R2},
		{"ko", "남편이 술 마시면 때려요 폰도 다 봐요 전화하지 말아주세요", "violence", bot.R2},
		{"ko", "과자 먹고 목이 부어서 숨을 쉬기 힘들어요", "medical", bot.R3},
		{"ko", "아기가 장난감 건전지를 삼켰는데 침을 흘려요", "child medical", bot.R3},
		{"ko", "동생이 그동안 고마웠다고 편지를 남기고 전화를 안 받아요", "other", bot.R2},
	} {
		v := hear(t, c.lang, c.text)
		if v.Risk < c.least || !strings.Contains(c.kinds, v.Kind) {
			t.Errorf("%q: %v %s (grave %.2f), want %v of %s", c.text, v.Risk, v.Kind, v.Grave, c.least, c.kinds)
		}
		if len(v.Parts) == 0 {
			t.Errorf("%q: nothing says which words counted", c.text)
		}
		for _, p := range v.Parts {
			if p.Start < 0 || p.End > len(c.text) || p.Start >= p.End || p.Weight <= 0 || p.Weight > 1 {
				t.Errorf("%q: part %+v", c.text, p)
			}
		}
	}
}

// One line about danger is not drowned by the complaint around it.
func TestHearsInsideAComplaint(t *testing.T) {
	around := map[string][2]string{
		"en": {"I ordered the blue lamp on the third and was promised it within two days. It came after nine, in the wrong colour, and the box was torn. ", " I've written four times and nobody has answered, so please send the refund form and tell me where to post it."},
		"ko": {"지난주에 파란 스탠드를 주문했고 이틀이면 온다고 하셨는데 아흐레 만에 다른 색으로 왔습니다. 상자도 찢어져 있었고요. ", " 네 번이나 글을 남겼는데 답이 없네요. 환불 양식하고 보낼 주소를 알려 주세요."},
	}
	for lang, text := range map[string]string{
		"en": "My little girl swallowed the button battery from it and she can't breathe well.",
		"ko": "거기 든 건전지를 애가 삼켰는데 숨을 잘 못 쉬어요.",
	} {
		if v := hear(t, lang, around[lang][0]+text+around[lang][1]); v.Risk < bot.R2 {
			t.Errorf("%s: %v (grave %.2f)", lang, v.Risk, v.Grave)
		}
		if v := hear(t, lang, around[lang][0]+around[lang][1]); v.Risk > bot.R0 {
			t.Errorf("%s: the complaint alone is %v %s", lang, v.Risk, v.Kind)
		}
	}
}

func TestIdiomsAreCalm(t *testing.T) {
	for lang, texts := range map[string][]string{
		"en": {"this app is killing me", "kill the subscription please", "my cart died again", "I'm dying to try it", "the tent collapsed, refund please", "when does season two of the murder show start?"},
		"ko": {"배고파 죽겠어요 언제 와요", "맛이 죽여주네요", "앱이 또 죽었어요", "전복죽 포장 되나요", "웃겨 죽는 줄 알았어요 ㅋㅋ", "번지점프 예약하려고요"},
	} {
		for _, text := range texts {
			if v := hear(t, lang, text); v.Risk > bot.R0 {
				t.Errorf("%q: %v %s, want calm (grave %.2f doubt %.2f)", text, v.Risk, v.Kind, v.Grave, v.Doubt)
			}
		}
	}
}

// Whatever else is said, and however they laugh: definite words count.
func TestDefiniteWordsAreNotOverruled(t *testing.T) {
	rules, err := cues.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"haha thanks for the coupon, by the way i want to kill myself lol", "쿠폰 감사해요 ㅋㅋ 근데 저 자살하고 싶어요 ㅋㅋ"} {
		page := rules.Read(text)
		if got, _ := Ruled(&page, true); got < bot.R2 {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestLoadSaysWhatItKnows(t *testing.T) {
	r, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for lang, w := range r.weights {
		data, err := files.ReadFile("model/" + lang + ".danger")
		if err != nil {
			t.Fatal(err)
		}
		total += len(data)
		for _, cut := range []string{CutDoubt, CutGrave, CutNow, CutCalm} {
			if c := w.Cuts[cut]; c <= 0 || c >= 1 {
				t.Errorf("%s: cut %s is %g", lang, cut, c)
			}
		}
	}
	if total > 300<<10 {
		t.Errorf("%d bytes of weights, want at most 300 kB", total)
	}
	if v := hear(t, "xx", "kill the subscription"); v.Risk > bot.R0 {
		t.Errorf("an unknown language: %v", v.Risk)
	}
	for _, text := range []string{"", "\x00\x00", strings.Repeat("가", 40000), strings.Repeat("no breath ", 4000), "🔥🔥🔥"} {
		hear(t, "ko", text) // must not panic
	}
}

func BenchmarkHear(b *testing.B) {
	r, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	rules, err := cues.Default()
	if err != nil {
		b.Fatal(err)
	}
	text := "Hello, my order from last week hasn't arrived and nobody answers the phone."
	page := rules.Read(text)
	for b.Loop() {
		r.Hear("en", text, &page)
	}
}
