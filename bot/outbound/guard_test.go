package outbound_test

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/outbound"
	"golang.org/x/net/dns/dnsmessage"
)

func TestPublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "64:ff9b::101:101"} {
		if !outbound.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
		"192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "100.100.100.200", "168.63.129.16",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1",
		"2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		if outbound.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public", a)
		}
	}
	if outbound.Public(netip.Addr{}) {
		t.Error("no address is not public")
	}
}

func TestCheck(t *testing.T) {
	g := outbound.Guard{Hosts: []string{"orders.internal", "10.0.0.5:8443", "*.svc.local", "[fd12::1]:9000"}}
	for link, want := range map[string]error{
		"https://help.shop.example/faq":       nil,
		"http://help.shop.example:8080/":      nil,
		"http://orders.internal:7000/x":       nil,
		"http://ORDERS.internal./x":           nil,
		"https://10.0.0.5:8443/":              nil,
		"http://a.svc.local/":                 nil,
		"http://[fd12::1]:9000/":              nil,
		"http://svc.local/":                   outbound.ErrPrivate,
		"http://evilsvc.local/":               outbound.ErrPrivate,
		"http://orders.internal.evil.local/":  outbound.ErrPrivate,
		"https://10.0.0.5/":                   outbound.ErrPrivate,
		"https://help.shop.example:22/":       outbound.ErrRefused,
		"ftp://help.shop.example/":            outbound.ErrRefused,
		"file:///etc/passwd":                  outbound.ErrRefused,
		"gopher://help.shop.example/":         outbound.ErrRefused,
		"https://user:pass@help.shop.example": outbound.ErrRefused,
		"https:///x":                          outbound.ErrRefused,
		"":                                    outbound.ErrRefused,
		"http://%zz/":                         outbound.ErrRefused,
		"http://localhost/":                   outbound.ErrPrivate,
		"http://printer/":                     outbound.ErrPrivate,
		"http://127.1/":                       outbound.ErrPrivate,
		"http://0x7f.0.0.1/":                  outbound.ErrPrivate,
		"http://2130706433/":                  outbound.ErrPrivate,
		"http://0177.0.0.1/":                  outbound.ErrPrivate,
		"http://[::ffff:127.0.0.1]/":          outbound.ErrPrivate,
		"http://[fe80::1%25eth0]/":            outbound.ErrPrivate,
		"http://metadata.google.internal/":    outbound.ErrPrivate,
		"http://db.corp/":                     outbound.ErrPrivate,
	} {
		if err := g.Check(link); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%q: %v, want %v", link, err, want)
		}
	}
	if err := (outbound.Guard{Hosts: []string{"a.example"}, Only: true}).Check("https://b.example/"); !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("only: %v", err)
	}
}

// resolver answers every question with the addresses that answer gives, as a
// hostile name server can.
func resolver(t *testing.T, answer func(name string, six bool) []netip.Addr) *net.Resolver {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			out := dnsmessage.Message{Header: dnsmessage.Header{ID: m.ID, Response: true, Authoritative: true}, Questions: m.Questions}
			for _, a := range answer(q.Name.String(), q.Type == dnsmessage.TypeAAAA) {
				h := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
				if a.Is4() {
					out.Answers = append(out.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AResource{A: a.As4()}})
				} else {
					out.Answers = append(out.Answers, dnsmessage.Resource{Header: h, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
				}
			}
			packed, err := out.Pack()
			if err == nil {
				_, _ = server.WriteTo(packed, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// TestHostileNames: a server listens inside, and no name leads a guarded client
// to it.
func TestHostileNames(t *testing.T) {
	var asked atomic.Int64
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: inside, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })}}
	server.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(inside.Addr().String())
	answers := map[string][]string{
		"loop.example.":    {"127.0.0.1"},
		"meta.example.":    {"169.254.169.254"},
		"private.example.": {"10.0.0.1", "127.0.0.1"},
		"zero.example.":    {"0.0.0.0"},
		"six.example.":     {"::1"},
		"mapped.example.":  {"::ffff:127.0.0.1"},
		"cgnat.example.":   {"100.64.0.1"},
		"nat64.example.":   {"64:ff9b::7f00:1"},
		"listed.example.":  {"169.254.169.254"},
	}
	var questions atomic.Int64
	dns := resolver(t, func(name string, six bool) (out []netip.Addr) {
		n := questions.Add(1)
		all := answers[name]
		if name == "rebind.example." { // says something else each time
			all = []string{[]string{"10.9.9.9", "127.0.0.1"}[n%2]}
		}
		for _, s := range all {
			if a := netip.MustParseAddr(s); a.Is4() != six {
				out = append(out, a)
			}
		}
		return out
	})
	client := outbound.Guard{Resolver: dns, Hosts: []string{"listed.example"}}.Client()
	for name := range answers {
		if err := get(client, "http://"+strings.TrimSuffix(name, ".")+":8080/"); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 6 {
		if err := get(client, "http://rebind.example:8080/"); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("rebinding: %v", err)
		}
	}
	if questions.Load() == 0 {
		t.Fatal("the hostile name server was never asked: the test proves nothing")
	}
	own := outbound.Guard{Resolver: dns, Hosts: []string{"loop.example:" + port}}.Client()
	if err := get(own, "http://loop.example:"+port); err != nil || asked.Load() != 1 {
		t.Errorf("the brand's own host: %v, asked %d times", err, asked.Load())
	}
	if err := get(own, "http://six.example:"+port); err == nil {
		t.Error("another name on the same port was let through")
	}
	if asked.Load() != 1 {
		t.Errorf("the server inside was asked %d times", asked.Load())
	}
}

func get(c *http.Client, link string) error {
	answer, err := c.Get(link)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

func host(t *testing.T, s *httptest.Server) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func TestRedirects(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the server inside was asked") }))
	defer inside.Close()
	var carried http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { carried = r.Header }))
	defer other.Close()
	var own *httptest.Server
	own = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/inside": inside.URL, "/meta": "http://169.254.169.254/latest/meta-data", "/file": "file:///etc/passwd", "/loop": own.URL + "/loop",
			"/user": "http://a:b@" + host(t, other), "/other": other.URL, "/same": own.URL + "/end",
		}[r.URL.Path]
		switch {
		case r.URL.Path == "/end":
			carried = r.Header
		case r.Method == http.MethodPost:
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		default:
			http.Redirect(w, r, to, http.StatusFound)
		}
	}))
	defer own.Close()
	client := outbound.Guard{Hosts: []string{host(t, own), host(t, other)}}.Client()
	for path, want := range map[string]error{"/inside": outbound.ErrPrivate, "/meta": outbound.ErrPrivate, "/file": outbound.ErrRefused, "/loop": outbound.ErrRefused, "/user": outbound.ErrRefused} {
		if err := get(client, own.URL+path); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	for path, keeps := range map[string]bool{"/other": false, "/same": true} {
		r, err := http.NewRequest(http.MethodGet, own.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", "secret")
		carried = nil
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := carried.Get("X-Api-Key") != ""; carried == nil || got != keeps {
			t.Errorf("%s: carried the key: %v, want %v", path, got, keeps)
		}
	}
	if _, err := client.Post(own.URL+"/other", "application/json", strings.NewReader(`{"phone":"…"}`)); !errors.Is(err, outbound.ErrRefused) {
		t.Errorf("a body was carried to another host: %v", err)
	}
}

func TestBounds(t *testing.T) {
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/said":
			w.Header().Set("Content-Length", "5000")
			w.WriteHeader(http.StatusOK)
		case "/unsaid":
			for range 100 {
				_, _ = w.Write(make([]byte, 100))
				w.(http.Flusher).Flush()
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(make([]byte, 1<<20))
			_ = z.Close()
		case "/exact":
			_, _ = w.Write(make([]byte, 1000))
		case "/drip":
			w.(http.Flusher).Flush()
			<-stop
		case "/header":
			w.Header().Set("X", strings.Repeat("x", 100<<10))
		}
	}))
	defer server.Close()
	defer close(stop)
	g := outbound.Guard{Hosts: []string{host(t, server)}, MaxBody: 1000}
	client := g.Client()
	for path, want := range map[string]error{"/said": outbound.ErrTooBig, "/unsaid": outbound.ErrTooBig, "/bomb": outbound.ErrTooBig, "/exact": nil} {
		if err := get(client, server.URL+path); !errors.Is(err, want) || (err == nil) != (want == nil) {
			t.Errorf("%s: %v, want %v", path, err, want)
		}
	}
	g.Timeout = 300 * time.Millisecond
	var timeout net.Error
	if err := get(g.Client(), server.URL+"/drip"); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a server that never ends: %v", err)
	}
	if err := get(client, server.URL+"/header"); err == nil {
		t.Error("a header of 100 KiB was read")
	}
}
