package qdrant

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/qdrant/go-client/qdrant"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/knowledgetest"
	"github.com/onkihq/onki/knowledge/qdrant/qdranttest"
	"github.com/onkihq/onki/knowledge/words"
)

// TestIndex runs the suite against the small server, and against a real one
// when QDRANT_URL is set (qdrant://host:6334/collection; the collection gets a
// tenant for each test).
func TestIndex(t *testing.T) {
	var c Config
	if address := os.Getenv("QDRANT_URL"); address != "" {
		var err error
		if c, err = Parse(address); err != nil {
			t.Fatal(err)
		}
		c.Key = os.Getenv("QDRANT_KEY")
	}
	var n atomic.Int64
	knowledgetest.TestIndex(t, func(t *testing.T) knowledge.Index {
		c := c
		if os.Getenv("QDRANT_URL") == "" {
			_, c = start(t)
		}
		c.Tenant = fmt.Sprintf("test-%d-%d", time.Now().UnixNano(), n.Add(1))
		return open(t, c)
	})
}

func open(t testing.TB, c Config) *Index {
	t.Helper()
	x, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// start starts a small server and returns how to reach it.
func start(t testing.TB) (*qdranttest.Server, Config) {
	s := qdranttest.Start(t)
	return s, Config{Host: "127.0.0.1", Port: s.Port, Collection: "onki", Tenant: "shop"}
}

func one(id, text string) []knowledge.Entry {
	l, err := words.New()
	if err != nil {
		panic(err)
	}
	return []knowledge.Entry{{Passage: bot.Passage{ID: id, Text: text, Lang: "ko"}, Body: l.Terms(text)}}
}

func TestTenantsAreApart(t *testing.T) {
	_, a := start(t)
	b := a
	b.Tenant = "airline"
	x, y := open(t, a), open(t, b)
	for _, i := range []*Index{x, y} {
		if err := i.Change(t.Context(), one("1", "환불 안내"), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Change(t.Context(), nil, []string{"1"}); err != nil {
		t.Fatal(err)
	}
	probe := knowledge.Probe{Terms: []knowledge.Weighted{{Term: words.Term{Text: "환불"}, Weight: 1}}, N: 5}
	for i, want := range map[*Index]int{x: 0, y: 1} {
		hits, err := i.Search(t.Context(), probe)
		if err != nil || len(hits) != want {
			t.Errorf("tenant %s: %v, %d hits, want %d", i.c.Tenant, err, len(hits), want)
		}
	}
}

func TestRepeatedImportMakesNoCopies(t *testing.T) {
	s, c := start(t)
	x := open(t, c)
	for range 3 {
		if err := x.Change(t.Context(), one("1", "환불 안내"), nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Points("onki"); n != 1 {
		t.Errorf("%d points, want 1", n)
	}
}

func TestFusion(t *testing.T) {
	_, c := start(t)
	c.Dimension = 2
	x := open(t, c)
	put := append(append(one("word", "환불 안내"), one("meaning", "다른 이야기")...), one("both", "환불 이야기")...)
	put[0].Vector, put[1].Vector, put[2].Vector = []float32{0, 1}, []float32{1, 0}, []float32{0.9, 0.1}
	if err := x.Change(t.Context(), put, nil); err != nil {
		t.Fatal(err)
	}
	probe := knowledge.Probe{Terms: []knowledge.Weighted{{Term: words.Term{Text: "환불"}, Weight: 1}}, Vector: []float32{1, 0}, N: 3}
	hits, err := x.Search(t.Context(), probe)
	if err != nil || len(hits) != 3 || hits[0].Passage.ID != "both" {
		t.Errorf("fusion: %v, %+v, want the passage that both rankings know first", err, hits)
	}
}

func TestWrongDimension(t *testing.T) {
	_, c := start(t)
	c.Dimension = 2
	open(t, c)
	c.Dimension = 3
	_, err := Open(t.Context(), c)
	if err == nil || !strings.Contains(err.Error(), "2 dimensions") {
		t.Errorf("another dimension: %v", err)
	}
	c.Dimension = 2
	put := one("1", "환불")
	put[0].Vector = []float32{1, 2, 3}
	if err := open(t, c).Change(t.Context(), put, nil); err == nil || !strings.Contains(err.Error(), "3 dimensions") {
		t.Errorf("a vector that does not fit: %v", err)
	}
}

func TestForeignCollection(t *testing.T) {
	s, c := start(t)
	s.Make("onki", &client.CollectionParams{})
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "choose another collection name") {
		t.Errorf("a collection of something else: %v", err)
	}
}

// TestHalfMade opens a collection whose making was cut short.
func TestHalfMade(t *testing.T) {
	s, c := start(t)
	open(t, c)
	s.ForgetFields("onki")
	open(t, c)
	if n := s.Fields("onki"); n != 5 {
		t.Errorf("%d indexed fields, want 5", n)
	}
}

func TestRetry(t *testing.T) {
	s, c := start(t)
	x := open(t, c)
	s.Fail(2)
	if err := x.Change(t.Context(), one("1", "환불"), nil); err != nil {
		t.Errorf("a server that fails twice: %v", err)
	}
}

func TestSlow(t *testing.T) {
	s, c := start(t)
	c.Timeout = 50 * time.Millisecond
	x := open(t, c)
	s.Slow(time.Minute)
	probe := knowledge.Probe{Terms: []knowledge.Weighted{{Term: words.Term{Text: "환불"}, Weight: 1}}, N: 5}
	if _, err := x.Search(t.Context(), probe); err == nil {
		t.Error("a server that never answers: no error")
	}
}

func TestDown(t *testing.T) {
	ctx, stop := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	_, err := Open(ctx, Config{Host: "127.0.0.1", Port: 1, Collection: "onki"})
	if err == nil || !strings.Contains(err.Error(), "open qdrant collection onki at 127.0.0.1:1") {
		t.Errorf("no server: %v", err)
	}
}

// TestBase imports while the server refuses writes: what was there
// is still found, and the next import is whole.
func TestBase(t *testing.T) {
	s, c := start(t)
	x := open(t, c)
	base, err := knowledge.Open(t.Context(), knowledge.Options{Index: x})
	if err != nil {
		t.Fatal(err)
	}
	p := bot.Passage{ID: "1", Title: "배송이 늦어질 때", Text: "하루 이틀 늦어질 수 있습니다.", Lang: "ko"}
	if err := base.Add(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	found := func() int {
		list, err := base.Search(t.Context(), "선물이 아직도 안 왔어요", 3)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if found() != 1 {
		t.Fatal("the passage is not found")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := base.Add(ctx, bot.Passage{ID: "2", Title: "환불", Text: "환불 안내", Lang: "ko"}); !errors.Is(err, context.Canceled) && err == nil {
		t.Error("an import that is cut short: no error")
	}
	if found() != 1 {
		t.Error("after a failed import the passage is not found")
	}
	if n := s.Points("onki"); n != 1 {
		t.Errorf("%d points, want 1", n)
	}
}

func TestParse(t *testing.T) {
	c, err := Parse("qdrants://db.example:7000/care?tenant=shop&dimension=256")
	if want := (Config{Host: "db.example", Port: 7000, TLS: true, Collection: "care", Tenant: "shop", Dimension: 256}); err != nil || c != want {
		t.Errorf("parse: %v, %+v", err, c)
	}
	for _, bad := range []string{"", "http://h/c", "qdrant://", "qdrant://h", "qdrant://h/a/b", "qdrant://h:x/c", "qdrant://h/c?size=1", "qdrant://h/c?dimension=0", "qdrant://key:s3cr3t@h/c"} {
		if _, err := Parse(bad); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("parse %q: %v", bad, err)
		}
	}
}
