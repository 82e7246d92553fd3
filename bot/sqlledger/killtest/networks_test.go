package killtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

// networked starts onki with both networks.
func networked(onki, addr, ledger, api, step string, stderr *os.File) *exec.Cmd {
	cmd := exec.Command(onki, "serve", "--addr", addr, "--brand", "shop", "--ledger", "sqlite:"+ledger)
	cmd.Dir, cmd.Stderr = filepath.Dir(ledger), stderr
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ONKI_") }) // onki refuses what it does not know
	cmd.Env = append(cmd.Env, "ONKI_FAILPOINT="+step, "ONKI_SLACK_BOT_TOKEN=xoxb-1", "ONKI_SLACK_SIGNING_SECRET="+slackSecret, "ONKI_SLACK_API="+api,
		"ONKI_TELEGRAM_TOKEN="+telegramToken, "ONKI_TELEGRAM_SECRET="+telegramSecret, "ONKI_TELEGRAM_API="+api)
	return cmd
}

// networks is a trial with customers on both networks.
func networks(t *testing.T, threads int, seed uint64) (trial *Trial, f *far, writers map[string]*writer, start func(step string) *exec.Cmd, ledger string) {
	t.Helper()
	onki, dir, addr := program(t), t.TempDir(), freeAddr(t)
	trial = &Trial{Threads: threads, Seed: seed}
	f = &far{trial: trial, random: rand.New(rand.NewPCG(seed, 11)), chats: make(map[string][]string), buyers: make(map[string]*writer)}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stderr.Close() })
	writers = make(map[string]*writer)
	for i := range threads {
		b := &writer{base: "http://" + addr, name: fmt.Sprintf("x%02d", i), home: "D" + strconv.Itoa(100+i), slack: i%2 == 0, marks: make(map[string]string)}
		if !b.slack {
			b.home = strconv.Itoa(100 + i)
		}
		writers[b.name], f.buyers[b.home] = b, b
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	trial.Post = func(ctx context.Context, thread, id, _ string) error { return writers[thread].twice(ctx, id, client) }
	ledger = filepath.Join(dir, "onki.db")
	start = func(step string) *exec.Cmd { return networked(onki, addr, ledger, server.URL, step, stderr) }
	trial.Start = func(_ int, step string) *exec.Cmd { return start(step) }
	return trial, f, writers, start, ledger
}

// TestNetworksKilled kills onki under customers of Slack and Telegram whose
// networks repeat, reorder, limit and lose: no message is lost or answered
// twice, Slack shows each reply once, and Telegram, which cannot be asked what
// it has shown, again only what it did not confirm.
func TestNetworksKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills onki for some seconds")
	}
	trial, f, _, start, ledger := networks(t, 24, rand.Uint64())
	trial.Random, trial.Life, trial.Each, trial.Pace = 10, 2*time.Second, 30, 100*time.Millisecond
	if long() { // 10,000 events and more
		trial.Random, trial.Life, trial.Each, trial.Pace = 60, 6*time.Second, 450, 250*time.Millisecond
	}
	report, err := trial.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.settle(t, start)
	for _, fault := range append(report.Faults, kept(t, ledger, report.Messages)...) {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	copies := 0
	for _, texts := range f.chats {
		copies += len(texts) - len(slices.Compact(slices.Clone(texts)))
	}
	if copies > f.lost+report.Deaths {
		t.Errorf("%d copies in Telegram; only %d answers were lost and %d times onki died", copies, f.lost, report.Deaths)
	}
	t.Logf("%d events, %d repeats, %d deaths, %d calls limited, %d answers lost: %d replies, %d copies in Telegram, none in Slack; seed %d", report.Messages, report.Repeats, report.Deaths, f.limited, f.lost, report.Replies, copies, trial.Seed)
}

// TestAcknowledged measures how long the networks wait until an event is in safe
// keeping, at 200 events a second while onki answers them, on SQLite that syncs.
func TestAcknowledged(t *testing.T) {
	if testing.Short() {
		t.Skip("builds onki and runs it for some seconds")
	}
	const threads, perSecond, seconds = 100, 200, 5
	trial, _, writers, start, _ := networks(t, threads, 1)
	cmd := start("")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	trial.log.begin()
	for name := range writers { // until it listens
		for trial.Post(t.Context(), name, name+"-000000", "") != nil {
			time.Sleep(20 * time.Millisecond)
		}
		writers[name].took = nil
	}
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	var all sync.WaitGroup
	for i := range perSecond * seconds {
		<-tick.C
		name := fmt.Sprintf("x%02d", i%threads)
		all.Go(func() {
			if err := trial.Post(t.Context(), name, fmt.Sprintf("%s-%06d", name, 1+i/threads), ""); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, slack := range []bool{true, false} {
		var took []time.Duration
		for _, b := range writers {
			if b.slack == slack {
				took = append(took, b.took...)
			}
		}
		slices.Sort(took)
		p99 := took[len(took)*99/100]
		t.Logf("%s: %d events, acknowledged after p50 %v, p99 %v, max %v", map[bool]string{true: "Slack", false: "Telegram"}[slack], len(took), took[len(took)/2], p99, took[len(took)-1])
		if p99 > time.Second { // twenty times the goal: the machine may be busy
			t.Errorf("p99 %v", p99)
		}
	}
}

// settle lets onki finish what it has, and end by itself.
func (f *far) settle(t *testing.T, start func(step string) *exec.Cmd) {
	t.Helper()
	cmd := start("")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		n = len(f.posts)
		for _, texts := range f.chats {
			n += len(texts)
		}
		return n
	}
	for last, since := -1, time.Now(); time.Since(since) < 3*time.Second; time.Sleep(50 * time.Millisecond) {
		if now := count(); now != last {
			last, since = now, time.Now()
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("the end: %v", err)
	}
}

// kept compares what was acknowledged with what the ledger holds: each message
// once, and each answered by one reply.
func kept(t *testing.T, path string, want int) (faults []string) {
	t.Helper()
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all, err := l.Conversations(t.Context(), time.Time{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	messages := 0
	for _, s := range all {
		texts, answers := make(map[string]int), make(map[string]int)
		for after := int64(0); ; {
			events, err := l.Events(t.Context(), s.Address, after, 200)
			if err != nil {
				t.Fatal(err)
			}
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				switch {
				case e.Kind == "message":
					texts[e.Message.Text]++
					answers[e.Message.ID] += 0
				case e.Kind == "reply":
					tally(answers, e.Reply)
				}
			}
			after = events[len(events)-1].Seq
		}
		messages += len(texts)
		for text, n := range texts {
			if n != 1 {
				faults = append(faults, fmt.Sprintf("%q was kept %d times in %s", text, n, s.Address))
			}
		}
		for id, n := range answers {
			if n != 1 {
				faults = append(faults, fmt.Sprintf("%s in %s was answered %d times", id, s.Address, n))
			}
		}
	}
	if messages != want {
		faults = append(faults, fmt.Sprintf("%d messages were acknowledged and %d are kept", want, messages))
	}
	return faults
}

func tally(answers map[string]int, r *bot.Reply) {
	for _, id := range r.Answers {
		answers[id]++
	}
}
