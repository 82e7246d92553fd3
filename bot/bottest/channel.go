package bottest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Network is one channel under test with the far side of its wire: a small
// server or client that speaks as the real network does, on loopback.
type Network struct {
	Channel bot.Channel
	// Write lets a customer write the text in a thread under the network's own
	// ID of the message, encoded as the network encodes it. Nil means that the
	// network was told the message has arrived; an error that it was not, and
	// would send it again. The same ID once more is the network's repeat. IDs
	// and threads are short words of the suite; map them to the network's own.
	Write func(ctx context.Context, thread, id, text string) error
	// Shown returns what the customer has been shown by us in the thread,
	// oldest first, as they read it: decoded and unescaped.
	Shown func(thread string) []string
	// Pick lets a customer press the choice with this ID; nil skips.
	Pick func(ctx context.Context, thread, id, choice string) error
	// Drops says that the network drops a reply whose ID it has seen.
	Drops bool
	// Deaf says that the network cannot be told whether a message arrived, as a
	// terminal cannot: cases about refusal and repeats are skipped.
	Deaf bool
	// Ready waits until the channel can be written to; nil when it can at once.
	Ready func(ctx context.Context) error
	// Patience is how long the suite waits for what should happen; 0 means 10 s.
	Patience time.Duration
}

func (n *Network) patience() time.Duration { return cmp.Or(n.Patience, 10*time.Second) }

// A line is a channel that is being listened to.
type line struct {
	*Network
	t    *testing.T
	ctx  context.Context
	stop context.CancelFunc
	over chan error // the result of Listen

	mu     sync.Mutex
	heard  []bot.Message // deliveries that were accepted, repeats included
	refuse map[string]int
	bad    map[string]bool
}

// errBusy is what the suite's deliver says when it refuses.
var errBusy = errors.New("the ledger is busy")

// TestChannel checks that the channel keeps what bot.Channel promises. open
// returns a new channel with its network for each case and cleans up with
// t.Cleanup; the suite listens itself.
func TestChannel(t *testing.T, open func(t *testing.T) *Network) {
	groups := map[string][]lineCase{"hear": hearCases(), "acknowledge": acknowledgeCases(), "send": sendCases()}
	for _, name := range []string{"acknowledge", "hear", "send"} {
		t.Run(name, func(t *testing.T) {
			for _, c := range groups[name] {
				t.Run(c.name, func(t *testing.T) {
					l := listen(t, open(t))
					c.run(t, l)
					l.end(t)
				})
			}
		})
	}
	t.Run("end", func(t *testing.T) { testEnd(t, open) })
}

// A lineCase is one promise of a channel.
type lineCase struct {
	name string
	run  func(t *testing.T, l *line)
}

func listen(t *testing.T, n *Network) *line {
	t.Helper()
	l := &line{Network: n, t: t, over: make(chan error, 1), refuse: make(map[string]int), bad: make(map[string]bool)}
	l.ctx, l.stop = context.WithCancel(context.Background())
	t.Cleanup(l.stop)
	go func() { l.over <- n.Channel.Listen(l.ctx, l.deliver) }()
	if n.Ready != nil {
		ctx, cancel := context.WithTimeout(l.ctx, n.patience())
		defer cancel()
		if err := n.Ready(ctx); err != nil {
			t.Fatalf("the channel does not get ready: %v", err)
		}
	}
	return l
}

// deliver keeps what it accepts. Which message a refusal means is told by its
// text, since the channel gives it an ID of its own.
func (l *line) deliver(_ context.Context, m bot.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bad[m.Text] {
		return fmt.Errorf("receive: %w", bot.ErrBad)
	}
	if l.refuse[m.Text] > 0 {
		l.refuse[m.Text]--
		return errBusy
	}
	l.heard = append(l.heard, m)
	return nil
}

// end stops listening and checks how it ended.
func (l *line) end(t *testing.T) {
	t.Helper()
	l.stop()
	select {
	case err := <-l.over:
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("Listen: %v; want nil or the error of the context", err)
		}
	case <-time.After(l.patience()):
		t.Errorf("Listen goes on %v after its context has ended", l.patience())
	}
}

// write writes what the network must be able to hand over.
func (l *line) write(t *testing.T, thread, id, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, 20*time.Second)
	defer cancel()
	if err := l.Write(ctx, thread, id, text); err != nil {
		t.Fatalf("the network was not told that %s arrived: %v", id, err)
	}
	if l.Deaf {
		l.wait(t, text)
	}
}

// all returns what was accepted so far.
func (l *line) all() []bot.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.heard)
}

// wait waits for a message with this text and returns the first.
func (l *line) wait(t *testing.T, text string) bot.Message {
	t.Helper()
	for until := time.Now().Add(l.patience()); time.Now().Before(until); {
		for _, m := range l.all() {
			if bot.CleanText(m.Text) == bot.CleanText(text) {
				return m
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no message %.60q among %d", text, len(l.all()))
	return bot.Message{}
}

// texts returns the texts accepted in the thread in which text was written.
func (l *line) texts(a bot.Address) []string {
	var out []string
	for _, m := range l.all() {
		if m.From == a && !slices.Contains(out, m.Text) {
			out = append(out, m.Text)
		}
	}
	return out
}

func testEnd(t *testing.T, open func(t *testing.T) *Network) {
	t.Run("listening ends with its context and leaves nothing behind", func(t *testing.T) {
		time.Sleep(50 * time.Millisecond) // let earlier cases end
		before := runtime.NumGoroutine()
		for range 5 {
			t.Run("a line", func(t *testing.T) {
				l := listen(t, open(t))
				l.write(t, "x", "a", "hello")
				l.send(t, reply(l.wait(t, "hello").From, "r1"))
				l.end(t)
			})
		}
		settle(t, before+2)
	})
	t.Run("a context that has ended already", func(t *testing.T) {
		n := open(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		over := make(chan error, 1)
		go func() { over <- n.Channel.Listen(ctx, func(context.Context, bot.Message) error { return nil }) }()
		select {
		case err := <-over:
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("Listen: %v; want nil or the error of the context", err)
			}
		case <-time.After(n.patience()):
			t.Error("Listen goes on although its context had ended before")
		}
	})
}
