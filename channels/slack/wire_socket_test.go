package slack

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A wireSocket is Slack's end of one socket.
type wireSocket struct {
	conn *websocket.Conn
	mu   sync.Mutex
	gone bool
	done chan struct{}
}

func (w *wire) link(rw http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(rw, r, nil)
	if err != nil {
		return
	}
	s := &wireSocket{conn: conn, done: make(chan struct{})}
	w.mu.Lock()
	hello := w.hello
	w.mu.Unlock()
	if hello == "" {
		hello = `{"type":"hello","num_connections":1,"connection_info":{"app_id":"A1"},"debug_info":{"host":"applink","approximate_connection_time":18060}}`
	}
	_ = conn.WriteMessage(websocket.TextMessage, []byte(hello))
	w.mu.Lock()
	w.sockets = append(w.sockets, s)
	deaf := w.deaf > 0
	w.deaf--
	w.mu.Unlock()
	defer close(s.done)
	if deaf {
		s.mu.Lock()
		s.gone = true // nothing can be sent over it
		s.mu.Unlock()
		return
	}
	for {
		var answer struct {
			EnvelopeID string `json:"envelope_id"`
		}
		if err := conn.ReadJSON(&answer); err != nil {
			s.mu.Lock()
			s.gone = true
			s.mu.Unlock()
			_ = conn.Close()
			return
		}
		w.mu.Lock()
		if c := w.acks[answer.EnvelopeID]; c != nil {
			close(c)
			delete(w.acks, answer.EnvelopeID)
		}
		w.mu.Unlock()
	}
}

// live returns the sockets that are open.
func (w *wire) live() []*wireSocket {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []*wireSocket
	for _, s := range w.sockets {
		s.mu.Lock()
		if !s.gone {
			out = append(out, s)
		}
		s.mu.Unlock()
	}
	return out
}

func (s *wireSocket) send(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return errors.New("the socket is closed")
	}
	return s.conn.WriteJSON(v)
}

// planned tells the socket that it will be closed.
func (s *wireSocket) planned(reason string) error {
	return s.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "applink"}})
}

func (s *wireSocket) kill() {
	s.mu.Lock()
	s.gone = true
	s.mu.Unlock()
	_ = s.conn.Close()
}

// envelope sends a payload over the socket and waits for its acknowledgement.
func (w *wire) envelope(ctx context.Context, s *wireSocket, kind string, payload any, within time.Duration) error {
	w.mu.Lock()
	w.count++
	id := "env-" + strconv.Itoa(w.count)
	ack := make(chan struct{})
	w.acks[id] = ack
	w.mu.Unlock()
	if err := s.send(map[string]any{"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": false, "retry_attempt": 0}); err != nil {
		return err
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-ack:
		return nil
	case <-timer.C:
		return errors.New("not acknowledged")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// socket delivers over any open socket, taking turns.
func (w *wire) socket(ctx context.Context, kind string, payload any) error {
	all := w.live()
	if len(all) == 0 {
		return errors.New("no socket is open")
	}
	w.mu.Lock()
	w.count++
	s := all[w.count%len(all)]
	w.mu.Unlock()
	return w.envelope(ctx, s, kind, payload, time.Second)
}

// shown returns what a reader of the thread sees of our messages.
func (w *wire) shown(channel, thread string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, p := range w.messages {
		if p.Channel == channel && p.Thread == thread {
			out = append(out, visible(p))
		}
	}
	return out
}

// seen is any part of Block Kit that shows text.
type seen struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"`
	Elements []seen          `json:"elements"`
}

// visible renders blocks as Slack's clients do: rich text as it is, mrkdwn unescaped.
func visible(p *posted) string {
	var blocks []seen
	if len(p.Blocks) == 0 || json.Unmarshal(p.Blocks, &blocks) != nil {
		return unescape.Replace(p.Text)
	}
	var b strings.Builder
	var walk func([]seen)
	walk = func(all []seen) {
		for _, s := range all {
			var text string
			var inner struct{ Type, Text string }
			if json.Unmarshal(s.Text, &text) == nil {
				b.WriteString(text)
			} else if json.Unmarshal(s.Text, &inner) == nil {
				if inner.Type == "mrkdwn" {
					inner.Text = unescape.Replace(inner.Text)
				}
				b.WriteString(inner.Text + "\n")
			}
			walk(s.Elements)
			if strings.HasPrefix(s.Type, "rich_text") {
				b.WriteString("\n")
			}
		}
	}
	walk(blocks)
	return b.String()
}
