package hook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"

// far is the program that is told. It checks each signature by itself.
type far struct {
	t      *testing.T
	mu     sync.Mutex
	heard  []string
	ids    map[string]int
	refuse int // calls to be refused
}

func (f *far) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		f.t.Error(err)
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s.%s.%s", r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil)); !slices.Contains(strings.Fields(r.Header.Get("webhook-signature")), want) {
		f.t.Errorf("signature %q; want %q", r.Header.Get("webhook-signature"), want)
	}
	if f.refuse > 0 {
		f.refuse--
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	var c call
	if err := json.Unmarshal(body, &c); err != nil {
		f.t.Error(err)
	}
	if strings.Contains(string(body), "secret words") {
		f.t.Errorf("what was said is told: %s", body)
	}
	f.ids[r.Header.Get("webhook-id")]++
	f.heard = append(f.heard, c.Type+" "+c.Data.Thread+" "+c.Data.Owner)
}

// memory is a Places that lives as long as the test.
type memory map[bot.Address]int64

func (m memory) KeepPlace(_ context.Context, _, _ string, a bot.Address, seq, _ int64) error {
	m[a] = seq
	return nil
}

func (m memory) Places(_ context.Context, _ string, each func(string, bot.Address, int64, int64)) error {
	for a, seq := range m {
		each("", a, seq, 0)
	}
	return nil
}

func begin(t *testing.T, f *far, ledger *bot.Memory, places memory) *Hook {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	h := &Hook{URL: server.URL, Secrets: []string{secret}, Client: server.Client(), Journal: ledger, Past: ledger, Places: places}
	if err := h.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// asks lets a customer ask for a person.
func asks(t *testing.T, ledger *bot.Memory, thread string) {
	t.Helper()
	a := bot.Address{Channel: "web", Thread: thread}
	if err := ledger.Receive(t.Context(), bot.Message{ID: thread, From: a, Text: "secret words", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	w, err := ledger.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.Entry = bot.Entry{Messages: w.Messages, Session: w.Session, Time: time.Now()}
	w.Entry.Session.Owner, w.Entry.Session.Updated, w.Entry.Session.Priority.Tier = bot.OwnerWaiting, time.Now(), "P1"
	if err := ledger.Commit(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

// TestToldOnceAndInOrder: every change of owner, also through refusals and a
// restart, each under an ID of its own.
func TestToldOnceAndInOrder(t *testing.T) {
	f, ledger, places := &far{t: t, ids: map[string]int{}, refuse: 2}, &bot.Memory{}, memory{}
	h := begin(t, f, ledger, places)
	asks(t, ledger, "x")
	for range 2 {
		if err := h.round(t.Context()); err == nil || strings.Contains(err.Error(), h.URL) {
			t.Fatalf("refused: %v; want an error without the address", err)
		}
	}
	if err := h.round(t.Context()); err != nil {
		t.Fatal(err)
	}
	x := bot.Address{Channel: "web", Thread: "x"}
	if _, err := bot.TakeOver(t.Context(), ledger, x, "Mina"); err != nil {
		t.Fatal(err)
	}
	again := begin(t, f, ledger, places) // the process starts again; the address is another, the places are the same
	s, err := ledger.State(t.Context(), x)
	if err == nil {
		_, err = ledger.Own(t.Context(), s, bot.OwnerClosed, bot.Reply{})
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := again.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"handoff.requested x waiting", "owner.changed x person:Mina", "conversation.closed x closed"}
	if !slices.Equal(f.heard, want) || len(f.ids) != 3 {
		t.Errorf("told %q under %d IDs; want %q", f.heard, len(f.ids), want)
	}
}

// TestALostAnswer: the repeat has the ID of the first.
func TestALostAnswer(t *testing.T) {
	f, ledger := &far{t: t, ids: map[string]int{}}, &bot.Memory{}
	first, second := begin(t, f, ledger, memory{}), begin(t, f, ledger, memory{}) // the second knows nothing of the first
	asks(t, ledger, "x")
	if err := errors.Join(first.round(t.Context()), second.round(t.Context())); err != nil {
		t.Fatal(err)
	}
	if len(f.heard) != 2 || len(f.ids) != 1 {
		t.Errorf("%d calls under %d IDs; want two under one", len(f.heard), len(f.ids))
	}
}

func TestSecretsAreReplaced(t *testing.T) {
	f, ledger := &far{t: t, ids: map[string]int{}}, &bot.Memory{}
	h := begin(t, f, ledger, memory{})
	h.Secrets = []string{"whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32)), secret}
	if err := h.Check(); err != nil {
		t.Fatal(err)
	}
	asks(t, ledger, "x")
	if err := h.round(t.Context()); err != nil || len(f.heard) != 1 {
		t.Errorf("%v, told %d", err, len(f.heard))
	}
}

func TestCheck(t *testing.T) {
	for _, h := range []Hook{
		{URL: "ftp://crm.example/x?key=k", Secrets: []string{secret}}, {URL: "https://crm.example/x?key=k"},
		{URL: "https://u:k@crm.example/x?key=k", Secrets: []string{"whsec_c2hvcnQ="}}, {URL: "https://crm.example/?key=k", Secrets: []string{strings.TrimPrefix(secret, "whsec_")}},
	} {
		if err := h.Check(); !errors.Is(err, ErrOptions) || strings.Contains(err.Error(), "key=") || !strings.Contains(err.Error(), "crm.example") {
			t.Errorf("%s: %v; want an error that names the host and no key", h.URL, err)
		}
	}
}
