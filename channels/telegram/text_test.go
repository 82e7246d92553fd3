package telegram

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/rivo/uniseg"
)

func TestRead(t *testing.T) {
	hosts := []string{"shop.example"}
	for _, s := range []struct{ in, text, marks string }{
		{"안녕", "안녕", ""},
		{"**굵게**는 이렇게", "굵게는 이렇게", "bold:굵게"},
		{"`a*b` **c**", "a*b c", "code:a*b bold:c"},
		{"- 하나\n * 둘\n3. 셋\n-넷", "• 하나\n• 둘\n3. 셋\n-넷", ""},
		{"[도움말](https://shop.example/a)", "도움말", "text_link:도움말=https://shop.example/a"},
		{"[여기](https://evil.example)", "여기 (https://evil.example)", "code:https://evil.example"},
		{"[x](javascript:alert(1))", "[x](javascript:alert(1))", ""},
		{"[x](mailto:a@shop.example)", "x (mailto:a@shop.example)", "code:mailto:a@shop.example"},
		{"보기: https://www.shop.example/x.", "보기: https://www.shop.example/x.", "text_link:https://www.shop.example/x=https://www.shop.example/x"},
		{"https://shop.example.evil.example/", "https://shop.example.evil.example/", "code:https://shop.example.evil.example/"},
		{"https://shop.example@evil.example", "https://shop.example@evil.example", "code:https://shop.example@evil.example"},
		{"https://shop@shop.example", "https://shop@shop.example", "code:https://shop@shop.example"},
		{"https://notshop.example/", "https://notshop.example/", "code:https://notshop.example/"},
		{"** ** *a* _b_ ~c~ ||d|| <b>e</b> &amp; \\n", "  *a* _b_ ~c~ ||d|| <b>e</b> &amp; \\n", "bold: "},
		{"***a***", "*a*", "bold:a"},
		{"a\x00\x1b[31mb\r\nc\u202e\xff", "a[31mb\nc", ""},
	} {
		r := read(s.in, hosts)
		var marks []string
		for _, m := range r.marks {
			mark := string(m.kind) + ":" + r.text[m.from:m.to]
			if m.url != "" {
				mark += "=" + m.url
			}
			marks = append(marks, mark)
		}
		if got := strings.Join(marks, " "); r.text != s.text || got != s.marks {
			t.Errorf("%q: %q with %q; want %q with %q", s.in, r.text, got, s.text, s.marks)
		}
	}
}

func TestSplitPausesWhereAReaderWould(t *testing.T) {
	for _, s := range []struct {
		name, text string
		max        int
		want       []string
	}{
		{"paragraph", "하나 둘\n\n셋 넷 다섯", 10, []string{"하나 둘", "셋 넷 다섯"}},
		{"line", "하나 둘 셋\n넷 다섯", 10, []string{"하나 둘 셋", "넷 다섯"}},
		{"sentence", "하나둘셋이에요. 넷이에요 다", 13, []string{"하나둘셋이에요.", "넷이에요 다"}},
		{"word", "하나둘셋 넷다섯여섯 일곱", 12, []string{"하나둘셋 넷다섯여섯", "일곱"}},
		{"no pause", "가나다라마바사", 3, []string{"가나다", "라마바", "사"}},
		{"family", "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 15, []string{"👩‍👩‍👧‍👦", "👩‍👩‍👧‍👦"}},
		{"flags", "🇰🇷🇰🇷🇰🇷", 6, []string{"🇰🇷", "🇰🇷", "🇰🇷"}},
		{"jamo", "\u1100\u1161\u11a8\u1100\u1161\u11a8", 4, []string{"\u1100\u1161\u11a8", "\u1100\u1161\u11a8"}},
		{"bold stays whole", "하나 둘 **셋 넷 다섯**", 10, []string{"하나 둘", "셋 넷 다섯"}},
		{"bold that is too long", "**가나다 라마바 사아**", 8, []string{"가나다 라마바", "사아"}},
	} {
		var got []string
		for _, r := range read(s.text, nil).split(s.max) {
			got = append(got, r.text)
		}
		if strings.Join(got, "|") != strings.Join(s.want, "|") {
			t.Errorf("%s: %q; want %q", s.name, got, s.want)
		}
	}
}

// FuzzText: whatever is said, the server accepts each message, and together
// they show the text: markup gone, nothing else.
func FuzzText(f *testing.F) {
	for _, s := range []string{
		"", " ", "안녕하세요 **고객님**", strings.Repeat("긴 글 **굵게** 👩‍👩‍👧‍👦 ", 600), strings.Repeat("가", 9000), strings.Repeat("\u0301", 9000),
		"`**`**`**", "[a](https://shop.example/)[b](https://evil.example)", "**" + strings.Repeat("😀", 400) + "**", "- \n- a\n\n\n\n- b", "<b>&lt;</b> _*[]()~`>#+-=|{}.!",
		strings.Repeat("**a** ", 500), "\xff\xfe\x00", "https://shop.example/" + strings.Repeat("a", 490), strings.Repeat("🇰🇷", 3000),
	} {
		f.Add(s, uint16(4096))
		f.Add(s, uint16(50))
	}
	hosts := []string{"shop.example"}
	f.Fuzz(func(t *testing.T, text string, size uint16) {
		limit := min(int(size%5000)+40, textMax)
		whole := read(text, hosts)
		var shown strings.Builder
		for i, r := range whole.split(limit) {
			p := &posted{text: r.text}
			p.entities = r.entities()
			if why := fit(r.text, p.entities); why != "" {
				t.Fatalf("message %d: %s: %q", i, why, r.text)
			}
			if why := p.read(map[string]string{}); why != "" && whole.trimmed().text != "" && !invisible(r.text) {
				t.Fatalf("message %d: %s: %q", i, why, r.text)
			}
			if n := units(r.text); n > limit {
				t.Fatalf("message %d has %d units; at most %d", i, n, limit)
			}
			for _, e := range p.entities {
				if e.URL != "" && !safeLink(e.URL, hosts) {
					t.Fatalf("links to %q", e.URL)
				}
			}
			shown.WriteString(r.text)
		}
		if got, want := squeeze(shown.String()), squeeze(whole.text); got != want {
			t.Fatalf("shown %q; want %q", got, want)
		}
		if !strings.ContainsAny(text, "*`[") && !strings.Contains(text, "://") { // no markup but lists
			want := squeeze(strings.NewReplacer("-", "", "•", "").Replace(printable(text)))
			if got := squeeze(strings.NewReplacer("-", "", "•", "").Replace(whole.text)); got != want {
				t.Fatalf("reads %q; want %q", got, want)
			}
		}
	})
}

// invisible reports whether Unicode has white space that we do not trim.
func invisible(s string) bool { return strings.TrimSpace(s) == "" }

// squeeze takes out the white space that may go at a cut.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '\n' || r == '\t' {
			return -1
		}
		return r
	}, s)
}

// FuzzSplitKeepsCharacters: no character of a reader is cut unless it alone is
// longer than a message.
func FuzzSplitKeepsCharacters(f *testing.F) {
	f.Add(strings.Repeat("👩‍👩‍👧‍👦각", 100), uint8(40))
	f.Add(strings.Repeat("가나 다라\n", 100), uint8(20))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		limit := int(size) + 20
		whole := rich{text: printable(text)}.trimmed()
		starts := map[int]bool{len(whole.text): true}
		longest := 0
		for g, at := uniseg.NewGraphemes(whole.text), 0; g.Next(); at += len(g.Str()) {
			starts[at] = true
			longest = max(longest, units(g.Str()))
		}
		if longest > limit {
			t.Skip("a single character longer than a message")
		}
		at := 0
		for _, r := range whole.split(limit) {
			i := strings.Index(whole.text[at:], r.text)
			if i < 0 || !starts[at+i] && !space(whole.text, at+i) || !starts[at+i+len(r.text)] && !space(whole.text, at+i+len(r.text)) {
				t.Fatalf("a cut at %d..%d of %q is inside a character", at+i, at+i+len(r.text), whole.text)
			}
			at += i + len(r.text)
		}
	})
}

// space reports whether white space, which goes at a cut, is next to the byte.
func space(s string, at int) bool {
	return at > 0 && strings.ContainsRune(" \n\t", rune(s[at-1])) || at < len(s) && strings.ContainsRune(" \n\t", rune(s[at]))
}

func TestUnits(t *testing.T) {
	for _, s := range []string{"", "a", "가", "😀", "👩‍👩‍👧‍👦", "a\u0301"} {
		if want := len(utf16.Encode([]rune(s))); units(s) != want {
			t.Errorf("%q: %d; want %d", s, units(s), want)
		}
	}
}
