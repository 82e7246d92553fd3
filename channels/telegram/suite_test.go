package telegram

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

// numbers gives the words of the suite the numbers Telegram uses. Update IDs
// jump about, as they do after a week of silence.
type numbers struct {
	mu      sync.Mutex
	chats   map[string]int64
	updates map[string]int64
}

func (n *numbers) chat(thread string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.chats[thread] == 0 {
		n.chats[thread] = int64(len(n.chats)) + 1000
	}
	return n.chats[thread]
}

func (n *numbers) update(thread, id string) int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	key := thread + " " + id
	if n.updates[key] == 0 {
		i := int64(len(n.updates)) + 1
		n.updates[key] = i*7_368_787%900_000_007 + 1
	}
	return n.updates[key]
}

func (c *Channel) listening() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.Listening()
}

// networkOf joins a channel to its wire server for the suite.
func networkOf(t *testing.T, secrets ...string) *bottest.Network {
	w := newWire(t)
	c := w.open(t, func(o *Options) { o.Secrets = secrets })
	n := &numbers{chats: map[string]int64{}, updates: map[string]int64{}}
	hand := func(ctx context.Context, u map[string]any) error {
		if len(secrets) > 0 {
			if rec := hook(c, testSecret, u); rec.Code != 200 {
				return errNotTold
			}
			return nil
		}
		id := u["update_id"].(int64)
		if !w.pending(id) {
			w.push(u)
		}
		for ctx.Err() == nil {
			if !w.pending(id) {
				return nil
			}
			time.Sleep(time.Millisecond)
		}
		return errNotTold
	}
	return &bottest.Network{
		Channel: c, Drops: true,
		Write: func(ctx context.Context, thread, id, text string) error {
			u := n.update(thread, id)
			return hand(ctx, update(u, "message", private(n.chat(thread), int(u), text)))
		},
		Shown: func(thread string) []string { return w.texts(n.chat(thread)) },
		Pick: func(ctx context.Context, thread, id, choice string) error {
			p := w.last(n.chat(thread))
			for _, row := range p.buttons.InlineKeyboard {
				for _, b := range row {
					if strings.HasSuffix(b.CallbackData, "="+choice) {
						return hand(ctx, update(n.update(thread, id), "callback_query", pressed(p, p.chat, b.CallbackData)))
					}
				}
			}
			t.Errorf("no button %q", choice)
			return errNotTold
		},
		Ready: func(ctx context.Context) error {
			for !c.listening() && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			return ctx.Err()
		},
	}
}

func TestWebhookKeepsThePromisesOfAChannel(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network { return networkOf(t, testSecret, oldSecret) })
}

func TestPollingKeepsThePromisesOfAChannel(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network { return networkOf(t) })
}

// ear listens and keeps what it hears.
type ear struct {
	mu    sync.Mutex
	all   []bot.Message
	fault func(bot.Message) error
}

func (e *ear) deliver(_ context.Context, m bot.Message) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fault != nil {
		if err := e.fault(m); err != nil {
			return err
		}
	}
	e.all = append(e.all, m)
	return nil
}

func (e *ear) heard() []bot.Message {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]bot.Message(nil), e.all...)
}

// listen lets the channel listen until the test ends.
func listen(t *testing.T, c *Channel, fault func(bot.Message) error) *ear {
	t.Helper()
	e := &ear{fault: fault}
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan error, 1)
	go func() { over <- c.Listen(ctx, e.deliver) }()
	for !c.listening() {
		time.Sleep(100 * time.Microsecond)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-over; err != nil {
			t.Errorf("Listen: %v", err)
		}
	})
	return e
}

// soon waits for what must become true.
func soon(t *testing.T, what string, is func() bool) {
	t.Helper()
	for until := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not in 10 s: %s", what)
		}
	}
}
