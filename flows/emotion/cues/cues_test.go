package cues

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func rules(t testing.TB, text string) *Set {
	t.Helper()
	s, err := Compile(fstest.MapFS{"a.txt": {Data: []byte(text)}}, "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func found(s *Set, text string) string {
	var out []string
	for _, h := range s.Scan(text) {
		out = append(out, h.Class+":"+h.Name+"="+text[h.Start:h.End])
	}
	return strings.Join(out, " ")
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{"화나", "너무 화나요", "e:x=화나"},
		{"화나", "화났어요", "e:x=화났"},
		{"화나", "전화나 문자", ""},
		{"~화나", "전화나 문자", "e:x=화나"},
		{"어이 없", "어이없네요", "e:x=어이없"},
		{"어이 없", "어이 없네요", "e:x=어이 없"},
		{"네$", "네 알겠어요", "e:x=네"},
		{"네$", "네가 그랬지", ""},
		{"서운하", "너무서운하네요", "e:x=서운하"},
		{"angry", "I am ANGRY!", "e:x=ANGRY"},
		{"angry", "hangry", ""},
		{"frustrat*", "so frustrating", "e:x=frustrat"},
		{"good", "goooood", "e:x=goooood"},
		{"so", "sooooo", "e:x=sooooo"},
		{"제발", "제에에발 도와", "e:x=제에에발"},
		{"(세|네) 번째", "네번째 문의", "e:x=네번째"},
		{"(did|was) … again", "it was late again", "e:x=was late again"},
		{"(did|was) … again", "it was late. again", ""},
		{"됐어요", "됬어요", "e:x=됬어요"},
		{"don't", "I don’t know", "e:x=don’t"},
		{"ㅠㅠ", "ㅠㅠㅠㅠㅠ", "e:x=ㅠㅠㅠㅠㅠ"},
		{"\\:\\(", "oh :(", "e:x=:("},
		{"😡", "😡", "e:x=😡"},
		{"각", "각", "e:x=각"}, // conjoining letters are composed
	} {
		if got := found(rules(t, "@ e:x\n"+c.pattern), c.text); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

func TestMask(t *testing.T) {
	s := rules(t, "@ risk:a\n죽겠\nkilling me\n@ emo:b\n배고파\n@ mask:risk\n배고파 죽겠\nis killing me lol\n")
	if got := found(s, "배고파 죽겠어요"); got != "emo:b=배고파" {
		t.Errorf("masked: %q", got)
	}
	if got := found(s, "나 죽겠어요"); got != "risk:a=죽겠" {
		t.Errorf("not masked: %q", got)
	}
}

func TestLongest(t *testing.T) {
	s := rules(t, "@ e:x\n답답\n답답해 미치\n")
	if got := found(s, "답답해 미치겠어요"); got != "e:x=답답해 미치" {
		t.Errorf("%q", got)
	}
}

// Faults in a rule file name file, line and what to do.
func TestCompileErrors(t *testing.T) {
	for text, want := range map[string]string{
		"화나\n":             "a.txt:1: a pattern before the first group",
		"# x\n@ anger\n":   "a.txt:2: group",
		"@ e:x 9\na\n":     "a.txt:1",
		"@ e:x\n\n(a|b\n":  "a.txt:3",
		"@ e:x\na … \n":    "a.txt:2",
		"@ e:x\n(|a)\n":    "a.txt:2",
		"@ e:x .5 more\na": "a.txt:1",
	} {
		_, err := Compile(fstest.MapFS{"a.txt": {Data: []byte(text)}}, "*.txt")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
	if _, err := Compile(fstest.MapFS{}, "*.txt"); err == nil {
		t.Error("no rule files must be an error")
	}
}

func TestScope(t *testing.T) {
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, name, turn string
	}{
		{"화나지 않았어요", "anger", "negated"},
		{"안 화났어요", "anger", "negated"},
		{"화나지 않겠어요?", "anger", ""},
		{"걱정 마세요", "anxiety", "negated"},
		{"I'm not angry", "anger", "negated"},
		{"not only angry", "anger", ""},
		{"I was furious yesterday but it's all fine now", "anger", "past"},
		{"화났었는데 이제 괜찮아요", "anger", "past"},
		{"안내문에 \"걱정 없는 쇼핑\"이라고 써 있네요", "anxiety", "other"},
		{"진짜 화나요", "anger", ""},
	} {
		p := s.Read(c.text)
		ok := false
		for _, f := range p.Feelings {
			if f.Name == c.name {
				ok = true
				if f.Turn != c.turn && !(c.turn == "other" && f.Turn == "negated") {
					t.Errorf("%q: %s is %q, want %q", c.text, c.name, f.Turn, c.turn)
				}
			}
		}
		if !ok {
			t.Errorf("%q: %s not found in %v", c.text, c.name, p.Feelings)
		}
	}
}

func TestStyle(t *testing.T) {
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	st := s.Read("WHERE IS MY ORDER?!! soooo slow ㅠㅠ ㅋㅋ ;; ^^ shit...").Style
	if !st.Shouted || !st.Stretched || st.Exclaims != 2 || st.Cry == 0 || st.Laugh == 0 || st.Sweat == 0 || st.Smile == 0 || st.Profanity == 0 || st.Dots == 0 {
		t.Errorf("%+v", st)
	}
	if s.Read("I got an SMS about my LG TV").Style.Shouted {
		t.Error("abbreviations are no shouting")
	}
	if !s.Read("😡😡").Style.Wordless() || s.Read("네").Style.Wordless() {
		t.Error("wordless")
	}
}

func FuzzScan(f *testing.F) {
	s, err := Default()
	if err != nil {
		f.Fatal(err)
	}
	for _, x := range []string{"", "화나요!!", "e\u0301 \u1112\u116a\u1102\u1161", "\xff\x00", "ㅠㅠ\u200b^^", "제에에에발", "not not not"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range s.Scan(text) {
			if h.Start < 0 || h.End > len(text) || h.Start >= h.End {
				t.Fatalf("%+v outside %q", h, text)
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[h.Start]) || h.End < len(text) && !utf8.RuneStart(text[h.End])) {
				t.Fatalf("%+v cuts a character of %q", h, text)
			}
		}
		s.Read(text)
	})
}

func FuzzCompile(f *testing.F) {
	f.Add("@ e:x .5\n(a|b) … c* ; ~화나$\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 {
			return
		}
		s, err := Compile(fstest.MapFS{"a.txt": {Data: []byte(text)}}, "*.txt")
		if err == nil {
			s.Scan(text)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	s, err := Default()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Read("내일이 딸 생일인데 아직도 상품준비중이네요… 오늘 안에 출발은 하는 건가요")
	}
}
