//go:build unix

package sqlledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// talkers is a channel of customers in this process. Each writes, waits for the
// answer and writes again.
type talkers struct {
	conversations, turns int
	answers              map[string]chan bool
	took                 []time.Duration // from writing to being answered
}

func (c *talkers) Name() string { return "bench" }

func (c *talkers) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	var all sync.WaitGroup
	for i := range c.conversations {
		all.Go(func() {
			thread := fmt.Sprint("x", i)
			for n := range c.turns {
				begin := time.Now()
				m := bot.Message{ID: fmt.Sprint(thread, "-", n), From: bot.Address{Channel: "bench", Thread: thread}, User: thread,
					Text: "세 번째 문의예요. 내일까지 환불해 준다면서요! ㅠㅠ", Time: begin}
				if deliver(ctx, m) != nil {
					return
				}
				<-c.answers[thread]
				c.took[i*c.turns+n] = time.Since(begin)
			}
		})
	}
	all.Wait()
	return nil
}

func (c *talkers) Send(_ context.Context, r bot.Reply) error {
	c.answers[r.To.Thread] <- true
	return nil
}

// converse lets 64 customers take turns through the whole engine.
func converse(b *testing.B, ledger bot.Ledger) {
	c := &talkers{conversations: 64, answers: make(map[string]chan bool)}
	c.turns = max(1, b.N/c.conversations)
	c.took = make([]time.Duration, c.conversations*c.turns)
	for i := range c.conversations {
		c.answers[fmt.Sprint("x", i)] = make(chan bool, 1)
	}
	e := &bot.Engine{Channels: []bot.Channel{c}, Ledger: ledger, Flow: bot.Flow{{Name: "guide", Run: func(_ context.Context, t *bot.Turn) error {
		t.Reading.Emotions = []bot.Emotion{{Name: "anger", Strength: 0.8}}
		t.Plan.Because("apology 3", "the promise was ours and it was broken", "care model 3.4")
		t.Say(bot.Part{Stage: "guide", Text: "약속한 날을 지키지 못했습니다. 환불은 오늘 안에 처리되고, 처리되면 바로 알려 드리겠습니다."})
		return nil
	}}}}
	b.ResetTimer()
	begin, spent := time.Now(), processor(b)
	if err := e.Run(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64((processor(b)-spent).Microseconds())/float64(len(c.took))/1000, "cpu-ms/turn")
	b.ReportMetric(float64(len(c.took))/time.Since(begin).Seconds(), "turns/s")
	var sum time.Duration
	for _, d := range c.took {
		sum += d
	}
	b.ReportMetric(float64(sum.Microseconds())/float64(len(c.took))/1000, "ms/answer")
}

// BenchmarkDurableTurns: every message, turn and reply is on disk before it
// counts. The time of one fsync of this disk stands beside it.
func BenchmarkDurableTurns(b *testing.B) {
	dir := b.TempDir()
	l, err := sqlledger.Open(b.Context(), "sqlite:"+filepath.Join(dir, "onki.db"), sqlledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	converse(b, l)
	counts := l.Counts()
	b.ReportMetric(float64(counts.Grouped)/float64(counts.Groups), "tx/fsync")
	b.ReportMetric(float64(fsync(b, dir).Microseconds())/1000, "ms/fsync")
}

// BenchmarkDurableTurnsOnServer is the same on a PostgreSQL of its own on this
// machine, which waits for the disk, too.
func BenchmarkDurableTurnsOnServer(b *testing.B) {
	server := pgtest.Start(b)
	l, err := sqlledger.Open(b.Context(), server.URL(""), sqlledger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	begin := server.Spent()
	converse(b, l)
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond) // until the server has seen its connections end
	b.ReportMetric(float64((server.Spent()-begin).Microseconds())/float64(b.N)/1000, "server-cpu-ms/turn")
	b.ReportMetric(float64(fsync(b, b.TempDir()).Microseconds())/1000, "ms/fsync")
}

// BenchmarkTurnsInMemory is the same without a disk: what the engine costs.
func BenchmarkTurnsInMemory(b *testing.B) { converse(b, &bot.Memory{}) }

// processor is the processor time this process has used: what a turn costs
// however busy the machine is with other things.
func processor(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fsync measures one append and fsync on the disk of the folder.
func fsync(b *testing.B, dir string) time.Duration {
	f, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	const n = 50
	begin := time.Now()
	for range n {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin) / n
}
