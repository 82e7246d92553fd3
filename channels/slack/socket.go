package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	slackgo "github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/onkihq/onki/channels/edge"
)

// A socket is one Socket Mode connection.
type socket struct {
	c       *Channel
	conn    *websocket.Conn
	leaving chan string    // Slack's reason for a planned end
	done    chan struct{}  // closed when nothing more can be read
	pending sync.WaitGroup // envelopes taken and not answered yet

	mu      sync.Mutex
	retired bool       // no more envelopes are taken
	write   sync.Mutex // gorilla allows one writer
}

// begin counts an envelope as pending, and reports whether it may be taken.
func (s *socket) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.retired {
		s.pending.Add(1)
	}
	return !s.retired
}

// envelopeMax bounds one frame; Slack's largest events are a few hundred KB.
const envelopeMax = 4 << 20

// dial opens a connection and returns once Slack has said hello: only then does
// it count as able to receive.
func (c *Channel) dial(ctx context.Context) (*socket, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_, address, err := c.client("").StartSocketModeContext(ctx)
	if err != nil {
		return nil, fmt.Errorf("apps.connections.open: %w", err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "wss" && !(u.Scheme == "ws" && strings.HasPrefix(c.o.APIURL, "http://")) {
		return nil, errors.New("apps.connections.open: Slack named no safe address")
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: 15 * time.Second, WriteBufferSize: 32 << 10}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open socket: %w", err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	conn.SetReadLimit(envelopeMax)
	s := &socket{c: c, conn: conn, leaving: make(chan string, 1), done: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	var hello socketmode.Request
	_, frame, err := conn.ReadMessage()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = json.Unmarshal(frame, &hello)
	}
	if err == nil && hello.Type != socketmode.RequestTypeHello {
		err = fmt.Errorf("%q in place of hello, reason %q", hello.Type, hello.Reason)
		if hello.Reason == tooMany {
			err = errCrowded
		}
	}
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("greet socket: %w", err)
	}
	return s, nil
}

// tooMany is Slack's word for more than ten sockets of one app.
const tooMany = "too_many_websockets"

var errCrowded = errors.New("too many sockets are open for this app: stop other processes that use its app token")

// sockets keeps the connections open until ctx ends. It returns an error only
// when Slack refuses us before the first one was up.
func (c *Channel) sockets(ctx context.Context) error {
	var all sync.WaitGroup
	refused := make(chan error, c.o.Sockets)
	run, stop := context.WithCancel(ctx)
	defer stop()
	for range c.o.Sockets {
		all.Go(func() {
			if err := c.keep(run); err != nil {
				refused <- err
				stop()
			}
		})
	}
	all.Wait()
	select {
	case err := <-refused:
		return err
	default:
		return nil
	}
}

// keep keeps one connection open. The successor of a connection that Slack is
// going to close is up before the old one is let go.
func (c *Channel) keep(ctx context.Context) error {
	var old *socket
	var behind sync.WaitGroup
	defer behind.Wait()
	ever, failures := false, 0
	for {
		if failures > 1 && !edge.Sleep(ctx, min(c.pace.retry<<min(failures-2, 12), 30*time.Second)) {
			break
		}
		s, err := c.dial(ctx)
		if ctx.Err() != nil {
			if s != nil {
				_ = s.conn.Close()
			}
			break
		}
		if err != nil {
			failures = max(failures, 1) + 1
			if stop := c.undialled(ctx, err, ever); stop != nil {
				return stop
			}
			continue
		}
		ever = true
		up := c.o.Now()
		go s.read()
		if old != nil {
			was := old
			behind.Go(func() { was.retire(c.pace.grace) })
			old = nil
		}
		select {
		case <-ctx.Done():
			s.retire(0)
			return nil
		case <-s.done:
			behind.Go(func() { s.retire(0) })
			c.o.Log.Warn("socket lost", "channel", Name)
		case why := <-s.leaving:
			c.o.Log.Info("socket is being replaced", "channel", Name, "reason", why)
			old = s
			if why == tooMany && !edge.Sleep(ctx, c.pace.crowded) {
				continue
			}
		}
		failures++ // the first goes on at once, a row of short lives ever more slowly
		if c.o.Now().Sub(up) >= c.pace.steady {
			failures = 1
		}
	}
	if old != nil {
		old.retire(0)
	}
	return nil
}

// undialled decides what follows a failed attempt: nil is to try again.
func (c *Channel) undialled(ctx context.Context, err error, ever bool) error {
	var limited *slackgo.RateLimitedError
	code := refusal(err)
	c.o.Log.Warn("socket not opened", "channel", Name, "error", advise(err))
	switch {
	case errors.As(err, &limited):
		edge.Sleep(ctx, limited.RetryAfter)
	case errors.Is(err, errCrowded):
		edge.Sleep(ctx, c.pace.crowded)
	case code != "" && !passing(code) && !ever:
		return fmt.Errorf("slack: %w", advise(err))
	case code != "" && !passing(code):
		edge.Sleep(ctx, 30*time.Second) // refused while running: an operator may be at it
	}
	return nil
}

// read takes frames until the connection ends.
func (s *socket) read() {
	defer close(s.done)
	beat := s.c.pace.beat
	alive := func() { _ = s.conn.SetReadDeadline(time.Now().Add(4 * beat)) }
	s.conn.SetPongHandler(func(string) error { alive(); return nil })
	s.conn.SetPingHandler(func(data string) error {
		alive()
		_ = s.conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(5*time.Second))
		return nil
	})
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(beat)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = s.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(5*time.Second))
			case <-stop:
				return
			}
		}
	}()
	alive()
	for {
		_, frame, err := s.conn.ReadMessage()
		if err != nil {
			return
		}
		alive()
		s.frame(frame)
	}
}

// frame handles one frame. What we do not understand is acknowledged, if it can
// be: it would come again as little understood.
func (s *socket) frame(frame []byte) {
	var r socketmode.Request
	if err := json.Unmarshal(frame, &r); err != nil {
		s.c.o.Log.Warn("frame not understood", "channel", Name, "error", err)
		return
	}
	switch r.Type {
	case socketmode.RequestTypeDisconnect:
		select {
		case s.leaving <- r.Reason:
		default:
		}
	case socketmode.RequestTypeEventsAPI:
		s.events(r)
	case socketmode.RequestTypeInteractive:
		s.work(r, string(r.Payload), s.c.interact)
	case socketmode.RequestTypeHello:
	default:
		s.answer(r.EnvelopeID)
	}
}

// events runs the events of a Slack channel one after the other. A mention may
// wait for its message event and must not stand in its way.
func (s *socket) events(r socketmode.Request) {
	var peek struct {
		Event struct {
			Type    string          `json:"type"`
			Channel json.RawMessage `json:"channel"` // a name in some events, an object in others
		} `json:"event"`
	}
	_ = json.Unmarshal(r.Payload, &peek) // take says what is wrong with it
	if peek.Event.Type == "app_mention" {
		if s.begin() {
			go s.run(r, s.c.take)
		}
		return
	}
	s.work(r, string(peek.Event.Channel), s.c.take)
}

// work runs the job in the lane of the key.
func (s *socket) work(r socketmode.Request, key string, do func(context.Context, []byte) error) {
	if s.begin() && !s.c.lanes.add(key, func() { s.run(r, do) }) {
		s.pending.Done()
	}
}

// run does the job and acknowledges the envelope if it was done. Otherwise
// Slack hears nothing and sends it again.
func (s *socket) run(r socketmode.Request, do func(context.Context, []byte) error) {
	defer s.pending.Done()
	ctx, cancel := context.WithTimeout(context.Background(), s.c.o.Answer)
	defer cancel()
	err := do(ctx, r.Payload)
	if err != nil && !errors.Is(err, errShape) {
		s.c.o.Log.Warn("envelope not taken", "channel", Name, "type", r.Type, "retry", r.RetryAttempt, "error", err)
		return
	}
	if err != nil {
		s.c.o.Log.Warn("envelope dropped", "channel", Name, "type", r.Type, "error", err)
	}
	s.answer(r.EnvelopeID)
}

// answer acknowledges an envelope. If that fails Slack sends it again, and its
// ID tells.
func (s *socket) answer(envelope string) {
	if envelope == "" {
		return
	}
	s.write.Lock()
	defer s.write.Unlock()
	_ = s.conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
	if err := s.conn.WriteJSON(socketmode.Response{EnvelopeID: envelope}); err != nil {
		s.c.o.Log.Warn("acknowledgement not written", "channel", Name, "error", err)
	}
}

// retire reads on for the grace, answers what is pending, and closes.
func (s *socket) retire(grace time.Duration) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-s.done:
	case <-timer.C:
	}
	s.mu.Lock()
	s.retired = true
	s.mu.Unlock()
	answered := make(chan struct{})
	go func() { s.pending.Wait(); close(answered) }()
	late := time.NewTimer(s.c.o.Answer + time.Second)
	defer late.Stop()
	select {
	case <-answered:
	case <-late.C:
	}
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	_ = s.conn.Close()
	<-s.done
}
