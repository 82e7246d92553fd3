package backend_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onkihq/onki/brands"
	"github.com/onkihq/onki/brands/backend"
)

const demo = `
records:
  orders:
    "1": {order: "1", item: {ko: 의자, en: chair}, status: paid, due: today+2, amount: 10}
    "9": {trouble: down}
verbs:
  cancel: {when: {status: [paid]}, set: {status: cancelled}, give: {refund: $amount, by: today}}
`

func serve(t *testing.T) *httptest.Server {
	o, err := backend.Open(fstest.MapFS{"demo.yaml": {Data: []byte(demo)}}, func() time.Time { return time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC) })
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(o)
	t.Cleanup(s.Close)
	return s
}

func call(t *testing.T, s *httptest.Server, method, path, key, lang string) string {
	t.Helper()
	r, _ := http.NewRequest(method, s.URL+path, nil)
	r.Header.Set("Idempotency-Key", key)
	r.Header.Set("Accept-Language", lang)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	return res.Status[:3] + " " + strings.TrimSpace(string(body))
}

func TestOffice(t *testing.T) {
	s := serve(t)
	for _, c := range []struct{ method, path, key, lang, want string }{
		{"GET", "/orders/1", "", "ko", `200 {"amount":10,"due":"2026-03-06","item":"의자","order":"1","status":"paid"}`},
		{"GET", "/orders/1", "", "en", `200 {"amount":10,"due":"2026-03-06","item":"chair","order":"1","status":"paid"}`},
		{"GET", "/orders/2", "", "en", `404 {"error":"not found"}`},
		{"GET", "/orders/9", "", "en", `503 {"error":"down"}`},
		{"POST", "/orders/1/cancel", "a", "en", `200 {"by":"2026-03-04","refund":10}`},
		{"POST", "/orders/1/cancel", "a", "en", `200 {"by":"2026-03-04","refund":10}`}, // the same again: the same answer
		{"POST", "/orders/1/cancel", "b", "en", `409 {"error":"not possible"}`},
		{"POST", "/orders/1/explode", "c", "en", `404 {"error":"no such action"}`},
		{"GET", "/", "", "en", `404 {"error":"not found"}`},
	} {
		if got := call(t, s, c.method, c.path, c.key, c.lang); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.method, c.path, got, c.want)
		}
	}
}

func TestEveryExampleHasOne(t *testing.T) {
	for _, name := range brands.Names() {
		fsys, err := brands.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		o, err := backend.Open(fsys, nil)
		if name == "empty" {
			if err == nil {
				t.Error("the empty brand has a back office")
			}
			continue
		}
		if err != nil || len(o.Records()) < 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
