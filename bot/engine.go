package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// An Engine carries messages from channels through a flow and replies back.
// Channels and Flow must be set; everything else has a default. Its fields
// must not change while Run is active.
type Engine struct {
	Channels []Channel
	Flow     Flow
	Rescue   Stage            // says one line when a stage fails; a built-in line if Run is nil
	Ledger   Ledger           // nil keeps everything in memory
	Hints    Hints            // nil wakes within this process
	Log      *slog.Logger     // nil discards; never sees customer text
	Workers  int              // turns at once; 0 means 16
	Senders  int              // replies on their way at once, for each channel; 0 means 8
	Poll     time.Duration    // the longest wait when every hint is lost; 0 means 250 ms
	Deadline time.Duration    // for one turn and for one Send; 0 means 30 s
	Drain    time.Duration    // how long Run finishes open work after ctx ends; 0 means 20 s
	Now      func() time.Time // nil means time.Now
	Seen     func(*Work)      // called after each commit, by several goroutines at once, for metrics; may be nil

	late atomic.Bool  // a message has come since it was last looked at
	soon atomic.Int64 // when a reply that was put off for a moment is due again, Unix nanoseconds
}

// Run listens on every channel, answers and sends until ctx ends. Then it
// stops listening, finishes what is pending within Drain and returns nil. It
// returns an error at once if a channel cannot listen at all.
func (e *Engine) Run(ctx context.Context) error {
	e.defaults()
	out, ok := e.Ledger.(Outbox)
	if !ok {
		return errors.New("engine: the ledger is not an Outbox")
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	failed := make(chan error, len(e.Channels))
	listen, stopListening := context.WithCancel(ctx)
	defer stopListening()
	var listeners, turns, senders sync.WaitGroup
	received := make(chan struct{}) // closed when no message can come any more
	answered := make(chan struct{}) // closed when no turn can come any more
	for _, c := range e.Channels {
		listeners.Go(func() {
			if err := c.Listen(listen, e.deliver); err != nil && listen.Err() == nil {
				failed <- fmt.Errorf("listen on %s: %w", c.Name(), err)
			}
		})
		for range e.Senders {
			senders.Go(func() { e.loop(answered, work, TopicOutbox+c.Name(), func() error { return e.send(work, out, c) }) })
		}
	}
	for range e.Workers {
		turns.Go(func() { e.loop(received, work, TopicTurns, func() error { return e.turn(work) }) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-done(&listeners): // every channel has said all it has, as a terminal does at the end of its input
	}
	stopListening()
	drained := time.AfterFunc(e.Drain, stopWork)
	defer drained.Stop()
	select {
	case <-done(&listeners):
	case <-work.Done(): // a channel that will not stop cannot keep the rest from ending
	}
	e.late.Store(false) // what came before is answered by the workers; what comes while they end may not be
	close(received)
	turns.Wait()
	close(answered)
	senders.Wait()
	for e.late.Swap(false) && work.Err() == nil {
		e.finish(work, out) // what was sent brought an answer: a result is told before the end
	}
	return err
}

// finish answers and sends, one after the other, until nothing is due.
func (e *Engine) finish(ctx context.Context, out Outbox) {
	for ctx.Err() == nil && e.turn(ctx) == nil {
	}
	for _, c := range e.Channels {
		for ctx.Err() == nil && e.send(ctx, out, c) == nil {
		}
	}
}

// done returns a channel that closes when the group has finished.
func done(g *sync.WaitGroup) <-chan struct{} {
	c := make(chan struct{})
	go func() { g.Wait(); close(c) }()
	return c
}

func (e *Engine) defaults() {
	if e.Ledger == nil {
		e.Ledger = &Memory{Now: e.Now}
	}
	if e.Hints == nil {
		e.Hints = &LocalHints{}
	}
	e.Workers = cmp.Or(e.Workers, 16)
	e.Senders = cmp.Or(e.Senders, 8)
	e.Poll = cmp.Or(e.Poll, 250*time.Millisecond)
	e.Deadline = cmp.Or(e.Deadline, 30*time.Second)
	e.Drain = cmp.Or(e.Drain, 20*time.Second)
}

// deliver is step 2: the message is safe when it returns nil.
func (e *Engine) deliver(ctx context.Context, m Message) error {
	m = Clean(m, e.now())
	if err := e.Ledger.Receive(ctx, m); err != nil {
		return err
	}
	e.late.Store(true)
	e.Hints.Wake(TopicEvents + m.From.String())
	e.Hints.Wake(TopicTurns)
	return nil
}

// loop does work until there is none, then waits for a hint or the poll. Once
// last is closed it ends as soon as it finds nothing to do.
func (e *Engine) loop(last <-chan struct{}, work context.Context, topic string, do func() error) {
	hint, stop := e.Hints.Watch(topic)
	defer stop()
	poll := time.NewTimer(e.Poll)
	defer poll.Stop()
	ended := false
	for work.Err() == nil {
		err := do()
		if err == nil || errors.Is(err, ErrLost) {
			continue
		}
		idle := errors.Is(err, ErrIdle)
		if !idle && work.Err() == nil {
			e.log().Error("work failed", "topic", topic, "error", err)
		}
		poll.Reset(e.Poll)
		select {
		case <-last:
			wait := time.Until(time.Unix(0, e.soon.Load()))
			switch {
			case !idle:
			case !ended: // idle before the end is not idle after it: look once more
				ended = true
				continue
			case wait <= 0:
				return
			default:
				poll.Reset(wait)
			}
			select { // put off for a moment, or an error while draining: try again, but not in a tight circle
			case <-poll.C:
			case <-work.Done():
			}
		case <-hint:
		case <-poll.C:
		case <-work.Done():
		}
	}
}

// turn is steps 3 to 5.
func (e *Engine) turn(ctx context.Context) error {
	w, err := e.Ledger.Claim(ctx)
	if err != nil {
		return err
	}
	deadline, cancel := context.WithTimeout(ctx, e.Deadline)
	defer cancel()
	stopTyping := e.typing(deadline, w)
	e.Answer(deadline, w)
	stopTyping()
	if err := e.Ledger.Commit(ctx, w); err != nil {
		return err
	}
	if e.Seen != nil {
		e.Seen(w)
	}
	e.Hints.Wake(TopicOutbox + w.Address.Channel)
	for _, o := range w.Entry.Orders {
		e.Hints.Wake(TopicOutbox + o.To.Channel)
	}
	e.Hints.Wake(TopicEvents + w.Address.String())
	return nil
}
