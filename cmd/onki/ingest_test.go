package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot/outbound"
	"github.com/onkihq/onki/knowledge/importer"
)

// TestIngestPage fetches a page from a server that the guard allows, again when
// it has changed, and keeps it when the server is gone.
func TestIngestPage(t *testing.T) {
	text := "Parking is free for two hours."
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "<title>Help</title><nav>Home</nav><main><h1>Parking</h1><p>"+text+"</p></main>")
	}))
	defer site.Close()
	cfg := defaults()
	cfg.Index = "local:" + filepath.Join(t.TempDir(), "k")
	o := ingestOptions{brand: "shop", fetch: importer.Fetcher{Guard: outbound.Guard{Hosts: []string{strings.TrimPrefix(site.URL, "http://")}}}}
	ingest := func() (string, error) {
		var out strings.Builder
		err := ingest(t.Context(), o, cfg, []string{site.URL + "/help"}, streams{strings.NewReader(""), &out, io.Discard})
		return out.String(), err
	}
	if out, err := ingest(); err != nil || !strings.Contains(out, "1 added") {
		t.Fatalf("a page: %v, %s", err, out)
	}
	text = "Parking is free for three hours."
	if out, err := ingest(); err != nil || !strings.Contains(out, "1 changed") {
		t.Errorf("the page changed: %v, %s", err, out)
	}
	site.Close()
	if out, err := ingest(); err == nil || !strings.Contains(out, "fault: "+site.URL) {
		t.Errorf("the server is gone: %v, %s", err, out)
	}
	b, err := openBrandWith(t.Context(), "shop", cfg.place)
	if err != nil {
		t.Fatal(err)
	}
	found, err := b.shelf.base().Search(t.Context(), "how long is parking free?", 1)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Text, "three hours") {
		t.Errorf("search: %v, %+v", err, found)
	}
}
