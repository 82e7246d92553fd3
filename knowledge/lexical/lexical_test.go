package lexical

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/onkihq/onki/knowledge/words"
)

func word(s string) words.Term { return words.Term{Text: s, Kind: words.Word} }

// random makes documents of a few words out of a small vocabulary.
func random(r *rand.Rand, n int) []Doc {
	docs := make([]Doc, n)
	for i := range docs {
		for range 1 + r.IntN(3) {
			docs[i].Title = append(docs[i].Title, word(fmt.Sprint("w", r.IntN(50))))
		}
		for range r.IntN(30) {
			docs[i].Body = append(docs[i].Body, word(fmt.Sprint("w", r.IntN(50))))
		}
	}
	return docs
}

func build(t testing.TB, docs []Doc) *Segment {
	t.Helper()
	b := NewBuilder()
	for _, d := range docs {
		if _, err := b.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	return b.Segment()
}

// TestSearch compares the index with adding up the impacts of every document.
func TestSearch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	docs := random(r, 300)
	s := build(t, docs)
	var searcher Searcher
	for range 50 {
		var q []Weighted
		for range 1 + r.IntN(5) {
			q = append(q, Weighted{word(fmt.Sprint("w", r.IntN(55))).Hash(), r.Float32() + 0.1})
		}
		keep := func(d uint32) bool { return d%3 != 0 }
		var want []Hit
		for i, d := range docs {
			impacts, sum := Impacts(d), float32(0)
			for _, x := range q {
				sum += x.Weight * impacts[x.Hash]
			}
			if sum > 0 && keep(uint32(i)) {
				want = append(want, Hit{uint32(i), sum})
			}
		}
		slices.SortFunc(want, compare)
		got := searcher.Search(s, q, 7, keep)
		if len(got) != min(7, len(want)) {
			t.Fatalf("%d hits, want %d", len(got), min(7, len(want)))
		}
		for i, h := range got {
			if d := h.Score - want[i].Score; d > 1e-4 || d < -1e-4 {
				t.Errorf("hit %d: score %v, want %v", i, h.Score, want[i].Score)
			}
		}
	}
}

// TestMerge checks that a merged segment is the one that would have been built.
func TestMerge(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	a, b := random(r, 40), random(r, 30)
	keep := func(segment int, doc uint32) bool { return (int(doc)+segment)%4 != 0 }
	var kept []Doc
	for i, list := range [][]Doc{a, b} {
		for d := range list {
			if keep(i, uint32(d)) {
				kept = append(kept, list[d])
			}
		}
	}
	want, got := build(t, kept), Merge([]*Segment{build(t, a), build(t, b)}, keep)
	var x, y bytes.Buffer
	if err := want.Write(&x); err != nil {
		t.Fatal(err)
	}
	if err := got.Write(&y); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x.Bytes(), y.Bytes()) {
		t.Errorf("merged segment differs: %d documents and %d bytes, want %d and %d", got.Docs(), y.Len(), want.Docs(), x.Len())
	}
	again, err := Read(&y)
	if err != nil || again.Docs() != want.Docs() || again.Size() != want.Size() {
		t.Errorf("read back: %v", err)
	}
}

func TestNear(t *testing.T) {
	s := build(t, []Doc{{Body: []words.Term{word("환불"), word("password"), word("cancel"), word("배송"), word("cat")}}})
	for typed, want := range map[string]string{
		"환블": "[환불]", "passwrod": "[password]", "pasword": "[password]", "canncel": "[cancel]", "cancem": "[cancel]",
		"cat": "[]", "car": "[]", "교환": "[]", "password": "[]", "pxsswxrd": "[]",
	} {
		if got := fmt.Sprint(s.Near(typed, 3)); got != want {
			t.Errorf("near %q: got %s, want %s", typed, got, want)
		}
	}
}

func FuzzSegment(f *testing.F) {
	var b bytes.Buffer
	if err := build(f, random(rand.New(rand.NewPCG(3, 3)), 3)).Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var searcher Searcher
		for _, h := range s.terms[:min(len(s.terms), 5)] {
			searcher.Search(s, []Weighted{{h, 1}}, 3, nil)
		}
		s.Near("password", 3)
	})
}
