package web

import (
	"encoding/json"
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
	leaveThread, ok := c.streams.enter(a.Thread, c.o.Limits.Streams)
	if !ok {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, 5*time.Second)
		return
	}
	defer leaveThread()
	leaveNetwork, ok := c.streams.enter(c.network(r), c.o.Limits.Network)
	if !ok {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, 30*time.Second)
		return
	}
	defer leaveNetwork()
	if strings.HasPrefix(r.Header.Get("Accept"), "application/json") {
		c.poll(w, r, a, after)
		return
	}
	c.stream(w, r, a, after)
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
// out or the server is about to stop.
func (c *Channel) stream(w http.ResponseWriter, r *http.Request, a access, after int64) {
	s := c.newStream(w, r, a, after)
	if s == nil {
		return
	}
	defer s.close()
	for s.catchUp(r) && s.wait(r) {
	}
}

// A stream is one open reader. Ten thousand of them wait at once, so it lives
// on the heap and its goroutine's stack stays small.
type stream struct {
	sender
	reader
	after       int64
	lang        string
	banner      string
	hints       watch
	beat, until *time.Timer
	ended       <-chan struct{}
}

// newStream begins a stream with what is not in the transcript.
func (c *Channel) newStream(w http.ResponseWriter, r *http.Request, a access, after int64) *stream {
	epoch, err := c.o.Ledger.Epoch(r.Context())
	if err != nil {
		c.fail(w, r, "read epoch", err)
		return nil
	}
	lang := language(r)
	s := &stream{
		sender: sender{w: w, rc: http.NewResponseController(w), limit: c.patience},
		reader: reader{c: c, a: address(a.Thread)},
		after:  after, lang: lang, banner: c.banner(lang), hints: c.watch(address(a.Thread)),
		beat: time.NewTimer(c.o.Beat), until: time.NewTimer(time.Unix(a.Until, 0).Sub(c.o.Now())), ended: c.ended(),
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	s.named("hello", hello{epoch})
	s.named("banner", s.banner)
	return s
}

func (s *stream) close() {
	s.hints.stop()
	s.beat.Stop()
	s.until.Stop()
}

// catchUp writes everything that happened since, and reports whether to go on.
// After an error of the ledger the browser comes back, and by then the ledger
// may have too.
func (s *stream) catchUp(r *http.Request) bool {
	for s.err == nil {
		events, err := s.c.o.Ledger.Events(r.Context(), s.a, s.after, pageMax)
		if err != nil {
			return false
		}
		for _, e := range s.wire(r.Context(), events) {
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

// wait sleeps until there may be something new, and reports whether to go on.
func (s *stream) wait(r *http.Request) bool {
	s.beat.Reset(s.c.o.Beat)
	select {
	case <-s.hints.events:
	case <-s.hints.typing:
		s.named("typing", struct{}{})
	case <-s.hints.banner:
	case <-s.beat.C:
		s.text(": hb\n\n")
	case <-s.ended:
		s.text("retry: " + strconv.Itoa(500+rand.IntN(2500)) + "\n\n") // spread the return of many
		s.flush()
		return false
	case <-s.until.C:
		return false
	case <-r.Context().Done():
		return false
	}
	if b := s.c.banner(s.lang); b != s.banner {
		s.banner = b
		s.named("banner", b)
	}
	return true
}

// sender writes the frames of a stream, each under a deadline of its own. The
// first error ends it.
type sender struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit time.Duration // a reader slower than this is cut off, and comes back
	err   error
}

func (s *sender) text(t string) {
	if s.err != nil {
		return
	}
	// A writer that knows no deadlines (a test's, a proxy's) still writes.
	_ = s.rc.SetWriteDeadline(time.Now().Add(s.limit))
	_, s.err = s.w.Write([]byte(t))
}

func (s *sender) flush() {
	if s.err == nil {
		s.err = s.rc.Flush()
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
