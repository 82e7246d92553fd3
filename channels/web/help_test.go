package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// house is a chat with an engine behind it and a browser in front.
type house struct {
	*Channel
	t      *testing.T
	ledger *shelf
	hints  *bot.LocalHints
	server *httptest.Server
	stop   context.CancelFunc
	over   chan struct{} // closed when the engine has ended
}

// shelf is the memory ledger with a switch that makes it refuse.
type shelf struct {
	bot.Memory
	mu     sync.Mutex
	refuse error
	stars  []int
	agreed []string
	erased []bot.Address
}

func (s *shelf) Receive(ctx context.Context, m bot.Message) error {
	s.mu.Lock()
	err := s.refuse
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.Memory.Receive(ctx, m)
}

func (s *shelf) Rate(_ context.Context, _ bot.Address, _ string, stars int, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stars = append(s.stars, stars)
	return nil
}

func (s *shelf) Consent(_ context.Context, _ bot.Address, what string, given bool, _ string, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if given {
		s.agreed = append(s.agreed, what)
	}
	return nil
}

func (s *shelf) Erase(_ context.Context, a bot.Address) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erased = append(s.erased, a)
	return nil
}

func (s *shelf) setRefuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

func testOptions() Options {
	return Options{
		Brand:   DemoBrand("shop"),
		Keys:    []Key{{ID: "pk_test", Origins: []string{"https://shop.example"}}},
		Secrets: [][]byte{[]byte("0123456789abcdef0123456789abcdef")},
		Limits:  Limits{PerSecond: -1, PerHour: -1, Sessions: -1, Brand: -1},
	}
}

// echo answers every message with its own text; a person is called on demand.
func echo(_ context.Context, t *bot.Turn) error {
	if t.Message.Choice == bot.ChoiceHuman {
		t.After.Owner = bot.OwnerWaiting
	}
	t.Passages = []bot.Passage{{ID: "p1", Title: "Delivery", URL: "https://shop.example/d"}, {ID: "p2", Title: "For us", Audience: "staff"}}
	t.Plan.Close = strings.Contains(t.Message.Text, "thanks")
	t.Reading = bot.Reading{Emotions: []bot.Emotion{{Name: "anger", Strength: 0.9}}, Intensity: 0.9}
	t.Say(bot.Part{Stage: "guide", Text: "re: " + t.Message.Text, Sources: []string{"p1", "p2"}, Choices: []bot.Choice{{ID: "a", Label: "A"}}})
	return nil
}

// open builds a house. The options may be changed first.
func open(t *testing.T, change func(*Options)) *house {
	t.Helper()
	h := &house{t: t, ledger: &shelf{}, hints: &bot.LocalHints{}, over: make(chan struct{})}
	o := testOptions()
	o.Ledger, o.Hints = h.ledger, h.hints
	if change != nil {
		change(&o)
	}
	var err error
	if h.Channel, err = New(o); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	engine := &bot.Engine{Channels: []bot.Channel{h.Channel}, Flow: bot.Flow{{Name: "echo", Run: echo}}, Ledger: h.ledger, Hints: h.hints, Poll: 20 * time.Millisecond, Drain: time.Second}
	go func() {
		defer close(h.over)
		if err := engine.Run(ctx); err != nil {
			t.Error(err)
		}
	}()
	h.server = httptest.NewServer(h.Handler())
	t.Cleanup(func() {
		stop()
		<-h.over
		h.server.CloseClientConnections()
		h.server.Close()
	})
	h.until(func() bool { return h.receive(context.Background(), bot.Message{}) != errAway })
	return h
}

// until waits for something that must come true.
func (h *house) until(true_ func() bool) {
	h.t.Helper()
	for range 500 {
		if true_() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatal("waited in vain")
}

type header map[string]string

// do makes one call and returns status, headers and body.
func (h *house) do(method, path, token string, body any, extra header) (*http.Response, []byte) {
	h.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case []byte:
		r = bytes.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, h.server.URL+path, r)
	if err != nil {
		h.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for k, v := range extra {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp, text
}

// want makes a call that must have this status, and decodes the answer.
func (h *house) want(status int, method, path, token string, body, into any, extra header) *http.Response {
	h.t.Helper()
	resp, text := h.do(method, path, token, body, extra)
	if resp.StatusCode != status {
		h.t.Fatalf("%s %s: %d %s, want %d", method, path, resp.StatusCode, text, status)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			h.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return resp
}

func (h *house) begin(visitor string) sessionAnswer {
	h.t.Helper()
	var s sessionAnswer
	h.want(200, "POST", "/v1/session", "", sessionCall{Key: "pk_test", Lang: "en", Visitor: visitor}, &s, nil)
	return s
}

func (h *house) say(token, cid, text string) messageAnswer {
	h.t.Helper()
	var m messageAnswer
	h.want(202, "POST", "/v1/messages", token, messageCall{CID: cid, Kind: "text", Text: text}, &m, nil)
	return m
}

// frame is one event of a stream.
type frame struct {
	id, name, data, comment string
}

// listen opens a stream. Frames come through the channel, which is closed when
// the stream ends.
func (h *house) listen(token, after string) (<-chan frame, *http.Response) {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", h.server.URL+"/v1/events", nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "text/event-stream")
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	out := make(chan frame, 1000)
	go func() {
		defer close(out)
		defer resp.Body.Close()
		readFrames(resp.Body, out)
	}()
	return out, resp
}

func readFrames(r io.Reader, out chan<- frame) {
	var f frame
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			f.id = value
		case "event":
			f.name = value
		case "data":
			f.data = value
		case "", "retry":
			if lines.Text() != "" {
				f.comment = lines.Text()
				continue
			}
			out <- f
			f = frame{}
		}
	}
}

// next waits for the next frame with that name.
func next(t *testing.T, frames <-chan frame, name string) frame {
	t.Helper()
	late := time.After(5 * time.Second)
	for {
		select {
		case f, ok := <-frames:
			if !ok {
				t.Fatalf("the stream ended before %q", name)
			}
			if f.name == name {
				return f
			}
		case <-late:
			t.Fatalf("no %q came", name)
		}
	}
}

var errFull = errors.New("disk full")
