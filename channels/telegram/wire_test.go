package telegram

import (
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
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// The far side of the wire: a small Bot API server. The client library and the
// channel talk to it unmodified. It keeps what it is told to and refuses what
// Telegram refuses: text that is empty, too long or not UTF-8, entities that do
// not fit the text, buttons with too much data.

const (
	testToken  = "424242:AAtest_token-for-the-wire-server"
	testSecret = "current-secret-1234567890"
	oldSecret  = "previous-secret-123456789"
	botID      = 424242
)

// posted is a message the customer sees.
type posted struct {
	id       int
	chat     int64
	topic    int
	business string
	answers  int
	text     string
	entities []models.MessageEntity
	buttons  *models.InlineKeyboardMarkup
	preview  bool
}

// call is one API call as the server understood it.
type call struct {
	method string
	form   map[string]string
}

type wire struct {
	t      testing.TB
	server *httptest.Server

	mu     sync.Mutex
	next   int
	shown  []*posted
	calls  []call
	queue  []map[string]any                           // updates not confirmed
	news   chan struct{}                              // closed when the queue grows
	polls  int                                        // calls of getUpdates under way
	faults []func(c call, w http.ResponseWriter) bool // each may take over one call; true removes it
	files  map[string]string
	after  func(c call) // after a call was carried out, before it is answered
}

func newWire(t testing.TB) *wire {
	w := &wire{t: t, next: 100, news: make(chan struct{}), files: map[string]string{}}
	w.server = httptest.NewServer(w)
	t.Cleanup(func() { w.server.CloseClientConnections(); w.server.Close() })
	return w
}

func (w *wire) options() Options {
	return Options{
		Token: testToken, Server: w.server.URL, Wait: 20 * time.Millisecond, Links: []string{"shop.example"},
		HTTP: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}},
	}
}

func (w *wire) open(t testing.TB, change func(*Options)) *Channel {
	t.Helper()
	o := w.options()
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.pace = pace{retry: time.Millisecond, slowest: 5 * time.Millisecond, conflict: time.Millisecond}
	return c
}

func refuse(w http.ResponseWriter, code int, description string, parameters map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": false, "error_code": code, "description": description, "parameters": parameters})
}

func grant(w http.ResponseWriter, result any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

// fail makes the next call of the method fail.
func (w *wire) fail(method string, how func(http.ResponseWriter)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = append(w.faults, func(c call, rw http.ResponseWriter) bool {
		if c.method != method {
			return false
		}
		how(rw)
		return true
	})
}

func (w *wire) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+testToken+"/"); ok {
		_, _ = io.WriteString(rw, w.files[path])
		return
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+testToken+"/")
	if !ok {
		refuse(rw, 401, "Unauthorized", nil)
		return
	}
	c := call{method, map[string]string{}}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var all map[string]json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&all)
		for k, v := range all {
			c.form[k] = strings.Trim(string(v), `"`)
		}
	} else if err := r.ParseMultipartForm(1 << 20); err == nil {
		for k, v := range r.MultipartForm.Value {
			c.form[k] = v[0]
		}
		for k, v := range r.MultipartForm.File {
			f, _ := v[0].Open()
			body, _ := io.ReadAll(f)
			c.form[k] = string(body)
		}
	}
	if c.method == "getUpdates" {
		w.updates(r.Context(), rw, c)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.faults {
		if f(c, rw) {
			w.faults = append(w.faults[:i], w.faults[i+1:]...)
			return
		}
	}
	w.calls = append(w.calls, c)
	w.answer(rw, c)
}

func (w *wire) answer(rw http.ResponseWriter, c call) {
	number := func(k string) int { n, _ := strconv.Atoi(c.form[k]); return n }
	switch c.method {
	case "getMe":
		grant(rw, models.User{ID: botID, IsBot: true, FirstName: "Care", Username: "CareBot"})
	case "sendMessage":
		p := &posted{chat: int64(number("chat_id")), topic: number("message_thread_id"), business: c.form["business_connection_id"], text: c.form["text"]}
		if why := p.read(c.form); why != "" {
			refuse(rw, 400, "Bad Request: "+why, nil)
			return
		}
		w.next++
		p.id = w.next
		w.shown = append(w.shown, p)
		if w.after != nil {
			w.after(c)
		}
		grant(rw, p.message())
	case "editMessageText", "editMessageReplyMarkup":
		for _, p := range w.shown {
			if p.id != number("message_id") || p.chat != int64(number("chat_id")) {
				continue
			}
			was := *p
			if c.method == "editMessageText" {
				p.text = c.form["text"]
			} else {
				c.form["text"], c.form["entities"] = p.text, ""
			}
			p.buttons, p.entities = nil, nil
			if why := p.read(c.form); why != "" {
				*p = was
				refuse(rw, 400, "Bad Request: "+why, nil)
				return
			}
			grant(rw, p.message())
			return
		}
		refuse(rw, 400, "Bad Request: message to edit not found", nil)
	case "createForumTopic":
		w.next++
		grant(rw, models.ForumTopic{MessageThreadID: w.next, Name: c.form["name"]})
	case "getWebhookInfo":
		grant(rw, models.WebhookInfo{URL: "https://old.example/x", PendingUpdateCount: 3, LastErrorMessage: "Connection timed out", LastErrorDate: 1_790_000_000})
	case "getFile":
		grant(rw, models.File{FileID: c.form["file_id"], FilePath: "voice/" + c.form["file_id"], FileSize: 5})
	case "sendDocument":
		w.next++
		grant(rw, models.Message{ID: w.next, Chat: models.Chat{ID: int64(number("chat_id"))}})
	default: // sendChatAction, answerCallbackQuery, setMyCommands, setWebhook …
		grant(rw, true)
	}
}

// read takes over and checks what Telegram checks.
func (p *posted) read(form map[string]string) string {
	trimmed := strings.TrimSpace(p.text)
	if form["entities"] != "" {
		if err := json.Unmarshal([]byte(form["entities"]), &p.entities); err != nil {
			return "can't parse entities"
		}
	}
	if form["reply_markup"] != "" {
		if err := json.Unmarshal([]byte(form["reply_markup"]), &p.buttons); err != nil {
			return "can't parse reply keyboard markup"
		}
	}
	var answers models.ReplyParameters
	_ = json.Unmarshal([]byte(form["reply_parameters"]), &answers)
	p.answers = answers.MessageID
	p.preview = !strings.Contains(form["link_preview_options"], "true")
	switch {
	case !utf8.ValidString(p.text):
		return "strings must be encoded in UTF-8"
	case trimmed == "":
		return "message text is empty"
	case units(trimmed) > 4096:
		return "message is too long"
	case form["parse_mode"] != "":
		return "this server reads no markup"
	}
	if why := fit(p.text, p.entities); why != "" {
		return why
	}
	if p.buttons == nil {
		return ""
	}
	for _, row := range p.buttons.InlineKeyboard {
		for _, b := range row {
			if b.Text == "" || (b.CallbackData == "") == (b.URL == "") {
				return "inline keyboard button is empty"
			}
			if len(b.CallbackData) > 64 {
				return "BUTTON_DATA_INVALID"
			}
			if u, err := url.Parse(b.URL); err != nil || b.URL != "" && u.Host == "" {
				return "BUTTON_URL_INVALID"
			}
		}
	}
	return ""
}

// fit checks entities against the text they count in.
func fit(text string, entities []models.MessageEntity) string {
	wide := utf16.Encode([]rune(text))
	last := 0
	for _, e := range entities {
		end := e.Offset + e.Length
		switch {
		case e.Offset < last || e.Length <= 0 || end > len(wide):
			return fmt.Sprintf("entity %d..%d does not fit the text of %d", e.Offset, end, len(wide))
		case low(wide, e.Offset) || low(wide, end):
			return "entity begins or ends in the middle of a character"
		case e.Type == models.MessageEntityTypeTextLink && !strings.HasPrefix(e.URL, "http"):
			return "entity has a wrong URL"
		}
		last = end
	}
	if len(entities) > 100 {
		return "too many entities"
	}
	return ""
}

// low reports whether the unit is the second half of a character.
func low(wide []uint16, at int) bool {
	return at < len(wide) && wide[at] >= 0xDC00 && wide[at] < 0xE000
}

func (p *posted) message() *models.Message {
	m := &models.Message{
		ID: p.id, Date: 1_790_000_000, Text: p.text, Entities: p.entities, ReplyMarkup: p.buttons, BusinessConnectionID: p.business,
		From: &models.User{ID: botID, IsBot: true}, Chat: models.Chat{ID: p.chat},
	}
	if p.topic != 0 {
		m.MessageThreadID, m.IsTopicMessage = p.topic, true
	}
	return m
}

// texts returns what is shown in a chat.
func (w *wire) texts(chat int64) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, p := range w.shown {
		if p.chat == chat {
			out = append(out, p.text)
		}
	}
	return out
}

// last returns the newest message of a chat, or nil.
func (w *wire) last(chat int64) *posted {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.shown) - 1; i >= 0; i-- {
		if w.shown[i].chat == chat {
			p := *w.shown[i]
			return &p
		}
	}
	return nil
}

// made returns the calls of a method.
func (w *wire) made(method string) []call {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []call
	for _, c := range w.calls {
		if c.method == method {
			out = append(out, c)
		}
	}
	return out
}
