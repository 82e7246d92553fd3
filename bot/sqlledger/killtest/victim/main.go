// Victim is the smallest chatbot that can be killed: an engine on a ledger, a
// flow that counts, and a channel over loopback. Package killtest kills it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/bot/sqlledger"
)

func main() {
	ledger := flag.String("ledger", "sqlite:onki.db", "URL of the ledger")
	addr := flag.String("addr", "127.0.0.1:0", "where messages come in")
	out := flag.String("out", "", "URL to which replies are posted")
	lease := flag.Duration("lease", time.Minute, "lease of a claim")
	beat := flag.Duration("beat", 0, "how often a node says that it lives")
	slow := flag.Duration("slow", 0, "some turns take this long")
	kind := flag.String("mutant", "", "the promise to break")
	flag.Parse()
	if err := run(*ledger, *addr, *out, *kind, *slow, sqlledger.Options{Lease: *lease, Beat: *beat}); err != nil {
		fmt.Fprintln(os.Stderr, "victim:", err)
		os.Exit(1)
	}
}

func run(ledger, addr, out, kind string, slow time.Duration, o sqlledger.Options) error {
	step, err := sqlledger.KillAt(os.Getenv("ONKI_FAILPOINT"))
	if err != nil {
		return err
	}
	o.Step = step
	l, err := sqlledger.Open(context.Background(), ledger, o)
	if err != nil {
		return err
	}
	w := &wire{addr: addr, out: out, ledger: l}
	var kept bot.Ledger = l
	if kind != "" {
		kept = &mutant{Ledger: l, kind: kind, wire: w, fences: make(map[bot.Address]int64)}
	}
	e := &bot.Engine{
		Channels: []bot.Channel{w},
		Flow: bot.Flow{
			{Name: "hear", Doc: "Says that it has heard.", Run: hear},
			{Name: "count", Doc: "Says how many messages it has heard; what was said before need not always wait for that.", Run: count("", slow),
				Ahead: func(t *bot.Turn) int { return rand.IntN(2) * len(t.Reply.Parts) }},
		},
		Rescue: bot.Stage{Name: "sorry", Doc: "Says the same and that it is sorry.", Run: count("sorry ", 0)},
		Ledger: kept,
		Log:    slog.New(redact.Handler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))),
		Poll:   50 * time.Millisecond,
	}
	return e.Run(context.Background())
}

// hear says the first words, unless they have left in an earlier life.
func hear(_ context.Context, t *bot.Turn) error {
	if t.Opened == 0 {
		t.Say(bot.Part{Stage: "acknowledge", Text: "heard"})
	}
	return nil
}

// count remembers in the session how many messages it has heard.
func count(before string, slow time.Duration) func(context.Context, *bot.Turn) error {
	return func(ctx context.Context, t *bot.Turn) error {
		if slow > 0 && rand.IntN(15) == 0 { // drawn anew for each attempt, so that one of them ends in time
			time.Sleep(slow)
		}
		heard, _ := strconv.Atoi(t.Session.Journey.Slots["heard"]) // nothing yet is 0
		heard += len(t.Burst)
		t.After.Journey.Slots = map[string]string{"heard": strconv.Itoa(heard)}
		words := before
		if t.Opened > 0 {
			words += "after "
		}
		t.Say(bot.Part{Stage: "guide", Text: words + strconv.Itoa(heard)})
		return nil
	}
}

// wire is the channel: messages are posted to it, and it posts replies.
type wire struct {
	addr, out string
	ledger    *sqlledger.Ledger
}

func (w *wire) Name() string { return "wire" }

// Listen takes messages as POST /in/THREAD/ID and answers 200 once they are safe.
func (w *wire) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in/{thread}/{id}", func(rw http.ResponseWriter, r *http.Request) {
		m := bot.Message{ID: r.PathValue("id"), From: bot.Address{Channel: "wire", Thread: r.PathValue("thread")}, Text: r.URL.RawQuery, Time: time.Now()}
		if err := deliver(r.Context(), m); err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
		}
	})
	mux.HandleFunc("GET /counts", func(rw http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(rw).Encode(w.ledger.Counts()) // the reader may have gone
	})
	listener, err := net.Listen("tcp", w.addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux}
	go func() { <-ctx.Done(); server.Close() }()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Send posts the reply.
func (w *wire) Send(ctx context.Context, r bot.Reply) error { return w.post(ctx, r, false) }

// Resend posts the reply and says that it may have come before.
func (w *wire) Resend(ctx context.Context, r bot.Reply) error { return w.post(ctx, r, true) }

func (w *wire) post(ctx context.Context, r bot.Reply, ambiguous bool) error {
	body, err := json.Marshal(r)
	if err != nil {
		return err
	}
	url := w.out + "?ambiguous=" + strconv.FormatBool(ambiguous)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New("network: " + strings.TrimSpace(response.Status))
	}
	return nil
}
