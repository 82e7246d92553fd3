package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onkihq/onki/bot"
)

// line is a channel without a network: the test writes into it and reads what
// was sent.
type line struct {
	in      chan bot.Message
	listens func(ctx context.Context) error // in place of listening
	refuses func(r bot.Reply, attempt int) error

	mu     sync.Mutex
	sent   []bot.Reply
	at     []time.Time
	typing []time.Time
	resent []string
}

func newLine() *line { return &line{in: make(chan bot.Message)} }

func (l *line) Name() string { return "line" }

func (l *line) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	if l.listens != nil {
		return l.listens(ctx)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case m, more := <-l.in:
			if !more {
				return nil
			}
			if err := deliver(ctx, m); err != nil {
				return err
			}
		}
	}
}

func (l *line) Send(_ context.Context, r bot.Reply) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent, l.at = append(l.sent, r), append(l.at, time.Now())
	if l.refuses != nil {
		return l.refuses(r, len(l.sent))
	}
	return nil
}

func (l *line) Typing(context.Context, bot.Address) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.typing = append(l.typing, time.Now())
}

// texts returns what was sent, in order.
func (l *line) texts() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, r := range l.sent {
		out = append(out, r.Text())
	}
	return out
}

func hello(thread, id string) bot.Message {
	return bot.Message{ID: id, From: bot.Address{Channel: "line", Thread: thread}, Text: "hello from " + id, Time: time.Now()}
}

// echo answers with the text.
func echo(_ context.Context, t *bot.Turn) error {
	t.Say(bot.Part{Stage: "guide", Text: "you said " + t.Message.Text})
	return nil
}

func flow(run func(context.Context, *bot.Turn) error) bot.Flow {
	return bot.Flow{{Name: "stage", Doc: "A stage of the test.", Run: run}}
}

// run runs the engine in a bubble until the test function returns and checks
// how it ended.
func run(t *testing.T, e *bot.Engine, test func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- e.Run(ctx) }()
	test()
	cancel()
	if err := <-over; err != nil {
		t.Errorf("Run: %v; want nil", err)
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("sent %q; want %q", got, want)
	}
}

func TestEngineAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, seen := newLine(), atomic.Int64{}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo), Seen: func(*bot.Work) { seen.Add(1) }}, func() {
			l.in <- hello("x", "a")
			l.in <- hello("y", "b")
			synctest.Wait()
			l.in <- hello("x", "a") // the network sends it again
			synctest.Wait()
		})
		slices.SortFunc(l.sent, func(a, b bot.Reply) int { return strings.Compare(a.ID, b.ID) })
		want(t, l.texts(), "you said hello from a", "you said hello from b")
		if seen.Load() != 2 || l.sent[0].ID != "re:a" || !slices.Equal(l.sent[0].Answers, []string{"a"}) {
			t.Errorf("seen %d, reply %+v", seen.Load(), l.sent[0])
		}
	})
}

func TestEngineJoinsABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		slow := func(ctx context.Context, turn *bot.Turn) error {
			time.Sleep(time.Second)
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(slow)}, func() {
			l.in <- hello("x", "a")
			synctest.Wait()
			l.in <- hello("x", "b")
			l.in <- hello("x", "c")
			time.Sleep(5 * time.Second)
		})
		want(t, l.texts(), "you said hello from a", "you said hello from b\nhello from c")
	})
}

func TestEngineFinishesWhatIsPending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		slow := func(ctx context.Context, turn *bot.Turn) error {
			time.Sleep(3 * time.Second)
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(slow), Workers: 1}, func() {
			for _, thread := range []string{"x", "y", "z"} {
				l.in <- hello(thread, "of "+thread)
			}
			synctest.Wait()
		})
		want(t, l.texts(), "you said hello from of x", "you said hello from of y", "you said hello from of z")
	})
}

func TestEngineEndsWhenChannelsHaveSaidAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		over := make(chan error, 1)
		go func() { over <- (&bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo)}).Run(t.Context()) }()
		l.in <- hello("x", "a")
		close(l.in)
		if err := <-over; err != nil {
			t.Fatal(err)
		}
		want(t, l.texts(), "you said hello from a")
	})
}

func TestEngineDoesNotWaitForEver(t *testing.T) {
	for name, e := range map[string]*bot.Engine{
		"a stage hangs": {Channels: []bot.Channel{newLine()}, Flow: flow(func(context.Context, *bot.Turn) error { time.Sleep(time.Hour); return nil })},
		"a channel hangs": {Channels: []bot.Channel{&line{in: make(chan bot.Message), listens: func(context.Context) error {
			time.Sleep(time.Hour)
			return nil
		}}}, Flow: flow(echo)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e.Drain = 5 * time.Second
				if l := e.Channels[0].(*line); l.listens == nil {
					l.in = make(chan bot.Message, 1)
					l.in <- hello("x", "a")
				}
				ctx, cancel := context.WithCancel(t.Context())
				over := make(chan error, 1)
				go func() { over <- e.Run(ctx) }()
				synctest.Wait()
				cancel()
				begin := time.Now()
				<-over
				if took := time.Since(begin); took > 7*time.Second {
					t.Errorf("ended after %v; want soon after Drain", took)
				}
				time.Sleep(2 * time.Hour) // let what hangs end inside the bubble
			})
		})
	}
}

func TestEngineSaysWhenItCannotListen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("the port is taken")
		l := &line{listens: func(context.Context) error { return broken }}
		err := (&bot.Engine{Channels: []bot.Channel{l, newNamed("other")}, Flow: flow(echo)}).Run(t.Context())
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "line") {
			t.Fatalf("Run: %v; want the error and the name of the channel", err)
		}
	})
}

// named is a line with another name.
type named struct {
	*line
	name string
}

func newNamed(name string) *named { return &named{newLine(), name} }

func (n *named) Name() string { return n.name }

// deaf is a ledger that is no outbox.
type deaf struct{ bot.Ledger }

func TestEngineNeedsAnOutbox(t *testing.T) {
	err := (&bot.Engine{Channels: []bot.Channel{newLine()}, Ledger: deaf{&bot.Memory{}}}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "Outbox") {
		t.Fatalf("Run: %v; want it to say that the ledger is no Outbox", err)
	}
}

// noHints loses every hint.
type noHints struct{}

func (noHints) Wake(string) {}

func (noHints) Watch(string) (<-chan struct{}, func()) { return nil, func() {} }

func TestEngineLivesWithoutHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(echo), Hints: noHints{}}, func() {
			begin := time.Now()
			l.in <- hello("x", "a")
			time.Sleep(600 * time.Millisecond)
			want(t, l.texts(), "you said hello from a")
			if len(l.at) == 1 && l.at[0].Sub(begin) > 500*time.Millisecond {
				t.Errorf("answered after %v; want two polls at most", l.at[0].Sub(begin))
			}
		})
	})
}

func TestEngineShowsTyping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		slow := func(ctx context.Context, turn *bot.Turn) error {
			time.Sleep(10 * time.Second)
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(slow)}, func() {
			begin := time.Now()
			l.in <- hello("x", "a")
			time.Sleep(30 * time.Second)
			synctest.Wait()
			var after []time.Duration
			for _, at := range l.typing {
				after = append(after, at.Sub(begin))
			}
			if !slices.Equal(after, []time.Duration{0, 4 * time.Second, 8 * time.Second}) {
				t.Errorf("typing shown after %v; want 0 s, 4 s and 8 s of a turn of 10 s", after)
			}
		})
	})
}

func TestEngineIsSilentForAPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, ledger := newLine(), &bot.Memory{}
		x := bot.Address{Channel: "line", Thread: "x"}
		read := func(ctx context.Context, turn *bot.Turn) error {
			turn.Reading.Valence = -0.5
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(read), Ledger: ledger}, func() {
			if _, err := bot.TakeOver(t.Context(), ledger, x, "지영"); err != nil {
				t.Fatal(err)
			}
			l.in <- hello("x", "a")
			synctest.Wait()
		})
		want(t, l.texts())
		if len(l.typing) > 0 {
			t.Error("typing was shown although the bot stays silent")
		}
		entries, err := ledger.Entries(t.Context(), x, 0, 9)
		if err != nil || len(entries) != 1 || entries[0].Reading.Valence != -0.5 || len(entries[0].Reply.Parts) > 0 || entries[0].Failure != "" {
			t.Errorf("journal %+v, %v; want the message recorded and recognized", entries, err)
		}
	})
}

func TestEngineLetsOneWaitAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		uneven := func(ctx context.Context, turn *bot.Turn) error {
			if turn.Message.From.Thread == "slow" {
				time.Sleep(20 * time.Second)
			}
			return echo(ctx, turn)
		}
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(uneven)}, func() {
			l.in <- hello("slow", "s")
			begin := time.Now()
			for i := range 20 {
				l.in <- hello(fmt.Sprint("x", i), fmt.Sprint("a", i))
			}
			synctest.Wait()
			if len(l.texts()) != 20 || time.Since(begin) > time.Second {
				t.Errorf("%d answered after %v; want 20 at once", len(l.texts()), time.Since(begin))
			}
		})
	})
}

func TestEngineKeepsCustomerTextOutOfTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		l := newLine()
		l.refuses = func(_ bot.Reply, attempt int) error {
			if attempt == 1 {
				return errors.New("network down")
			}
			return nil
		}
		broken := func(context.Context, *bot.Turn) error { return errors.New("the model is away") }
		run(t, &bot.Engine{Channels: []bot.Channel{l}, Flow: flow(broken), Log: slog.New(slog.NewTextHandler(&log, nil))}, func() {
			m := hello("x", "a")
			m.Text = "my number is 010-1234-5678"
			l.in <- m
			time.Sleep(5 * time.Second)
		})
		if s := log.String(); strings.Contains(s, "010-1234") || !strings.Contains(s, "the model is away") || !strings.Contains(s, "network down") {
			t.Errorf("log %q; want both errors and no word of the customer", s)
		}
	})
}
