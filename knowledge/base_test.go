package knowledge

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
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
