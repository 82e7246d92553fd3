package killtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// What the two networks and onki have agreed on.
const (
	slackSecret    = "8f742231b10e8888abcd99yyyzzz85a5"
	telegramToken  = "1234567:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQ"
	telegramSecret = "a-secret-of-the-webhook-0123456789"
)

// far is Slack and Telegram at the wire: it refuses three calls in a hundred
// with 429 and loses the answers of three more that it has carried out.
type far struct {
	trial *Trial

	mu      sync.Mutex
	random  *rand.Rand
	posts   []map[string]any    // in Slack, as it lists them
	chats   map[string][]string // in Telegram, the texts shown
	buyers  map[string]*writer  // by Slack channel or Telegram chat
	markup  map[string]string   // in Telegram, the buttons below the last message
	edits   map[string]string   // in Telegram, what a message was changed to last
	limited int
	lost    int
}

// ServeHTTP answers the calls of both.
func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseMultipartForm(1 << 20) // or a plain form
	_, method, telegram := strings.Cut(r.URL.Path, "/bot"+telegramToken+"/")
	if !telegram {
		method = strings.Trim(r.URL.Path, "/")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	lose := false
	if method == "sendMessage" || method == "chat.postMessage" {
		switch x := f.random.IntN(100); {
		case x < 3:
			f.limited++
			f.refuse(w, telegram)
			return
		case x < 6:
			f.lost++
			lose = true
		}
	}
	answer := map[string]any{"ok": true, "result": true}
	switch method {
	case "getMe":
		answer["result"] = map[string]any{"id": 1, "is_bot": true, "first_name": "Care", "username": "CareBot"}
	case "auth.test":
		answer["user_id"], answer["team_id"], answer["bot_id"] = "UBOT", "T1", "B1"
	case "sendMessage":
		chat := r.FormValue("chat_id")
		f.chats[chat] = append(f.chats[chat], r.FormValue("text"))
		if f.markup != nil {
			f.markup[chat] = r.FormValue("reply_markup")
		}
		if b := f.buyers[chat]; b != nil {
			b.shown(f.trial, fmt.Sprintf("%s-%d", chat, len(f.chats[chat])), "")
		}
		answer["result"] = map[string]any{"message_id": len(f.chats[chat]), "date": 1, "chat": map[string]any{"id": 1, "type": "private"}}
	case "editMessageText":
		if f.edits != nil {
			f.edits[r.FormValue("chat_id")] = r.FormValue("text")
		}
	case "chat.postMessage":
		answer["ts"], answer["channel"] = f.post(r), r.FormValue("channel")
	case "conversations.replies", "conversations.history":
		answer["messages"] = slices.DeleteFunc(slices.Clone(f.posts), func(m map[string]any) bool { return m["channel"] != r.FormValue("channel") })
	}
	if lose {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (f *far) refuse(w http.ResponseWriter, telegram bool) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "1")
	w.WriteHeader(http.StatusTooManyRequests)
	if telegram {
		fmt.Fprint(w, `{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":1}}`)
	}
}

// post keeps a message and tells the trial of the first page of each reply.
func (f *far) post(r *http.Request) (ts string) {
	var meta struct {
		Payload struct {
			Reply string `json:"reply_id"`
			Part  string `json:"part"`
		} `json:"event_payload"`
	}
	raw := r.FormValue("metadata")
	_ = json.Unmarshal([]byte(raw), &meta)
	ts = fmt.Sprintf("1800000000.%06d", len(f.posts))
	f.posts = append(f.posts, map[string]any{"type": "message", "bot_id": "B1", "ts": ts, "text": r.FormValue("text"), "channel": r.FormValue("channel"),
		"thread_ts": r.FormValue("thread_ts"), "metadata": json.RawMessage(raw)})
	if meta.Payload.Part == "0" {
		f.buyers[r.FormValue("channel")].shown(f.trial, meta.Payload.Reply, meta.Payload.Reply)
	}
	return ts
}

// A writer is one customer on one of the networks.
type writer struct {
	base, name, home string // home is the Slack channel or Telegram chat
	slack            bool

	mu    sync.Mutex
	open  []string          // messages on their way, without a reply
	marks map[string]string // of each message: what the ID of its reply ends with
	took  []time.Duration   // of each acknowledgement
}

// shown tells the trial of a reply. after names the message it is the answer
// to, and to all before it; "" is everything open, where the network does not say.
func (b *writer) shown(trial *Trial, id, after string) {
	b.mu.Lock()
	to := len(b.open) - 1
	if after != "" {
		to = slices.IndexFunc(b.open, func(m string) bool { return strings.HasSuffix(after, b.marks[m]) })
	}
	answers := slices.Clone(b.open[:to+1])
	b.open = b.open[to+1:]
	b.mu.Unlock()
	trial.Heard(Receipt{Thread: b.name, ID: id, Answers: answers, Text: id, Heard: -1})
}

// stamp is the number by which the network orders a message. One in twenty
// changes places with the next.
func (b *writer) stamp(n int) int {
	pair, first := n/2*2, n%2 == 0
	if swap := pair%40 == 38; swap && first {
		return pair + 1
	} else if swap {
		return pair
	}
	return n
}

// post brings one message, as its network does.
func (b *writer) post(ctx context.Context, id string, client *http.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	n, _ := strconv.Atoi(id[len(id)-6:])
	texts := []string{"배송비는 얼마예요?", "환불은 며칠 걸리나요", "교환하려면 어떻게 해요", "영업시간이 어떻게 되나요", "선물 포장 돼요?"}
	text := texts[n%len(texts)] + " " + id
	var r *http.Request
	var mark string
	if b.slack {
		r, mark = b.event(ctx, n, text)
	} else {
		r, mark = b.update(ctx, n, text)
	}
	b.mu.Lock()
	if b.marks[id] == "" {
		b.marks[id], b.open = mark, append(b.open, id)
	}
	b.mu.Unlock()
	begin := time.Now()
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", id, response.Status)
	}
	b.mu.Lock()
	b.took = append(b.took, time.Since(begin))
	b.mu.Unlock()
	return nil
}

// twice brings every tenth message once more at once, besides what the trial
// repeats.
func (b *writer) twice(ctx context.Context, id string, client *http.Client) error {
	err := b.post(ctx, id, client)
	if err == nil && strings.HasSuffix(id, "7") {
		_ = b.post(ctx, id, client) // a copy that fails is no loss
	}
	return err
}

// event is a direct message in Slack, in one thread for each customer.
func (b *writer) event(ctx context.Context, n int, text string) (*http.Request, string) {
	stamp := func(n int) string { return fmt.Sprintf("1700000000.%06d", n+1) }
	ts := stamp(b.stamp(n))
	e := map[string]any{"type": "message", "channel": b.home, "channel_type": "im", "user": "U" + b.home, "team": "T1", "ts": ts, "event_ts": ts, "text": text, "thread_ts": stamp(0)}
	if n == 0 {
		delete(e, "thread_ts")
	}
	body, _ := json.Marshal(map[string]any{"type": "event_callback", "team_id": "T1", "event_id": "Ev" + b.home + ts, "event": e,
		"authorizations": []any{map[string]any{"team_id": "T1", "user_id": "UBOT", "is_bot": true}}})
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/slack", bytes.NewReader(body))
	now := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(slackSecret))
	mac.Write([]byte("v0:" + now + ":" + string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Slack-Request-Timestamp", now)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
	return r, ts
}

// update is a private message in Telegram.
func (b *writer) update(ctx context.Context, n int, text string) (*http.Request, string) {
	chat, _ := strconv.Atoi(b.home)
	at := b.stamp(n)
	body, _ := json.Marshal(map[string]any{"update_id": chat*1_000_000 + at, "message": map[string]any{"message_id": at + 1, "date": time.Now().Unix(), "text": text,
		"chat": map[string]any{"id": chat, "type": "private"}, "from": map[string]any{"id": chat, "is_bot": false, "first_name": "A", "language_code": "ko"}}})
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, b.base+"/telegram", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", telegramSecret)
	return r, "-"
}
