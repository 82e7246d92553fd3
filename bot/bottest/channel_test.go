package bottest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/bottest"
)

// post is the simplest honest channel: the network calls it, it calls deliver.
// fault names the one thing it does wrong, so that the suite can be seen to
// notice.
type post struct {
	fault string

	mu      sync.Mutex
	deliver func(context.Context, bot.Message) error
	seen    map[string]bool
	shown   map[string][]string
	count   int
}

func (p *post) Name() string { return "post" }

func (p *post) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	p.mu.Lock()
	p.deliver = deliver
	p.mu.Unlock()
	switch p.fault {
	case "never ends":
		select {}
	case "leaves a goroutine behind":
		go func() { select {} }()
	case "fails at the end":
		<-ctx.Done()
		return errors.New("the socket was closed")
	}
	<-ctx.Done()
	return ctx.Err()
}

func (p *post) ready(ctx context.Context) error {
	for ctx.Err() == nil {
		p.mu.Lock()
		listening := p.deliver != nil
		p.mu.Unlock()
		if listening {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return ctx.Err()
}

func (p *post) write(ctx context.Context, thread, id, text string) error {
	m := bot.Message{ID: thread + "/" + id, From: bot.Address{Channel: "post", Thread: thread}, Text: text, Time: time.Now()}
	switch p.fault {
	case "one ID for all":
		m.ID = "id"
	case "a new ID for a repeat":
		p.mu.Lock()
		p.count++
		m.ID += strings.Repeat("'", p.count)
		p.mu.Unlock()
	case "one thread for all":
		m.From.Thread = "thread"
	case "another channel's name":
		m.From.Channel = "telegram"
	case "no time":
		m.Time = time.Time{}
	case "unescapes too much":
		m.Text = strings.ReplaceAll(strings.ReplaceAll(text, "&amp;", "&"), "&lt;", "<")
	case "acknowledges first":
		go func() {
			time.Sleep(50 * time.Millisecond)
			_ = p.deliver(ctx, m)
		}()
		return nil
	}
	err := p.deliver(ctx, m)
	if p.fault == "acknowledges what was refused" || errors.Is(err, bot.ErrBad) {
		return nil
	}
	return err
}

func (p *post) Send(ctx context.Context, r bot.Reply) error {
	if ctx.Err() != nil && p.fault != "sends for ever" {
		return ctx.Err()
	}
	if p.fault == "sends for ever" && ctx.Err() != nil {
		select {}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen[r.ID] && p.fault != "shows repeats" {
		return nil
	}
	p.seen[r.ID] = true
	text, thread := r.Text(), r.To.Thread
	switch p.fault {
	case "shows to everybody":
		p.shown["x"] = append(p.shown["x"], text)
	case "newest first":
		p.shown[thread] = append([]string{text}, p.shown[thread]...)
		return nil
	case "first part only":
		text = r.Parts[0].Text
	case "cuts long replies":
		text = text[:min(len(text), 4096)]
	case "cuts words in two":
		if len(text) > 4096 {
			text = text[:1004] + "\n" + text[1004:]
		}
	case "escapes twice":
		text = strings.ReplaceAll(text, "<", "&lt;")
	}
	p.shown[thread] = append(p.shown[thread], text)
	return nil
}

func open(t *testing.T, fault string) *bottest.Network {
	p := &post{fault: fault, seen: make(map[string]bool), shown: make(map[string][]string)}
	var patience time.Duration
	if fault != "" {
		patience = time.Second // what does not happen now never will
	}
	return &bottest.Network{Channel: p, Write: p.write, Drops: true, Patience: patience, Ready: p.ready, Shown: func(thread string) []string {
		p.mu.Lock()
		defer p.mu.Unlock()
		return append([]string(nil), p.shown[thread]...)
	}}
}

func TestChannelSuite(t *testing.T) {
	bottest.TestChannel(t, func(t *testing.T) *bottest.Network { return open(t, os.Getenv("ONKI_TEST_FAULT")) })
}

// TestChannelSuiteNotices runs the suite against channels with one fault each:
// a suite that cannot fail proves nothing.
func TestChannelSuiteNotices(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the suite many times")
	}
	for fault, want := range map[string]string{
		"never ends":                    "after its context has ended",
		"leaves a goroutine behind":     "goroutines are left",
		"fails at the end":              "want nil or the error of the context",
		"one ID for all":                "have the same ID",
		"a new ID for a repeat":         "a repeat came as",
		"one thread for all":            "want the first two alike",
		"another channel's name":        "want the channel's name",
		"no time":                       "want when it was sent",
		"unescapes too much":            "no message",
		"acknowledges first":            "although the ledger had refused it",
		"acknowledges what was refused": "although the ledger had refused it",
		"sends for ever":                "Send goes on",
		"shows repeats":                 "shown 3 times",
		"shows to everybody":            "was shown what was said to y",
		"newest first":                  "is shown at",
		"first part only":               "was not shown",
		"cuts long replies":             "was not shown",
		"cuts words in two":             "missing or cut in two",
		"escapes twice":                 "was not shown",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			notices(t, "TestChannelSuite", fault, want)
		})
	}
}

// notices runs a suite in a process of its own with the fault and checks that
// it fails with the words.
func notices(t *testing.T, suite, fault, want string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+suite+"$", "-test.timeout=90s", "-test.failfast")
	cmd.Env = append(os.Environ(), "ONKI_TEST_FAULT="+fault)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("the suite passes although %q", fault)
	}
	if !strings.Contains(string(out), want) {
		t.Fatalf("the suite fails, but does not say %q:\n%.3000s", want, out)
	}
}
