package selftest

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot/sqlledger/killtest"
)

//go:embed words.txt
var wordsText string

//go:embed danger.txt
var dangerText string

// threads is how many customers write at once.
const threads = 8

// table splits the lines of a text file at their tabs.
func table(text string) (rows [][]string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, "\n"); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// canary is a word that only one customer writes, by which what they wrote can
// be found again.
func (b *bench) canary(thread string) string { return fmt.Sprintf("canary-%s-%016x", thread, b.Seed) }

// kill lets customers write while the server dies again and again.
func (b *bench) kill(ctx context.Context) error {
	log, err := os.Create(b.path("log"))
	if err != nil {
		return err
	}
	defer log.Close()
	span := max(b.Span-15*time.Second, b.Span/2)
	trial := &killtest.Trial{Span: span, Life: min(2500*time.Millisecond, span/2), Threads: threads, Pace: 300 * time.Millisecond, Seed: b.Seed}
	visitors, words := make(map[string]*killtest.Visitor), table(wordsText)
	for i := range threads {
		name, lang := fmt.Sprintf("x%02d", i), []string{"ko", "en"}[i%2]
		visitors[name] = &killtest.Visitor{Base: "http://" + b.addr, Name: name, Lang: lang, Trial: trial}
	}
	trial.Post = func(ctx context.Context, thread, id, _ string) error {
		v := visitors[thread]
		own := slices.DeleteFunc(slices.Clone(words), func(row []string) bool { return row[0] != v.Lang })
		n := 0
		for _, c := range id {
			n = n*31 + int(c)
		}
		return v.Post(ctx, id, own[n%len(own)][1]+" ("+b.canary(thread)+")")
	}
	trial.Start = func(int, string) *exec.Cmd { return b.serve("onki.db", log) }
	reading, stop := context.WithCancel(ctx)
	defer stop()
	for _, v := range visitors {
		go v.Read(reading)
	}
	r, err := trial.Run(ctx)
	if err != nil {
		return err
	}
	b.killed(r)
	return nil
}

// killed says what came of it.
func (b *bench) killed(r *killtest.Report) {
	b.report, b.result.Faults = r, r.Faults[:min(len(r.Faults), 10)]
	tested := r.Deaths > 0 && r.Messages > 0 && r.Replies > 0
	b.line(tested && r.Lost == 0, "what a customer sent and the server took is answered, through kill -9",
		"lost %d of %d messages; the server was killed %d times; %d replies", r.Lost, r.Messages, r.Deaths, r.Replies)
	b.line(tested && r.Doubled == 0, "nothing is answered twice", "answered twice %d; %d messages were sent again on purpose", r.Doubled, r.Repeats)
	b.line(tested && r.Disordered == 0, "answers come in the order of the messages", "out of order %d", r.Disordered)
	if others := len(r.Faults) - r.Lost - r.Doubled - r.Disordered; others > 0 {
		b.line(false, "what is shown stays as it was shown", "%d replies changed", others)
	}
	slices.Sort(r.Restart)
	median, worst := time.Duration(0), time.Duration(0)
	if n := len(r.Restart); n > 0 {
		median, worst = r.Restart[n/2], r.Restart[n-1]
	}
	b.line(len(r.Restart) > 0, "after a death it goes on by itself", "from start to the next reply: median %d ms, worst %d ms, of %d starts",
		median.Milliseconds(), worst.Milliseconds(), len(r.Restart))
	text, err := os.ReadFile(b.path("log"))
	found := bytes.Count(text, []byte("canary-"))
	b.line(err == nil && len(text) > 0 && found == 0, "the program's log holds nothing that customers write", "%d of their words in %d bytes of log at level debug", found, len(text))
}

// danger says that somebody wants to die, in each language; then the server
// makes a backup while it runs, and ends as an operator ends it.
func (b *bench) danger(ctx context.Context) error {
	log, err := os.OpenFile(b.path("log"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer log.Close()
	c := b.serve("onki.db", log)
	if err := c.Start(); err != nil {
		return err
	}
	defer func() {
		_ = c.Process.Kill() // if it has not ended
		_ = c.Wait()
	}()
	for i, row := range table(dangerText) {
		lang, number, text := row[0], row[1], row[2]
		began := time.Now()
		reply, err := b.ask(ctx, fmt.Sprintf("danger-%d", i), lang, text)
		if err != nil {
			return err
		}
		b.line(strings.Contains(reply, number), "whoever is in danger is heard before anything else ("+lang+")",
			"the reply names %s: %v, after %d ms with the start", number, strings.Contains(reply, number), time.Since(began).Milliseconds())
	}
	if said, err := b.does(ctx, "backup", "--ledger", "sqlite:"+b.path("onki.db"), b.path("backup.onki")); err != nil {
		return fmt.Errorf("backup: %w: %s", err, said)
	}
	if c.Process.Signal(os.Interrupt) != nil {
		return c.Process.Kill()
	}
	return c.Wait()
}

// ask writes one message and waits for its reply.
func (b *bench) ask(ctx context.Context, name, lang, text string) (reply string, err error) {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	v := &killtest.Visitor{Base: "http://" + b.addr, Name: name, Lang: lang}
	replies := make(chan string, 8)
	go v.Follow(ctx, func(_, text string) {
		select {
		case replies <- text:
		default:
		}
	})
	for v.Post(ctx, name, text) != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("the server does not take a message: %w", ctx.Err())
		}
		time.Sleep(10 * time.Millisecond)
	}
	select {
	case reply = <-replies:
		return reply, nil
	case <-ctx.Done():
		return "", fmt.Errorf("no reply to a message: %w", ctx.Err())
	}
}
