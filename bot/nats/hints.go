package nats

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/onkihq/onki/bot"
)

// waitingMax bounds the hints that wait to leave; more are dropped.
const waitingMax = 10_000

// Hints are bot.Hints between processes. Open makes one.
type Hints struct {
	local   bot.LocalHints // what happens in this process is heard without the bus
	conn    *nats.Conn
	subject string
	log     *slog.Logger

	mu      sync.Mutex
	waiting map[string]bool // topics to publish; hints that pile up are one hint
	news    chan struct{}
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once // of Close
}

// Open connects to NATS at the URL, or at one of several separated by commas.
// It does not wait for a server: hints are lost until one is there. Processes
// with the same name hear each other; log may be nil.
func Open(url, name string, log *slog.Logger) (*Hints, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &Hints{subject: "onki.hints." + token(name), log: log, waiting: make(map[string]bool),
		news: make(chan struct{}, 1), closing: make(chan struct{}), stopped: make(chan struct{})}
	var err error
	h.conn, err = nats.Connect(url, nats.Name("onki"), nats.NoEcho(), nats.Timeout(2*time.Second),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.ReconnectWait(500*time.Millisecond), nats.ReconnectBufSize(-1),
		nats.PingInterval(5*time.Second), nats.MaxPingsOutstanding(2), // a bus that hangs is noticed in 15 s
		nats.ConnectHandler(func(c *nats.Conn) { log.Info("hints go over NATS", "server", c.ConnectedUrlRedacted()) }),
		nats.ReconnectHandler(func(c *nats.Conn) { log.Info("NATS is back", "server", c.ConnectedUrlRedacted()) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			log.Warn("NATS cannot be reached; work is looked for in the ledger", "error", err)
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS", "error", err) }))
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w: want nats://HOST:4222, or several separated by commas", hidden(err, url))
	}
	if _, err := h.conn.Subscribe(h.subject, func(m *nats.Msg) { h.local.Wake(string(m.Data)) }); err != nil {
		h.conn.Close()
		return nil, fmt.Errorf("subscribe to %s: %w", h.subject, err)
	}
	go h.publish()
	return h, nil
}

// token makes one part of a subject of any name.
func token(name string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || strings.ContainsRune(".*>", r) || r == 0x7f {
			return '_'
		}
		return r
	}, name)
}

// hidden keeps a password in the URL out of the error.
func hidden(err error, url string) error {
	return errors.New(strings.ReplaceAll(err.Error(), url, "…"))
}

// Wake tells everyone who watches the topic, here and elsewhere. It never
// blocks.
func (h *Hints) Wake(topic string) {
	h.local.Wake(topic)
	h.mu.Lock()
	if len(h.waiting) < waitingMax {
		h.waiting[topic] = true
	}
	h.mu.Unlock()
	select {
	case h.news <- struct{}{}:
	default:
	}
}

// Watch returns a channel that receives after a Wake of the topic.
func (h *Hints) Watch(topic string) (<-chan struct{}, func()) { return h.local.Watch(topic) }

// publish sends what waits, on a goroutine of its own: a bus that hangs must not
// hold up those who work.
func (h *Hints) publish() {
	defer close(h.stopped)
	for {
		select {
		case <-h.news:
		case <-h.closing:
			return
		}
		h.mu.Lock()
		now := h.waiting
		h.waiting = make(map[string]bool)
		h.mu.Unlock()
		for topic := range now {
			if h.conn.Publish(h.subject, []byte(topic)) != nil {
				break // no server: the ledger is looked into instead
			}
		}
	}
}

// Connected reports whether there is a server now.
func (h *Hints) Connected() bool { return h.conn.IsConnected() }

// Close ends the connection.
func (h *Hints) Close() {
	h.once.Do(func() {
		h.conn.Close() // first, so that a publish that hangs ends
		close(h.closing)
		<-h.stopped
	})
}
