package slack

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	slackgo "github.com/slack-go/slack"
)

// A wire is Slack's side on loopback: the web API, Socket Mode, and the calls
// Slack makes to an address of ours. It keeps what was posted as Slack does.
type wire struct {
	t      *testing.T
	server *httptest.Server
	events http.Handler // where Slack posts; nil without the Events API

	mu       sync.Mutex
	opened   int // calls of apps.connections.open
	sockets  []*wireSocket
	acks     map[string]chan struct{} // by envelope
	early    map[string]bool
	messages []*posted
	calls    []call
	fault    func(method string, form url.Values) fault
	count    int
	stamp    int64
	hello    string // sent in place of hello
	scopes   string // granted to the token
	deaf     int    // so many sockets say hello and then nothing more
	history  []slackgo.Message
}

// posted is a message of ours, as Slack keeps it.
type posted struct {
	Channel, Thread, TS, Text string
	Blocks                    json.RawMessage
	Metadata                  slackgo.SlackMetadata
}

type call struct {
	Method string
	Form   url.Values
}

// fault is what goes wrong with one call of the web API.
type fault struct {
	status int    // in place of 200
	retry  string // Retry-After
	code   string // "ok": false with this error
	lose   bool   // carry it out, then drop the connection
	drop   bool   // drop the connection without carrying it out
	hangs  time.Duration
	needed string
}

const (
	secretNow = "8f742231b10e8888abcd99yyyzzz85a5"
	secretOld = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	botUser   = "UBOT"
)

func newWire(t *testing.T) *wire {
	w := &wire{t: t, acks: make(map[string]chan struct{}), early: make(map[string]bool), stamp: time.Now().Unix()}
	w.server = httptest.NewServer(w)
	t.Cleanup(func() {
		w.mu.Lock()
		for _, s := range w.sockets {
			_ = s.conn.Close()
		}
		w.mu.Unlock()
		w.server.CloseClientConnections()
		w.server.Close()
	})
	return w
}

// options point a channel at the wire.
func (w *wire) options() Options {
	return Options{
		BotToken: "xoxb-test", AppToken: "xapp-test", SigningSecrets: []string{secretNow, secretOld}, APIURL: w.server.URL + "/api/",
		HTTP: &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{}}, Links: []string{"shop.example"},
	}
}

// channel makes a channel with times that suit a test.
func (w *wire) channel(o Options) *Channel {
	w.t.Helper()
	c, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	c.pace = pace{
		twin: 20 * time.Millisecond, settle: 20 * time.Millisecond, sign: time.Millisecond, clear: 20 * time.Millisecond, retry: 2 * time.Millisecond,
		steady: 10 * time.Second, crowded: 20 * time.Millisecond, grace: 20 * time.Millisecond, beat: 10 * time.Second,
	}
	w.events = c.Handler()
	return c
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/link" {
		w.link(rw, r)
		return
	}
	method := strings.TrimPrefix(r.URL.Path, "/api/")
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	w.mu.Lock()
	w.calls = append(w.calls, call{method, form})
	var f fault
	if w.fault != nil {
		f = w.fault(method, form)
	}
	w.mu.Unlock()
	if f.hangs > 0 {
		time.Sleep(f.hangs)
	}
	switch {
	case f.drop:
		panic(http.ErrAbortHandler)
	case f.status != 0:
		if f.retry != "" {
			rw.Header().Set("Retry-After", f.retry)
		}
		rw.WriteHeader(f.status)
		return
	case f.code != "":
		w.json(rw, map[string]any{"ok": false, "error": f.code, "needed": f.needed})
		return
	}
	answer := w.method(method, form)
	rw.Header().Set("X-OAuth-Scopes", w.scopes)
	if f.lose {
		panic(http.ErrAbortHandler)
	}
	w.json(rw, answer)
}

func (w *wire) json(rw http.ResponseWriter, v any) {
	rw.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(rw).Encode(v)
}

// method carries a call out.
func (w *wire) method(method string, form url.Values) any {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch method {
	case "auth.test":
		return map[string]any{"ok": true, "user_id": botUser, "team_id": "T1", "bot_id": "B1"}
	case "apps.connections.open":
		w.opened++
		return map[string]any{"ok": true, "url": "ws" + strings.TrimPrefix(w.server.URL, "http") + "/link?ticket=" + strconv.Itoa(w.opened)}
	case "chat.postMessage":
		p := &posted{Channel: form.Get("channel"), Thread: form.Get("thread_ts"), TS: w.nextStamp(), Text: form.Get("text"), Blocks: json.RawMessage(form.Get("blocks"))}
		_ = json.Unmarshal([]byte(form.Get("metadata")), &p.Metadata)
		w.messages = append(w.messages, p)
		return map[string]any{"ok": true, "channel": p.Channel, "ts": p.TS, "message": map[string]any{"text": p.Text}}
	case "chat.update":
		for _, p := range w.messages {
			if p.Channel == form.Get("channel") && p.TS == form.Get("ts") {
				p.Text, p.Blocks = form.Get("text"), json.RawMessage(form.Get("blocks"))
				if meta := form.Get("metadata"); meta != "" {
					p.Metadata = slackgo.SlackMetadata{}
					_ = json.Unmarshal([]byte(meta), &p.Metadata)
				}
				return map[string]any{"ok": true, "channel": p.Channel, "ts": p.TS}
			}
		}
		return map[string]any{"ok": false, "error": "message_not_found"}
	case "users.info":
		name := map[string]string{"UHANEUL": "김하늘", "UBADA": "이바다"}[form.Get("user")]
		return map[string]any{"ok": true, "user": map[string]any{"id": form.Get("user"), "name": "x", "profile": map[string]any{"display_name": name}}}
	case "conversations.replies", "conversations.history":
		return map[string]any{"ok": true, "messages": w.past(form), "response_metadata": map[string]any{"next_cursor": ""}}
	}
	return map[string]any{"ok": true}
}

// past is the history of a channel or of a thread. The caller holds w.mu.
func (w *wire) past(form url.Values) []slackgo.Message {
	out := make([]slackgo.Message, 0)
	for _, m := range w.history {
		if m.Channel == form.Get("channel") {
			out = append(out, m)
		}
	}
	for _, p := range w.messages {
		if p.Channel != form.Get("channel") {
			continue
		}
		if ts := form.Get("ts"); ts == "" && p.Thread == "" || ts != "" && (p.Thread == ts || p.TS == ts) {
			m := slackgo.Message{}
			m.Timestamp, m.ThreadTimestamp, m.Text, m.BotID, m.Metadata = p.TS, p.Thread, p.Text, "B1", p.Metadata
			_ = json.Unmarshal(p.Blocks, &m.Blocks)
			out = append(out, m)
		}
	}
	return out
}

func (w *wire) nextStamp() string {
	w.count++
	return fmt.Sprintf("%d.%06d", w.stamp, w.count)
}

// signed makes a call as Slack does.
func signed(secret string, at time.Time, kind string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/slack", bytes.NewReader(body))
	stamp := strconv.FormatInt(at.Unix(), 10)
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte("v0:" + stamp + ":"))
	sum.Write(body)
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(sum.Sum(nil)))
	return r
}

// post delivers through the Events API and returns the status.
func (w *wire) post(kind string, body []byte) int {
	rec := httptest.NewRecorder()
	w.events.ServeHTTP(rec, signed(secretNow, time.Now(), kind, body))
	return rec.Code
}

// wrap makes an event callback.
func wrap(id string, e map[string]any) map[string]any {
	return map[string]any{
		"type": "event_callback", "token": "x", "team_id": "T1", "api_app_id": "A1", "event_id": id, "event_time": 1,
		"authorizations": []any{map[string]any{"team_id": "T1", "user_id": botUser, "is_bot": true}}, "event": e,
	}
}

// direct is a direct message as Slack encodes it.
func direct(channel, ts, user, text string) map[string]any {
	return map[string]any{
		"type": "message", "channel": channel, "channel_type": "im", "user": user, "team": "T1", "ts": ts, "event_ts": ts,
		"client_msg_id": "cm-" + ts, "text": Escape(text),
	}
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// find returns the calls of a method.
func (w *wire) find(method string) []url.Values {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []url.Values
	for _, c := range w.calls {
		if c.Method == method {
			out = append(out, c.Form)
		}
	}
	return out
}

// until waits for what should happen soon.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatalf("did not happen: %s", what)
}
