package main

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/llm"
)

// modelServer plays an OpenAI-compatible provider at the wire. say makes what
// the model says of the prompt; fault may answer in its place.
type modelServer struct {
	*httptest.Server
	mu      sync.Mutex
	say     func(prompt string) string
	fault   func(w http.ResponseWriter, r *http.Request) bool
	prompts []string
}

func newModelServer(t testing.TB, say func(prompt string) string) *modelServer {
	t.Helper()
	s := &modelServer{say: say}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s
}

func (s *modelServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var in struct{ Messages []struct{ Role, Content any } }
	_ = json.Unmarshal(body, &in) // an empty prompt shows in the test that reads it
	var prompt strings.Builder
	for _, m := range in.Messages {
		fmt.Fprintf(&prompt, "%v\n=====\n", m.Content)
	}
	s.mu.Lock()
	s.prompts = append(s.prompts, prompt.String())
	say, fault := s.say, s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	writeAnswer(w, say(prompt.String()))
}

func writeAnswer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": text}, "finish_reason": "stop"}},
		"usage":   map[string]any{"prompt_tokens": len(text), "completion_tokens": len(text), "total_tokens": 2 * len(text)},
	})
}

func (s *modelServer) set(say func(string) string, fault func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say, s.fault = say, fault
}

// parrot is a model that returns the draft, each part with a mark of its own
// that the guards let pass.
func parrot(prompt string) string {
	return wordsOf(prompt, func(_, text string) string { return text })
}

// wordsOf answers for Write with the draft of the prompt, each part changed.
func wordsOf(prompt string, change func(stage, text string) string) string {
	type part struct {
		Stage   string   `json:"stage"`
		Text    string   `json:"text"`
		Sources []string `json:"sources"`
	}
	var out struct {
		Parts []part `json:"parts"`
	}
	at := max(strings.LastIndex(prompt, "초안»\n"), strings.LastIndex(prompt, " draft»\n"))
	if at < 0 {
		return "{}"
	}
	draft := prompt[at:]
	draft = draft[strings.Index(draft, "\n")+1:]
	draft, _, _ = strings.Cut(draft, "«")
	for _, block := range strings.Split("\n"+draft, "\nstage=")[1:] {
		stage, text, _ := strings.Cut(block, "\n")
		out.Parts = append(out.Parts, part{stage, change(stage, strings.TrimSpace(text)), []string{}})
	}
	body, _ := json.Marshal(out)
	return string(body)
}

// collector is a channel that keeps what it is sent.
type collector struct {
	mu   sync.Mutex
	sent []bot.Reply
	at   []time.Time
	in   chan bot.Message
	took chan struct{}
}

func newCollector() *collector {
	return &collector{in: make(chan bot.Message), took: make(chan struct{}, 1000)}
}

func (c *collector) Name() string { return "test" }

func (c *collector) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	for {
		select {
		case m := <-c.in:
			if err := deliver(ctx, m); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

func (c *collector) Send(_ context.Context, r bot.Reply) error {
	c.mu.Lock()
	c.sent, c.at = append(c.sent, r), append(c.at, time.Now())
	c.mu.Unlock()
	if len(r.Answers) > 0 {
		c.took <- struct{}{}
	}
	return nil
}

// modelBrand is the example shop with a model.
func modelBrand(t testing.TB, url string, within time.Duration, seen func(llm.Call)) *brand {
	t.Helper()
	b, err := openBrand(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	cfg := defaults()
	cfg.Model, cfg.ModelWithin = "openai:test@"+url, within
	if err := b.useModels(cfg, seen); err != nil {
		t.Fatal(err)
	}
	return b
}

// running is an engine of a brand with the collector for a channel.
func running(t testing.TB, b *brand) (*collector, *bot.Memory) {
	t.Helper()
	c, l := newCollector(), &bot.Memory{}
	ctx, stop := context.WithCancel(t.Context())
	e := &bot.Engine{Channels: []bot.Channel{c}, Flow: b.care.Flow(), Rescue: b.care.Rescue(), Ledger: l, Log: slog.New(slog.DiscardHandler), Drain: time.Second}
	done := make(chan struct{})
	go func() { _ = e.Run(ctx); close(done) }()
	t.Cleanup(func() { stop(); <-done })
	return c, l
}

const angry = "세 번째 문의예요. 지난주까지 환불해 준다면서요!"

// converse sends one message and waits for its answer.
func (c *collector) converse(t testing.TB, thread, text string) time.Duration {
	t.Helper()
	start := time.Now()
	c.in <- bot.Message{ID: thread, From: bot.Address{Channel: "test", Thread: thread}, Text: text, Time: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	select {
	case <-c.took:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s: no answer", thread)
	}
	return time.Since(start)
}

// faults are what a provider can do wrong, and what the trace must then say.
func faults() map[string]func(*modelServer) {
	wire := func(f func(w http.ResponseWriter, r *http.Request)) func(*modelServer) {
		return func(s *modelServer) {
			s.set(parrot, func(w http.ResponseWriter, r *http.Request) bool { f(w, r); return true })
		}
	}
	status := func(code int, header ...string) func(*modelServer) {
		return wire(func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			http.Error(w, `{"error":{"message":"no"}}`, code)
		})
	}
	says := func(text string) func(*modelServer) {
		return func(s *modelServer) { s.set(func(string) string { return text }, nil) }
	}
	words := func(change func(string) string) func(*modelServer) {
		return func(s *modelServer) {
			s.set(func(p string) string { return wordsOf(p, func(_, text string) string { return change(text) }) }, nil)
		}
	}
	return map[string]func(*modelServer){
		"401":             status(401),
		"429":             status(429, "Retry-After", "30"),
		"500":             status(500),
		"hang":            wire(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		"byte by byte":    wire(drip),
		"cut":             wire(cutShort),
		"malformed":       wire(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"choices":[{"mess`) }),
		"oversized":       wire(func(w http.ResponseWriter, _ *http.Request) { writeAnswer(w, strings.Repeat("환불 ", 1<<20)) }),
		"empty":           wire(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{}`) }),
		"no JSON":         says("네, 알겠습니다!"),
		"wrong schema":    says(`{"answer":"환불은 이틀 걸려요."}`),
		"wrong language":  words(func(string) string { return "Your refund is processed within two business days." }),
		"invented number": words(func(s string) string { return s + " 환불은 37분 안에 끝나요." }),
		"invented link":   words(func(s string) string { return s + " https://refund.evil.example 에서 보세요." }),
		"obeyed":          words(func(string) string { return "네, 지금 100만 원을 환불해 드리겠습니다." }),
	}
}

func drip(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write([]byte(" ")); err != nil {
			return
		}
		w.(http.Flusher).Flush()
		time.Sleep(20 * time.Millisecond)
	}
}

func cutShort(w http.ResponseWriter, _ *http.Request) {
	conn, out, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	fmt.Fprint(out, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"choices\":[{\"message\":{\"con")
	_ = out.Flush()
	conn.Close()
}

// TestModelFaults: whatever the provider does, every message is answered in
// time, once, with the words that need no model; and when the provider is well
// again, so is the voice.
func TestModelFaults(t *testing.T) {
	t.Parallel()
	plain := draftOf(t)
	const within = 700 * time.Millisecond
	for name, play := range faults() {
		t.Run(name, func(t *testing.T) {
			s := newModelServer(t, parrot)
			play(s)
			checkFault(t, modelBrand(t, s.URL, within, nil), plain, within)
		})
	}
	t.Run("refused", func(t *testing.T) { checkFault(t, modelBrand(t, closedURL(t), within, nil), plain, within) })
	t.Run("no such host", func(t *testing.T) {
		checkFault(t, modelBrand(t, "http://no-such-host.invalid/v1", within, nil), plain, within)
	})
	t.Run("TLS", func(t *testing.T) {
		s := httptest.NewTLSServer(http.NotFoundHandler()) // its certificate is nobody's
		defer s.Close()
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		var unknown x509.UnknownAuthorityError
		if _, err := http.Get(s.URL); err == nil {
			t.Fatalf("this machine trusts the test's certificate: %v", unknown)
		}
		checkFault(t, modelBrand(t, s.URL, within, nil), plain, within)
	})
}

func closedURL(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// draftOf is what the shop says without a model.
func draftOf(t *testing.T) []bot.Part {
	b, err := openBrand(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	c, l := running(t, b)
	c.converse(t, "x0", angry)
	return entry(t, l, "x0").Reply.Parts
}

func entry(t testing.TB, l *bot.Memory, thread string) bot.Entry {
	t.Helper()
	all, err := l.Entries(t.Context(), bot.Address{Channel: "test", Thread: thread}, 0, 9)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d entries, %v", len(all), err)
	}
	return all[0]
}

func checkFault(t *testing.T, b *brand, plain []bot.Part, within time.Duration) {
	t.Helper()
	c, l := running(t, b)
	took := c.converse(t, "x0", angry)
	if took > within+3*time.Second {
		t.Errorf("answered after %v", took)
	}
	e := entry(t, l, "x0")
	if e.Failure != "" || e.Opened == 0 {
		t.Errorf("failure %q, %d parts opened", e.Failure, e.Opened)
	}
	if !slices.ContainsFunc(e.Notes, func(n bot.Note) bool { return n.Stage == "degraded" }) {
		t.Errorf("not marked degraded: %v", e.Notes)
	}
	for i, p := range e.Reply.Parts {
		if i >= len(plain) || p.Text != plain[i].Text {
			t.Errorf("part %d is %q; want the words that need no model", i, p.Text)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sent) != 2 {
		t.Errorf("%d replies were sent; want first words and answer", len(c.sent))
	}
}

// TestModelRecovers: after a fault the voice comes back by itself.
func TestModelRecovers(t *testing.T) {
	t.Parallel()
	s := newModelServer(t, parrot)
	s.set(parrot, func(w http.ResponseWriter, _ *http.Request) bool { http.Error(w, "no", 500); return true })
	b := modelBrand(t, s.URL, time.Second, nil)
	c, l := running(t, b)
	c.converse(t, "x0", angry)
	s.set(func(p string) string {
		return wordsOf(p, func(stage, text string) string { return strings.Replace(text, "상담원", "저희 상담원", 1) })
	}, nil)
	c.converse(t, "x1", angry)
	e := entry(t, l, "x1")
	if !strings.Contains(e.Reply.Text(), "저희 상담원") {
		t.Errorf("the model's words are not said: %s\n%v", e.Reply.Text(), e.Notes)
	}
}

// TestModelIsTooSlow: first words do not wait for a model.
func TestModelIsTooSlow(t *testing.T) {
	t.Parallel()
	const slow = 1500 * time.Millisecond
	s := newModelServer(t, parrot)
	s.set(parrot, func(_ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(slow):
		case <-r.Context().Done():
		}
		return false
	})
	b := modelBrand(t, s.URL, 5*time.Second, nil)
	c, _ := running(t, b)
	var first []time.Duration
	for i := range 4 {
		start := time.Now()
		if took := c.converse(t, fmt.Sprint("x", i), angry); took < slow {
			t.Errorf("answered after %v: the model was not asked", took)
		}
		c.mu.Lock()
		first = append(first, c.at[len(c.at)-2].Sub(start))
		c.mu.Unlock()
	}
	slices.Sort(first)
	t.Logf("first words after %v", first)
	if first[len(first)/2] > slow/2 {
		t.Errorf("first words after %v with a model that takes %v", first, slow)
	}
}
