package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/bottest"
)

// suite maps the words of the conformance suite to Slack's own names.
type suite struct {
	w    *wire
	send func(ctx context.Context, kind string, payload any) error

	mu     sync.Mutex
	stamps map[string]string // of messages, by the suite's ID
	roots  map[string]string // of threads
}

func (s *suite) channelOf(thread string) string { return "D" + strings.ToUpper(thread) }

func (s *suite) message(thread, id, text string) map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := thread + "/" + id
	if s.stamps[key] == "" {
		s.w.mu.Lock()
		s.stamps[key] = s.w.nextStamp()
		s.w.mu.Unlock()
	}
	e := direct(s.channelOf(thread), s.stamps[key], "U"+strings.ToUpper(thread), text)
	if s.roots[thread] == "" {
		s.roots[thread] = s.stamps[key]
	} else if s.roots[thread] != s.stamps[key] {
		e["thread_ts"] = s.roots[thread]
	}
	return wrap("Ev"+key, e)
}

// pick presses the button with this value that was shown last.
func (s *suite) pick(ctx context.Context, thread, choice string) error {
	s.w.mu.Lock()
	var k map[string]any
	for _, p := range s.w.messages {
		if a, ok := button(p, choice); ok && p.Channel == s.channelOf(thread) {
			k = press(p, a, "U"+strings.ToUpper(thread))
		}
	}
	s.w.mu.Unlock()
	if k == nil {
		return fmt.Errorf("no button %q is shown", choice)
	}
	return s.send(ctx, "interactive", k)
}

// button finds a button by its value.
func button(p *posted, value string) (map[string]any, bool) {
	var blocks []struct {
		Type     string           `json:"type"`
		ID       string           `json:"block_id"`
		Elements []map[string]any `json:"elements"`
	}
	_ = json.Unmarshal(p.Blocks, &blocks)
	for _, b := range blocks {
		for _, e := range b.Elements {
			if b.Type == "actions" && e["value"] == value {
				e["block_id"] = b.ID
				return e, true
			}
		}
	}
	return nil, false
}

// press is the payload of a click.
func press(p *posted, element map[string]any, user string) map[string]any {
	message := map[string]any{"ts": p.TS, "text": p.Text, "blocks": p.Blocks, "bot_id": "B1"}
	if p.Thread != "" {
		message["thread_ts"] = p.Thread
	}
	return map[string]any{
		"type": "block_actions", "team": map[string]any{"id": "T1"}, "user": map[string]any{"id": user, "team_id": "T1", "name": "person"},
		"channel": map[string]any{"id": p.Channel}, "message": message, "trigger_id": "1.2.3",
		"actions": []any{map[string]any{
			"type": element["type"], "action_id": element["action_id"], "block_id": element["block_id"], "value": element["value"], "text": element["text"], "action_ts": "1700000000.000001",
		}},
	}
}

func openSuite(t *testing.T, sockets bool) *bottest.Network {
	w := newWire(t)
	o := w.options()
	if !sockets {
		o.AppToken = ""
	}
	c := w.channel(o)
	s := &suite{w: w, stamps: make(map[string]string), roots: make(map[string]string), send: w.socket}
	if !sockets {
		s.send = func(_ context.Context, kind string, payload any) error {
			content, body := "application/json", marshal(payload)
			if kind == "interactive" {
				content, body = "application/x-www-form-urlencoded", []byte("payload="+url.QueryEscape(string(body)))
			}
			if code := w.post(content, body); code != 200 {
				return fmt.Errorf("status %d", code)
			}
			return nil
		}
	}
	return &bottest.Network{
		Channel: c, Drops: true, Patience: 5 * time.Second,
		Write: func(ctx context.Context, thread, id, text string) error {
			short, cancel := context.WithTimeout(ctx, 700*time.Millisecond) // Slack waits 3 s; the refusals of the suite come at once
			defer cancel()
			return s.send(short, "events_api", s.message(thread, id, text))
		},
		Pick: func(ctx context.Context, thread, _, choice string) error { return s.pick(ctx, thread, choice) },
		Shown: func(thread string) []string {
			s.mu.Lock()
			root := s.roots[thread]
			s.mu.Unlock()
			return w.shown(s.channelOf(thread), root)
		},
		Ready: func(ctx context.Context) error {
			for ctx.Err() == nil {
				c.mu.Lock()
				up := c.in.Listening()
				c.mu.Unlock()
				if up && (!sockets || len(w.live()) == 2) {
					return nil
				}
				time.Sleep(time.Millisecond)
			}
			return ctx.Err()
		},
	}
}

func TestSocketModeKeepsThePromisesOfAChannel(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network { return openSuite(t, true) })
}

func TestEventsAPIKeepsThePromisesOfAChannel(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network { return openSuite(t, false) })
}
