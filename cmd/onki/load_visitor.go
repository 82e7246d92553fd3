package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot/outbound"
)

// loadWait is how long an answer is waited for.
const loadWait = 15 * time.Second

// loadVisitor is one browser: a token, and a stream on a connection of its own
// that costs this side little.
type loadVisitor struct {
	plan    loadPlan
	client  *http.Client
	token   string
	conn    net.Conn
	replies chan struct{}
	mu      sync.Mutex // one message at a time: an answer is for the last one
}

// client reaches the server that is measured and no other.
func (p loadPlan) client() *http.Client {
	host := ""
	if u, err := url.Parse(p.url); err == nil {
		host = u.Hostname()
	}
	return outbound.Guard{Hosts: []string{host}, Only: true}.Client()
}

// openVisitors opens all streams, a few at a time.
func openVisitors(ctx context.Context, p loadPlan) ([]*loadVisitor, error) {
	u, err := url.Parse(p.url)
	if err != nil {
		return nil, err
	}
	client := p.client()
	visitors := make([]*loadVisitor, p.streams)
	slots := make(chan struct{}, 32)
	var wg sync.WaitGroup
	var once sync.Once
	var failed error
	for i := range visitors {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			v := &loadVisitor{plan: p, client: client, replies: make(chan struct{}, 16)}
			if err := v.open(ctx, u); err != nil {
				once.Do(func() { failed = err })
				return
			}
			visitors[i] = v
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, fmt.Errorf("load: open a stream: %w", failed)
	}
	return visitors, nil
}

func (v *loadVisitor) open(ctx context.Context, u *url.URL) error {
	var s struct{ Token string }
	if err := v.post(ctx, "/v1/session", fmt.Sprintf(`{"key":%q}`, v.plan.key), http.StatusOK, &s); err != nil {
		return err
	}
	v.token = s.Token
	var err error
	if u.Scheme == "https" {
		v.conn, err = (&tls.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), "443"))
	} else {
		v.conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(v.conn, "GET /v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", u.Host, v.token); err != nil {
		return err
	}
	ready := make(chan error, 1)
	go v.read(ready)
	return <-ready
}

func (v *loadVisitor) close() { v.conn.Close() }

// read watches for the names of events and tells of replies.
func (v *loadVisitor) read(ready chan<- error) {
	defer v.conn.Close()
	r := bufio.NewReaderSize(v.conn, 512)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			select {
			case ready <- fmt.Errorf("the stream ended at once: %w", err):
			default:
			}
			return
		}
		switch {
		case bytes.HasPrefix(line, []byte("event: hello")):
			ready <- nil
		case bytes.HasPrefix(line, []byte("event: reply")):
			select {
			case v.replies <- struct{}{}:
			default: // nobody asked
			}
		}
	}
}

// say sends a message and waits until an answer is seen on the stream.
func (v *loadVisitor) say(ctx context.Context, cid, lang, text string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for len(v.replies) > 0 {
		<-v.replies // the second part of an earlier answer
	}
	body, err := json.Marshal(map[string]string{"cid": cid, "kind": "text", "lang": lang, "text": text})
	if err != nil {
		return err
	}
	if err := v.post(ctx, "/v1/messages", string(body), http.StatusAccepted, nil); err != nil {
		return err
	}
	timer := time.NewTimer(loadWait)
	defer timer.Stop()
	select {
	case <-v.replies:
		return nil
	case <-timer.C:
		return fmt.Errorf("no answer within %v", loadWait)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *loadVisitor) post(ctx context.Context, path, body string, want int, out any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.plan.url+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+v.token)
	answer, err := v.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != want {
		return fmt.Errorf("%s answered %s: %.200s", path, answer.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// residentMemory is the memory of a process of this machine in bytes, 0 when
// the system does not tell.
func residentMemory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if pid == 0 || err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if f := strings.Fields(rest); len(f) > 0 {
				kb, _ := strconv.ParseInt(f[0], 10, 64) // 0 when it is no number
				return kb << 10
			}
		}
	}
	return 0
}
