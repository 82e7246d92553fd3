package rest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

const (
	readKey  = "care_sk_read_0123456789abcdef"
	writeKey = "care_sk_write_0123456789abcdef"
)

// house is the API over a ledger in memory with one customer who waits.
type house struct {
	t      *testing.T
	server *httptest.Server
	ledger *bot.Memory
	hints  *bot.LocalHints
}

// place is a thread as Slack names it, with slashes.
func place() bot.Address { return bot.Address{Channel: "slack", Thread: "T1/C1/1700.1"} }

func newHouse(t *testing.T) *house {
	h := &house{t: t, ledger: &bot.Memory{}, hints: &bot.LocalHints{}}
	d, err := desk.New(desk.Options{Ledger: h.ledger, Hints: h.hints, Lang: "en", Check: func(text, _ string) string {
		if strings.Contains(text, "calm down") {
			return "it makes anger worse"
		}
		return ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Options{Desk: d, Journal: h.ledger, Hints: h.hints, Beat: 20 * time.Millisecond, Keys: []Key{
		{Name: "reader", Secret: readKey, Scopes: []string{ScopeRead}}, {Name: "desk", Secret: writeKey, Scopes: []string{ScopeRead, ScopeWrite}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.server = httptest.NewServer(a.Handler())
	t.Cleanup(func() { h.server.CloseClientConnections(); h.server.Close() })
	h.says("a", "I need a person")
	return h
}

// says lets the customer write; the bot answers and calls a person.
func (h *house) says(id, text string) {
	h.t.Helper()
	if err := h.ledger.Receive(context.Background(), bot.Message{ID: id, From: place(), User: "u", Text: text, Time: time.Now()}); err != nil {
		h.t.Fatal(err)
	}
	w, err := h.ledger.Claim(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	(&bot.Engine{Flow: bot.Flow{{Name: "guide", Run: func(_ context.Context, t *bot.Turn) error {
		t.Say(bot.Part{Stage: "guide", Text: "about " + text})
		t.After.Priority = bot.Priority{Tier: "P2", Score: 30, Reasons: []string{"time is short"}}
		if t.After.Owner == bot.OwnerBot {
			t.After.Owner, t.After.Called = bot.OwnerWaiting, "asked"
		}
		return nil
	}}}}).Answer(context.Background(), w)
	if err := h.ledger.Commit(context.Background(), w); err != nil {
		h.t.Fatal(err)
	}
	h.hints.Wake(bot.TopicEvents + place().String())
}

// do makes a call; an address of "" is the customer's conversation.
func (h *house) do(method, key, path string, body any) (int, map[string]any) {
	h.t.Helper()
	var in io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, h.server.URL+Prefix+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		h.t.Fatalf("%s %s: %d: %v", method, path, resp.StatusCode, err)
	}
	return resp.StatusCode, out
}

func conversationPath(rest string) string {
	return "/conversations/slack/" + url.PathEscape(place().Thread) + rest
}

// want makes a call that must end so.
func (h *house) want(status int, method, key, path string, body any) map[string]any {
	h.t.Helper()
	got, out := h.do(method, key, path, body)
	if got != status {
		h.t.Fatalf("%s %s: %d %v; want %d", method, path, got, out, status)
	}
	return out
}

func TestTheWholeWay(t *testing.T) {
	h := newHouse(t)
	list := h.want(200, "GET", readKey, "/conversations", nil)["conversations"].([]any)
	if len(list) != 1 || list[0].(map[string]any)["thread"] != place().Thread || list[0].(map[string]any)["owner"] != "waiting" {
		t.Fatalf("list %v", list)
	}
	one := h.want(200, "GET", readKey, conversationPath(""), nil)
	if lines := one["brief"].(map[string]any)["lines"].([]any); len(lines) != 5 || one["seq"] != 3.0 {
		t.Fatalf("brief %v", one)
	}
	if got := h.want(200, "POST", writeKey, conversationPath("/claim"), step{"Mina"}); got["owner"] != "person:Mina" {
		t.Fatalf("claimed %v", got)
	}
	if got := h.want(409, "POST", writeKey, conversationPath("/claim"), step{"Joon"}); got["type"] != "urn:onki:problem:taken" || !strings.Contains(got["detail"].(string), "Mina") {
		t.Fatalf("a colleague: %v", got)
	}
	say := said{Person: "Mina", ID: "call-0001", Text: "I am here"}
	for range 2 {
		h.want(200, "POST", writeKey, conversationPath("/messages"), say)
	}
	h.want(409, "POST", writeKey, conversationPath("/messages"), said{Person: "Joon", ID: "call-0002", Text: "me too"})
	risky := said{Person: "Mina", ID: "call-0003", Text: "please calm down"}
	if got := h.want(422, "POST", writeKey, conversationPath("/messages"), risky); got["detail"] != "it makes anger worse" {
		t.Fatalf("hint %v", got)
	}
	risky.AsIs = true
	h.want(200, "POST", writeKey, conversationPath("/messages"), risky)
	h.says("b", "thank you")
	if got := h.want(200, "GET", readKey, conversationPath("/draft"), nil); got["text"] != "about thank you" {
		t.Fatalf("draft %v", got)
	}
	if got := h.want(200, "POST", writeKey, conversationPath("/close"), step{"Mina"}); got["owner"] != "wrap-up:Mina" {
		t.Fatalf("closed %v", got)
	}
	if got := h.want(200, "POST", writeKey, conversationPath("/release"), step{"Mina"}); got["owner"] != "bot" {
		t.Fatalf("given back %v", got)
	}
	var texts []string
	for _, e := range h.want(200, "GET", readKey, conversationPath("/events?after=3"), nil)["events"].([]any) {
		if r, ok := e.(map[string]any)["reply"].(map[string]any); ok && r["from"] == "Mina" {
			texts = append(texts, r["parts"].([]any)[0].(map[string]any)["text"].(string))
		}
	}
	if !slices.Equal(texts, []string{"I am here", "please calm down"}) {
		t.Fatalf("said %q", texts)
	}
}

func TestOnlyKeysWithTheirScopes(t *testing.T) {
	h := newHouse(t)
	for _, key := range []string{"", "wrong", readKey + "x", readKey[:len(readKey)-1], strings.ToUpper(readKey)} {
		if got := h.want(401, "GET", key, "/conversations", nil); got["type"] != "urn:onki:problem:key" {
			t.Errorf("key %q: %v", key, got)
		}
	}
	for _, path := range []string{"/claim", "/messages", "/release", "/close"} {
		if got := h.want(403, "POST", readKey, conversationPath(path), step{"Mina"}); got["type"] != "urn:onki:problem:scope" {
			t.Errorf("%s: %v", path, got)
		}
	}
	if s, err := h.ledger.State(t.Context(), place()); err != nil || s.Owner != bot.OwnerWaiting {
		t.Errorf("owner %s, %v; want nothing done", s.Owner, err)
	}
}

// TestRate: a key that hurries is told when to come again, and no other key
// waits for it.
func TestRate(t *testing.T) {
	d, err := desk.New(desk.Options{Ledger: &bot.Memory{}, Hints: &bot.LocalHints{}, Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	a, err := New(Options{Desk: d, Journal: &bot.Memory{}, Hints: &bot.LocalHints{}, Now: func() time.Time { return now }, Keys: []Key{
		{Name: "quick", Secret: readKey, Scopes: []string{ScopeRead}, Rate: .5}, {Name: "calm", Secret: writeKey, Scopes: []string{ScopeRead}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	call := func(key string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", Prefix+"/conversations?state=waiting", nil)
		r.Header.Set("Authorization", "Bearer "+key)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		return w
	}
	for n := range 5 {
		if w := call(readKey); w.Code != http.StatusOK {
			t.Fatalf("call %d: %d %s", n+1, w.Code, w.Body)
		}
	}
	for range 3 { // refused calls do not push the next one back
		if w := call(readKey); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "urn:onki:problem:rate") {
			t.Fatalf("one too many: %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
		}
	}
	if w := call(writeKey); w.Code != http.StatusOK {
		t.Errorf("another key waits: %d", w.Code)
	}
	if now = now.Add(2 * time.Second); call(readKey).Code != http.StatusOK || call(readKey).Code != http.StatusTooManyRequests {
		t.Error("after two seconds not exactly one call more was let in")
	}
	if _, err := New(Options{Desk: d, Journal: &bot.Memory{}, Hints: &bot.LocalHints{}, Keys: []Key{{Secret: readKey, Scopes: []string{ScopeRead}, Rate: -1}}}); err == nil {
		t.Error("a negative rate was taken")
	}
}

func TestBadCalls(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		status       int
		method, path string
		body         any
	}{
		{404, "GET", "/nothing", nil}, {400, "GET", "/conversations?limit=0", nil}, {400, "GET", "/conversations?state=lost", nil},
		{400, "GET", conversationPath("/events?after=-1"), nil}, {400, "POST", conversationPath("/claim"), step{""}}, {400, "POST", conversationPath("/claim"), step{" "}},
		{400, "POST", conversationPath("/claim"), step{"a\nb"}}, {400, "POST", conversationPath("/claim"), step{strings.Repeat("x", 81)}},
		{400, "POST", conversationPath("/claim"), map[string]any{"person": "Mina", "force": true}}, {400, "POST", conversationPath("/claim"), []int{1}},
		{400, "POST", conversationPath("/messages"), said{Person: "Mina", ID: "short", Text: "x"}}, {400, "POST", conversationPath("/messages"), said{Person: "Mina", ID: "call-0001"}},
		{400, "POST", conversationPath("/messages"), said{Person: "Mina", ID: "call-0001", Text: strings.Repeat("가", 4001)}},
		{400, "POST", conversationPath("/messages"), said{Person: "Mina", ID: "call-0001", Text: strings.Repeat("x", bodyMax)}},
	} {
		h.want(c.status, c.method, writeKey, c.path, c.body)
	}
}

// listen reads a stream and hands out the data of its events by name.
func (h *house) listen(path, after string) <-chan [2]string {
	r, _ := http.NewRequestWithContext(h.t.Context(), "GET", h.server.URL+Prefix+path, nil)
	r.Header.Set("Authorization", "Bearer "+readKey)
	r.Header.Set("Last-Event-ID", after)
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 {
		h.t.Fatalf("stream: %v, %v", resp, err)
	}
	out := make(chan [2]string, 100)
	go func() {
		defer resp.Body.Close()
		lines, name := bufio.NewScanner(resp.Body), ""
		for lines.Scan() {
			if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				name = n
			} else if d, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				out <- [2]string{name, d}
			}
		}
	}()
	return out
}

func next(t *testing.T, stream <-chan [2]string) [2]string {
	t.Helper()
	select {
	case e := <-stream:
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came in 10 s")
		return [2]string{}
	}
}

func TestStreams(t *testing.T) {
	h := newHouse(t)
	requests, events := h.listen("/stream", ""), h.listen(conversationPath("/stream"), "2")
	if e := next(t, requests); e[0] != "requests" || !strings.Contains(e[1], `"waiting"`) {
		t.Fatalf("requests %q", e)
	}
	if e := next(t, events); e[0] != "owner" || !strings.Contains(e[1], `"seq":3`) {
		t.Fatalf("first %q; want the one after 2", e)
	}
	h.want(200, "POST", writeKey, conversationPath("/messages"), said{Person: "Mina", ID: "call-0001", Text: "I am here"})
	for _, want := range []string{"owner", "reply"} {
		if e := next(t, events); e[0] != want {
			t.Fatalf("then %q; want %s", e, want)
		}
	}
	if e := next(t, requests); !strings.Contains(e[1], `"conversations":[]`) {
		t.Fatalf("requests %q; want nobody left", e)
	}
}

func TestOptions(t *testing.T) {
	d, err := desk.New(desk.Options{Ledger: &bot.Memory{}, Hints: &bot.LocalHints{}})
	if err != nil {
		t.Fatal(err)
	}
	good := Options{Desk: d, Journal: &bot.Memory{}, Hints: &bot.LocalHints{}}
	for want, keys := range map[string][]Key{
		"at least 24": {{Name: "a", Secret: "short", Scopes: []string{ScopeRead}}}, "no scopes": {{Name: "a", Secret: readKey}}, `"root"`: {{Name: "a", Secret: readKey, Scopes: []string{"root"}}},
	} {
		o := good
		o.Keys = keys
		if _, err := New(o); !errors.Is(err, ErrOptions) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error about %s", err, want)
		}
	}
	if _, err := New(Options{}); !errors.Is(err, ErrOptions) {
		t.Errorf("without anything: %v", err)
	}
}

// spec is the description, as far as it is compared with the program.
type spec struct {
	Paths      map[string]map[string]any
	Components struct {
		Schemas map[string]struct {
			Properties map[string]any
			Required   []string
		}
	}
}

// TestTheDescriptionIsTrue: docs/openapi.yaml has every call and no other, and
// names every field that is sent and taken.
func TestTheDescriptionIsTrue(t *testing.T) {
	text, err := os.ReadFile("../../../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s spec
	if err := yaml.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	var described, served []string
	for path, calls := range s.Paths {
		for method := range calls {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	for _, r := range (&API{}).Routes() {
		served = append(served, r.Method+" "+r.Path)
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described %q\nserved    %q", described, served)
	}
	session := bot.Session{Address: place(), Owner: "waiting", Epoch: 1, Lang: "ko", Called: "asked", Asked: time.Now(), Updated: time.Now(), Priority: bot.Priority{Tier: "P1", Score: 1, Reasons: []string{"x"}}}
	for name, v := range map[string]any{
		"Conversation": of(session), "Conversations": listed{}, "Priority": session.Priority, "Brief": brief{}.Brief, "Events": happened{},
		"Event": bot.Event{Seq: 1, Kind: "reply", Message: &bot.Message{}, Reply: &bot.Reply{}, Owner: "bot", Time: time.Now()},
		"Draft": drafted{}, "Step": step{}, "Say": said{}, "Problem": problem{Detail: "x"},
	} {
		body, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(err)
		}
		schema := s.Components.Schemas[name]
		got, want := slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(schema.Properties))
		if !slices.Equal(got, want) {
			t.Errorf("%s: sent %q, described %q", name, got, want)
		}
		for _, r := range schema.Required {
			if !slices.Contains(got, r) {
				t.Errorf("%s: %s is required and not there", name, r)
			}
		}
	}
}
