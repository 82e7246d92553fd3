package nats

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

// bus starts a NATS server in this process; port −1 takes any.
func bus(t *testing.T, port int) *server.Server {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

func open(t *testing.T, url, name string) *Hints {
	t.Helper()
	h, err := Open(url, name, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	return h
}

// connected waits until the server knows what the hints listen to.
func connected(t *testing.T, h *Hints) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		if h.Connected() && h.conn.FlushTimeout(time.Second) == nil {
			return
		}
	}
	t.Fatal("not connected")
}

func heard(t *testing.T, hint <-chan struct{}, within time.Duration) bool {
	t.Helper()
	select {
	case <-hint:
		return true
	case <-time.After(within):
		return false
	}
}

func TestHints(t *testing.T) {
	s := bus(t, -1)
	n := 0
	bottest.TestHints(t, func(t *testing.T) bot.Hints {
		n++ // no case hears another
		h := open(t, s.ClientURL(), fmt.Sprint("case ", n))
		connected(t, h)
		return h
	})
}

// TestHintsWithoutServer: within the process everything works all the same.
func TestHintsWithoutServer(t *testing.T) {
	bottest.TestHints(t, func(t *testing.T) bot.Hints { return open(t, "nats://127.0.0.1:1", "x") })
}

func TestBetweenProcesses(t *testing.T) {
	s := bus(t, -1)
	one, two, other := open(t, s.ClientURL(), "shop.*"), open(t, s.ClientURL(), "shop.*"), open(t, s.ClientURL(), "airline")
	for _, h := range []*Hints{one, two, other} {
		connected(t, h)
	}
	topic := bot.TopicEvents + "web:대화 방.*.>"
	hint, stop := two.Watch(topic)
	defer stop()
	foreign, stopForeign := other.Watch(topic)
	defer stopForeign()
	for range 3 {
		one.Wake(topic)
		if !heard(t, hint, 20*time.Second) {
			t.Fatal("a hint did not reach the other process")
		}
	}
	one.Wake("something else")
	if heard(t, hint, 50*time.Millisecond) || heard(t, foreign, 0) {
		t.Error("a hint reached who does not watch it")
	}
}

// TestBusComesAndGoes: nothing blocks and nothing has to be started again.
func TestBusComesAndGoes(t *testing.T) {
	s := bus(t, -1)
	port := s.Addr().String()[strings.LastIndex(s.Addr().String(), ":")+1:]
	one, two := open(t, s.ClientURL(), "x"), open(t, s.ClientURL(), "x")
	connected(t, one)
	connected(t, two)
	hint, stop := two.Watch("a")
	defer stop()
	s.Shutdown()
	s.WaitForShutdown()
	begin := time.Now()
	for range 10_000 {
		one.Wake("a")
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("waking without a bus took %v", took)
	}
	var number int
	if _, err := fmt.Sscan(port, &number); err != nil {
		t.Fatal(err)
	}
	bus(t, number)
	connected(t, one)
	connected(t, two)
	for begin := time.Now(); !heard(t, hint, 50*time.Millisecond); one.Wake("a") {
		if time.Since(begin) > 20*time.Second {
			t.Fatal("no hint after the bus came back")
		}
	}
}

// TestEngineOverTheBus: a message taken by one node is answered by another
// without waiting for its poll.
func TestEngineOverTheBus(t *testing.T) {
	s := bus(t, -1)
	ledger := &bot.Memory{}
	here, there := open(t, s.ClientURL(), "x"), open(t, s.ClientURL(), "x")
	connected(t, here)
	connected(t, there)
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	answered := make(chan time.Time, 1)
	worker := &bot.Engine{Channels: []bot.Channel{silent{}}, Ledger: ledger, Hints: there, Poll: time.Hour,
		Flow: bot.Flow{{Name: "answer", Run: func(_ context.Context, t *bot.Turn) error { t.Say(bot.Part{Text: "ok"}); return nil }}},
		Seen: func(*bot.Work) { answered <- time.Now() }}
	all.Go(func() { _ = worker.Run(ctx) })
	time.Sleep(100 * time.Millisecond) // every worker has looked once and found nothing
	if err := ledger.Receive(ctx, bot.Message{ID: "a", From: bot.Address{Channel: "none", Thread: "x"}}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	here.Wake(bot.TopicTurns)
	select {
	case at := <-answered:
		t.Logf("answered after %v", at.Sub(begin))
	case <-time.After(20 * time.Second):
		t.Fatal("the hint did not wake the other node")
	}
}

// silent is a channel on which nobody speaks.
type silent struct{}

func (silent) Name() string { return "none" }
func (silent) Listen(ctx context.Context, _ func(context.Context, bot.Message) error) error {
	<-ctx.Done()
	return nil
}
func (silent) Send(context.Context, bot.Reply) error { return nil }

func TestRefused(t *testing.T) {
	_, err := Open("nats://onki:sesame@ho st:4222", "x", nil)
	if err == nil || !strings.Contains(err.Error(), "want nats://HOST:4222") || strings.Contains(err.Error(), "sesame") {
		t.Errorf("Open: %v; want the next step and no password", err)
	}
}
