// Command server serves the chat for the browser tests: the ledger in memory,
// a tiny scripted flow, and pages that try to break the widget.
package main

import (
	"bytes"
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/web"
)

//go:embed pages/*
var pages embed.FS

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to serve")
	kind := flag.String("brand", "shop", "shop or airline")
	beat := flag.Duration("beat", 2*time.Second, "between signs of life on a stream")
	slow := flag.Duration("slow", 0, "time an answer to 'slow' takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *kind, *slow, *beat); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, addr, kind string, slow, beat time.Duration) error {
	ledger := &ledger{}
	hints := &bot.LocalHints{}
	notice := &banner{hints: hints}
	c, err := web.New(web.Options{
		Ledger: ledger, Hints: hints, Brand: web.DemoBrand(kind), Banner: notice.text,
		Keys:    []web.Key{{ID: "pk_test", Origins: []string{"*"}}},
		Secrets: [][]byte{[]byte("a secret that only tests may know")},
		App:     "Telegram",
		Continue: func(_ context.Context, token string) (string, error) {
			return "https://t.me/haneul_care_bot?start=" + token, nil
		},
		Files:  web.Dir(os.TempDir() + "/onki-e2e-files"),
		Limits: web.Limits{PerSecond: -1, PerHour: -1, Sessions: -1, Brand: -1, Network: -1},
		Beat:   beat,
	})
	if err != nil {
		return err
	}
	demo, err := web.Demo(web.Page{Kind: kind, Key: "pk_test"})
	if err != nil {
		return err
	}
	m := http.NewServeMux()
	m.Handle("/", demo)
	m.Handle("/v1/", c.Handler())
	m.Handle("/widget.js", c.Handler())
	m.Handle("/widget.css", c.Handler())
	m.Handle("/chat/", c.Handler())
	m.HandleFunc("/pages/", page)
	m.HandleFunc("POST /test/banner", notice.set)
	m.HandleFunc("POST /test/take", ledger.take(hints))
	m.HandleFunc("POST /test/fill", ledger.fill)
	m.HandleFunc("GET /axe.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "node_modules/axe-core/axe.min.js") })
	engine := &bot.Engine{Channels: []bot.Channel{c}, Flow: bot.Flow{{Name: "script", Run: script(slow)}}, Ledger: ledger, Hints: hints, Drain: time.Second}
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	s := &http.Server{Addr: addr, Handler: m, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		_ = s.Shutdown(context.Background()) // the process ends next
	}()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Println("serving on", l.Addr())
	if err := s.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return <-done
}

// page serves a test page with the policy that its name asks for.
func page(w http.ResponseWriter, r *http.Request) {
	body, err := pages.ReadFile("pages/" + r.URL.Path[len("/pages/"):])
	if err != nil {
		http.NotFound(w, r)
		return
	}
	if bytes.Contains(body, []byte("<!-- strict -->")) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'")
	}
	kind := "text/html; charset=utf-8"
	if strings.HasSuffix(r.URL.Path, ".js") {
		kind = "text/javascript"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body)
}

// banner is a notice that the tests can change.
type banner struct {
	mu    sync.Mutex
	now   string
	hints bot.Hints
}

func (b *banner) text(string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *banner) set(_ http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	b.now = string(text)
	b.mu.Unlock()
	b.hints.Wake(web.TopicBanner)
}
