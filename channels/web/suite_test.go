package web

import (
	"context"
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

// stage is the ledger's part in the suite: what the channel delivers and sends
// is written into a transcript, as an engine would have done before.
type stage struct {
	*Channel
	mu     sync.Mutex
	events map[bot.Address][]bot.Event
	sent   map[string]bool
}

func (s *stage) append(a bot.Address, e bot.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Seq = int64(len(s.events[a])) + 1
	s.events[a] = append(s.events[a], e)
}

func (s *stage) Events(_ context.Context, a bot.Address, after int64, limit int) ([]bot.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.events[a]
	from := min(max(after, 0), int64(len(all)))
	return append([]bot.Event(nil), all[from:min(from+int64(limit), int64(len(all)))]...), nil
}

func (s *stage) Epoch(context.Context) (string, error) { return "one", nil }

func (s *stage) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	return s.Channel.Listen(ctx, func(ctx context.Context, m bot.Message) error {
		if err := deliver(ctx, m); err != nil {
			return err
		}
		s.append(m.From, bot.Event{Kind: "message", Message: &m, Time: m.Time})
		return nil
	})
}

func (s *stage) listening() bool {
	s.Channel.mu.Lock()
	defer s.Channel.mu.Unlock()
	return s.Channel.deliver != nil
}

// Send puts the reply where a commit would have put it: once.
func (s *stage) Send(ctx context.Context, r bot.Reply) error {
	s.mu.Lock()
	known := s.sent[r.ID]
	s.sent[r.ID] = true
	s.mu.Unlock()
	if !known {
		s.append(r.To, bot.Event{Kind: "reply", Reply: &r, Time: r.Time})
	}
	return s.Channel.Send(ctx, r)
}

func TestChannelKeepsItsPromises(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network {
		s := &stage{events: make(map[bot.Address][]bot.Event), sent: make(map[string]bool)}
		o := testOptions()
		o.Ledger, o.Hints = s, &bot.LocalHints{}
		var err error
		if s.Channel, err = New(o); err != nil {
			t.Fatal(err)
		}
		h := &house{Channel: s.Channel, t: t, server: httptest.NewServer(s.Handler())}
		t.Cleanup(func() { h.server.CloseClientConnections(); h.server.Close() })
		var mu sync.Mutex
		visitors := make(map[string]sessionAnswer)
		visitor := func(thread string) sessionAnswer {
			mu.Lock()
			defer mu.Unlock()
			if _, ok := visitors[thread]; !ok {
				visitors[thread] = h.begin("")
			}
			return visitors[thread]
		}
		post := func(ctx context.Context, thread string, call messageCall) error {
			resp, text := h.do("POST", "/v1/messages", visitor(thread).Token, call, nil)
			if resp.StatusCode != 202 {
				return fmt.Errorf("%d %s", resp.StatusCode, text)
			}
			return nil
		}
		return &bottest.Network{
			Channel: s, Drops: true,
			Write: func(ctx context.Context, thread, id, text string) error {
				return post(ctx, thread, messageCall{CID: "suite---" + id, Kind: "text", Text: text})
			},
			Pick: func(ctx context.Context, thread, id, choice string) error {
				return post(ctx, thread, messageCall{CID: "suite---" + id, Kind: "choice", Choice: choice, Text: choice})
			},
			Shown: func(thread string) []string {
				var p pollAnswer
				h.want(200, "GET", "/v1/events?wait=0", visitor(thread).Token, nil, &p, header{"Accept": "application/json"})
				var shown []string
				for _, e := range p.Events {
					text := ""
					for i, q := range e.Parts {
						if i > 0 {
							text += "\n\n"
						}
						text += q.Text
					}
					if e.Kind == "reply" {
						shown = append(shown, text)
					}
				}
				return shown
			},
			Ready: func(context.Context) error {
				for !s.listening() {
					time.Sleep(time.Millisecond)
				}
				return nil
			},
		}
	})
}
