package main

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
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// workspace is as much of Slack as a staff channel needs.
type workspace struct {
	mu     sync.Mutex
	posts  []map[string]any // messages as Slack lists them
	hints  []string         // what was shown to one person alone
	stamps int
}

const signing = "8f742231b10e8888abcd99yyyzzz85a5"

func (s *workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := map[string]any{"ok": true}
	switch method := strings.Trim(r.URL.Path, "/"); method {
	case "auth.test":
		answer["user_id"], answer["team_id"], answer["bot_id"] = "UBOT", "T1", "B1"
	case "users.info":
		answer["user"] = map[string]any{"id": r.Form.Get("user"), "profile": map[string]any{"display_name": "김하늘"}}
	case "chat.postMessage":
		s.stamps++
		ts := fmt.Sprintf("1700000000.%06d", s.stamps)
		m := map[string]any{"type": "message", "bot_id": "B1", "ts": ts, "text": r.Form.Get("text"), "channel": r.Form.Get("channel"), "thread_ts": r.Form.Get("thread_ts")}
		m["blocks"], m["metadata"] = json.RawMessage(orNull(r.Form.Get("blocks"))), json.RawMessage(orNull(r.Form.Get("metadata")))
		s.posts = append(s.posts, m)
		answer["ts"], answer["channel"] = ts, r.Form.Get("channel")
	case "chat.update":
		for _, m := range s.posts {
			if m["ts"] == r.Form.Get("ts") {
				m["text"], m["blocks"] = r.Form.Get("text"), json.RawMessage(orNull(r.Form.Get("blocks")))
			}
		}
	case "chat.postEphemeral":
		s.hints = append(s.hints, r.Form.Get("text"))
	case "conversations.history", "conversations.replies":
		answer["messages"] = []any{}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func orNull(s string) string {
	if s == "" {
		return "null"
	}
	return s
}

// thread returns what is shown in the staff channel, below a card or, for "",
// the cards themselves.
func (s *workspace) thread(ts string) (texts []string, first string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.posts {
		if m["thread_ts"] == ts {
			if first == "" {
				first = m["ts"].(string)
			}
			texts = append(texts, m["text"].(string)+" "+string(m["blocks"].(json.RawMessage)))
		}
	}
	return texts, first
}

// call lets Slack call us.
func (s *workspace) call(t *testing.T, base, kind, body string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, base+"/slack", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	now := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(signing))
	mac.Write([]byte("v0:" + now + ":" + body))
	r.Header.Set("Content-Type", kind)
	r.Header.Set("X-Slack-Request-Timestamp", now)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("slack: %d %s", answer.StatusCode, text)
	}
}

// write lets a member of the staff write below a card.
func (s *workspace) write(t *testing.T, base, thread, ts, text string) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"type": "event_callback", "team_id": "T1", "event_id": "Ev" + ts, "authorizations": []any{map[string]any{"team_id": "T1", "user_id": "UBOT", "is_bot": true}},
		"event": map[string]any{"type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "ts": ts, "thread_ts": thread, "text": text}})
	s.call(t, base, "application/json", string(body))
}

// visitor is a customer in the web chat.
type visitor struct {
	t     *testing.T
	base  string
	token string
	after int64
	n     int
	seen  []string
}

func newVisitor(t *testing.T, base, lang string) *visitor {
	v := &visitor{t: t, base: base}
	var s struct{ Token string }
	v.post("/v1/session", map[string]any{"key": "pk_shop", "lang": lang}, &s)
	v.token = s.Token
	return v
}

func (v *visitor) post(path string, body, into any) {
	v.t.Helper()
	text, _ := json.Marshal(body)
	r, err := http.NewRequest(http.MethodPost, v.base+path, bytes.NewReader(text))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer a.Body.Close()
	if a.StatusCode >= 300 {
		text, _ := io.ReadAll(a.Body)
		v.t.Fatalf("%s: %d %s", path, a.StatusCode, text)
	}
	if into != nil {
		if err := json.NewDecoder(a.Body).Decode(into); err != nil {
			v.t.Fatal(err)
		}
	}
}

func (v *visitor) says(text string) {
	v.t.Helper()
	v.n++
	v.seen = append(v.seen, "> "+text)
	v.post("/v1/messages", map[string]any{"cid": fmt.Sprintf("message-%d", v.n), "kind": "text", "text": text}, nil)
}

// hears waits until something with the words is shown and returns it.
func (v *visitor) hears(words string) string {
	v.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		r, _ := http.NewRequest(http.MethodGet, v.base+"/v1/events?wait=1", nil)
		r.Header.Set("Authorization", "Bearer "+v.token)
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Last-Event-ID", strconv.FormatInt(v.after, 10))
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			v.t.Fatal(err)
		}
		var got struct {
			Events []struct {
				Seq               int64
				Kind, From, Owner string
				Parts             []struct{ Text string }
			}
		}
		err = json.NewDecoder(a.Body).Decode(&got)
		a.Body.Close()
		if err != nil {
			v.t.Fatal(err)
		}
		found := ""
		for _, e := range got.Events {
			v.after = e.Seq
			line := "~ " + e.Owner
			if e.Kind == "reply" {
				line = "< "
				if e.From != "" {
					line += "[" + e.From + "] "
				}
				for _, p := range e.Parts {
					line += p.Text + " "
				}
			} else if e.Kind == "message" {
				continue
			}
			v.seen = append(v.seen, line)
			if strings.Contains(line, words) {
				found = line
			}
		}
		if found != "" {
			return found
		}
	}
	v.t.Fatalf("nothing with %q was shown:\n%s", words, strings.Join(v.seen, "\n"))
	return ""
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// TestAPersonOnSlackForACustomerOnTheWeb is a whole hand-over, through the
// running server.
func TestAPersonOnSlackForACustomerOnTheWeb(t *testing.T) {
	far := &workspace{}
	server := httptest.NewServer(far)
	defer server.Close()
	cfg := defaults()
	cfg.Addr, cfg.Ledger = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db")
	cfg.SlackBot, cfg.SlackSigning, cfg.SlackAPI, cfg.SlackDesk = "xoxb-1", signing, server.URL, "C1"
	startServer(t, cfg)
	base := "http://" + cfg.Addr
	v := newVisitor(t, base, "ko")
	v.says("딸 생일이 내일인데 선물이 아직 배송 준비 중이에요. 사람이랑 얘기하고 싶어요")
	v.hears("~ waiting")
	var card string
	eventually(t, "a card", func() bool { cards, ts := far.thread(""); card = ts; return len(cards) == 1 })
	cards, _ := far.thread("")
	for _, want := range []string{"상담 요청", "① 상황: ", "② 해 본 것: ", "③ 약속한 것: ", "④ 마음: ", "⑤ 첫마디로: ", "딸 생일"} {
		if !strings.Contains(cards[0], want) {
			t.Errorf("no %q on the card: %s", want, cards[0])
		}
	}
	far.write(t, base, card, "1700000100.000001", "// 이분 급해요")
	far.write(t, base, card, "1700000100.000002", "고객님, 진정하시고 기다려 주세요")
	far.mu.Lock()
	if len(far.hints) != 1 || !strings.Contains(far.hints[0], "진정") {
		t.Errorf("hints %q; want one about the risky sentence", far.hints)
	}
	far.mu.Unlock()
	far.write(t, base, card, "1700000100.000003", "김하늘입니다. 내일 오전에 도착하도록 바꿔 두었습니다.")
	v.hears("[김하늘] 김하늘입니다. 내일 오전에")
	v.says("정말요? 고맙습니다")
	eventually(t, "the customer's words in the thread", func() bool {
		all, _ := far.thread(card)
		return strings.Contains(strings.Join(all, "\n"), "정말요? 고맙습니다")
	})
	body := `payload=` + strings.ReplaceAll(fmt.Sprintf(`{"type":"block_actions","team":{"id":"T1"},"user":{"id":"U1"},"channel":{"id":"C1"},"message":{"ts":%q},"actions":[{"action_id":"desk-close","value":"desk-close","type":"button"}]}`, card), `"`, "%22")
	far.call(t, base, "application/x-www-form-urlencoded", body)
	v.hears("김하늘 상담원의 안내는 여기까지입니다")
	all := strings.Join(v.seen, "\n")
	if strings.Contains(all, "급해요") || strings.Contains(all, "진정하시고") {
		t.Errorf("what stays among the staff has reached the customer:\n%s", all)
	}
	t.Logf("\n%s\n\n%s", cards[0], all)
}

// TestAPersonAtAnotherDesk is the same through the API: the key decides what a
// program may do, and the customer hears what is said.
func TestAPersonAtAnotherDesk(t *testing.T) {
	t.Setenv("DESK_KEY", "care_sk_0123456789abcdef0123")
	cfg := defaults()
	cfg.Addr, cfg.Ledger = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db")
	cfg.APIKeys = []apiKey{{Name: "desk", Key: "env:DESK_KEY", Scopes: []string{"read", "write"}}}
	startServer(t, cfg)
	base := "http://" + cfg.Addr
	v := newVisitor(t, base, "en")
	v.says("My parcel is late again. I want to talk to a person")
	v.hears("~ waiting")
	call := func(status int, method, key, path, body string) map[string]any {
		t.Helper()
		r, _ := http.NewRequest(method, base+"/api/v1"+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+key)
		r.Header.Set("Content-Type", "application/json")
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(a.Body).Decode(&out); err != nil || a.StatusCode != status {
			t.Fatalf("%s: %d %v %v; want %d", path, a.StatusCode, out, err, status)
		}
		return out
	}
	call(401, "GET", "care_sk_wrong", "/conversations", "")
	const key = "care_sk_0123456789abcdef0123"
	all := call(200, "GET", key, "/conversations", "")["conversations"].([]any)
	if len(all) != 1 {
		t.Fatalf("waiting %v; want one", all)
	}
	path := "/conversations/web/" + all[0].(map[string]any)["thread"].(string)
	call(422, "POST", key, path+"/messages", `{"person":"Mina","id":"call-0001","text":"Please calm down."}`)
	call(200, "POST", key, path+"/messages", `{"person":"Mina","id":"call-0002","text":"I am Mina. I have found your parcel; it comes tomorrow."}`)
	v.hears("[Mina] I am Mina.")
	call(200, "POST", key, path+"/release", `{"person":"Mina"}`)
	v.hears("the AI answers again")
	t.Logf("\n%s", strings.Join(v.seen, "\n"))
}

// TestWebhook: a program of the brand is told who waits, and what only this
// server can reach is refused unless the brand says that it is theirs.
func TestWebhook(t *testing.T) {
	told := make(chan string, 10)
	far := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- r.Header.Get("webhook-signature") + " " + string(body)
	}))
	defer far.Close()
	cfg := defaults()
	cfg.Addr, cfg.Ledger = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db")
	hook := webhook{URL: far.URL, Secrets: []secret{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"}}
	cfg.Webhooks = []webhook{hook}
	err := serve(t.Context(), cfg, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err == nil || !strings.Contains(err.Error(), "inside: true") {
		t.Fatalf("an address of our own network: %v; want it refused", err)
	}
	hook.Inside = true
	cfg.Webhooks = []webhook{hook}
	startServer(t, cfg)
	v := newVisitor(t, "http://"+cfg.Addr, "en")
	v.says("I want to talk to a person")
	v.hears("~ waiting")
	select {
	case got := <-told:
		if !strings.HasPrefix(got, "v1,") || !strings.Contains(got, `"type":"handoff.requested"`) || strings.Contains(got, "talk to a person") {
			t.Errorf("told %s", got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was told")
	}
}
