package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

func TestCleanText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "환불 언제 되나요?", "환불 언제 되나요?"},
		{"outer space", "  \n안녕\t ", "안녕"},
		{"inner lines and tabs stay", "하나\n\n둘\t셋", "하나\n\n둘\t셋"},
		{"Windows lines", "a\r\nb\rc", "a\nb\nc"},
		{"NUL", "a\x00b", "ab"},
		{"escape sequences", "a\x1b[31mred\x1b[0m", "a[31mred[0m"},
		{"C1 controls", "a\u0085b\u009bc", "abc"},
		{"broken UTF-8", "안\xff녕\xc3", "안녕"},
		{"overlong UTF-8", "\xc0\xafa", "a"},
		{"surrogates", "\xed\xa0\x80a", "a"},
		{"the replacement character", "a\ufffdb", "ab"},
		{"zero-width space", "환\u200b불", "환불"},
		{"soft hyphen and byte order mark", "re\u00adfund\ufeff", "refund"},
		{"right-to-left override", "a\u202etxt.exe\u202c", "atxt.exe"},
		{"isolates", "\u2066a\u2069", "a"},
		{"tag characters", "a\U000E0041\U000E007F", "a"},
		{"family emoji keep their joiner", "👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"},
		{"skin tone and variation", "👍🏽❤️", "👍🏽❤️"},
		{"Arabic and Hebrew stay", "مرحبا שלום", "مرحبا שלום"},
		{"jamo stay", "ㅠㅠ ㅋㅋ", "ㅠㅠ ㅋㅋ"},
		{"markup is text", "<b>&amp;</b>", "<b>&amp;</b>"},
		{"only invisible", "\u200b\u2060\ufeff", ""},
	} {
		if got := bot.CleanText(c.in); got != c.want {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}

func TestCleanTextIsBounded(t *testing.T) {
	for _, unit := range []string{"a", "가", "👩‍👩‍👧‍👦", "\u200b", " ", "\xff"} {
		got := bot.CleanText(strings.Repeat(unit, 1<<20/len(unit)))
		if len(got) > bot.TextMax || !utf8.ValidString(got) {
			t.Errorf("a megabyte of %q: %d bytes, valid %v", unit, len(got), utf8.ValidString(got))
		}
	}
	if got := bot.CleanText(strings.Repeat("가", 10_000)); len(got) != bot.TextMax/3*3 {
		t.Errorf("%d bytes; want as many whole letters as fit", len(got))
	}
}

func FuzzCleanText(f *testing.F) {
	for _, s := range []string{"", "a\r\nb", "\x00\xff", "👩‍👩‍👧‍👦", "\u202e\U000E0041", strings.Repeat("가", 6000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := bot.CleanText(s)
		if !utf8.ValidString(got) || len(got) > bot.TextMax || strings.ContainsAny(got, "\x00\r\x1b\u202e\u200b\ufffd") {
			t.Fatalf("CleanText(%q) = %q", s, got)
		}
		if again := bot.CleanText(got); again != got {
			t.Fatalf("cleaning twice gives %q, once %q", again, got)
		}
	})
}

func TestClean(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	many := make(map[string]string)
	for i := range 500 {
		many[fmt.Sprintf("k%03d", i)] = strings.Repeat("v", 5000)
	}
	m := bot.Clean(bot.Message{
		ID: "a\u200b", From: bot.Address{Channel: "web", Thread: "\u200bx"}, User: "mi\x00na\xff", Text: " hi ", Lang: "k\x00o", Choice: "human\n",
		Context: many, Files: make([]bot.File, 100), Time: time.Unix(1<<50, 0),
	}, now)
	if m.ID != "a\u200b" || m.From.Thread != "\u200bx" {
		t.Errorf("ID %q thread %q were changed; a changed name is another message", m.ID, m.From.Thread)
	}
	if m.User != "mina" || m.Text != "hi" || m.Lang != "ko" || m.Choice != "human" {
		t.Errorf("cleaned %+v", m)
	}
	if len(m.Context) != 64 || len(m.Context["k000"]) > 1024 || len(m.Files) != 32 {
		t.Errorf("%d context values of %d bytes, %d files; want it bounded", len(m.Context), len(m.Context["k000"]), len(m.Files))
	}
	if !m.Time.Equal(now) {
		t.Errorf("time %v; want now for a time that cannot be written down", m.Time)
	}
	early := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := bot.Clean(bot.Message{Time: early}, now).Time; !got.Equal(early) {
		t.Errorf("time %v; want the sender's", got)
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct{ text, said, before, want string }{
		{"환불 언제 되나요?", "", "", "ko"},
		{"Where is my refund?", "", "", "en"},
		{"iPhone 15 Pro Max 배송 언제 와요?", "", "", "ko"},
		{"AirPods 환불요", "en", "en", "ko"},
		{"ㅠㅠ", "", "", "ko"},
		{"ㅋㅋ ok", "", "en", "ko"},
		{"ok", "", "ko", "ko"},
		{"OK thanks", "", "ko", "en"},
		{"yes", "", "", "en"},
		{"?", "", "ko", "ko"},
		{"", "ko", "", "ko"},
		{"", "", "", "en"},
		{"123456", "ko", "en", "ko"},
		{"👍", "", "ko", "ko"},
		{"A-1023-KR", "", "ko", "ko"},
		{"I got a 'Galaxy 한정판' last week and it arrived broken, what can I do?", "", "", "en"},
	} {
		if got := bot.Language(bot.Message{Text: c.text, Lang: c.said}, c.before); got != c.want {
			t.Errorf("Language(%q, said %q, before %q) = %s; want %s", c.text, c.said, c.before, got, c.want)
		}
	}
}

func FuzzLanguage(f *testing.F) {
	f.Add("환불", "ko", "")
	f.Add("\xff", "", "en")
	f.Fuzz(func(t *testing.T, text, said, before string) {
		switch got := bot.Language(bot.Message{Text: text, Lang: said}, before); got {
		case "ko", "en", said, before:
		default:
			t.Fatalf("Language(%q, %q, %q) = %q", text, said, before, got)
		}
	})
}

func TestJoin(t *testing.T) {
	if got := bot.Join(nil); got.ID != "" || got.Text != "" {
		t.Errorf("Join of nothing: %+v", got)
	}
	burst := []bot.Message{
		{ID: "a", Text: "하나", Choice: bot.ChoiceHuman, Lang: "ko", Files: []bot.File{{Name: "1"}}, Signals: bot.Signals{NoTone: true}},
		{ID: "b", Text: "  "},
		{ID: "c", Text: "셋", Choice: "later", Files: []bot.File{{Name: "2"}}},
	}
	got := bot.Join(burst)
	if got.ID != "c" || got.Text != "하나\n셋" || got.Choice != bot.ChoiceHuman || got.Lang != "ko" || len(got.Files) != 2 || !got.Signals.NoTone {
		t.Errorf("joined %+v; want the newest with everything said", got)
	}
	if len(burst[2].Files) != 1 {
		t.Error("the burst itself was changed")
	}
}
