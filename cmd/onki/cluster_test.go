package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// page is a visitor's page: it keeps its token and the last event it has seen,
// and may turn to any node.
type page struct {
	token string
	last  string
}

func (p *page) call(t *testing.T, method, url string, in any) *http.Response {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+p.token)
	r.Header.Set("Last-Event-ID", p.last)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// until reads the stream until it holds the word, and remembers how far it read.
func (p *page) until(t *testing.T, addr, word string) string {
	t.Helper()
	r := p.call(t, http.MethodGet, "http://"+addr+"/v1/events", nil)
	defer r.Body.Close()
	late := time.AfterFunc(20*time.Second, func() { r.Body.Close() })
	defer late.Stop()
	var all strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(all.String(), word) || !strings.HasSuffix(all.String(), "\n\n") {
		n, err := r.Body.Read(buffer)
		all.Write(buffer[:n])
		if err != nil {
			t.Fatalf("the stream of %s ended before %q: %v\n%s", addr, word, err, all.String())
		}
	}
	for line := range strings.Lines(all.String()) {
		if id, ok := strings.CutPrefix(line, "id:"); ok {
			p.last = strings.TrimSpace(id)
		}
	}
	return all.String()
}

// TestTwoNodes lets a visitor begin at one node, write to another and read from
// both; then one goes away and the other carries on.
func TestTwoNodes(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	cfg := defaults()
	cfg.Ledger, cfg.Secret = server.Schema(t), secret(strings.Repeat("s", 32))
	bus, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: natsserver.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go bus.Start()
	if !bus.ReadyForConnections(20 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	defer bus.Shutdown()
	cfg.NATS = address(bus.ClientURL())
	one, two := cfg, cfg
	one.Addr, two.Addr = freeAddr(t), freeAddr(t)
	_, stopOne := startServer(t, one)
	startServer(t, two)

	p := &page{}
	r := p.call(t, http.MethodPost, "http://"+one.Addr+"/v1/session", map[string]string{"key": "pk_shop", "lang": "en"})
	var session struct{ Token string }
	if err := json.NewDecoder(r.Body).Decode(&session); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	p.token = session.Token
	for i, addr := range []string{two.Addr, one.Addr} {
		id := fmt.Sprintf("01890000-0000-7000-8000-00000000000%d", i)
		r := p.call(t, http.MethodPost, "http://"+addr+"/v1/messages", map[string]string{"cid": id, "kind": "text", "text": "My parcel did not come"})
		said, _ := io.ReadAll(r.Body)
		r.Body.Close()
		if r.StatusCode != http.StatusAccepted {
			t.Fatalf("%s: %s", r.Status, said)
		}
		begin := time.Now()
		p.until(t, []string{one.Addr, two.Addr}[i], "re:")
		t.Logf("shown at the other node after %v", time.Since(begin))
	}
	bus.Shutdown() // nobody needs it
	r = p.call(t, http.MethodPost, "http://"+one.Addr+"/v1/messages", map[string]string{"cid": "01890000-0000-7000-8000-00000000000a", "kind": "text", "text": "Thank you"})
	r.Body.Close()
	begin := time.Now()
	p.until(t, two.Addr, "re:")
	t.Logf("shown at the other node without NATS after %v", time.Since(begin))
	before := p.last
	if err := stopOne(); err != nil {
		t.Fatal(err)
	}
	p.last = ""
	p.until(t, two.Addr, "id: "+before)
}

// TestServerNeedsSecret: a secret of one node's own would cut visitors off.
func TestServerNeedsSecret(t *testing.T) {
	cfg := defaults()
	cfg.Ledger = "postgres://onki@localhost/onki"
	cfg.Addr = freeAddr(t)
	err := serve(t.Context(), cfg, streams{strings.NewReader(""), io.Discard, io.Discard})
	if err == nil || !strings.Contains(err.Error(), "ONKI_SECRET") {
		t.Errorf("serve: %v; want it to ask for the secret", err)
	}
}

func TestLedgerNameHidesThePassword(t *testing.T) {
	for _, l := range []string{"postgres://onki:sesame@db/onki", "postgres://db/onki?user=onki&password=sesame", "postgres://onki:sesame@%zz/"} {
		if name := (config{Ledger: l}).ledgerName(); strings.Contains(name, "sesame") {
			t.Errorf("%s is shown as %s", l, name)
		}
	}
}

// TestDatabaseAway stops the database under a visitor: the page is told to try
// again, and when it is back the same message is taken and answered.
func TestDatabaseAway(t *testing.T) {
	server := pgtest.Start(t, "fsync=off")
	cfg := defaults()
	cfg.Ledger, cfg.Secret, cfg.Addr = server.Schema(t), secret(strings.Repeat("s", 32)), freeAddr(t)
	startServer(t, cfg)
	p := &page{}
	r := p.call(t, http.MethodPost, "http://"+cfg.Addr+"/v1/session", map[string]string{"key": "pk_shop", "lang": "en"})
	var session struct{ Token string }
	if err := json.NewDecoder(r.Body).Decode(&session); err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	p.token = session.Token
	send := func() int {
		r := p.call(t, http.MethodPost, "http://"+cfg.Addr+"/v1/messages", map[string]string{"cid": "01890000-0000-7000-8000-000000000001", "kind": "text", "text": "Hello?"})
		defer r.Body.Close()
		return r.StatusCode
	}
	server.Down()
	begin := time.Now()
	if status := send(); status < 500 {
		t.Errorf("status %d without a database; want one that the page tries again after", status)
	}
	t.Logf("refused after %v", time.Since(begin))
	if err := server.Up(); err != nil {
		t.Fatal(err)
	}
	begin = time.Now()
	for send() != http.StatusAccepted {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("the message was not taken after the database came back")
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.until(t, cfg.Addr, "re:")
	t.Logf("answered %v after the database was back", time.Since(begin))
}
