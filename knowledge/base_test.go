package knowledge

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestFolder(t *testing.T) {
	fsys := fstest.MapFS{
		"ko/배송.md":       {Data: []byte("# 배송\n\n## 배송이 늦어질 때\n\n택배사 사정으로 하루 이틀 늦어질 수 있습니다. 운송장 조회로 위치를 볼 수 있습니다.\n\n## 배송비\n\n3만원 이상은 무료입니다.\n")},
		"ko/faq.csv":     {Data: []byte("question,answer\n환불은 언제 되나요?,\"승인 뒤 3~5일 걸립니다.\"\n")},
		"en/returns.txt": {Data: []byte("Returns\n\nSend it back within 14 days.\n")},
		"bad.csv":        {Data: []byte("q,a\n1,2\n")},
	}
	base, report, err := Import(t.Context(), fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Passages != 4 || report.Added != 4 || len(report.Faults) != 1 {
		t.Errorf("report: %s", report.String())
	}
	if err := report.Err(); err == nil || !strings.HasPrefix(err.Error(), "bad.csv:1: ") {
		t.Errorf("fault: %v", err)
	}
	for question, want := range map[string]string{
		"내일이 딸 생일인데 선물이 아직도 안 왔어요 ㅠㅠ": "ko/배송.md:5",
		"환불 언제돼요":                  "ko/faq.csv:2",
		"저녁 메뉴 추천해줘":               "",
		"I want to send this back": "en/returns.txt:3",
	} {
		got, err := base.Search(context.Background(), question, 1)
		if err != nil {
			t.Fatal(err)
		}
		a, _ := base.Ask(t.Context(), Query{Text: question})
		switch {
		case want == "" && len(got) > 0:
			t.Errorf("%q: found %s (%.2f), want nothing", question, got[0].Source, got[0].Score)
		case want != "" && (len(got) == 0 || got[0].Source != want):
			t.Errorf("%q: got %+v near %+v, want %s", question, got, a.Near, want)
		}
	}
	report, err = base.Import(t.Context(), fsys)
	if err != nil || report.Unchanged != 4 || report.Added+report.Changed+report.Removed != 0 {
		t.Errorf("second import: %v %s", err, report.String())
	}
}

func ask(t *testing.T, b *Base, q Query) Answer {
	t.Helper()
	a, err := b.Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func importing(t *testing.T, files map[string]string) *Base {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	b, r, err := Import(t.Context(), fsys, Options{})
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	return b
}

func TestFilters(t *testing.T) {
	b := importing(t, map[string]string{
		"ko/a.md": "---\naudience: staff\n---\n# 환불 한도\n\n직원은 5만 원까지 환불할 수 있습니다.\n",
		"ko/b.md": "---\nfrom: 2026-05-01\nuntil: 2026-05-31\n---\n# 오월 할인\n\n모두 10% 할인합니다.\n",
		"en/c.md": "# Damaged item\n\nWe replace a broken item.\n",
		"ko/d.md": "# 배송비\n\n3만 원부터 무료입니다.\n",
	})
	day := func(m, d int) time.Time { return time.Date(2026, time.Month(m), d, 12, 0, 0, 0, time.UTC) }
	if a := ask(t, b, Query{Text: "환불 한도가 얼마예요", At: day(1, 1)}); a.Known {
		t.Errorf("a customer is told what is for staff: %+v", a.Passages)
	}
	if a := ask(t, b, Query{Text: "환불 한도가 얼마예요", Audience: "staff", At: day(1, 1)}); !a.Known {
		t.Error("staff are not told what is for staff")
	}
	for at, want := range map[time.Time]bool{day(4, 30): false, day(5, 1): true, day(5, 31): true, day(6, 1): false} {
		if a := ask(t, b, Query{Text: "오월 할인 있나요", At: at}); a.Known != want {
			t.Errorf("on %s: known is %v, want %v", at.Format("01-02"), a.Known, want)
		}
	}
	a := ask(t, b, Query{Text: "상품이 파손돼서 왔어요"})
	if !a.Known || !a.Foreign || a.Passages[0].Lang != "en" {
		t.Errorf("only English knows: %+v", a)
	}
	if a := ask(t, b, Query{Text: "배송비 얼마예요"}); a.Foreign {
		t.Errorf("Korean knows and English is told: %+v", a)
	}
}

func TestContext(t *testing.T) {
	b := importing(t, map[string]string{"ko/a.md": "# 환불\n\n## 환불 기간\n\n사흘 걸립니다.\n\n## 배송 기간\n\n이틀 걸립니다.\n\n## 교환 기간\n\n나흘 걸립니다.\n"})
	for topic, want := range map[string]string{"환불": "사흘", "배송": "이틀", "교환": "나흘"} {
		a := ask(t, b, Query{Text: "며칠 걸려요?", Context: []string{topic}})
		list := append(a.Passages, a.Near...)
		if len(list) == 0 || !strings.HasPrefix(list[0].Text, want) {
			t.Errorf("the talk is of %s: %+v, want %s", topic, list, want)
		}
	}
}

func TestSynonyms(t *testing.T) {
	files := map[string]string{"ko/a.md": "# 온기 카드\n\n온기 카드는 앱에서 만듭니다.\n", "synonyms.txt": "# our words\nonki_card: 온카, 온기 카드\n"}
	b := importing(t, files)
	if a := ask(t, b, Query{Text: "온카 어떻게 만들어요"}); !a.Known {
		t.Errorf("the brand's own word is not known: %+v", a)
	}
	fsys := fstest.MapFS{"synonyms.txt": {Data: []byte("ok: fine\nbroken\n")}, "a.md": {Data: []byte("# 가\n\n나\n")}}
	_, r, err := Import(t.Context(), fsys, Options{})
	if err != nil || r.Passages != 1 {
		t.Errorf("broken synonyms: %v, %d passages", err, r.Passages)
	}
	if err := r.Err(); err == nil || !strings.HasPrefix(err.Error(), "synonyms.txt:2: ") {
		t.Errorf("broken synonyms: %v", err)
	}
}

// TestHostileQuestions asks what nobody should.
func TestHostileQuestions(t *testing.T) {
	b := importing(t, map[string]string{"ko/a.md": "# 환불\n\n사흘 걸립니다.\n"})
	for _, q := range []string{"", " ", "ㅠㅠㅠㅠ", "👍", "\xff\xfe", "\x00", "'", "\u202e\u200b", strings.Repeat("환불 ", 50000), strings.Repeat("가", 100000)} {
		start := time.Now()
		ask(t, b, Query{Text: q, Context: []string{q}})
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("a question of %d bytes took %v", len(q), took)
		}
	}
}

// TestBrokenFileStays imports again while one file is damaged: what was read
// from it before still answers.
func TestBrokenFileStays(t *testing.T) {
	fsys := fstest.MapFS{"faq.csv": {Data: []byte("question,answer\n환불은 언제 되나요?,사흘 걸립니다\n")}, "b.md": {Data: []byte("# 배송\n\n이틀\n")}}
	b, _, err := Import(t.Context(), fsys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fsys["faq.csv"] = &fstest.MapFile{Data: []byte("oops")}
	delete(fsys, "b.md")
	r, err := b.Import(t.Context(), fsys)
	if err != nil || r.Err() == nil || r.Removed != 1 || r.Passages != 1 {
		t.Errorf("second import: %v %s", err, r.String())
	}
	if a := ask(t, b, Query{Text: "환불 언제 돼요"}); !a.Known {
		t.Error("the passage of the damaged file is gone")
	}
}

// TestClasses has a brand with many questions for each answer.
func TestClasses(t *testing.T) {
	rows := "question,answer\n"
	ends := []string{"", " 궁금해요", " 알려 주세요", " 어떻게 하나요", " 언제 되나요", " 안 돼요", " 문의드려요", " 어디서 해요", " 좀 봐 주세요", " 도와주세요"}
	for answer, starts := range map[string][]string{
		"사흘 안에 돌려 드립니다.":      {"환불", "돈 돌려받는 거", "환불 처리"},
		"내 정보에서 바꾸세요.":        {"비밀번호 변경", "비번 새로 만들기", "패스워드 재설정"},
		"주문 내역에서 취소됩니다.":      {"주문 취소", "방금 산 거 취소", "주문 무르기"},
		"3만 원부터 무료입니다.":       {"배송비", "무료배송 기준", "택배비 계산"},
		"1588-0000으로 전화 주세요.": {"전화번호", "고객센터 번호", "상담 전화"},
		"운송장 번호로 보실 수 있습니다.":  {"택배 조회", "배송 추적", "운송장 확인"},
	} {
		for _, q := range starts {
			for _, end := range ends {
				rows += q + end + "," + answer + "\n"
			}
		}
	}
	b := importing(t, map[string]string{"faq.csv": rows, "ko/a.md": "# 선물 포장\n\n2,000원에 해 드립니다.\n"})
	if b.now.Load().classes == nil {
		t.Fatal("nothing was learned")
	}
	for q, want := range map[string]string{
		"환불 받는 데 얼마나 걸려요": "사흘", "비밀번호 새로 바꾸는 법": "내 정보", "주문한 거 취소할래요": "주문 내역", "배송비가 드나요": "3만",
		"택배 조회": "운송장", "선물 포장 되나요": "2,000",
	} {
		a := ask(t, b, Query{Text: q})
		if !a.Known || !strings.HasPrefix(a.Passages[0].Text, want) {
			t.Errorf("%q: %+v, want %s", q, append(a.Passages, a.Near...), want)
		}
		seen := map[string]bool{}
		for i, p := range a.Passages {
			if seen[p.Text] || i > 0 && p.Score > a.Passages[i-1].Score || p.Score < 0 || p.Score > 1 {
				t.Errorf("%q: passage %d is out of order or repeated: %+v", q, i, a.Passages)
			}
			seen[p.Text] = true
		}
	}
	if a := ask(t, b, Query{Text: "재미있는 영화 추천해 줘"}); a.Known {
		t.Errorf("small talk is answered: %+v", a.Passages)
	}
	if a := ask(t, b, Query{Text: "환불 궁금해요", Lang: "en"}); a.Known && !a.Foreign {
		t.Errorf("a Korean answer to a request for an English one is not marked: %+v", a)
	}
}
