package web

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

const (
	pageMax = 100              // events read at once
	pollMax = 25 * time.Second // the longest wait of a long poll
)

// hello is the first event of a stream. Its epoch tells the widget whether the
// history it holds is still the ledger's.
type hello struct {
	Epoch string `json:"epoch"`
}

// pollAnswer is what a long poll brings.
type pollAnswer struct {
	Epoch  string  `json:"epoch"`
	Events []event `json:"events"`
	Typing bool    `json:"typing,omitempty"`
	Banner string  `json:"banner"`
}

// events streams the conversation from the event after Last-Event-ID on, or
// answers a long poll.
func (c *Channel) events(w http.ResponseWriter, r *http.Request, a access) {
	after := int64(0)
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil || n < 0 {
			c.refuse(w, r, http.StatusBadRequest, badRequest)
			return
		}
		after = n
	}
	leave, ok := c.enter(w, r, a)
	if !ok {
		return
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		defer leave()
		c.poll(w, r, a, after)
		return
	}
	c.stream(w, r, a, after, leave)
}

// enter counts a reader in, or answers that there are too many already. The
// returned function counts it out again.
func (c *Channel) enter(w http.ResponseWriter, r *http.Request, a access) (leave func(), ok bool) {
	leaveThread, ok := c.streams.enter(a.Thread, c.o.Limits.Streams)
	if !ok {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, 5*time.Second)
		return nil, false
	}
	leaveNetwork, ok := c.streams.enter(c.network(r), c.o.Limits.Network)
	if !ok {
		leaveThread()
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, 30*time.Second)
		return nil, false
	}
	return func() { leaveThread(); leaveNetwork() }, true
}

// watch is everything a reader of one conversation waits for.
type watch struct {
	events, typing, banner <-chan struct{}
	stop                   func()
}

func (c *Channel) watch(a bot.Address) watch {
	events, stopEvents := c.o.Hints.Watch(bot.TopicEvents + a.String())
	typing, stopTyping := c.o.Hints.Watch(TopicTyping + a.String())
	banner, stopBanner := c.o.Hints.Watch(TopicBanner)
	return watch{events, typing, banner, func() { stopEvents(); stopTyping(); stopBanner() }}
}

// stream writes events as they come until the customer goes, the token runs
// out or the server is about to stop. Over HTTP/1 it takes the connection with
// it and lets everything else of the request go: an open stream waits for
// minutes, and the server's buffers with it would take three times the memory.
func (c *Channel) stream(w http.ResponseWriter, r *http.Request, a access, after int64, leave func()) {
	epoch, err := c.o.Ledger.Epoch(r.Context())
	if err != nil {
		leave()
		c.fail(w, r, "read epoch", err)
		return
	}
	lang := language(r)
	s := &stream{
		reader: reader{c: c, a: address(a.Thread)}, sender: sender{limit: c.patience},
		after: after, lang: lang, banner: c.banner(lang), leave: leave,
		until: time.Now().Add(time.Unix(a.Until, 0).Sub(c.o.Now())),
	}
	if s.ended = c.follow(); s.ended == nil {
		leave()
		c.refuseFor(w, r, http.StatusServiceUnavailable, away, 2*time.Second)
		return
	}
	s.hints = c.watch(s.a)
	s.named("hello", hello{epoch})
	s.named("banner", s.banner)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	if s.takeOver(w, r) {
		ctx, gone := context.WithCancel(context.Background())
		go s.watchPeer(gone)
		go s.run(ctx)
		return
	}
	s.out = response{w, http.NewResponseController(w)}
	s.run(r.Context())
}

// A stream is one open reader. Ten thousand of them wait at once, so it holds
// nothing of the request it came from.
type stream struct {
	sender
	reader
	after  int64
	lang   string
	banner string
	hints  watch
	beat   *time.Timer
	until  time.Time // the token's end
	ended  <-chan struct{}
	leave  func()
	peer   [1]byte // a customer has nothing to say on a stream
}

func (s *stream) run(ctx context.Context) {
	s.beat = time.NewTimer(s.c.o.Beat)
	defer s.close()
	for s.catchUp(ctx) && s.wait(ctx) {
	}
}

func (s *stream) close() {
	s.hints.stop()
	s.beat.Stop()
	if s.conn != nil {
		_ = s.conn.Close() // it may be gone already
	}
	s.leave()
	s.c.under.Done()
}

// catchUp writes everything that happened since, and reports whether to go on.
// After an error of the ledger the browser comes back, and by then the ledger
// may have too.
func (s *stream) catchUp(ctx context.Context) bool {
	for s.err == nil {
		events, err := s.c.o.Ledger.Events(ctx, s.a, s.after, pageMax)
		if err != nil {
			return false
		}
		for _, e := range s.wire(ctx, events) {
			s.event(e)
		}
		if len(events) > 0 {
			s.after = events[len(events)-1].Seq
		}
		if len(events) < pageMax {
			break
		}
	}
	s.flush()
	return s.err == nil
}

// wait sleeps until there may be something new in the transcript, and reports
// whether to go on. What is not in it is told at once.
func (s *stream) wait(ctx context.Context) bool {
	for s.err == nil {
		s.beat.Reset(min(s.c.o.Beat, time.Until(s.until)))
		select {
		case <-s.hints.events:
			return true
		case <-s.hints.typing:
			s.named("typing", struct{}{})
		case <-s.hints.banner:
			s.notice()
		case <-s.beat.C:
			s.notice() // hints may be lost, all of them
			s.text(": hb\n\n")
			return time.Now().Before(s.until)
		case <-s.ended:
			s.text("retry: " + strconv.Itoa(500+rand.IntN(2500)) + "\n\n") // spread the return of many
			s.flush()
			return false
		case <-ctx.Done():
			return false
		}
		s.flush()
	}
	return false
}

// notice tells the banner if it has changed.
func (s *stream) notice() {
	if b := s.c.banner(s.lang); b != s.banner {
		s.banner = b
		s.named("banner", b)
	}
}

// poll waits for something to show and answers with it, for browsers behind a
// proxy that holds streams back.
func (c *Channel) poll(w http.ResponseWriter, r *http.Request, a access, after int64) {
	seconds, err := strconv.Atoi(r.URL.Query().Get("wait"))
	if err != nil || seconds < 0 {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	epoch, err := c.o.Ledger.Epoch(r.Context())
	if err != nil {
		c.fail(w, r, "read epoch", err)
		return
	}
	at, lang := address(a.Thread), language(r)
	hints := c.watch(at)
	defer hints.stop()
	out := pollAnswer{Epoch: epoch, Banner: c.banner(lang), Events: []event{}}
	timer := time.NewTimer(min(time.Duration(seconds)*time.Second, pollMax))
	defer timer.Stop()
	for waiting := true; waiting; {
		events, err := c.o.Ledger.Events(r.Context(), at, after, pageMax)
		if err != nil {
			c.fail(w, r, "read events", err)
			return
		}
		out.Events = append(out.Events, c.wire(r.Context(), at, events)...)
		if len(events) > 0 {
			after = events[len(events)-1].Seq
		}
		if len(out.Events) > 0 || out.Typing || c.banner(lang) != out.Banner {
			break
		}
		select {
		case <-hints.events:
		case <-hints.typing:
			out.Typing = true
		case <-hints.banner:
		case <-timer.C:
			waiting = false
		case <-c.ended():
			c.refuseFor(w, r, http.StatusServiceUnavailable, away, 2*time.Second)
			return
		case <-r.Context().Done():
			return
		}
	}
	out.Banner = c.banner(lang)
	answer(w, http.StatusOK, out)
}
