package web

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// dial opens a stream on a connection of its own and reads its first frames.
func (h *house) dial(token string) net.Conn {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { conn.Close() })
	fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", token)
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	var head [2048]byte
	n := 0
	for !strings.Contains(string(head[:n]), "event: banner") {
		more, err := conn.Read(head[n:])
		if err != nil {
			h.t.Fatalf("%v after %q", err, head[:n])
		}
		n += more
	}
	return conn
}

// An idle stream must stay small: the goal is 35 KiB each with ten thousand of
// them, all that the process needs for it included. Both ends are in this
// process, and the garbage of opening them is not counted.
func TestIdleStreamsAreSmall(t *testing.T) {
	const n, most = 300, 20 << 10
	h := open(t, func(o *Options) { o.Limits.Network = -1 })
	h.dial(h.begin("").Token) // what the first needs and the others share
	tokens := make([]string, n)
	for i := range tokens {
		tokens[i] = h.begin("").Token
	}
	http.DefaultClient.CloseIdleConnections()
	before := inUse()
	for _, token := range tokens {
		h.dial(token)
	}
	each := (inUse() - before) / n
	t.Logf("%d bytes for both ends of an idle stream", each)
	if each > most {
		t.Errorf("%d bytes for an idle stream, want at most %d", each, most)
	}
}

// inUse is what the heap and the stacks hold once the garbage is gone. Stacks
// shrink by half in each collection.
func inUse() int64 {
	for range 4 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// A customer who leaves is counted out at once: a page that is loaded again and
// again must not run into the limit of streams.
func TestGoneCustomerLeaves(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	conn := h.dial(s.Token)
	if h.open(s.Thread) != 1 {
		t.Fatal("the stream is not counted")
	}
	conn.Close()
	h.until(func() bool { return h.open(s.Thread) == 0 })
}

// Over HTTP/2 many streams share a connection, which therefore stays the
// server's.
func TestStreamOverHTTP2(t *testing.T) {
	h := open(t, nil)
	server := httptest.NewUnstartedServer(h.Handler())
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	s := h.begin("")
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Accept", "text/event-stream")
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ProtoMajor != 2 || resp.Header.Get("X-Accel-Buffering") != "no" {
		t.Fatalf("%s with %v", resp.Proto, resp.Header)
	}
	frames := make(chan frame, 100)
	go func() { defer close(frames); readFrames(resp.Body, frames) }()
	next(t, frames, "hello")
	h.say(s.Token, "cid-two-h2", "over two")
	if f := next(t, frames, "reply"); !strings.Contains(f.data, "re: over two") {
		t.Errorf("frame %+v", f)
	}
	h.stop()
	<-h.over
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Errorf("the stream did not end well: %v", err)
	}
}

// A stream ends with its token.
func TestStreamEndsWithItsToken(t *testing.T) {
	h := open(t, nil)
	s := h.begin("")
	a, err := h.readAccess(s.Token)
	if err != nil {
		t.Fatal(err)
	}
	ahead := time.Until(time.Unix(a.Until, 0)) - 400*time.Millisecond
	h.o.Now = func() time.Time { return time.Now().Add(ahead) }
	conn := h.dial(s.Token)
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the stream outlived its token: %v", err)
	}
}
