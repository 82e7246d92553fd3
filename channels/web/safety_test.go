package web

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func TestTokens(t *testing.T) {
	var ahead atomic.Int64
	h := open(t, func(o *Options) {
		o.Keys = append(o.Keys, Key{ID: "pk_other"})
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	s := h.begin("")
	other, err := h.seal("visitor", access{Thread: s.Thread, Key: "pk_test", Until: time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	stranger := &Channel{o: Options{Secrets: [][]byte{[]byte("another secret of another server..")}}}
	forged, err := stranger.seal("access", access{Thread: s.Thread, Key: "pk_test", Until: time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	for name, token := range map[string]string{
		"none": "", "noise": "abc", "half": strings.Split(s.Token, ".")[0], "cut": s.Token[:len(s.Token)-2],
		"changed": "A" + s.Token[1:], "another kind": other, "another server's": forged, "the visitor's": s.Visitor,
		"huge": strings.Repeat("a", 5000) + ".b",
	} {
		if resp, _ := h.do("GET", "/v1/messages?before=1", token, nil, nil); resp.StatusCode != 401 {
			t.Errorf("%s token: %d, want 401", name, resp.StatusCode)
		}
	}
	// a token in the address opens nothing
	h.want(401, "GET", "/v1/messages?before=1&token="+s.Token, "", nil, nil, nil)
	h.want(200, "GET", "/v1/messages?before=1", s.Token, nil, nil, nil)
	ahead.Store(int64(accessLife + time.Second))
	h.want(401, "GET", "/v1/messages?before=1", s.Token, nil, nil, nil)
}

func TestVisitorComesBack(t *testing.T) {
	var ahead atomic.Int64
	h := open(t, func(o *Options) {
		o.Keys = append(o.Keys, Key{ID: "pk_other"})
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	a := h.begin("")
	if b := h.begin(a.Visitor); b.Thread != a.Thread {
		t.Error("the same visitor got another conversation")
	}
	if strings.Contains(a.Thread, a.Visitor[:20]) || len(a.Thread) < 40 {
		t.Errorf("the thread %q is not a hash", a.Thread)
	}
	for name, visitor := range map[string]string{"none": "", "noise": "x.y", "an access token": a.Token} {
		if b := h.begin(visitor); b.Thread == a.Thread || b.Visitor == visitor {
			t.Errorf("%s: opened the other's conversation or kept the token", name)
		}
	}
	var b sessionAnswer
	h.want(200, "POST", "/v1/session", "", sessionCall{Key: "pk_other", Visitor: a.Visitor}, &b, nil)
	if b.Thread == a.Thread {
		t.Error("a visitor of one key is the visitor of another")
	}
	ahead.Store(int64(visitorLife + time.Hour))
	if b := h.begin(a.Visitor); b.Thread == a.Thread {
		t.Error("an expired visitor token still opens the conversation")
	}
}

func TestSecretsRotate(t *testing.T) {
	old := []byte("0123456789abcdef0123456789abcdef")
	h := open(t, nil)
	s := h.begin("")
	o := testOptions()
	o.Ledger, o.Hints = h.ledger, h.hints
	o.Secrets = [][]byte{[]byte("a new secret, which signs from now on"), old}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.readAccess(s.Token); err != nil {
		t.Errorf("a token signed with the old secret: %v", err)
	}
	o.Secrets = o.Secrets[:1]
	if c, err = New(o); err != nil {
		t.Fatal(err)
	}
	if _, err := c.readAccess(s.Token); err == nil {
		t.Error("a token of a secret thrown away is still good")
	}
}

func TestOrigins(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Keys = append(o.Keys, Key{ID: "pk_other", Origins: []string{"https://other.example"}})
	})
	s := h.begin("")
	own := h.server.URL
	for _, c := range []struct {
		origin, site string
		want         int
	}{
		{"https://shop.example", "cross-site", 200},
		{own, "same-origin", 200},
		{"", "same-origin", 200},
		{"", "none", 200},
		{"", "", 200}, // not a browser
		{"", "cross-site", 403},
		{"", "same-site", 403},
		{"https://evil.example", "cross-site", 403},
		{"https://shop.example.evil.example", "cross-site", 403},
		{"http://shop.example", "cross-site", 403},
		{"https://shop.example:8443", "cross-site", 403},
		{"https://other.example", "cross-site", 403}, // welcome with another key only
		{"null", "cross-site", 403},
	} {
		extra := header{}
		if c.origin != "" {
			extra["Origin"] = c.origin
		}
		if c.site != "" {
			extra["Sec-Fetch-Site"] = c.site
		}
		resp, _ := h.do("POST", "/v1/session", "", sessionCall{Key: "pk_test"}, extra)
		if resp.StatusCode != c.want {
			t.Errorf("session from %q (%s): %d, want %d", c.origin, c.site, resp.StatusCode, c.want)
		}
		resp, _ = h.do("GET", "/v1/messages?before=1", s.Token, nil, extra)
		if resp.StatusCode != c.want {
			t.Errorf("history from %q (%s): %d, want %d", c.origin, c.site, resp.StatusCode, c.want)
		}
		if got := resp.Header.Get("Access-Control-Allow-Origin"); c.want == 200 && got != c.origin {
			t.Errorf("from %q allowed %q", c.origin, got)
		}
	}
	resp := h.want(204, "OPTIONS", "/v1/messages", "", nil, nil, header{"Origin": "https://shop.example"})
	if resp.Header.Get("Access-Control-Allow-Credentials") != "" || !strings.Contains(resp.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("preflight answered %v", resp.Header)
	}
	h.want(403, "OPTIONS", "/v1/messages", "", nil, nil, header{"Origin": "https://evil.example"})
	h.want(403, "POST", "/v1/session", "", sessionCall{Key: "pk_unknown"}, nil, nil)
}

func TestMalformed(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	long := strings.Repeat("가", 2001)
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"empty", ``, 400},
		{"no JSON", `hello`, 400},
		{"a list", `[]`, 400},
		{"two values", `{"cid":"cid-00001","kind":"text","text":"a"}{}`, 400},
		{"cut", `{"cid":"cid-00001","kind":"te`, 400},
		{"wrong types", `{"cid":5}`, 400},
		{"no cid", `{"kind":"text","text":"a"}`, 400},
		{"short cid", `{"cid":"a","kind":"text","text":"a"}`, 400},
		{"cid with a path", `{"cid":"../../etc/passwd","kind":"text","text":"a"}`, 400},
		{"unknown kind", `{"cid":"cid-00001","kind":"dance","text":"a"}`, 400},
		{"no text", `{"cid":"cid-00001","kind":"text","text":"  "}`, 400},
		{"only invisible", "{\"cid\":\"cid-00001\",\"kind\":\"text\",\"text\":\"\u200b\u202e\"}", 400},
		{"no choice", `{"cid":"cid-00001","kind":"choice","text":"a"}`, 400},
		{"odd language", `{"cid":"cid-00001","kind":"text","text":"a","lang":"<b>"}`, 400},
		{"file never sent", `{"cid":"cid-00001","kind":"file","files":["abc.def"]}`, 400},
		{"too long", `{"cid":"cid-00001","kind":"text","text":"` + long + `"}`, 413},
		{"too large", `{"cid":"cid-00001","kind":"text","text":"` + strings.Repeat("a", bodyMax) + `"}`, 413},
		{"stars without number", `{"cid":"cid-00001","kind":"rating","stars":9}`, 400},
	} {
		resp, text := h.do("POST", "/v1/messages", s.Token, c.body, nil)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d %s, want %d", c.name, resp.StatusCode, text, c.want)
		}
		if resp.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(string(text), `"type":"urn:onki:problem:`) {
			t.Errorf("%s: answered %s as %s", c.name, text, resp.Header.Get("Content-Type"))
		}
	}
	// letters are counted as people count them
	family := strings.Repeat("👨‍👩‍👧‍👦", 500)
	h.want(202, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-family", Kind: "text", Text: family}, nil, nil)
	h.want(413, "POST", "/v1/messages", s.Token, messageCall{CID: "cid-clan-1", Kind: "text", Text: family + family}, nil, nil) // more than is kept
	h.want(415, "POST", "/v1/messages", s.Token, `{}`, nil, header{"Content-Type": "text/plain"})
	h.want(415, "POST", "/v1/session", "", `{}`, nil, header{"Content-Type": "application/x-www-form-urlencoded"})
	h.want(404, "GET", "/v1/nothing", "", nil, nil, nil)
	_, text := h.do("GET", "/v1/nothing", "", nil, header{"Accept-Language": "ko-KR"})
	if !strings.Contains(string(text), "없습니다") {
		t.Errorf("the problem is not told in Korean: %s", text)
	}
}

func TestRates(t *testing.T) {
	h := open(t, func(o *Options) { o.Limits = Limits{PerSecond: 0.001, PerHour: 7, Sessions: 1, Streams: 2} })
	s := h.begin("")
	post := func(i int) *http.Response {
		resp, _ := h.do("POST", "/v1/messages", s.Token, messageCall{CID: fmt.Sprintf("cid-%05d", i), Kind: "text", Text: "a"}, nil)
		return resp
	}
	for i := range 5 {
		if resp := post(i); resp.StatusCode != 202 {
			t.Fatalf("message %d of the burst: %d", i, resp.StatusCode)
		}
	}
	resp := post(5)
	if resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
		t.Errorf("after the burst: %d, Retry-After %q", resp.StatusCode, resp.Header.Get("Retry-After"))
	}
	h.listen(s.Token, "")
	h.listen(s.Token, "")
	if _, resp := h.listen(s.Token, ""); resp.StatusCode != 429 {
		t.Errorf("a third stream: %d", resp.StatusCode)
	}
	codes := map[int]int{}
	for range 6 {
		resp, _ := h.do("POST", "/v1/session", "", sessionCall{Key: "pk_test"}, nil)
		codes[resp.StatusCode]++
	}
	if codes[200] != 2 || codes[429] != 4 {
		t.Errorf("sessions from one network: %v, want 2 more and then none", codes)
	}
}

func TestAnonymousHour(t *testing.T) {
	g := newGate(Limits{PerSecond: -1, PerHour: 3, Brand: -1}, time.Now)
	anonymous, known := access{Thread: "a"}, access{Thread: "b", User: "u"}
	for range 3 {
		if g.message(anonymous) != 0 || g.message(known) != 0 {
			t.Fatal("refused within the limit")
		}
	}
	if g.message(anonymous) == 0 {
		t.Error("an anonymous visitor has no limit per hour")
	}
	if g.message(known) != 0 {
		t.Error("a known customer has the limit of an anonymous one")
	}
}

func TestBucketsAreSwept(t *testing.T) {
	now := time.Unix(1e9, 0)
	g := newGate(Limits{PerSecond: 1, PerHour: -1, Brand: -1}, func() time.Time { return now })
	for i := range 1000 {
		g.message(access{Thread: fmt.Sprint(i), User: "u"})
	}
	now = now.Add(bucketIdle + sweepEvery + time.Second)
	g.message(access{Thread: "new", User: "u"})
	if n := len(g.buckets); n != 1 {
		t.Errorf("%d buckets are kept of visitors long gone", n)
	}
}

func TestNetwork(t *testing.T) {
	c := &Channel{}
	for addr, want := range map[string]string{
		"203.0.113.77:5000": "203.0.113.0/24", "[2001:db8:1:2ff::9]:443": "2001:db8:1:200::/56",
		"[::ffff:203.0.113.9]:80": "203.0.113.0/24", "[fe80::1%eth0]:80": "fe80::/56", "nonsense": "unknown", "": "unknown",
	} {
		if got := c.network(&http.Request{RemoteAddr: addr}); got != want {
			t.Errorf("network of %q is %q, want %q", addr, got, want)
		}
	}
}

// A reader that takes nothing must not hold a stream open for ever.
func TestSlowReader(t *testing.T) {
	h := open(t, nil)
	h.patience = 50 * time.Millisecond
	s := h.begin("")
	text := strings.Repeat("long ", 3000)
	for i := range 400 {
		m := bot.Message{ID: fmt.Sprintf("%s/cid-%05d", s.Thread, i), From: address(s.Thread), Text: text, Time: time.Now()}
		if err := h.ledger.Receive(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", s.Token)
	h.until(func() bool { return h.open(s.Thread) == 1 })
	h.until(func() bool { return h.open(s.Thread) == 0 })
}

// open returns how many streams of a conversation are open.
func (h *house) open(thread string) int {
	h.streams.mu.Lock()
	defer h.streams.mu.Unlock()
	return h.streams.n[thread]
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := testOptions()
	good.Ledger, good.Hints = &bot.Memory{}, &bot.LocalHints{}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Options){
		"no ledger":      func(o *Options) { o.Ledger = nil },
		"no hints":       func(o *Options) { o.Hints = nil },
		"no key":         func(o *Options) { o.Keys = nil },
		"key twice":      func(o *Options) { o.Keys = append(o.Keys, o.Keys[0]) },
		"key with space": func(o *Options) { o.Keys = []Key{{ID: "a b"}} },
		"slug":           func(o *Options) { o.Brand.Slug = "Haneul Market" },
		"no name":        func(o *Options) { o.Brand.Name = nil },
		"colour":         func(o *Options) { o.Brand.Accent = "teal" },
		"short secret":   func(o *Options) { o.Secrets = [][]byte{[]byte("short")} },
		"origin path":    func(o *Options) { o.Keys = []Key{{ID: "k", Origins: []string{"https://a.example/x"}}} },
		"origin name":    func(o *Options) { o.Keys = []Key{{ID: "k", Origins: []string{"a.example"}}} },
		"identity":       func(o *Options) { o.Keys = []Key{{ID: "k", Identity: Identity{Mode: "require"}}} },
		"identity mode":  func(o *Options) { o.Keys = []Key{{ID: "k", Identity: Identity{Mode: "strict"}}} },
		"HS256 length": func(o *Options) {
			o.Keys = []Key{{ID: "k", Identity: Identity{Mode: "verify", HS256: []byte("short")}}}
		},
		"HMAC length": func(o *Options) { o.Keys = []Key{{ID: "k", Identity: Identity{Mode: "verify", HMAC: []byte("short")}}} },
		"EdDSA length": func(o *Options) {
			o.Keys = []Key{{ID: "k", Identity: Identity{Mode: "verify", EdDSA: []byte("short")}}}
		},
	} {
		o := good
		o.Keys = append([]Key(nil), good.Keys...)
		change(&o)
		if _, err := New(o); err == nil || !strings.HasPrefix(err.Error(), ErrOptions.Error()) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
