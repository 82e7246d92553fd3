package langchain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tmc/langchaingo/schema"

	"github.com/onkihq/onki/knowledge"
)

// A maker plays a server of embeddings at the wire, in OpenAI's protocol and in
// Ollama's. A text's vector is made of its length and its first letter.
type maker struct {
	*httptest.Server
	key    string // that it asks for
	status int    // that it answers instead, if not 0
	asked  int
	last   string // the body of the last request
}

func newMaker(t *testing.T) *maker {
	m := &maker{}
	m.Server = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(m.Close)
	return m
}

func vectorOf(text string) []float32 { return []float32{float32(len(text)), float32(text[0]), 1} }

func (m *maker) serve(w http.ResponseWriter, r *http.Request) {
	m.asked++
	if m.status != 0 {
		http.Error(w, `{"error":{"message":"no"}}`, m.status)
		return
	}
	var in struct {
		Model string
		Input json.RawMessage
	}
	body, _ := io.ReadAll(r.Body)
	m.last = string(body)
	if err := json.Unmarshal(body, &in); err != nil || in.Model != "m@1" {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	switch r.URL.Path {
	case "/v1/embeddings":
		if m.key != "" && r.Header.Get("Authorization") != "Bearer "+m.key {
			http.Error(w, `{"error":{"message":"wrong key"}}`, http.StatusUnauthorized)
			return
		}
		var texts []string
		_ = json.Unmarshal(in.Input, &texts)
		var data []map[string]any
		for i, text := range texts {
			data = append(data, map[string]any{"index": i, "embedding": vectorOf(text), "object": "embedding"})
		}
		slices.Reverse(data) // the protocol allows any order
		_ = json.NewEncoder(w).Encode(map[string]any{"data": data, "model": in.Model})
	case "/api/embed":
		var text string
		_ = json.Unmarshal(in.Input, &text)
		_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": [][]float32{vectorOf(text)}})
	default:
		http.NotFound(w, r)
	}
}

func TestEmbedder(t *testing.T) {
	m := newMaker(t)
	m.key = "s3cr3t"
	t.Setenv("MAKER_KEY", "s3cr3t")
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("s3cr3t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ use, key string }{
		{"openai:m@1@" + m.URL + "/v1", "env:MAKER_KEY"}, {"openai:m@1@" + m.URL + "/v1/", "file:" + file}, {"ollama:m@1@" + m.URL, ""},
	} {
		e, err := NewEmbedder(c.use, c.key)
		if err != nil {
			t.Fatal(err)
		}
		vectors, err := e.EmbedDocuments(t.Context(), []string{"one", "fourteen", "가"})
		if err != nil || len(vectors) != 3 || fmt.Sprint(vectors) != fmt.Sprint([][]float32{vectorOf("one"), vectorOf("fourteen"), vectorOf("가")}) {
			t.Errorf("%s: %v, %v", c.use, err, vectors)
		}
		v, err := e.EmbedQuery(t.Context(), "two")
		if err != nil || fmt.Sprint(v) != fmt.Sprint(vectorOf("two")) {
			t.Errorf("%s: question: %v, %v", c.use, err, v)
		}
		m.status = http.StatusTooManyRequests
		if _, err := e.EmbedQuery(t.Context(), "two"); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: a server that refuses: %v", c.use, err)
		}
		m.status = 0
		ctx, stop := context.WithCancel(t.Context())
		stop()
		if _, err := e.EmbedQuery(ctx, "two"); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: a context that is over: %v", c.use, err)
		}
	}
	for _, bad := range []struct{ use, key string }{
		{"", ""}, {"openai", ""}, {"openai:m", ""}, {"cohere:m@https://h/v1", ""}, {"openai:@https://h", ""}, {"openai:m@https://a:b@h/v1", ""},
		{"openai:m@https://h/v1", "s3cr3t"}, {"openai:m@https://h/v1", "env:NOT_SET"}, {"openai:m@https://h/v1", "file:/not/there"}, {"openai:m@http://h.example/v1", "env:MAKER_KEY"},
	} {
		if _, err := NewEmbedder(bad.use, bad.key); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q with key %q: %v", bad.use, bad.key, err)
		}
	}
}

// TestMovedPassage moves a passage to another line: it is not embedded again.
func TestMovedPassage(t *testing.T) {
	m := newMaker(t)
	e, err := NewEmbedder("ollama:m@1@"+m.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	base, err := knowledge.Open(t.Context(), knowledge.Options{Embedder: e, Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"# A\n\nOne.\n\n# B\n\nTwo.\n", "\n\n# A\n\nOne.\n\n# B\n\nThree.\n"} {
		asked := m.asked
		if _, err := base.Ingest(t.Context(), knowledge.Source{Name: "a.md", FS: fstest.MapFS{"a.md": {Data: []byte(text)}}}); err != nil {
			t.Fatal(err)
		}
		if n := m.asked - asked; n != 2-i {
			t.Errorf("import %d: %d texts embedded, want %d", i+1, n, 2-i)
		}
	}
}

// TestBaseWithEmbedder lets a base ask the server, and go on without it.
func TestBaseWithEmbedder(t *testing.T) {
	m := newMaker(t)
	e, err := NewEmbedder("openai:m@1@"+m.URL+"/v1", "")
	if err != nil {
		t.Fatal(err)
	}
	var missed []error
	base, err := knowledge.Open(t.Context(), knowledge.Options{Embedder: e, Model: "m", Missed: func(err error) { missed = append(missed, err) }})
	if err != nil {
		t.Fatal(err)
	}
	store := Store{base}
	if _, err := store.AddDocuments(t.Context(), []schema.Document{
		{PageContent: "Refunds take three days.", Metadata: map[string]any{"title": "When the refund comes"}},
		{PageContent: "Delivery takes two days.", Metadata: map[string]any{"title": "Delivery times"}},
	}); err != nil {
		t.Fatal(err)
	}
	found := func(question string) int {
		t.Helper()
		list, err := base.Search(t.Context(), question, 3)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if found("how long do refunds take?") == 0 || len(missed) != 0 {
		t.Errorf("with the server: not found, or missed %v", missed)
	}
	found("my number is 010-1234-5678, where is my refund?")
	if strings.Contains(m.last, "1234-5678") || !strings.Contains(m.last, "where is my refund") {
		t.Errorf("sent to the embedder: %s, want the question without the telephone number", m.last)
	}
	asked := m.asked
	m.status = http.StatusServiceUnavailable
	if found("how long does delivery take?") == 0 || found("when is my refund here?") == 0 {
		t.Error("without the server: not found")
	}
	if len(missed) != 1 || m.asked != asked+1 {
		t.Errorf("without the server: missed %d times, asked %d times; want one, and a rest", len(missed), m.asked-asked)
	}
}
