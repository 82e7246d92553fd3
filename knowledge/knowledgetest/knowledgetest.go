// Package knowledgetest holds the promises of [knowledge.Index] as tests. A
// backend's test is one call:
//
//	func TestIndex(t *testing.T) {
//		knowledgetest.TestIndex(t, func(t *testing.T) knowledge.Index { return &knowledge.Memory{} })
//	}
package knowledgetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/words"
)

// A bench is an index under test with what the tests need around it.
type bench struct {
	*testing.T
	index knowledge.Index
	words *words.Lexicon
}

// TestIndex tests an index. open returns an empty one, each time it is called.
func TestIndex(t *testing.T, open func(t *testing.T) knowledge.Index) {
	lexicon, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(bench){
		"Empty": testEmpty, "Find": testFind, "Replace": testReplace, "Remove": testRemove,
		"RoundTrip": testRoundTrip, "HostileIDs": testHostileIDs, "Filters": testFilters,
		"Rare": testRare, "Many": testMany, "WhileImporting": testWhileImporting, "Cancelled": testCancelled,
	} {
		t.Run(name, func(t *testing.T) { test(bench{t, open(t), lexicon}) })
	}
}

// entry makes an entry of a passage as an import does.
func (b bench) entry(p bot.Passage) knowledge.Entry {
	return knowledge.Entry{Passage: p, Hash: "h" + p.Text, Title: b.words.Terms(p.Title), Body: b.words.Terms(p.Text)}
}

func (b bench) put(passages ...bot.Passage) {
	b.Helper()
	entries := make([]knowledge.Entry, len(passages))
	for i, p := range passages {
		entries[i] = b.entry(p)
	}
	if err := b.index.Change(b.Context(), entries, nil); err != nil {
		b.Fatalf("put: %v", err)
	}
}

func (b bench) find(text string, n int, f knowledge.Filter) []string {
	b.Helper()
	hits, err := b.index.Search(b.Context(), b.probe(text, n, f))
	if err != nil {
		b.Fatalf("search %q: %v", text, err)
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.Passage.ID
		if i > 0 && h.Score > hits[i-1].Score {
			b.Errorf("search %q: hit %d scores more than the one before it", text, i)
		}
	}
	return ids
}

func (b bench) probe(text string, n int, f knowledge.Filter) knowledge.Probe {
	p := knowledge.Probe{N: n, Filter: f}
	for _, t := range b.words.Terms(text) {
		p.Terms = append(p.Terms, knowledge.Weighted{Term: t, Weight: 1})
	}
	return p
}

func (b bench) all() map[string]knowledge.Entry {
	b.Helper()
	all := map[string]knowledge.Entry{}
	for e, err := range b.index.All(b.Context()) {
		if err != nil {
			b.Fatalf("all: %v", err)
		}
		if _, twice := all[e.Passage.ID]; twice {
			b.Errorf("all: %q twice", e.Passage.ID)
		}
		all[e.Passage.ID] = e
	}
	return all
}

func (b bench) want(got []string, want ...string) {
	b.Helper()
	if !slices.Equal(got, want) {
		b.Errorf("found %q, want %q", got, want)
	}
}

func testEmpty(b bench) {
	b.want(b.find("환불", 5, knowledge.Filter{}))
	if n := len(b.all()); n != 0 {
		b.Errorf("an empty index holds %d entries", n)
	}
	if err := b.index.Change(b.Context(), nil, []string{"never there"}); err != nil {
		b.Errorf("removing what is not there: %v", err)
	}
	if err := b.index.Change(b.Context(), nil, nil); err != nil {
		b.Errorf("changing nothing: %v", err)
	}
}

func testFind(b bench) {
	b.put(
		bot.Passage{ID: "1", Title: "환불", Text: "환불은 사흘 안에 됩니다.", Lang: "ko"},
		bot.Passage{ID: "2", Title: "배송", Text: "배송은 이틀 걸립니다.", Lang: "ko"},
		bot.Passage{ID: "3", Title: "Refunds", Text: "A refund takes three days.", Lang: "en"},
	)
	b.want(b.find("배송이 언제 되나요", 1, knowledge.Filter{}), "2")
	b.want(b.find("환불해 주세요", 1, knowledge.Filter{Lang: "ko"}), "1")
	b.want(b.find("refunded?", 1, knowledge.Filter{Lang: "en"}), "3")
	b.want(b.find("무관한 이야기", 5, knowledge.Filter{}))
	b.want(b.find("환불", 0, knowledge.Filter{}))
}

func testReplace(b bench) {
	b.put(bot.Passage{ID: "1", Text: "사과 이야기", Lang: "ko"})
	b.put(bot.Passage{ID: "1", Text: "바나나 이야기", Lang: "ko"})
	b.want(b.find("사과", 5, knowledge.Filter{}))
	b.want(b.find("바나나", 5, knowledge.Filter{}), "1")
	if all := b.all(); len(all) != 1 || all["1"].Hash != "h바나나 이야기" {
		b.Errorf("after replacing: %v", all)
	}
	b.put(bot.Passage{ID: "2", Text: "하나", Lang: "ko"}, bot.Passage{ID: "2", Text: "포도", Lang: "ko"})
	b.want(b.find("포도", 5, knowledge.Filter{}), "2")
}

func testRemove(b bench) {
	b.put(bot.Passage{ID: "1", Text: "사과 과일", Lang: "ko"}, bot.Passage{ID: "2", Text: "포도 과일", Lang: "ko"})
	if err := b.index.Change(b.Context(), nil, []string{"1"}); err != nil {
		b.Fatal(err)
	}
	b.want(b.find("과일", 5, knowledge.Filter{}), "2")
	entry := b.entry(bot.Passage{ID: "3", Text: "수박 과일", Lang: "ko"})
	if err := b.index.Change(b.Context(), []knowledge.Entry{entry}, []string{"2"}); err != nil {
		b.Fatal(err)
	}
	b.want(b.find("과일", 5, knowledge.Filter{}), "3")
}

func testRoundTrip(b bench) {
	p := bot.Passage{
		ID: "ko/환불.md#기간~2", Title: "환불 › 기간", Question: "언제?", Answer: "사흘 👍🏽 안에", Text: "사흘 👍🏽 안에\n\n\"줄\" \\ <b>",
		Source: "ko/환불.md:12", URL: "https://example.com/환불?a=1&b=2", Lang: "ko", Audience: "staff",
		From: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), Until: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	b.put(p)
	got := b.all()[p.ID].Passage
	got.From, got.Until = got.From.UTC(), got.Until.UTC()
	if got != p {
		b.Errorf("stored %+v, got back %+v", p, got)
	}
	hits, err := b.index.Search(b.Context(), b.probe("환불", 1, knowledge.Filter{}))
	if err != nil || len(hits) != 1 || hits[0].Passage.Text != p.Text || hits[0].Passage.Answer != p.Answer {
		b.Errorf("search: %v, %+v", err, hits)
	}
}

func testHostileIDs(b bench) {
	ids := []string{
		"a", "A", "a ", " a", "a/b", "a\\b", "../a", "a\x00b", "a\nb", "'; drop table passages; --", "\"", "%", "*", "{}",
		"가", "\u1100\u1161", "👍🏽", "\u202egnp", strings.Repeat("x", 5000), "null", "0", "-1", "00000000-0000-0000-0000-000000000000",
	}
	for i, id := range ids {
		b.put(bot.Passage{ID: id, Text: fmt.Sprintf("열쇠말%d 공통", i), Lang: "ko"})
	}
	if n := len(b.all()); n != len(ids) {
		b.Errorf("%d IDs became %d", len(ids), n)
	}
	all := b.all()
	for i, id := range ids {
		if want := fmt.Sprintf("열쇠말%d 공통", i); all[id].Passage.Text != want {
			b.Errorf("ID %.20q holds %q, want %q", id, all[id].Passage.Text, want)
		}
	}
	if err := b.index.Change(b.Context(), nil, ids); err != nil {
		b.Fatal(err)
	}
	if n := len(b.all()); n != 0 {
		b.Errorf("%d IDs cannot be removed", n)
	}
}

func testFilters(b bench) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	b.put(
		bot.Passage{ID: "ko", Text: "coupon 쿠폰", Lang: "ko", Audience: "public"},
		bot.Passage{ID: "en", Text: "coupon 쿠폰", Lang: "en", Audience: "public"},
		bot.Passage{ID: "staff", Text: "coupon 쿠폰", Lang: "ko", Audience: "staff"},
		bot.Passage{ID: "march", Text: "coupon 쿠폰", Lang: "ko", Audience: "public", From: day(5), Until: day(10)},
	)
	for _, c := range []struct {
		f    knowledge.Filter
		want []string
	}{
		{knowledge.Filter{}, []string{"en", "ko", "march", "staff"}},
		{knowledge.Filter{Lang: "en"}, []string{"en"}},
		{knowledge.Filter{Audiences: []string{"public"}}, []string{"en", "ko", "march"}},
		{knowledge.Filter{Audiences: []string{"public", "staff"}, Lang: "ko"}, []string{"ko", "march", "staff"}},
		{knowledge.Filter{At: day(1), Lang: "ko", Audiences: []string{"public"}}, []string{"ko"}},
		{knowledge.Filter{At: day(5), Lang: "ko", Audiences: []string{"public"}}, []string{"ko", "march"}},
		{knowledge.Filter{At: day(10), Lang: "ko", Audiences: []string{"public"}}, []string{"ko", "march"}},
		{knowledge.Filter{At: day(11), Lang: "ko", Audiences: []string{"public"}}, []string{"ko"}},
		{knowledge.Filter{Lang: "ja"}, []string{}},
	} {
		got := b.find("쿠폰 coupon", 10, c.f)
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			b.Errorf("filter %+v: found %q, want %q", c.f, got, c.want)
		}
	}
}

// testRare checks that a rare word counts more than a common one.
func testRare(b bench) {
	var list []bot.Passage
	for i := range 50 {
		list = append(list, bot.Passage{ID: fmt.Sprint("c", i), Text: "공통 공통 공통 안내문", Lang: "ko"})
	}
	b.put(append(list, bot.Passage{ID: "rare", Text: "안내문 희귀어", Lang: "ko"})...)
	if got := b.find("공통 희귀어", 1, knowledge.Filter{}); len(got) != 1 || got[0] != "rare" {
		b.Errorf("found %q first, want the passage with the rare word", got)
	}
}

func testMany(b bench) {
	const n = 10000
	var list []bot.Passage
	for i := range n {
		list = append(list, bot.Passage{ID: fmt.Sprint("p", i), Title: fmt.Sprintf("주제%d", i%100), Text: fmt.Sprintf("번호n%d 이야기 열 개 가운데 하나", i), Lang: "ko"})
	}
	b.put(list...)
	if got := len(b.all()); got != n {
		b.Fatalf("%d of %d entries are there", got, n)
	}
	for _, i := range []int{0, 777, n - 1} {
		if got := b.find(fmt.Sprintf("번호n%d", i), 1, knowledge.Filter{}); len(got) != 1 || got[0] != fmt.Sprint("p", i) {
			b.Errorf("passage %d: found %q", i, got)
		}
	}
	if got := b.find("이야기", 25, knowledge.Filter{}); len(got) != 25 {
		b.Errorf("asked for 25, got %d", len(got))
	}
}

// testWhileImporting reads while it writes. A reader must see each change
// whole: its entries all have the same generation or there are none.
func testWhileImporting(b bench) {
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	generation := func(g int) []bot.Passage {
		var list []bot.Passage
		for i := range 20 {
			list = append(list, bot.Passage{ID: fmt.Sprint("p", i), Text: fmt.Sprintf("이야기 세대g%d", g), Lang: "ko"})
		}
		return list
	}
	b.put(generation(0)...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for ctx.Err() == nil {
				hits, err := b.index.Search(b.Context(), b.probe("이야기", 50, knowledge.Filter{}))
				if err != nil {
					b.Errorf("search while importing: %v", err)
					return
				}
				if len(hits) != 20 {
					b.Errorf("search while importing: %d of 20 passages", len(hits))
					return
				}
			}
		}()
	}
	for g := 1; g <= 20; g++ {
		b.put(generation(g)...)
	}
	stop()
	wg.Wait()
	if got := len(b.find("세대g20", 50, knowledge.Filter{})); got != 20 {
		b.Errorf("after importing: %d of 20 passages of the last generation", got)
	}
}

func testCancelled(b bench) {
	b.put(bot.Passage{ID: "1", Text: "사과", Lang: "ko"})
	ctx, stop := context.WithCancel(b.Context())
	stop()
	if _, err := b.index.Search(ctx, b.probe("사과", 1, knowledge.Filter{})); err == nil {
		b.Errorf("search with a context that is over: no error")
	}
	b.want(b.find("사과", 1, knowledge.Filter{}), "1")
}
