package redact_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/redact"
)

// TestMask holds sentences written by hand, among them those the generator
// would not think of.
func TestMask(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"안녕하세요", "안녕하세요"},
		{"제 번호 010-9876-5432로 전화 주세요", "제 번호 ⟦PHONE⟧로 전화 주세요"},
		{"010 9876 5432", "⟦PHONE⟧"},
		{"０１０－９８７６－５４３２", "⟦PHONE⟧"},
		{"0 1 0 9 8 7 6 5 4 3 2", "⟦PHONE⟧"},
		{"공일공에 구팔칠육에 오사삼이예요", "⟦PHONE⟧예요"},
		{"HP010-9876-5432", "HP⟦PHONE⟧"},
		{"010\n9876\n5432", "⟦PHONE⟧"},
		{"대표번호 1588-1234로 걸었는데요", "대표번호 ⟦PHONE⟧로 걸었는데요"},
		{"1500-1800원 사이였어요", "1500-1800원 사이였어요"},
		{"900101-1234567", "⟦RRN⟧"},
		{"900101-1******입니다", "⟦RRN⟧입니다"},
		{"9001011234567", "⟦RRN⟧"},
		{"901301-1234567", "901301-1234567"}, // no thirteenth month
		{"900101-6234567", "⟦FRN⟧"},
		{"4111-1111-1111-1111", "⟦CARD⟧"},
		{"4111-1111-1111-1112", "4111-1111-1111-1112"}, // the check digit is wrong
		{"카드번호는 4111-1111-1111-1112", "카드번호는 ⟦CARD⟧"},
		{"주문번호 4111111111111111", "주문번호 4111111111111111"},
		{"국민 123456-04-123456 이하늘", "국민 ⟦ACCOUNT⟧ 이하늘"},
		{"주문번호는 123456-04-123456", "주문번호는 123456-04-123456"},
		{"110-234-567890 (신한은행)", "⟦ACCOUNT⟧ (신한은행)"},
		{"DE89 3704 0044 0532 0130 00 please", "⟦ACCOUNT⟧ please"},
		{"hong@naver.com으로요", "⟦EMAIL⟧으로요"},
		{"hong골뱅이naver.com", "⟦EMAIL⟧"},
		{"Write to dana@example.org.", "Write to ⟦EMAIL⟧."},
		{"@shop 보고 왔어요 3@4", "@shop 보고 왔어요 3@4"},
		{"서울시 강남구 테헤란로 152, 3층으로 보내 주세요", "⟦ADDRESS⟧으로 보내 주세요"},
		{"경기도 성남시 분당구 판교역로235번길 10 푸르지오 101동 1203호", "⟦ADDRESS⟧"},
		{"주소는 테헤란로 152예요", "주소는 ⟦ADDRESS⟧예요"},
		{"앞으로 3일, 카드로 2번, 서울로 1개", "앞으로 3일, 카드로 2번, 서울로 1개"},
		{"강남구 매장으로 2시까지 갈게요", "강남구 매장으로 2시까지 갈게요"},
		{"742 Evergreen Terrace, Springfield, IL 62704", "⟦ADDRESS⟧"},
		{"I live at 12 oak street apt 4", "I live at ⟦ADDRESS⟧"},
		{"I waited 3 hours on the street", "I waited 3 hours on the street"},
		{"221B Baker Street", "⟦ADDRESS⟧"},
		{"Call (415) 555-0132!", "Call ⟦PHONE⟧!"},
		{"order 415-555-0132", "order 415-555-0132"},
		{"four one five, five five five, zero one three two", "⟦PHONE⟧"},
		{"one two three four five six steps", "one two three four five six steps"},
		{"+44 20 7946 0958", "⟦PHONE⟧"},
		{"123-45-6789", "⟦SSN⟧"},
		{"여권 M123A4567", "여권 ⟦PASSPORT⟧"},
		{"면허 11-12-345678-90", "면허 ⟦LICENCE⟧"},
		{"2026-11-22 14:30, 39,000원, 20261122-0012345, SM-G998N", "2026-11-22 14:30, 39,000원, 20261122-0012345, SM-G998N"},
		{"영업시간 09:00-18:00, 2026.11.22", "영업시간 09:00-18:00, 2026.11.22"},
		{"⟦PHONE_1⟧ please", "[PHONE_1] please"}, // nobody writes a placeholder
		{"\xff010-9876-5432\xff", "\xff⟦PHONE⟧\xff"},
	} {
		if got := redact.Mask(c.text).String(); got != c.want {
			t.Errorf("Mask(%q)\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func TestMap(t *testing.T) {
	var m redact.Map
	first := m.Mask("010-9876-5432나 a@example.org로, 아니면 01098765432로").String()
	if want := "⟦PHONE_1⟧나 ⟦EMAIL_1⟧로, 아니면 ⟦PHONE_1⟧로"; first != want {
		t.Fatalf("got %q, want %q", first, want)
	}
	second := m.Mask("번호가 바뀌었어요: 010 1234 5678, 전에는 010 9876 5432").String()
	if want := "번호가 바뀌었어요: ⟦PHONE_2⟧, 전에는 ⟦PHONE_1⟧"; second != want {
		t.Fatalf("got %q, want %q", second, want)
	}
	back, err := m.Restore("⟦PHONE_2⟧로 바꾸고 ⟦PHONE_1⟧은 지웠어요. ⟦EMAIL_1⟧")
	if want := "010 1234 5678로 바꾸고 010-9876-5432은 지웠어요. a@example.org"; err != nil || back != want {
		t.Errorf("restored %q, %v, want %q", back, err, want)
	}
	for _, invented := range []string{"⟦PHONE_3⟧", "⟦NAME_1⟧", "a ⟦PHONE_1", "PHONE_1⟧ b", "⟦⟦PHONE_1⟧⟧", "⟦⟧", "⟦phone_1⟧"} {
		if got, err := m.Restore(invented); !errors.Is(err, redact.ErrUnknown) || got != "" {
			t.Errorf("Restore(%q) = %q, %v; want ErrUnknown", invented, got, err)
		}
	}
	var empty redact.Map
	if got, err := empty.Restore("no placeholder"); err != nil || got != "no placeholder" {
		t.Errorf("empty map: %q, %v", got, err)
	}
}

// record is a value whose fields would print.
type record struct{ Phone string }

func TestHandler(t *testing.T) {
	var out bytes.Buffer
	const number = "010-9876-5432"
	log := slog.New(redact.Handler(slog.NewTextHandler(&out, nil)))
	log = log.With("before", number).WithGroup("in").With("also", number)
	log.Error("call "+number, "text", number, "error", fmt.Errorf("bad %s: %w", number, errors.New("mail a@example.org")),
		"any", record{number}, "pointer", &record{number}, "list", []string{number}, "bytes", []byte(number), "nil", nil,
		slog.Group("deep", "x", number), "safe", redact.Mask("ask "+number), "count", 3, "took", time.Second, "stringer", stringer(number))
	got := out.String()
	if strings.Contains(got, "9876") || strings.Contains(got, "a@example.org") {
		t.Errorf("personal data in the log: %s", got)
	}
	for _, want := range []string{"in.count=3", "in.took=1s", `in.safe="ask ⟦PHONE⟧"`, "before=⟦PHONE⟧", "in.also=⟦PHONE⟧", "in.deep.x=⟦PHONE⟧", `msg="call ⟦PHONE⟧"`, "in.list=", "redact_test.record"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

func ExampleMap() {
	var names redact.Map
	question := redact.Join("\n", redact.Const("Answer in one sentence."), names.Mask("010-9876-5432로 언제 전화 주세요?"))
	fmt.Println(question)
	answer, err := names.Restore("오후에 ⟦PHONE_1⟧로 전화드리겠습니다.")
	fmt.Println(answer, err)
	// Output:
	// Answer in one sentence.
	// ⟦PHONE_1⟧로 언제 전화 주세요?
	// 오후에 010-9876-5432로 전화드리겠습니다. <nil>
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"010-1234-5678", "a@b.co", "서울 강남구 테헤란로 152 3층 (역삼동)", "12 Main St, Apt 3, Austin, TX 78701-1234", "GB29NWBK60161331926819", "공일공일이삼사오육칠팔", "０１０１２３４５６７８", "900101-1******", "+(", "P.O. Box 1", "⟦A⟧", "산1-", "1동2호", "M123A4567", "zero one two three four five six seven"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at := 0
		for _, p := range redact.Find(s) {
			if p.Start < at || p.End <= p.Start || p.End > len(s) || p.Kind == "" {
				t.Fatalf("span %+v after %d in %q", p, at, s)
			}
			at = p.End
		}
		var m redact.Map
		masked := m.Mask(s).String()
		if strings.ContainsAny(s, "⟦⟧") {
			return
		}
		var again redact.Map
		if again.Mask(s).String() != masked {
			t.Fatalf("masking %q twice differs", s)
		}
		back, err := m.Restore(masked)
		if err != nil {
			t.Fatalf("restore %q: %v", masked, err)
		}
		if len(redact.Find(back)) != len(redact.Find(s)) {
			t.Logf("%q became %q", s, back) // values written in two ways come back as the first
		}
	})
}

func BenchmarkMask(b *testing.B) {
	text := strings.Repeat("세 번째 문의예요. 내일까지 환불해 준다면서요! 주문번호 20261122-0012345, 39,000원이고 제 번호는 010-9876-5432예요. I have been waiting for 3 days and nobody called (415) 555-0132.\n", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		redact.Mask(text)
	}
}
