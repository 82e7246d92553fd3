package importer

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot/outbound"
)

func TestFetch(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/help":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte(`<html lang="ko"><head><link rel="canonical" href="https://shop.example/help"></head><main><h1>반품</h1><p>이레 안에 보내 주세요.</p></main>`))
		case "/picture":
			w.Header().Set("Content-Type", "image/png")
		case "/big":
			w.Write([]byte(strings.Repeat("x", 2000)))
		default:
			http.NotFound(w, r)
		}
	}))
	defer site.Close()
	dir := t.TempDir()
	f := Fetcher{Guard: outbound.Guard{Hosts: []string{strings.TrimPrefix(site.URL, "http://")}}, MaxFile: 1000}
	name, err := f.Fetch(t.Context(), site.URL+"/help?a=1", dir)
	if err != nil || !strings.HasSuffix(name, "-help-a-1.html") {
		t.Fatalf("fetch: %v, %q", err, name)
	}
	passages, _, err := Read(t.Context(), os.DirFS(dir), Options{})
	if err != nil || len(passages) != 1 || passages[0].URL != "https://shop.example/help" || passages[0].Lang != "ko" {
		t.Errorf("read: %v, %+v", err, passages)
	}
	for path, want := range map[string]string{"/none": "404", "/picture": "image/png is not read", "/big": "too big"} {
		if _, err := f.Fetch(t.Context(), site.URL+path, dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("fetch %s: %v, want %q", path, err, want)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files, want 1", len(files))
	}
}

// TestPrivateAddresses must not reach the server that really listens there.
func TestPrivateAddresses(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the private server was asked") }))
	defer site.Close()
	for _, address := range []string{
		site.URL, "http://localhost:1/", "http://10.1.2.3/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest", "http://printer/", "http://db.internal/",
	} {
		if _, err := (Fetcher{}).Fetch(t.Context(), address, t.TempDir()); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"", "ftp://a.example/", "https://user:secret@a.example/", "file:///etc/passwd", "https:///x"} {
		if _, err := (Fetcher{}).Fetch(t.Context(), address, t.TempDir()); err == nil {
			t.Errorf("%q: no error", address)
		}
	}
}
