package telegram

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

func webhook(o *Options) { o.Secrets = []string{testSecret, oldSecret} }

func TestWebhookLetsOnlyTelegramIn(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	e := listen(t, c, nil)
	for _, s := range []struct {
		secret string
		code   int
	}{
		{testSecret, 200}, {oldSecret, 200}, {"", 403}, {"wrong", 403}, {testSecret + "x", 403}, {strings.ToUpper(testSecret), 403},
	} {
		if rec := hook(c, s.secret, update(1, "message", private(7, 1, "안녕"))); rec.Code != s.code {
			t.Errorf("secret %q: %d; want %d", s.secret, rec.Code, s.code)
		}
	}
	if n := len(e.heard()); n != 2 {
		t.Errorf("%d messages heard; want the two with a right secret", n)
	}
	none := w.open(t, nil)
	if rec := hook(none, "", update(1, "message", private(7, 1, "안녕"))); rec.Code != 403 {
		t.Errorf("without secrets: %d; want 403", rec.Code)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		b := []byte(testSecret)
		b[random.IntN(len(b))] ^= byte(1 + random.IntN(100))
		if c.trusted(string(b)) {
			t.Fatalf("forged secret %q was let in", b)
		}
	}
}

func TestWebhookAnswers(t *testing.T) {
	w := newWire(t)
	c := w.open(t, func(o *Options) { webhook(o); o.Answer = 30 * time.Millisecond })
	post := func(method, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/telegram", strings.NewReader(body))
		r.Header.Set(secretHeader, testSecret)
		rec := httptest.NewRecorder()
		c.Handler().ServeHTTP(rec, r)
		return rec
	}
	if rec := hook(c, testSecret, update(1, "message", private(7, 1, "너무 일러요"))); rec.Code != 503 || rec.Header().Get("Retry-After") != "1" {
		t.Errorf("before anybody listens: %d after %q; want 503 after 1", rec.Code, rec.Header().Get("Retry-After"))
	}
	busy := 2
	e := listen(t, c, func(m bot.Message) error {
		switch {
		case m.Text == "never":
			return fmt.Errorf("receive: %w", bot.ErrBad)
		case m.Text == "busy" && busy > 0:
			busy--
			return errors.New("database is locked")
		}
		return nil
	})
	for _, s := range []struct {
		name, method, body string
		code               int
	}{
		{"get", "GET", "", 405},
		{"too large", "POST", `{"update_id":1,"x":"` + strings.Repeat("a", bodyMax) + `"}`, 413},
		{"no JSON", "POST", "hello", 200}, // the secret was right and a repeat would not help
		{"wrong types", "POST", `{"update_id":"x"}`, 200},
		{"deep", "POST", `{"update_id":1,"message":` + strings.Repeat(`{"reply_to_message":`, 20_000) + strings.Repeat("}", 20_001), 200},
		{"unknown kind", "POST", `{"update_id":1,"telepathy":{"text":"?"}}`, 200},
		{"empty", "POST", `{"update_id":1,"message":{}}`, 200},
		{"nobody", "POST", `{"update_id":1,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"text":"x"}}`, 200},
		{"press without message", "POST", `{"update_id":1,"callback_query":{"id":"1","from":{"id":1},"data":"x"}}`, 200},
	} {
		if rec := post(s.method, s.body); rec.Code != s.code {
			t.Errorf("%s: %d; want %d", s.name, rec.Code, s.code)
		}
	}
	if n := len(e.heard()); n != 0 {
		t.Fatalf("%d messages came of rubbish: %+v", n, e.heard())
	}
	for i, want := range []int{503, 503, 200, 200} {
		if rec := hook(c, testSecret, update(5, "message", private(7, 1, "busy"))); rec.Code != want {
			t.Errorf("try %d: %d; want %d", i, rec.Code, want)
		}
	}
	if rec := hook(c, testSecret, update(6, "message", private(7, 1, "never"))); rec.Code != 200 {
		t.Errorf("what can never be accepted: %d; want 200, so that it holds nothing up", rec.Code)
	}
	if all := e.heard(); len(all) != 2 || all[0].ID != all[1].ID {
		t.Errorf("heard %+v; want the same message twice", all)
	}
}

// A ledger that is slower than the time a call may take: not acknowledged, and
// the repeat is the same message.
func TestWebhookSlowLedger(t *testing.T) {
	w := newWire(t)
	c := w.open(t, func(o *Options) { webhook(o); o.Answer = 10 * time.Millisecond })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	slow, over := true, make(chan error, 1)
	go func() {
		over <- c.Listen(ctx, func(ctx context.Context, m bot.Message) error {
			if slow {
				slow = false
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})
	}()
	soon(t, "listening", c.listening)
	if rec := hook(c, testSecret, update(5, "message", private(7, 1, "안녕"))); rec.Code != 503 {
		t.Errorf("slow ledger: %d; want 503", rec.Code)
	}
	if rec := hook(c, testSecret, update(5, "message", private(7, 1, "안녕"))); rec.Code != 200 {
		t.Errorf("again: %d; want 200", rec.Code)
	}
	cancel()
	if err := <-over; err != nil {
		t.Fatal(err)
	}
}

// Telegram repeats what was not answered 200, in the order of each chat, and
// now and then what was. Behind a ledger that often fails every message arrives
// once, in order.
func TestWebhookStorm(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	var ledger bot.Memory
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(7, 7))
	chance := func(p float64) bool { mu.Lock(); defer mu.Unlock(); return random.Float64() < p }
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	over := make(chan error, 1)
	go func() {
		over <- c.Listen(ctx, func(ctx context.Context, m bot.Message) error {
			if chance(.1) {
				return errors.New("disk full")
			}
			if err := ledger.Receive(ctx, m); err != nil || chance(.05) {
				return errors.Join(err, errors.New("crashed before the answer"))
			}
			return nil
		})
	}()
	soon(t, "listening", c.listening)
	const chats, each = 20, 50
	var all sync.WaitGroup
	for chat := range chats {
		all.Go(func() {
			for i := range each {
				u := update(int64(chat*1_000_003+i*97+1), "message", private(int64(chat+1), i+1, fmt.Sprint(i)))
				for hook(c, testSecret, u).Code != 200 {
				}
				for chance(.2) {
					hook(c, testSecret, u)
				}
			}
		})
	}
	all.Wait()
	for chat := range chats {
		events, err := ledger.Events(ctx, place{chat: int64(chat + 1)}.address(), 0, 1000)
		if err != nil || len(events) != each {
			t.Fatalf("chat %d: %d messages kept, error %v; want %d", chat, len(events), err, each)
		}
		for i, e := range events {
			if e.Message.Text != fmt.Sprint(i) {
				t.Fatalf("chat %d: message %d says %q", chat, i, e.Message.Text)
			}
		}
	}
	cancel()
	if err := <-over; err != nil {
		t.Fatal(err)
	}
}

func TestSetUp(t *testing.T) {
	w := newWire(t)
	c := w.open(t, webhook)
	ctx := t.Context()
	if err := c.SetWebhook(ctx, "http://plain.example/x"); !errors.Is(err, ErrOptions) {
		t.Errorf("webhook over http: %v; want ErrOptions", err)
	}
	if err := errors.Join(c.SetWebhook(ctx, "https://care.example/telegram"), c.DeleteWebhook(ctx), c.SetCommands(ctx)); err != nil {
		t.Fatal(err)
	}
	set := w.made("setWebhook")[0].form
	if set["secret_token"] != testSecret || set["drop_pending_updates"] == "true" || w.made("deleteWebhook")[0].form["drop_pending_updates"] == "true" {
		t.Errorf("setWebhook %v, deleteWebhook %v; want the first secret, and nothing dropped", set, w.made("deleteWebhook")[0].form)
	}
	for _, kind := range []string{"message", "edited_message", "callback_query", "business_message", "my_chat_member"} {
		if !strings.Contains(set["allowed_updates"], `"`+kind+`"`) {
			t.Errorf("allowed_updates %s lacks %s", set["allowed_updates"], kind)
		}
	}
	var seen []string
	for _, m := range w.made("setMyCommands") {
		seen = append(seen, m.form["language_code"]+m.form["scope"])
		if m.form["language_code"] == "en" && !strings.Contains(m.form["commands"], "Talk to a person") {
			t.Errorf("English menu %s", m.form["commands"])
		}
	}
	slices.Sort(seen)
	if len(slices.Compact(seen)) != 6 {
		t.Errorf("menus %v; want two scopes in three languages", seen)
	}
}

func TestAbout(t *testing.T) {
	w := newWire(t)
	polling := w.open(t, nil)
	a, err := polling.About(t.Context())
	if err != nil || a.Username != "CareBot" || a.Pending != 3 || !a.Mismatched || a.Fault == "" || a.FaultTime.IsZero() {
		t.Errorf("%+v, %v; want a webhook that stands in the way of polling", a, err)
	}
	if a, err := w.open(t, webhook).About(t.Context()); err != nil || a.Mismatched {
		t.Errorf("%+v, %v; want a webhook that fits", a, err)
	}
	if l, err := polling.Link(t.Context(), "ab_C-9"); err != nil || l != "https://t.me/CareBot?start=ab_C-9" {
		t.Errorf("link %q, %v", l, err)
	}
	for _, handle := range []string{"", "a b", "a&b=c", strings.Repeat("a", 65), "한글"} {
		if l, err := polling.Link(t.Context(), handle); err == nil {
			t.Errorf("link %q for handle %q", l, handle)
		}
	}
}

func TestTokenDoesNotShow(t *testing.T) {
	w := newWire(t)
	o := w.options()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("starting", "token", o.Token, "options", []Token{o.Token})
	text := fmt.Sprintf("%v %+v %#v %s %q %x %d", o.Token, o, o, o.Token, o.Token, o.Token, o.Token)
	if strings.Contains(text+log.String(), "AAtest") {
		t.Errorf("the token shows: %s", text)
	}
	w.server.Close() // every call fails, with its address in the error
	c := w.open(t, nil)
	_, err := c.me(t.Context())
	_, err2 := c.updates(t.Context(), 0)
	err3 := c.Send(t.Context(), bot.Reply{ID: "r", To: place{chat: 7}.address(), Parts: []bot.Part{{Text: "x"}}})
	_, err4 := c.Open(t.Context(), "telegram:abc")
	for _, err := range []error{err, err2, err3, err4} {
		if err == nil || strings.Contains(err.Error(), "AAtest") {
			t.Errorf("error %v; want one without the token", err)
		}
	}
}

func TestOptions(t *testing.T) {
	good := Options{Token: testToken}
	for name, change := range map[string]func(*Options){
		"no token":     func(o *Options) { o.Token = "" },
		"odd token":    func(o *Options) { o.Token = "hello" },
		"huge token":   func(o *Options) { o.Token = "9999999999999999999:AAtest_token-for-the-wire-server" },
		"short secret": func(o *Options) { o.Secrets = []string{"x"} },
		"odd secret":   func(o *Options) { o.Secrets = []string{"with spaces and more of it"} },
		"short key":    func(o *Options) { o.Keys = [][]byte{[]byte("x")} },
		"long answer":  func(o *Options) { o.Answer = time.Hour },
		"long wait":    func(o *Options) { o.Wait = time.Hour },
		"no server":    func(o *Options) { o.Server = "localhost" },
		"odd words":    func(o *Options) { o.Words = map[string]map[string]string{"ko": {"helo": "x"}} },
	} {
		o := good
		change(&o)
		if _, err := New(o); !errors.Is(err, ErrOptions) || strings.Contains(err.Error(), "AAtest") {
			t.Errorf("%s: %v; want ErrOptions without the token", name, err)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}

// A wrong token is told at the start, and Telegram being away is not an error.
func TestSignIn(t *testing.T) {
	w := newWire(t)
	w.fail("getMe", func(rw http.ResponseWriter) { refuse(rw, 401, "Unauthorized", nil) })
	if err := w.open(t, webhook).Listen(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "BotFather") {
		t.Errorf("revoked token: %v; want an error that says where to get one", err)
	}
	w.fail("getMe", func(rw http.ResponseWriter) { http.Error(rw, "<html>Bad Gateway</html>", http.StatusBadGateway) })
	c := w.open(t, webhook)
	e := listen(t, c, nil)
	if rec := hook(c, testSecret, update(1, "message", group(-5, 1, "/human@carebot"))); rec.Code != 200 || len(e.heard()) != 1 {
		t.Errorf("a command by name after a bad start: %d, %d heard; want it heard", rec.Code, len(e.heard()))
	}
}
