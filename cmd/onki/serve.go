package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/channels/web"
	"github.com/spf13/cobra"
)

func newServe(s streams) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "serve", Short: "serve the web chat and the channels of a brand", Args: cobra.NoArgs,
		Example: "  onki serve --brand shop\n  onki serve --brand ./mybrand --addr 0.0.0.0:8080 --ledger sqlite:/var/lib/onki/onki.db",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := loadConfig(file, c.Flags())
			if err != nil {
				return usageError{err}
			}
			return serve(c.Context(), cfg, s)
		},
	}
	d := defaults()
	c.Flags().StringVar(&file, "config", "", "configuration file (onki.yaml if it exists)")
	c.Flags().String("addr", d.Addr, "host and port to listen on")
	c.Flags().String("brand", d.Brand, "brand folder, or shop, airline, empty")
	c.Flags().String("ledger", d.Ledger, "where conversations are kept: sqlite:PATH, postgres://USER:PASSWORD@HOST/DATABASE or memory:")
	indexFlag(c)
	c.Flags().String("log-level", d.LogLevel, "debug, info, warn or error")
	modelFlags(c)
	return c
}

// serve runs until ctx ends, then drains: no new messages, open turns are
// answered, unsent replies go out or stay in the ledger.
func serve(ctx context.Context, cfg config, s streams) error {
	start := time.Now()
	log := newLog(cfg, s)
	listener, err := listen(cfg.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	b, err := openBrandWith(ctx, cfg.Brand, cfg.place)
	if err != nil {
		return err
	}
	ledger, closeLedger, err := openLedger(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeLedger()
	hints, closeHints, err := hintsOf(ctx, cfg, ledger, log)
	if err != nil {
		return err
	}
	defer closeHints()
	b.follow(ctx, cfg, ledger, hints, log)
	nets, err := b.networks(ctx, cfg, ledger, hints, log)
	if err != nil {
		return err
	}
	chat, err := b.webChannel(cfg, ledger, hints, nets.deepLink, log)
	if err != nil {
		return err
	}
	m := newMetrics(b.shelf.missed.Load)
	if err := b.useModels(cfg, m.called); err != nil {
		return usageError{err}
	}
	engine := &bot.Engine{Channels: append(nets.channels, chat), Ledger: ledger, Hints: hints, Log: log, Workers: cfg.Workers, Seen: m.seen}
	if err := b.drive(engine); err != nil {
		return err
	}
	var ready atomic.Bool
	routes, err := b.routes(chat, nets.hooks, m, &ready)
	if err != nil {
		return err
	}
	server := newServer(routes, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	debug.FreeOSMemory() // reading the brand leaves much garbage; an idle server should be small
	ready.Store(true)
	fmt.Fprintf(s.err, "%s is served at http://%s (ready in %d ms)\n%s", b.title(), listener.Addr(), time.Since(start).Milliseconds(), b.demoNote())
	log.Info("ready", "addr", listener.Addr().String(), "brand", cfg.Brand, "ledger", cfg.ledgerName())
	run := runUntil(ctx, failed)
	stopWork := work(run, nets.workers, ledger, log)
	err = engine.Run(run)
	stopWork()
	ready.Store(false)
	shutDown(ctx, server)
	log.Info("stopped")
	return err
}

// shutDown lets open requests end, for a while.
func shutDown(ctx context.Context, server *http.Server) {
	shut, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(shut); err != nil {
		server.Close() // streams that would not end; their readers resume elsewhere from the ledger
	}
}

func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("serve: %s is taken by another program: stop it or choose another with --addr", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return l, nil
}

func newServer(routes http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: routes, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// follow watches what of the brand may change while it is served, and deletes
// what has been kept long enough, until ctx ends.
func (b *brand) follow(ctx context.Context, cfg config, ledger fullLedger, hints bot.Hints, log *slog.Logger) {
	go b.shelf.watch(ctx, log)
	go b.notices.watch(ctx, hints, log)
	if l, ok := ledger.(keeping); ok {
		go sweeper{l, fileStore(cfg, l), cfg.KeepChats, cfg.KeepSeen, log}.run(ctx)
	}
}

// runUntil returns a context that ends with ctx or when the server fails.
func runUntil(ctx context.Context, failed <-chan error) context.Context {
	run, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case err := <-failed:
			cancel(err)
		case <-ctx.Done():
			cancel(ctx.Err())
		}
	}()
	return run
}

// fullLedger is what a running Onki needs of its ledger.
type fullLedger interface {
	bot.Ledger
	bot.Outbox
	bot.Transcript
	bot.Journal
	bot.Desk
}

func openLedger(ctx context.Context, cfg config, log *slog.Logger) (fullLedger, func(), error) {
	if sqlledger.OnServer(cfg.Ledger) && cfg.Secret == "" {
		return nil, nil, errors.New("secret: visitors go from one node to another, so all of them need the same: set one, such as ONKI_SECRET=$(openssl rand -hex 32)")
	}
	if cfg.Ledger == "memory:" {
		return &bot.Memory{}, func() {}, nil
	}
	if path := cfg.ledgerPath(); path != "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return nil, nil, fmt.Errorf("ledger: %w", err)
		}
	}
	var step func(string)
	if at := os.Getenv("ONKI_FAILPOINT"); at != "" { // for tests of durability: die there as in a power cut
		var err error
		if step, err = sqlledger.KillAt(at); err != nil {
			return nil, nil, err
		}
	}
	o, err := cfg.ledgerOptions(log)
	if err != nil {
		return nil, nil, err
	}
	o.Step = step
	l, err := sqlledger.Open(ctx, cfg.ledgerURL(), o)
	if err != nil {
		return nil, nil, err
	}
	return keeping{Ledger: l, complaints: time.Duration(cfg.KeepComplaints), files: fileStore(cfg, l)}, func() {
		if err := l.Close(); err != nil {
			log.Error("close ledger", "error", err)
		}
	}, nil
}

// visitorSecret signs visitors' tokens: the configured one, or one made once
// and kept beside the ledger so that a restart cuts nobody off.
func visitorSecret(cfg config) ([]byte, error) {
	if cfg.Secret != "" {
		return []byte(cfg.Secret), nil
	}
	path := cfg.ledgerPath()
	if path == "" {
		return nil, nil // memory: visitors start anew with the process, as their conversations do
	}
	path += ".secret"
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // never fails
		text = []byte(hex.EncodeToString(key))
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return text, nil
}

// routes is everything the server answers.
func (b *brand) routes(chat *web.Channel, hooks map[string]http.Handler, m *metrics, ready *atomic.Bool) (http.Handler, error) {
	demo, err := web.Demo(b.page())
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", m.handler())
	for path, h := range hooks {
		mux.Handle(path, h)
	}
	mux.Handle("GET /{$}", demo)
	mux.Handle("GET /demo/", demo)
	mux.Handle("/", chat.Handler())
	return mux, nil
}
