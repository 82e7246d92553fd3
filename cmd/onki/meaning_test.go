package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/knowledge/qdrant/qdranttest"
)

// embeddings plays a server of embeddings whose vectors have a direction for
// each of some matters, whatever the words.
func embeddings(t *testing.T) (url string, down *atomic.Bool) {
	t.Helper()
	down = new(atomic.Bool)
	matters := [][]string{{"dog", "pet", "강아지"}, {"parking", "car", "주차"}, {"refund", "money", "환불"}, {"deliver", "배송"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Input []string }
		if down.Load() || json.NewDecoder(r.Body).Decode(&in) != nil {
			http.Error(w, "{}", http.StatusServiceUnavailable)
			return
		}
		type item struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		}
		var out struct {
			Data []item `json:"data"`
		}
		for i, text := range in.Input {
			v := make([]float32, len(matters)+1)
			v[len(matters)] = 0.2
			for d, words := range matters {
				for _, word := range words {
					v[d] += float32(strings.Count(strings.ToLower(text), word))
				}
			}
			out.Data = append(out.Data, item{i, v})
		}
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(server.Close)
	return "openai:test@" + server.URL + "/v1", down
}

func mustPlace(t *testing.T, cfg config) place {
	t.Helper()
	at, err := cfg.place("shop")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestMeaning ingests with an embedder into a file and into a collection, and
// asks with it and without.
func TestMeaning(t *testing.T) {
	t.Parallel()
	for name, index := range map[string]func() string{
		"local":  func() string { return "local:" + filepath.Join(t.TempDir(), "k") },
		"qdrant": func() string { return qdranttest.Start(t).URL("care") },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := defaults()
			cfg.Index = index()
			use, down := embeddings(t)
			cfg.Embedder, cfg.EmbedTrust = use, 1
			page := filepath.Join(t.TempDir(), "store.md")
			if err := os.WriteFile(page, []byte("# Pets\n\nSmall pets are welcome in the store.\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			put := func() (string, error) {
				var out strings.Builder
				err := ingest(t.Context(), ingestOptions{brand: "shop"}, cfg, []string{page}, streams{strings.NewReader(""), &out, io.Discard})
				return out.String(), err
			}
			down.Store(true)
			if name == "qdrant" { // the dimension must be known to make a collection
				if _, err := put(); err == nil || !strings.Contains(err.Error(), "while the embedder does not answer") {
					t.Errorf("no collection, and the embedder is down: %v", err)
				}
				down.Store(false)
				if store, err := mustPlace(t, cfg).open(t.Context()); err != nil {
					t.Fatal(err)
				} else {
					store.remote.Close()
				}
				down.Store(true)
			}
			if out, err := put(); err == nil || !strings.Contains(out, "passages without a vector: 1,") || !strings.Contains(out, "1 added") {
				t.Errorf("the embedder is down: %v, %s", err, out)
			}
			down.Store(false)
			if out, err := put(); err != nil || !strings.Contains(out, "1 changed") {
				t.Errorf("the embedder is back: %v, %s", err, out)
			}
			if out, err := put(); err != nil || !strings.Contains(out, "1 unchanged") {
				t.Errorf("again: %v, %s", err, out)
			}
			b, err := openBrandWith(t.Context(), "shop", cfg.place)
			if err != nil {
				t.Fatal(err)
			}
			first := func(question string) string {
				t.Helper()
				found, err := b.shelf.Search(t.Context(), flows.Question{Text: question, Lang: "en"}, 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(found) == 0 {
					return ""
				}
				return found[0].Title
			}
			if got := first("Could my dogs come along?"); got != "Pets" {
				t.Errorf("by meaning: found %q", got)
			}
			down.Store(true)
			if got := first("Are small pets welcome?"); got != "Pets" {
				t.Errorf("by words, the embedder is down: found %q", got)
			}
			if n := b.shelf.missed.Load(); n != 1 {
				t.Errorf("missed %d times, want 1", n)
			}
		})
	}
}
