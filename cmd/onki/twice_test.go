package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// shown lists what a Slack channel shows of the bot's replies, by their ID and
// page.
func (s *workspace) shown(channel string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.posts {
		var meta struct {
			Payload struct {
				Reply string `json:"reply_id"`
				Part  string `json:"part"`
			} `json:"event_payload"`
		}
		if raw, ok := m["metadata"].(json.RawMessage); ok && m["channel"] == channel && json.Unmarshal(raw, &meta) == nil {
			ids = append(ids, meta.Payload.Reply+" "+meta.Payload.Part)
		}
	}
	return ids
}

// TestOneEventAtTwoNodes lets Slack bring each event to two nodes of one
// PostgreSQL at once, and once more as the retry of a delivery that was heard:
// each is answered once, by whichever node.
func TestOneEventAtTwoNodes(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	far := &workspace{}
	slack := httptest.NewServer(far)
	defer slack.Close()
	cfg := defaults()
	cfg.Ledger, cfg.Secret = server.Schema(t), secret(strings.Repeat("s", 32))
	cfg.SlackBot, cfg.SlackSigning, cfg.SlackAPI = "xoxb-1", signing, slack.URL
	one, two := cfg, cfg
	one.Addr, two.Addr = freeAddr(t), freeAddr(t)
	startServer(t, one)
	startServer(t, two)
	const events = 24
	var all sync.WaitGroup
	for i := range events {
		ts := fmt.Sprintf("1700000000.%06d", i+1)
		body, err := json.Marshal(map[string]any{"type": "event_callback", "team_id": "T1", "event_id": "Ev" + ts, "authorizations": []any{map[string]any{"team_id": "T1", "user_id": "UBOT", "is_bot": true}},
			"event": map[string]any{"type": "message", "channel": fmt.Sprintf("D%d", i), "channel_type": "im", "user": "U1", "team": "T1", "ts": ts, "event_ts": ts, "text": "배송비 얼마예요?"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, addr := range []string{one.Addr, two.Addr, two.Addr, one.Addr} {
			all.Go(func() { far.call(t, "http://"+addr, "application/json", string(body)) })
		}
	}
	all.Wait()
	answered := func() (n int) {
		for i := range events {
			if len(far.shown(fmt.Sprintf("D%d", i))) > 0 {
				n++
			}
		}
		return n
	}
	for end := time.Now().Add(60 * time.Second); answered() < events && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second) // whoever would answer twice does it now
	for i := range events {
		ids := far.shown(fmt.Sprintf("D%d", i))
		slices.Sort(ids)
		if len(ids) == 0 || len(slices.Compact(slices.Clone(ids))) != len(ids) {
			t.Errorf("event %d: shown %q; want each page of one reply once", i, ids)
		}
		for _, id := range ids {
			if strings.Fields(id)[0] != strings.Fields(ids[0])[0] {
				t.Errorf("event %d: two replies: %q", i, ids)
			}
		}
	}
}
