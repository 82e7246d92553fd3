package backoffice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/backoffice"
	"github.com/onkihq/onki/flows/flowstest"
	"github.com/onkihq/onki/flows/solve"
)

const officeText = `
url: env:SHOP_URL
hosts: [127.0.0.1]
secret: env:SHOP_SECRET
timeout: 300ms
retries: 1
look_ups:
  parcel:
    get: /orders/{order}
    with: [order]
    same: [order]
    facts: {order: text, item: text, status: [shipped, lost], due: date, amount: money KRW, gift: flag, tries: number}
actions:
  cancel: {post: "/orders/{order}/cancel", with: [order], facts: {refund: money KRW, by: date}}
`

func office(t testing.TB) *solve.Office {
	t.Helper()
	b, err := solve.Load(fstest.MapFS{"backoffice.yaml": {Data: []byte(officeText)}}, solve.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Office
}

// system is a brand's own system at the wire.
type system struct {
	*httptest.Server
	mu    sync.Mutex
	calls []string
	done  map[string]int // how often each key was really carried out
	next  []func(w http.ResponseWriter, r *http.Request) bool
	check func(r *http.Request, body []byte)
}

func newSystem(t testing.TB) *system {
	s := &system{done: make(map[string]int)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *system) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.calls = append(s.calls, r.Method+" "+r.URL.EscapedPath())
	var trouble func(http.ResponseWriter, *http.Request) bool
	if len(s.next) > 0 {
		trouble, s.next = s.next[0], s.next[1:]
	}
	if s.check != nil {
		s.check(r, body)
	}
	s.mu.Unlock()
	if trouble != nil && trouble(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodPost {
		s.once(r.Header.Get("Idempotency-Key"))
		fmt.Fprint(w, `{"refund": 42000, "by": "2026-03-07"}`)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "1042") {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	fmt.Fprint(w, `{"order":"1042","item":"camping chair","status":"shipped","due":"2026-03-01","amount":42000,"gift":false,"tries":3,"internal":"margin 40%"}`)
}

func (s *system) once(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done[key] == 0 {
		s.done[key] = 1 // a repeat is answered and not done again
	}
}

func (s *system) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

func (s *system) client(t testing.TB) *backoffice.Client {
	t.Helper()
	c, err := backoffice.New(office(t), backoffice.Options{Getenv: func(k string) string {
		return map[string]string{"SHOP_URL": s.URL, "SHOP_SECRET": "hush"}[k]
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestLookup(t *testing.T) {
	s := newSystem(t)
	flowstest.TestLookup(t, s.client(t), "parcel", map[string]string{"order": "1042"}, map[string]string{"order": "1999"})
	facts, err := s.client(t).Lookup(context.Background(), "parcel", map[string]string{"order": "1042"})
	want := "[{amount 42000 } {due 2026-03-01 } {gift false } {item camping chair } {order 1042 } {status shipped } {tries 3 }]"
	if got := fmt.Sprint(facts); err != nil || got != want {
		t.Errorf("%s, %v; want %s: the declared fields and nothing else", got, err, want)
	}
}

func TestEveryCallIsSigned(t *testing.T) {
	s := newSystem(t)
	s.check = func(r *http.Request, body []byte) {
		header := r.Header.Get("Onki-Signature")
		stamp, _, _ := strings.Cut(strings.TrimPrefix(header, "t="), ",")
		var at int64
		fmt.Sscan(stamp, &at)
		if want := backoffice.Sign([]byte("hush"), time.Unix(at, 0), r.Method, r.URL.RequestURI(), r.Header.Get("Idempotency-Key"), body); header != want {
			t.Errorf("%s %s signed %q, want %q", r.Method, r.URL, header, want)
		}
	}
	if _, err := s.client(t).Lookup(context.Background(), "parcel", map[string]string{"order": "1042", "lang": "ko"}); err != nil {
		t.Fatal(err)
	}
}

func TestAnUntrustworthySystemIsAsGoodAsSilent(t *testing.T) {
	answer := func(body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, body)
			return true
		}
	}
	for name, next := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"somebody else's order": answer(`{"order":"1043","item":"x"}`),
		"an unknown status":     answer(`{"order":"1042","status":"teleported"}`),
		"a word for money":      answer(`{"order":"1042","amount":"a lot"}`),
		"less than nothing":     answer(`{"order":"1042","amount":-1}`),
		"no date":               answer(`{"order":"1042","due":"soon"}`),
		"a list":                answer(`[1,2]`),
		"nested":                answer(`{"order":"1042","item":{"a":1}}`),
		"half of it":            answer(`{"order":"1042","it`),
		"too much":              answer(`{"order":"1042","item":"` + strings.Repeat("a", 70_000) + `"}`),
		"a page": func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<h1>maintenance</h1>")
			return true
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
			return true
		},
		"forbidden": func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusForbidden); return true },
		"slow":      func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSystem(t)
			s.next = append(s.next, next, next)
			facts, err := s.client(t).Lookup(context.Background(), "parcel", map[string]string{"order": "1042"})
			if err == nil || errors.Is(err, flows.ErrNone) || len(facts) > 0 {
				t.Errorf("%v, %v; want an error and no fact", facts, err)
			}
		})
	}
}

func TestALookupIsTriedAgain(t *testing.T) {
	s := newSystem(t)
	down := func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(http.StatusBadGateway); return true }
	s.next = append(s.next, down)
	if _, err := s.client(t).Lookup(context.Background(), "parcel", map[string]string{"order": "1042"}); err != nil || s.count() != 2 {
		t.Errorf("%v after %d calls", err, s.count())
	}
}

func TestWhereNothingMayBeCalled(t *testing.T) {
	s := newSystem(t)
	for _, order := range []string{"..", ".", "", "../admin", "1042?x=1", "1042/../../x", "1042#", "a b", "//evil.example"} {
		_, err := s.client(t).Lookup(context.Background(), "parcel", map[string]string{"order": order})
		if err == nil {
			t.Errorf("%q was found", order)
		}
	}
	for _, call := range s.calls {
		if strings.Count(call, "/") != 2 || !strings.HasPrefix(call, "GET /orders/") {
			t.Errorf("an argument left its place in the path: %s", call)
		}
	}
	for url, says := range map[string]string{
		"https://evil.example": "not among hosts", "ftp://127.0.0.1": "want https", "": "is not set", "nonsense": "want https",
	} {
		_, err := backoffice.New(office(t), backoffice.Options{Getenv: func(k string) string {
			return map[string]string{"SHOP_URL": url, "SHOP_SECRET": "x"}[k]
		}})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("url %q: %v, want %q", url, err, says)
		}
	}
}
