package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// syncBuffer is a bytes.Buffer that a server may write while a test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// freeAddr returns an address nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startServer runs serve until the test ends and returns its address, log and
// a function that stops it and returns what serve returned.
func startServer(t *testing.T, cfg config) (log *syncBuffer, stop func() error) {
	t.Helper()
	log = &syncBuffer{}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, cfg, streams{strings.NewReader(""), io.Discard, log}) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() { _ = stop() })
	for range 400 {
		if r, err := http.Get("http://" + cfg.Addr + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return log, stop
			}
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("serve ended: %v\n%s", err, log)
		case <-time.After(25 * time.Millisecond):
		}
	}
	t.Fatalf("not ready:\n%s", log)
	return nil, nil
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	cfg := defaults()
	cfg.Addr, cfg.Ledger = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db")
	log, stop := startServer(t, cfg)
	base := "http://" + cfg.Addr
	for path, want := range map[string]string{
		"/healthz": "ok", "/metrics": "go_goroutines", "/?lang=ko": "하늘마켓", "/?lang=en": "Haneul Market",
		"/widget.js": "onki-chat", "/chat/shop": "<",
	} {
		if code, body := get(t, base+path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, want 200 and %q", path, code, want)
		}
	}
	err := serve(context.Background(), cfg, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err == nil || !strings.Contains(err.Error(), "is taken by another program") {
		t.Errorf("second server on the same port: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v\n%s", err, log)
	}
	if !strings.Contains(log.String(), "stopped") {
		t.Errorf("no farewell in the log:\n%s", log)
	}
}

func TestServeRefusesABadLedger(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.db")
	if err := os.WriteFile(broken, bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := defaults()
	cfg.Addr, cfg.Ledger = freeAddr(t), "sqlite:"+broken
	err := serve(context.Background(), cfg, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err == nil || !strings.Contains(err.Error(), "broken.db") {
		t.Errorf("a file that is no database: %v", err)
	}
}

func TestSecretIsKeptAndNotPrinted(t *testing.T) {
	cfg := defaults()
	cfg.Ledger = "sqlite:" + filepath.Join(t.TempDir(), "onki.db")
	first, err := visitorSecret(cfg)
	if err != nil || len(first) < 32 {
		t.Fatalf("secret %d bytes, %v", len(first), err)
	}
	if second, _ := visitorSecret(cfg); string(second) != string(first) {
		t.Error("another secret after a restart: every visitor would lose their conversation")
	}
	if s := secret("hunter2"); s.String() != "***" {
		t.Error("a secret prints itself")
	}
}
