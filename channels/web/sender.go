package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"time"
)

// outlet is where a stream is written.
type outlet interface {
	Write([]byte) (int, error)
	SetWriteDeadline(time.Time) error
	Flush() error
}

// response is the outlet of a request that is still the server's.
type response struct {
	http.ResponseWriter
	*http.ResponseController
}

// bare is the outlet of a connection that was taken over.
type bare struct{ net.Conn }

// Flush does nothing: what was written has left.
func (bare) Flush() error { return nil }

// sendMax is how many bytes are gathered before they are written.
const sendMax = 32 << 10

// sender gathers the frames of a stream and writes them together, each time
// under a deadline of its own. The first error ends it.
type sender struct {
	out   outlet
	conn  net.Conn      // of a stream that was taken over
	limit time.Duration // a reader slower than this is cut off, and comes back
	ready []byte
	err   error
}

func (s *sender) text(t string) {
	s.ready = append(s.ready, t...)
	if len(s.ready) >= sendMax {
		s.write()
	}
}

func (s *sender) write() {
	if s.err == nil && len(s.ready) > 0 {
		// A writer that knows no deadlines (a test's, a proxy's) still writes.
		_ = s.out.SetWriteDeadline(time.Now().Add(s.limit))
		_, s.err = s.out.Write(s.ready)
	}
	s.ready = nil
}

func (s *sender) flush() {
	s.write()
	if s.err == nil {
		s.err = s.out.Flush()
	}
}

// named writes an event that passes and is not kept: it has no number.
func (s *sender) named(name string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.err = err
		return
	}
	s.text("event: " + name + "\ndata: " + string(body) + "\n\n")
}

func (s *sender) event(e event) {
	body, err := json.Marshal(e)
	if err != nil {
		s.err = err
		return
	}
	s.text("id: " + strconv.FormatInt(e.Seq, 10) + "\nevent: " + e.Kind + "\ndata: " + string(body) + "\n\n")
}

// takeOver takes the connection from the server and reports whether it could:
// HTTP/2 has many requests on one. The head of the answer goes before the first
// frames; the body ends with the connection.
func (s *stream) takeOver(w http.ResponseWriter, r *http.Request) bool {
	if r.ProtoMajor != 1 {
		return false
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false
	}
	h := w.Header()
	h.Set("Connection", "close")
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 200 OK\r\n")
	_ = h.Write(&head) // memory takes everything
	head.WriteString("\r\n")
	s.out, s.conn, s.ready = bare{conn}, conn, append(head.Bytes(), s.ready...)
	return true
}

// watchPeer calls gone when the customer has gone. Whoever speaks on a stream
// is no browser.
func (s *stream) watchPeer(gone context.CancelFunc) {
	_, _ = s.conn.Read(s.peer[:])
	gone()
}
