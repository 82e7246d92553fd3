package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLoad holds a few streams and talks on them: the small form of the figures
// in the README. Every answer must be seen.
func TestLoad(t *testing.T) {
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.LogLevel, cfg.Limits = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db"), "error", "off"
	startServer(t, cfg)
	var out bytes.Buffer
	p := loadPlan{url: "http://" + cfg.Addr, key: "pk_shop", streams: 40, rate: 20, span: 3 * time.Second}
	if err := p.run(t.Context(), streams{out: &out, err: &out}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"40 streams open", "60 turns", "lost: 0"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if len(loadLines()) < 10 {
		t.Errorf("only %d different messages", len(loadLines()))
	}
}

// TestLoadIsForOnesOwn: nobody's server is loaded by a slip of the keyboard.
func TestLoadIsForOnesOwn(t *testing.T) {
	for url, ok := range map[string]bool{
		"http://127.0.0.1:1": true, "http://[::1]:1": true, "http://localhost:1": true, "https://mine.example": true,
		"https://other.example": false, "http://10.0.0.1": false, "http://localhost.evil.example": false, "mine.example": false, "file:///x": false,
	} {
		p := loadPlan{url: url, own: "mine.example", streams: 1}
		if err := p.check(); (err == nil) != ok {
			t.Errorf("%s: %v", url, err)
		}
	}
	c := defaults()
	for addr, ok := range map[string]bool{"127.0.0.1:80": true, "localhost:80": true, "0.0.0.0:80": false, ":80": false, "shop.example:80": false} {
		c.Addr, c.Limits = addr, "off"
		if err := c.check(); (err == nil) != ok {
			t.Errorf("limits off on %s: %v", addr, err)
		}
	}
}
