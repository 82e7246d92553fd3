package words

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func lexicon(t testing.TB) *Lexicon {
	t.Helper()
	l, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func stems(l *Lexicon, text string) string {
	var s []string
	for _, t := range l.Terms(text) {
		if t.Kind == Word {
			s = append(s, t.Text)
		}
	}
	return strings.Join(s, " ")
}

func found(l *Lexicon, text string) string {
	var s []string
	for _, t := range l.Terms(text) {
		if (t.Kind == Concept || t.Kind == Aspect) && !slices.Contains(s, t.Text) {
			s = append(s, t.Text)
		}
	}
	slices.Sort(s)
	return strings.Join(s, " ")
}

func TestStems(t *testing.T) {
	l := lexicon(t)
	for _, c := range []struct{ text, want string }{
		{"환불은 언제 되나요?", "환불 언제"},
		{"환불해주세요", "환불"},
		{"환불하고 싶어요", "환불"},
		{"취소됐는데요", "취소"},
		{"배송지를 바꾸고 싶어요", "배송 바꾸"},
		{"나이가 어떻게", "나이"},
		{"돈이 두 번 나갔어요", "돈 두 번 나갔"},
		{"ㅠㅠㅠ ㅋㅋ", ""},
		{"Cancelled orders, cancelling an order", "cancel order cancel order"},
		{"refunds refunded refunding", "refund refund refund"},
		{"My charges were charged", "charg charg"},
		{"the customer's parcel hasn't arrived", "customer parcel arriv"},
		{"SD카드가 안돼요", "sd 카드"},
		{"ＦＵＬＬ width", "full width"},
	} {
		if got := stems(l, c.text); got != c.want {
			t.Errorf("stems of %q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestConcepts(t *testing.T) {
	l := lexicon(t)
	for _, c := range []struct{ text, want string }{
		{"선물이 아직도 안 왔어요 ㅠㅠ", "delivery gift late"},
		{"아직도안왔어요", "delivery late"},
		{"My order still hasn't arrived", "arrive delivery late order"},
		{"돈 돌려줘요", "refund"},
		{"당일배송 되나요", "delivery today"},
		{"제안와인", "feedback"},
		{"저녁 뭐 먹지", "food"},
		{"I was charged twice", "charge double_charge"},
		{"not now. arrived", "arrive"},
		{"빨간색 시켰는데 파란색이 왔어요", "order wrong_item"},
		{"시켰는데. 어제 왔어요", "order"},
		{"안녕", ""},
	} {
		if got := found(l, c.text); got != c.want {
			t.Errorf("concepts of %q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestBadLists(t *testing.T) {
	for _, text := range []string{"late", "late:", "+late: a", "=:"} {
		_, err := New(Source{"synonyms.txt", "# first\n" + text})
		if err == nil || !strings.HasPrefix(err.Error(), "synonyms.txt:2: ") {
			t.Errorf("%q: got error %v, want one at synonyms.txt:2", text, err)
		}
	}
}

func TestLang(t *testing.T) {
	for text, want := range map[string]string{
		"환불 please": "ko", "refund please": "en", "Slack에서 login error 나요": "en", "123 !": "", "ㅠㅠ": "ko", "앱 login 오류나요": "ko",
	} {
		if got := Lang(text); got != want {
			t.Errorf("language of %q: got %q, want %q", text, got, want)
		}
	}
}

func TestJamo(t *testing.T) {
	if a, b := Jamo("환불"), Jamo("환블"); utf8.RuneCountInString(a) != 6 || a == b {
		t.Errorf("jamo: %q and %q", a, b)
	}
}

func FuzzTerms(f *testing.F) {
	for _, s := range []string{"환불은 언제 되나요?", "can't won't 12a'", "\xff\xfe가", "'''", "가\u200b나", "ㅠㅠ해해해해요"} {
		f.Add(s)
	}
	l := lexicon(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, term := range l.Terms(text) {
			if term.Text == "" || !utf8.ValidString(term.Text) {
				t.Fatalf("terms of %q: bad term %q", text, term.Text)
			}
		}
	})
}

func BenchmarkTerms(b *testing.B) {
	l := lexicon(b)
	text := strings.Repeat("주문하신 상품의 배송이 늦어질 때에는 고객센터로 연락해 주세요. Your parcel has not arrived yet, please contact us. ", 5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		l.Terms(text)
	}
}
