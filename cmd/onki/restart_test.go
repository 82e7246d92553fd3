package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// guest is one browser: it sends until what it sends is in safe keeping, and
// comes back to its stream when it is told to.
type guest struct {
	t     *testing.T
	base  string
	token string

	mu    sync.Mutex
	seen  []int64 // numbers of the events shown, in order
	kinds []string
	told  []int // milliseconds after which it was told to come back
}

func (g *guest) call(method, path, body string, out any) int {
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.base+path, strings.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+g.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || out != nil && json.Unmarshal(text, out) != nil {
		return 0
	}
	return resp.StatusCode
}

// say sends one message until it is acknowledged.
func (g *guest) say(cid, text string) {
	body := fmt.Sprintf(`{"cid":%q,"kind":"text","lang":"en","text":%q}`, cid, text)
	for g.t.Context().Err() == nil && g.call("POST", "/v1/messages", body, nil) != http.StatusAccepted {
		time.Sleep(20 * time.Millisecond)
	}
}

// follow reads the stream until ctx ends, from where it was when it broke.
func (g *guest) follow(ctx context.Context) {
	for ctx.Err() == nil {
		g.stream(ctx)
		time.Sleep(20 * time.Millisecond) // a browser waits as long as it was told; here that would only take time
	}
}

func (g *guest) stream(ctx context.Context) {
	r, err := http.NewRequestWithContext(ctx, "GET", g.base+"/v1/events", nil)
	if err != nil {
		return
	}
	g.mu.Lock()
	if n := len(g.seen); n > 0 {
		r.Header.Set("Last-Event-ID", strconv.FormatInt(g.seen[n-1], 10))
	}
	g.mu.Unlock()
	r.Header.Set("Authorization", "Bearer "+g.token)
	r.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	var id int64
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		n, _ := strconv.ParseInt(value, 10, 64) // only used where it is a number
		g.mu.Lock()
		switch {
		case name == "id":
			id = n
		case name == "event" && id > 0:
			g.seen, g.kinds, id = append(g.seen, id), append(g.kinds, value), 0
		case name == "retry":
			g.told = append(g.told, int(n))
		}
		g.mu.Unlock()
	}
}

// answered reports that so many messages were shown and the last word is ours.
func (g *guest) answered(messages int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, last := 0, -1
	for i, k := range g.kinds {
		if k == "message" {
			n, last = n+1, i
		}
	}
	return n == messages && slices.Contains(g.kinds[last+1:], "reply")
}

// TestPlannedRestart stops a server that is full of customers and starts it
// again while they write: nothing is lost, nothing is shown twice, all is in
// order, and they are not told to come back at the same moment.
func TestPlannedRestart(t *testing.T) {
	const guests, rounds = 25, 3
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.LogLevel, cfg.Limits = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db"), "error", "off"
	_, stop := startServer(t, cfg)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var all []*guest
	var streams, talk sync.WaitGroup
	for range guests {
		g := &guest{t: t, base: "http://" + cfg.Addr}
		var s struct{ Token string }
		if g.call("POST", "/v1/session", `{"key":"pk_shop","lang":"en"}`, &s) != http.StatusOK {
			t.Fatal("no session")
		}
		g.token = s.Token
		all = append(all, g)
		streams.Go(func() { g.follow(ctx) })
	}
	half := make(chan struct{}, guests)
	for i, g := range all {
		talk.Go(func() {
			for round := range rounds {
				g.say(fmt.Sprintf("restart-%02d-%02d", i, round), "How long do I have to return something?")
				if round == 0 {
					half <- struct{}{}
				}
			}
		})
	}
	for range guests / 2 {
		<-half
	}
	if err := stop(); err != nil {
		t.Fatalf("it did not stop in order: %v", err)
	}
	startServer(t, cfg)
	talk.Wait()
	for _, g := range all {
		for range 1000 {
			if g.answered(rounds) {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if !g.answered(rounds) {
			t.Fatalf("shown %v: a message or its answer is missing", g.kinds)
		}
	}
	var told []int
	for _, g := range all {
		g.complete()
		told = append(told, g.told...)
	}
	cancel()
	streams.Wait()
	spread(t, told, guests)
}

// complete compares what was shown with what the ledger has.
func (g *guest) complete() {
	var seen, want []int64
	for range 250 {
		var ledger struct{ Events []struct{ Seq int64 } }
		if g.call("GET", "/v1/me/export", "", &ledger) != http.StatusOK {
			g.t.Fatal("no export")
		}
		want = nil
		for _, e := range ledger.Events {
			want = append(want, e.Seq)
		}
		g.mu.Lock()
		seen = slices.Clone(g.seen)
		g.mu.Unlock()
		if slices.Equal(seen, want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	g.t.Errorf("shown %v, the ledger has %v", seen, want)
}

// spread checks that no two hundred and fifty milliseconds get more than their
// share of the customers who come back.
func spread(t *testing.T, told []int, guests int) {
	t.Helper()
	if len(told) < guests*3/4 {
		t.Fatalf("%d of %d were told when to come back", len(told), guests)
	}
	slices.Sort(told)
	var b bytes.Buffer
	for i, ms := range told {
		fmt.Fprintf(&b, " %d", ms)
		if j := i + guests*2/5; j < len(told) && told[j]-ms < 250 {
			t.Errorf("%d of %d come back between %d and %d ms", j-i+1, len(told), ms, told[j])
		}
	}
	t.Logf("come back after (ms):%s", b.String())
}
