package llm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/redact"
)

// provider plays the other end of the wire for all protocols: what the model
// says is told by say, everything else by fault.
type provider struct {
	*httptest.Server
	mu       sync.Mutex
	say      string
	fault    func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	requests []map[string]any
	headers  []http.Header
}

func newProvider(t *testing.T, say string) *provider {
	t.Helper()
	p := &provider{say: say}
	p.Server = httptest.NewServer(p)
	t.Cleanup(func() { p.CloseClientConnections(); p.Close() })
	return p
}

func (p *provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var m map[string]any
	_ = json.Unmarshal(body, &m) // a body that is none shows in the test that looks at it
	p.mu.Lock()
	p.requests, p.headers = append(p.requests, m), append(p.headers, r.Header.Clone())
	say, fault := p.say, p.fault
	p.mu.Unlock()
	if fault != nil && fault(w, r) {
		return
	}
	answer(w, r, say)
}

// answer says it in the protocol that was asked in.
func answer(w http.ResponseWriter, r *http.Request, say string) {
	w.Header().Set("Content-Type", "application/json")
	var v any
	switch {
	case strings.HasSuffix(r.URL.Path, "/chat/completions"):
		v = map[string]any{"choices": []any{map[string]any{"message": map[string]any{"role": "assistant", "content": say}, "finish_reason": "stop"}},
			"usage": map[string]any{"prompt_tokens": 700, "completion_tokens": 90, "total_tokens": 790}}
	case strings.HasSuffix(r.URL.Path, "/messages"):
		v = map[string]any{"type": "message", "role": "assistant", "stop_reason": "end_turn", "content": []any{map[string]any{"type": "text", "text": say}},
			"usage": map[string]any{"input_tokens": 700, "output_tokens": 90}}
	case strings.HasSuffix(r.URL.Path, "/api/chat"):
		v = map[string]any{"model": "m", "message": map[string]any{"role": "assistant", "content": say}, "done": true, "prompt_eval_count": 700, "eval_count": 90}
	default:
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(v)
}

func (p *provider) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.requests)
}

func (p *provider) play(f func(w http.ResponseWriter, r *http.Request) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = f
}

func models(t *testing.T, o Options) *Models {
	t.Helper()
	m, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func ask(t *testing.T, m *Models, within time.Duration) (string, Call, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	var got struct{ Question string }
	call, err := m.Ask(ctx, Query{Purpose: Fill, Conversation: "x", System: redact.Const("be brief"), User: redact.Const("and then?"), Into: func(text string) error {
		if err := decode(text, &got); err != nil {
			return err
		}
		if got.Question == "" {
			return errors.New("no question in it")
		}
		return nil
	}})
	return got.Question, call, err
}

func TestProviders(t *testing.T) {
	t.Setenv("TEST_MODEL_KEY", "sk-test")
	for _, name := range []string{"openai", "anthropic", "googleai", "ollama"} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, "Here it is:\n```json\n{\"question\":\"when?\"}\n```")
			var seen []Call
			m := models(t, Options{Models: []Spec{{Use: name + ":some-model@" + p.URL, Key: "env:TEST_MODEL_KEY", For: Purposes(), Price: Price{In: 1, Out: 10}}}, Seen: func(c Call) { seen = append(seen, c) }})
			got, call, err := ask(t, m, 5*time.Second)
			if err != nil || got != "when?" {
				t.Fatalf("%q, %v", got, err)
			}
			if call.In != 700 || call.Out != 90 || call.Cost != (700+900)/1e6 || call.Outcome != "ok" || len(seen) != 1 || seen[0] != call {
				t.Errorf("call %+v, seen %+v", call, seen)
			}
			body, _ := json.Marshal(p.requests[0])
			if !strings.Contains(string(body), "and then?") || !strings.Contains(string(body), "be brief") || !strings.Contains(string(body), "some-model") {
				t.Errorf("the request is %s", body)
			}
			if name != "anthropic" && !strings.Contains(string(body), `"question"`) {
				t.Errorf("no schema in %s", body)
			}
			if _, ok := p.requests[0]["temperature"]; ok && name != "ollama" {
				t.Error("a temperature was sent that nobody configured")
			}
			if h := fmt.Sprint(p.headers[0]); name != "ollama" && !strings.Contains(h, "sk-test") {
				t.Errorf("no key in %v", h)
			}
		})
	}
}

func TestServerWithoutSchemas(t *testing.T) {
	p := newProvider(t, `{"question":"when?"}`)
	p.play(func(w http.ResponseWriter, r *http.Request) bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		format, _ := json.Marshal(p.requests[len(p.requests)-1]["response_format"])
		if strings.Contains(string(format), "json_schema") {
			http.Error(w, `{"error":{"message":"response_format not supported"}}`, http.StatusBadRequest)
			return true
		}
		return false
	})
	m := models(t, Options{Models: []Spec{{Use: "openai:m@" + p.URL, For: Purposes()}}})
	for range 2 {
		if got, _, err := ask(t, m, 5*time.Second); err != nil || got != "when?" {
			t.Fatalf("%q, %v", got, err)
		}
	}
	if n := p.count(); n != 3 {
		t.Errorf("%d requests; want two for the first question and one from then on", n)
	}
}

func TestSpecs(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("sk-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := map[string]Spec{
		"own server":  {Use: "openai:llama3@http://127.0.0.1:8000/v1"},
		"a tag":       {Use: "ollama:qwen3:8b"},
		"an at":       {Use: "openai:@cf/meta/llama@https://gateway.example/v1", Key: "file:" + key},
		"own network": {Use: "openai:m@http://models:8000/v1", Key: "file:" + key},
	}
	for name, s := range good {
		if e, err := s.parse(); err != nil || strings.Contains(e.name, "http") {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	for want, s := range map[string]Spec{
		"write PROVIDER:NAME":         {Use: "gpt-5"},
		"name of the model":           {Use: "openai:@https://x.example"},
		"a key is needed":             {Use: "openai:gpt-5"},
		"never the key itself":        {Use: "openai:gpt-5", Key: "sk-123"},
		"the variable is not set":     {Use: "openai:gpt-5", Key: "env:NO_SUCH_VARIABLE"},
		"not sent over http":          {Use: "openai:m@http://models.example/v1", Key: "file:" + key},
		"purpose \"wirte\"":           {Use: "ollama:m", For: []string{"wirte"}},
		"without a password":          {Use: "openai:m@https://a:b@x.example", Key: "file:" + key},
		"no such file":                {Use: "openai:m", Key: "file:/nonexistent/key"},
		"openai, anthropic, googleai": {Use: "mistral:m"},
	} {
		_, err := s.parse()
		if err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, ErrSpec) {
			t.Errorf("%+v: %v; want %q in it", s, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "sk-") {
			t.Errorf("the key stands in %v", err)
		}
	}
}

func TestBudget(t *testing.T) {
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	p := newProvider(t, `{"question":"when?"}`)
	m := models(t, Options{Models: []Spec{{Use: "openai:m@" + p.URL, For: Purposes()}}, Budget: Budget{TalkTokens: 1500}, Now: func() time.Time { return now }})
	for i := range 3 {
		_, _, err := ask(t, m, 5*time.Second)
		if (i < 2) != (err == nil) || i == 2 && !errors.Is(err, ErrBudget) {
			t.Errorf("question %d: %v", i, err)
		}
	}
	now = now.Add(24 * time.Hour)
	if _, _, err := ask(t, m, 5*time.Second); err != nil {
		t.Errorf("the next day: %v", err)
	}
}

func TestOrder(t *testing.T) {
	slow, good := newProvider(t, ""), newProvider(t, `{"question":"when?"}`)
	slow.play(func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true })
	m := models(t, Options{Models: []Spec{{Use: "openai:slow@" + slow.URL, For: Purposes()}, {Use: "openai:good@" + good.URL, For: Purposes()}}})
	start := time.Now()
	_, call, err := ask(t, m, 3*time.Second)
	if err != nil || call.Model != "openai:good" {
		t.Fatalf("%+v, %v", call, err)
	}
	if took := time.Since(start); took > 2900*time.Millisecond {
		t.Errorf("the second model was asked after %v", took)
	}
	if _, _, err := ask(t, models(t, Options{}), time.Second); !errors.Is(err, ErrNone) {
		t.Errorf("without a model: %v", err)
	}
}

// TestBreaker: a model that fails is left alone, tried once after a while, and
// used again when it has recovered.
func TestBreaker(t *testing.T) {
	p := newProvider(t, `{"question":"when?"}`)
	broken := true
	p.play(func(w http.ResponseWriter, _ *http.Request) bool {
		if broken {
			http.Error(w, "no", http.StatusUnauthorized)
		}
		return broken
	})
	var outcomes []string
	m := models(t, Options{Models: []Spec{{Use: "openai:m@" + p.URL, For: Purposes()}}, Pause: 200 * time.Millisecond, Seen: func(c Call) { outcomes = append(outcomes, c.Outcome) }})
	for range 7 {
		if _, _, err := ask(t, m, time.Second); err == nil {
			t.Fatal("no error")
		}
	}
	if n := p.count(); n != 5 {
		t.Errorf("%d requests; want five before it is left alone", n)
	}
	if got := strings.Join(outcomes, " "); got != "status status status status status open open" {
		t.Errorf("outcomes %s", got)
	}
	time.Sleep(250 * time.Millisecond)
	if _, _, err := ask(t, m, time.Second); err == nil || p.count() != 6 {
		t.Errorf("%v after %d requests; want one trial that fails", err, p.count())
	}
	broken = false
	time.Sleep(250 * time.Millisecond)
	for range 2 {
		if _, _, err := ask(t, m, time.Second); err != nil {
			t.Errorf("recovered: %v", err)
		}
	}
}
