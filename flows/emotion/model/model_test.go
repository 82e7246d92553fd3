package model

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

func loaded(t testing.TB) *Model {
	t.Helper()
	m, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The sentences are our own; each must have its label among those decided.
func TestGolden(t *testing.T) {
	m := loaded(t)
	for _, c := range []struct{ lang, text, care, set string }{
		{"en", "Thank you so much, you saved my weekend!", "gratitude", "gratitude"},
		{"en", "I hate this. I am so angry with you right now.", "anger", "anger"},
		{"en", "I am so worried that the medicine will not arrive before Friday.", "anxiety", ""},
		{"en", "haha that made me laugh out loud lol", "amusement", "amusement"},
		{"en", "I don't understand which form I should fill in, I am confused.", "confusion", "confusion"},
		{"ko", "정말 감사합니다. 덕분에 잘 해결됐어요!", "gratitude", "고마움"},
		{"ko", "벌써 세 번째 말씀드리는 건데 너무 화가 나네요.", "anger", "화남/분노"},
		{"ko", "약이 내일까지 안 올까 봐 너무 불안하고 걱정돼요.", "anxiety", "불안/걱정"},
		{"ko", "ㅋㅋㅋㅋ 너무 웃겨요", "amusement", "즐거움/신남"},
		{"ko", "환불은 어디서 신청하는지 잘 모르겠어요. 헷갈리네요.", "confusion", ""},
	} {
		for _, depth := range m.Depths(c.lang) {
			var s Scores
			m.Score("", c.text, depth, &s)
			if s.Lang != c.lang {
				t.Errorf("%q: read as %s", c.text, s.Lang)
				continue
			}
			if got := m.Decide(Care, &s); !slices.Contains(got, c.care) {
				t.Errorf("%v %q: care %v, want %s", depth, c.text, got, c.care)
			}
			if got := m.Decide(SpaceOf(c.lang), &s); c.set != "" && !slices.Contains(got, c.set) {
				t.Errorf("%v %q: %v, want %s", depth, c.text, got, c.set)
			}
		}
	}
}

func TestValenceOrder(t *testing.T) {
	m := loaded(t)
	for _, c := range []struct{ lang, good, bad string }{
		{"en", "I love it, this is wonderful", "I hate it, this is horrible"},
		{"ko", "정말 최고예요 너무 좋아요", "정말 최악이에요 돈 아까워요"},
	} {
		var good, bad Scores
		m.Score(c.lang, c.good, Fast, &good)
		m.Score(c.lang, c.bad, Fast, &bad)
		if good.Valence < bad.Valence+0.5 {
			t.Errorf("%s: valence %.2f against %.2f", c.lang, good.Valence, bad.Valence)
		}
	}
}

func TestSpeechAct(t *testing.T) {
	m := loaded(t)
	var s Scores
	m.Score("ko", "이거 몇 시에 도착하나요?", Fast, &s)
	if question := s.Acts[slices.Index(Acts(), "question")]; question < 0.5 {
		t.Errorf("question %.2f", question)
	}
}

func TestExplain(t *testing.T) {
	m := loaded(t)
	text := "My parcel is late but thank you for helping"
	parts := m.Explain("en", text, Care, "gratitude", 2)
	if len(parts) == 0 || text[parts[0].Start:parts[0].End] != "thank" {
		t.Errorf("parts %+v", parts)
	}
	text = "배송은 늦었지만 \u200b친절하게 알려 주셔서 감사합니다"
	parts = m.Explain("ko", text, Care, "gratitude", 1)
	if len(parts) == 0 || text[parts[0].Start:parts[0].End] != "감사합니다" {
		t.Errorf("parts %+v", parts)
	}
	if got := m.Explain("ko", text, GoEmotions, "gratitude", 1); got != nil {
		t.Errorf("a Korean text has no GoEmotions score: %v", got)
	}
}

func TestDecideOtherSpace(t *testing.T) {
	m := loaded(t)
	var s Scores
	m.Score("en", "hello", Fast, &s)
	if got := m.Decide(KOTE, &s); got != nil {
		t.Errorf("decided %v", got)
	}
	if got := m.Decide(Care, &s); len(got) == 0 {
		t.Error("nothing decided: there must be a nearest label")
	}
}

func TestNoAllocation(t *testing.T) {
	m := loaded(t)
	for _, text := range []string{"I want my money back, please!", "환불해 주세요 제발요 ㅠㅠ"} {
		for _, depth := range []Depth{Fast, Full} {
			var s Scores
			m.Score("", text, depth, &s)
			if n := testing.AllocsPerRun(20, func() { m.Score("", text, depth, &s) }); n > 0 {
				t.Errorf("%v %q: %.0f allocations", depth, text, n)
			}
		}
	}
}

func TestConcurrent(t *testing.T) {
	m := loaded(t)
	texts := []string{"thanks a lot", "고맙습니다", "I'm lost", "화가 나요"}
	var want [4]Scores
	for i, text := range texts {
		m.Score("", text, Full, &want[i])
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var s Scores
			for range 20 {
				for i, text := range texts {
					m.Score("", text, Full, &s)
					if s.Care != want[i].Care {
						t.Errorf("%q: another result", text)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestRepeatedReadingIsTheSame(t *testing.T) {
	m := loaded(t)
	var used, fresh Scores
	for _, text := range []string{"one", "two three", strings.Repeat("word ", 300), "환불 언제 되나요", "thanks"} {
		m.Score("", text, Full, &used)
	}
	m.Score("", "I am a bit worried about two three words", Full, &used)
	m.Score("", "I am a bit worried about two three words", Full, &fresh)
	if used.Care != fresh.Care || !slices.Equal(used.Set, fresh.Set) {
		t.Error("what was read before changes the scores")
	}
}

func TestLongTextIsBounded(t *testing.T) {
	m := loaded(t)
	var short, long Scores
	m.Score("en", strings.Repeat("so many words ", longText/14), Fast, &short)
	m.Score("en", strings.Repeat("so many words ", 400_000), Fast, &long)
	if a, b := len(short.grams.Hashes), len(long.grams.Hashes); b > a*11/10 {
		t.Errorf("%d n-grams of a text of 48 kB, %d of 5 MB", a, b)
	}
}

func TestDamagedFiles(t *testing.T) {
	good := englishFile
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(good)) }
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, ErrFormat},
		{"text", []byte("this is a letter, not a model, and it is long enough to be read as a head of a file"), ErrFormat},
		{"short", good[:len(good)-1], ErrDamaged},
		{"flipped", change(func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), ErrDamaged},
		{"version", change(func(b []byte) []byte { binary.LittleEndian.PutUint32(b[8:], 99); return b }), ErrVersion},
	} {
		_, err := Open(bytes.NewReader(c.data), "brand/en.onki")
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), "brand/en.onki") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if m, err := Open(bytes.NewReader(good), "en.onki"); err != nil || m.Meta("en").Lang != "en" {
		t.Errorf("a good file: %v", err)
	}
}

func TestFileKeepsEverything(t *testing.T) {
	f, err := readFile(englishFile)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), englishFile) {
		t.Error("reading and writing changes the file")
	}
}

func TestFileParts(t *testing.T) {
	f, err := readFile(englishFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(f *File){
		"columns":    func(f *File) { f.Meta.Columns += 8 },
		"language":   func(f *File) { f.Meta.Lang = "xx" },
		"rows":       func(f *File) { f.Rows = f.Rows[1:] },
		"mix":        func(f *File) { f.Mix = nil },
		"thresholds": func(f *File) { f.Meta.Thresholds = nil },
	} {
		bad := *f
		spoil(&bad)
		if _, err := New(&bad); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMapping(t *testing.T) {
	care := Labels(Care)
	if len(care) != CareLabels {
		t.Fatalf("%d care labels", len(care))
	}
	for _, l := range care {
		if v, a := Affect(l); Meaning("coarse", l) == "" || v < -1 || v > 1 || a <= 0 || a > 1 {
			t.Errorf("%s: group %q, valence %g, arousal %g", l, Meaning("coarse", l), v, a)
		}
	}
	for _, space := range []Space{GoEmotions, KOTE} {
		for _, l := range Labels(space) {
			if c := Meaning("care", l); c != "" && !slices.Contains(care, c) {
				t.Errorf("%s means %q, which is no care label", l, c)
			}
		}
	}
	for table, want := range map[string]int{"ekman": 7, "sentiment": 4, "thirteen": 13} {
		if names, _ := Groups(table, GoEmotions); len(names) != want {
			t.Errorf("%s: %v", table, names)
		}
	}
	if _, err := parseMapping("# fine\ncare\tjoy"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a short line: %v", err)
	}
}

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"": "en", "hello": "en", "안녕하세요": "ko", "ㅠㅠ": "ko", "!!!": "en",
		"iPhone 케이스 환불": "ko", "I live in Seoul (서울), where the parcel should have arrived": "en",
	} {
		if got := Language(text); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Hello  WORLD\n":             "hello world",
		"sooooo!!!!!!":               "sooo!!!",
		"a\u200bb\u202ec\ufeff\x00d": "abc d",
		"\u1112\u1161\u11ab글":        "한글", // conjoining letters
		"2024년 12월":                  "000년 00월",
		"don’t “go”":                 "don't \"go\"",
		"ＡＢＣ１２":                      "abc00",
		"cafe\u0301":                 "café",
		"ㅋㅋㅋㅋㅋㅋ":                     "ㅋㅋㅋ",
	} {
		var p plain
		p.read(in)
		if got := string(p.runes); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if len(p.at) != len(p.runes)+1 || !slices.IsSorted(p.at) || int(p.at[len(p.at)-1]) != len(in) {
			t.Errorf("%q: places %v", in, p.at)
		}
	}
}

func FuzzScore(f *testing.F) {
	for _, s := range []string{
		"", " ", "\x00", "\xff\xfe", "!!!???", "🙂🙂🙂", "\u202eabc\u202c", "ㄱㅅ", "한\u200b글 and English",
		"\u1112\u1161\u11ab", strings.Repeat("가", 300), strings.Repeat("a", 70_000), "e\u0301e\u0301",
	} {
		f.Add(s)
	}
	m := loaded(f)
	f.Fuzz(func(t *testing.T, text string) {
		var s Scores
		for _, lang := range []string{"ko", "en"} {
			m.Score(lang, text, Full, &s)
			for _, p := range slices.Concat(s.Set, s.Care[:], s.Acts[:], []float32{s.Arousal, s.Abuse}) {
				if !(p >= 0 && p <= 1) {
					t.Fatalf("%q: probability %v", text, p)
				}
			}
			if v := float64(s.Valence); math.IsNaN(v) || math.Abs(v) > 1 {
				t.Fatalf("%q: valence %v", text, v)
			}
			for _, p := range m.Explain(lang, text, Care, "anger", 3) {
				if p.Start < 0 || p.End > len(text) || p.Start >= p.End {
					t.Fatalf("%q: part %+v", text, p)
				}
			}
		}
	})
}

func FuzzReadFile(f *testing.F) {
	f.Add([]byte(magic))
	f.Add(englishFile[:200])
	f.Fuzz(func(t *testing.T, data []byte) {
		if file, err := readFile(data); err == nil && file.check() != nil {
			t.Fatal("read a file that does not fit together")
		}
		_, _ = decodeNet(data)
	})
}

func BenchmarkScore(b *testing.B) {
	m := loaded(b)
	for _, c := range []struct{ name, text string }{
		{"en", "I have been waiting for two weeks and nobody answers me."},
		{"ko", "2주째 기다리고 있는데 아무도 답을 안 해주시네요."},
	} {
		for _, depth := range m.Depths(c.name) {
			b.Run(c.name+"/"+depth.String(), func(b *testing.B) {
				var s Scores
				for b.Loop() {
					m.Score(c.name, c.text, depth, &s)
				}
			})
		}
	}
}

// A group that is likely although none of its labels is gets the nearest one.
func TestChooseFills(t *testing.T) {
	logits, cut := []float32{-.5, -.6, -3}, []float32{0, 0, 0}
	gate := Gate{Of: []int{0, 0, 1}, Least: []float32{.5, .5}, Fill: true}
	if got := Choose(logits, cut, []Gate{gate}, nil); !slices.Equal(got, []int{0}) {
		t.Errorf("chosen %v, want the nearest label of the likely group", got)
	}
	gate.Least[0] = .9
	cut[2] = -4
	if got := Choose(logits, cut, []Gate{gate, {Of: gate.Of, Least: []float32{.1, .1}}}, nil); !slices.Equal(got, []int{2}) {
		t.Errorf("chosen %v, want no label of a group that is not likely enough", got)
	}
}
