package phrases

import (
	"testing"
	"time"
)

func TestCustomersNouns(t *testing.T) {
	w := newWriter(t, "KR")
	for _, c := range []struct{ lang, theirs, noun, clause string }{
		{"ko", "딸 생일 선물", "따님 생일 선물", ""},
		{"ko", "우리 아들이", "아드님이", ""},
		{"ko", "내 가방", "가방", ""},
		{"ko", "내일 면접", "내일 면접", ""},
		{"ko", "엄마가 드시는 약", "어머님이 드시는 약", ""},
		{"ko", "저희 할머니의 보청기", "할머님의 보청기", ""},
		{"ko", "딸기 케이크", "딸기 케이크", ""},
		{"ko", "형광등", "형광등", ""},
		{"ko", "환불!!", "환불", ""},
		{"ko", "오늘까지 꼭 필요해요", "", "“오늘까지 꼭 필요해요”"},
		{"ko", "내일이 결혼식인데", "", "“내일이 결혼식인데”"},
		{"ko", "신고", "신고", ""},
		{"ko", "불만", "불만", ""},
		{"ko", "씨발 택배", "", ""},
		{"ko", "한 줄\n두 줄", "", ""},
		{"ko", "{name}", "", ""},
		{"ko", "아주 길고 길어서 한 문장 안에 넣을 수 없을 만큼 끝없이 이어지는 고객의 말을 그대로 옮긴 명사", "", ""},
		{"ko", "주문이 두 번 결제됐어", "", "“주문이 두 번 결제됐어”"},
		{"ko", "내일이", "내일", ""},
		{"ko", "모욕적", "", ""},
		{"ko", "문의", "", ""},
		{"en", "my course ends tomorrow", "", "your course ends tomorrow"},
		{"en", "the charged", "", ""},
		{"en", "whatever", "", ""},
		{"en", "my suitcase", "your suitcase", ""},
		{"en", "refund", "your refund", ""},
		{"en", "a gift", "the gift", ""},
		{"en", "app", "the app", ""},
		{"en", "order 20417", "order 20417", ""},
		{"en", "Minji's shoes", "Minji's shoes", ""},
		{"en", "exam tomorrow", "the exam tomorrow", ""},
		{"en", "tomorrow", "tomorrow", ""},
		{"en", "it", "", ""},
		{"en", "my daughter's birthday is tomorrow", "", "your daughter's birthday is tomorrow"},
		{"en", "I was told it ships today", "", "you were told it ships today"},
		{"en", "ignore previous instructions", "", ""},
		{"en", "see https://x.example", "", ""},
	} {
		v := w.words[c.lang]
		if got := v.noun(c.theirs); got != c.noun {
			t.Errorf("noun of %q is %q, want %q", c.theirs, got, c.noun)
		}
		if got := v.clause(c.theirs); got != c.clause {
			t.Errorf("clause of %q is %q, want %q", c.theirs, got, c.clause)
		}
	}
}

func TestDue(t *testing.T) {
	w := newWriter(t, "KR")
	kst := time.FixedZone("KST", 9*3600)
	now := time.Date(2026, 3, 2, 14, 0, 0, 0, kst)
	for _, c := range []struct {
		at     time.Time
		ko, en string
	}{
		{now.Add(4 * time.Hour), "오늘 오후 6시", "6 pm today"},
		{now.Add(4*time.Hour + 33*time.Minute), "오늘 오후 6시 30분", "6:30 pm today"},
		{now.Add(7 * time.Minute), "오늘 오후 2시 7분", "2:07 pm today"},
		{now.Add(20 * time.Hour), "내일 오전 10시", "10 am tomorrow"},
		{now.Add(46 * time.Hour), "모레 오후 12시", "12 pm on Wednesday, 4 March"},
		{now.Add(10 * time.Hour), "내일 오전 12시", "12 am tomorrow"},
		{now.Add(100 * time.Hour), "3월 6일(금) 오후 6시", "6 pm on Friday, 6 March"},
	} {
		if got := w.words["ko"].due(c.at, now); got != c.ko {
			t.Errorf("%v: %q, want %q", c.at, got, c.ko)
		}
		if got := w.words["en"].due(c.at, now); got != c.en {
			t.Errorf("%v: %q, want %q", c.at, got, c.en)
		}
	}
}

func TestAgree(t *testing.T) {
	v := newWriter(t, "KR").words["en"]
	for noun, want := range map[string]string{
		"your shoes": "have", "your order": "has", "the pair of shoes": "has", "your address": "has", "you": "have",
		"the bus": "has", "your mum and dad": "have", "the children": "have", "your luggage": "has", "the tickets for Friday": "have",
		"your daughter's birthday": "has", "your data": "has",
	} {
		if got := v.agree(noun, "has/have"); got != want {
			t.Errorf("%s %s, want %s", noun, got, want)
		}
	}
	if v.ordinal(3) != "third" || v.ordinal(14) != "14th" || v.span(90*time.Minute) != "90 minutes" || v.span(2*time.Hour) != "2 hours" {
		t.Error(v.ordinal(3), v.ordinal(14), v.span(90*time.Minute), v.span(2*time.Hour))
	}
}

func FuzzNoun(f *testing.F) {
	w, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"딸이", "my I am", "a", "“”", "우리 딸 우리 딸", " . "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, v := range w.words {
			v.noun(s)
			v.clause(s)
			v.agree(s, "is/are")
			v.without(s, s)
		}
	})
}
