package langchain

import (
	"context"
	"strings"
	"testing"

	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/onkihq/onki/knowledge"
)

var _ vectorstores.VectorStore = Store{}

func store(t *testing.T) Store {
	t.Helper()
	base, err := knowledge.Open(t.Context(), knowledge.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := Store{base}
	docs := []schema.Document{
		{PageContent: "하루 이틀 늦어질 수 있습니다.", Metadata: map[string]any{"title": "배송이 늦어질 때", "source": "a.md:3", "id": "late"}},
		{PageContent: "Refunds take three days.", Metadata: map[string]any{"title": "When the refund comes", "n": 1}},
	}
	for range 2 { // again, as an import that is repeated
		ids, err := s.AddDocuments(t.Context(), docs)
		if err != nil || len(ids) != 2 || ids[0] != "late" {
			t.Fatalf("add: %v, %v", err, ids)
		}
	}
	return s
}

func TestRetriever(t *testing.T) {
	s := store(t)
	docs, err := vectorstores.ToRetriever(s, 3).GetRelevantDocuments(t.Context(), "선물이 아직도 안 왔어요")
	if err != nil || len(docs) != 1 || docs[0].Metadata["source"] != "a.md:3" || docs[0].Score <= 0 || docs[0].Score > 1 {
		t.Errorf("retriever: %v, %+v", err, docs)
	}
	docs, err = s.SimilaritySearch(t.Context(), "저녁 메뉴 추천해 줘", 3)
	if err != nil || len(docs) != 0 {
		t.Errorf("what nobody knows: %v, %+v", err, docs)
	}
}

func TestOptions(t *testing.T) {
	s := store(t)
	search := func(o ...vectorstores.Option) ([]schema.Document, error) {
		return s.SimilaritySearch(t.Context(), "when will I get my refund", 3, o...)
	}
	if docs, err := search(vectorstores.WithScoreThreshold(1.1)); err != nil || len(docs) != 0 {
		t.Errorf("threshold: %v, %+v", err, docs)
	}
	if docs, err := search(vectorstores.WithFilters(map[string]any{"lang": "en", "at": "2026-01-01T00:00:00Z"})); err != nil || len(docs) != 1 {
		t.Errorf("filters: %v, %+v", err, docs)
	}
	for _, bad := range []vectorstores.Option{
		vectorstores.WithNameSpace("x"), vectorstores.WithFilters(3), vectorstores.WithFilters(map[string]any{"lang": 3}),
		vectorstores.WithFilters(map[string]string{"color": "red"}), vectorstores.WithFilters(map[string]string{"at": "soon"}),
	} {
		if _, err := search(bad); err == nil || !strings.HasPrefix(err.Error(), "similarity search: ") {
			t.Errorf("an option that cannot be honoured: %v", err)
		}
	}
	skip := func(context.Context, schema.Document) bool { return true }
	if ids, err := s.AddDocuments(t.Context(), []schema.Document{{PageContent: "x"}}, vectorstores.WithDeduplicater(skip)); err != nil || len(ids) != 0 {
		t.Errorf("deduplicater: %v, %v", err, ids)
	}
}
