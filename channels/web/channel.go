package web

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
)

// Name is the Address.Channel of every conversation on the web.
const Name = "web"

// errAway means that no engine listens, before it starts or while it drains.
var errAway = errors.New("nobody listens")

// Channel is the web chat as a bot.Channel and a bot.Typist. Make one with New.
type Channel struct {
	o        Options
	words    map[string]map[string]string // our own sentences, by language and name
	labels   map[string]map[string]string // the widget's, likewise
	gate     *gate
	streams  *counter
	static   static
	patience time.Duration // for one write to a stream

	mu      sync.Mutex
	deliver func(context.Context, bot.Message) error
	under   sync.WaitGroup // deliveries under way, and open streams
	stopped chan struct{}  // closed when Listen ends: streams say goodbye
}

// New checks the options and returns a channel. An error wraps ErrOptions and
// says what to change.
func New(o Options) (*Channel, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.defaults()
	if len(o.Secrets) == 0 {
		secret := make([]byte, 32)
		rand.Read(secret) // never fails since Go 1.24
		o.Secrets = [][]byte{secret}
	}
	words, err := readWords()
	if err != nil {
		return nil, err
	}
	labels, err := readWidgetWords(o.Brand.Words)
	if err != nil {
		return nil, err
	}
	static, err := readStatic()
	if err != nil {
		return nil, err
	}
	return &Channel{
		o: o, words: words, labels: labels, gate: newGate(o.Limits, o.Now), streams: newCounter(),
		static: static, patience: 10 * time.Second, stopped: make(chan struct{}),
	}, nil
}

// Name returns "web".
func (c *Channel) Name() string { return Name }

// Listen lets customers in until ctx ends. The requests come through Handler;
// a message posted while nobody listens is refused with a time to try again.
// Listen waits for deliveries under way, and ends the streams so that a server
// can shut down; the browsers come back by themselves, spread over time.
func (c *Channel) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	c.mu.Lock()
	if c.deliver == nil {
		select {
		case <-c.stopped: // listening again after it had ended
			c.stopped = make(chan struct{})
		default:
		}
	}
	c.deliver = deliver
	stopped := c.stopped
	c.mu.Unlock()
	<-ctx.Done()
	c.mu.Lock()
	c.deliver = nil
	close(stopped)
	c.mu.Unlock()
	c.under.Wait()
	return nil
}

// receive hands the message to the engine; errAway while nobody listens.
func (c *Channel) receive(ctx context.Context, m bot.Message) error {
	c.mu.Lock()
	deliver := c.deliver
	if deliver != nil {
		c.under.Add(1)
	}
	c.mu.Unlock()
	if deliver == nil {
		return errAway
	}
	defer c.under.Done()
	return deliver(ctx, m)
}

// follow begins a stream: it returns what is closed when Listen ends, or nil
// when it has ended. Whoever follows calls under.Done at the end, which Listen
// waits for.
func (c *Channel) follow() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.stopped:
		return nil
	default:
	}
	c.under.Add(1)
	return c.stopped
}

// ended returns a channel that is closed when Listen ends.
func (c *Channel) ended() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopped
}

// Send wakes the streams of the conversation. The transcript holds the reply
// already, so nothing can be lost or shown twice here.
func (c *Channel) Send(_ context.Context, r bot.Reply) error {
	c.o.Hints.Wake(bot.TopicEvents + r.To.String())
	return nil
}

// Typing shows that an answer is being worked on, for a few seconds.
func (c *Channel) Typing(_ context.Context, to bot.Address) {
	c.o.Hints.Wake(TopicTyping + to.String())
}

func address(thread string) bot.Address { return bot.Address{Channel: Name, Thread: thread} }
