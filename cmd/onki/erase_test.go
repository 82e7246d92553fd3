package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/channels/web"
)

// someCustomers fills a ledger in dir: mina complained and attached a file, jun
// asked something.
func someCustomers(t *testing.T, dir string, now time.Time) (cfg config, mina, jun bot.Address) {
	t.Helper()
	cfg = defaults()
	cfg.Ledger, cfg.LogLevel = "sqlite:"+filepath.Join(dir, "onki.db"), "error"
	l, err := sqlledger.Open(t.Context(), cfg.ledgerURL(), sqlledger.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	mina, jun = bot.Address{Channel: "web", Thread: "umina"}, bot.Address{Channel: "web", Thread: "ujun"}
	for _, c := range []struct {
		a                 bot.Address
		user, text, event string
	}{{mina, "mina-0042-canary", "느티나무두루미가 늦어요", "delivery_late"}, {jun, "jun-0043-canary", "자작나무코끼리 있나요", ""}} {
		now = now.Add(time.Millisecond) // nobody does two things at once
		if err := l.Receive(t.Context(), bot.Message{ID: "m-" + c.a.Thread, From: c.a, User: c.user, Text: c.text, Time: now}); err != nil {
			t.Fatal(err)
		}
		w, err := l.Claim(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.Customer.Name = c.user
		w.Entry = bot.Entry{Messages: w.Messages, Case: bot.Case{Event: c.event}, Session: w.Session, Time: now,
			Reply: bot.Reply{ID: "re:" + c.a.Thread, To: c.a, Parts: []bot.Part{{Text: "about " + c.text}}, Time: now}}
		w.Entry.Session.Owner, w.Entry.Session.Updated = bot.OwnerBot, now
		if err := l.Commit(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		id := web.Attached(c.a) + strings.Repeat("A", 26)
		if err := fileStore(cfg, l).Put(t.Context(), id, []byte("file of "+c.user)); err != nil {
			t.Fatal(err)
		}
	}
	return cfg, mina, jun
}

// TestEraseUser: nothing of the customer is left in any file, the proof says so
// without naming them, and the audit log holds the act.
func TestEraseUser(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := someCustomers(t, dir, time.Now())
	e := erasure{user: "mina-0042-canary", by: "lee", reason: "request", proof: filepath.Join(dir, "proof.json")}
	var out bytes.Buffer
	s := streams{out: &out, err: &out}
	if err := (erasure{user: "mina"}).run(t.Context(), cfg, s); err == nil {
		t.Error("erased without saying who did it and why")
	}
	if err := (erasure{user: "nobody", by: "lee", reason: "x"}).run(t.Context(), cfg, s); err == nil {
		t.Error("erased a customer who does not exist")
	}
	try := e
	try.try, try.proof = true, ""
	if err := try.run(t.Context(), cfg, s); err != nil || len(holding(t, dir, "느티나무두루미")) == 0 {
		t.Fatalf("a try deleted something: %v", err)
	}
	if err := e.run(t.Context(), cfg, s); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if found := holding(t, dir, "느티나무두루미", "mina-0042-canary"); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
	if found := holding(t, dir, "자작나무코끼리", "file of jun"); len(found) < 2 {
		t.Errorf("another customer lost something: %v is left", found)
	}
	text, err := os.ReadFile(e.proof)
	if err != nil {
		t.Fatal(err)
	}
	var p erased
	if err := json.Unmarshal(text, &p); err != nil || p.Conversations != 1 || p.Fragments < 4 || p.Found != 0 || p.Scanned == 0 || p.Files != 0 || p.Audit != 1 {
		t.Errorf("proof %s, %v", text, err)
	}
	if err := e.run(t.Context(), cfg, s); err == nil {
		t.Error("an erased customer was found again")
	}
	l, err := sqlledger.Open(t.Context(), cfg.ledgerURL(), sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	acts, err := l.Acts(t.Context(), 0, 9)
	if err != nil || len(acts) != 1 || acts[0].Act != "erase" || acts[0].Hash != p.Hash || acts[0].Actor != "lee" {
		t.Errorf("audit %+v, %v", acts, err)
	}
}

// TestComplaintsAreKeptApart: with a duty to keep complaints, that of mina goes
// out of sight and jun's question is deleted.
func TestComplaintsAreKeptApart(t *testing.T) {
	dir := t.TempDir()
	cfg, mina, jun := someCustomers(t, dir, time.Now())
	cfg.KeepComplaints = days(3 * 365 * 24 * time.Hour)
	var out bytes.Buffer
	for _, user := range []string{"mina-0042-canary", "jun-0043-canary"} {
		if err := (erasure{user: user, by: "lee", reason: "request"}).run(t.Context(), cfg, streams{out: &out, err: &out}); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
	}
	l, err := sqlledger.Open(t.Context(), cfg.ledgerURL(), sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for a, want := range map[bot.Address]int{mina: 3, jun: 0} {
		if events, err := l.Events(t.Context(), a, 0, 9); err != nil || len(events) != 0 {
			t.Errorf("%s still shows %v, %v", a, events, err)
		}
		if kept, err := l.Locked(t.Context(), a); err != nil || len(kept) != want {
			t.Errorf("%s: %d records kept, %v; want %d", a, len(kept), err, want)
		}
	}
	if found := holding(t, dir, "자작나무코끼리", "file of mina"); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// TestSweep: a year after its last word a conversation goes, with its files.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	then := time.Now().Add(-400 * 24 * time.Hour)
	cfg, mina, _ := someCustomers(t, dir, then)
	l, err := sqlledger.Open(t.Context(), cfg.ledgerURL(), sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := sweeper{keeping{Ledger: l}, fileStore(cfg, l), cfg.KeepChats, cfg.KeepSeen, slog.New(slog.DiscardHandler)}
	if n, err := s.sweep(t.Context(), then.Add(364*24*time.Hour)); err != nil || n != 0 {
		t.Fatalf("%d went before their time, %v", n, err)
	}
	if err := l.Receive(t.Context(), bot.Message{ID: "new", From: mina, User: "mina-0042-canary", Text: "돌아왔어요", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if n, err := s.sweep(t.Context(), time.Now()); err != nil || n != 1 {
		t.Errorf("%d went, %v; want jun's alone, since mina has come back", n, err)
	}
	if found := holding(t, dir, "자작나무코끼리", "file of jun"); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
	if found := holding(t, dir, "느티나무두루미"); len(found) == 0 {
		t.Error("a conversation that goes on was deleted")
	}
}

func TestDays(t *testing.T) {
	for text, want := range map[string]time.Duration{"365d": 365 * 24 * time.Hour, "0s": 0, "36h": 36 * time.Hour, "0d": 0} {
		var d days
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s: %v, %v", text, time.Duration(d), err)
		}
	}
	for _, text := range []string{"", "3", "-3d", "d", "1y", "-1h", "99999999d"} {
		if err := new(days).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	var c config
	if err := c.readEnv([]string{"ONKI_KEEP_COMPLAINTS=1095d"}); err != nil || time.Duration(c.KeepComplaints) != 1095*24*time.Hour {
		t.Errorf("environment: %v, %v", c.KeepComplaints, err)
	}
	file := filepath.Join(t.TempDir(), "onki.yaml")
	if err := os.WriteFile(file, []byte("keep_chats: 90d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.readFile(file); err != nil || time.Duration(c.KeepChats) != 90*24*time.Hour {
		t.Errorf("file: %v, %v", c.KeepChats, err)
	}
}

// TestAuditCommand prints the log, and fails when a hash that was kept elsewhere
// is not in it.
func TestAuditCommand(t *testing.T) {
	dir := t.TempDir()
	cfg, _, _ := someCustomers(t, dir, time.Now())
	if err := (erasure{user: "mina-0042-canary", by: "lee", reason: "request"}).run(t.Context(), cfg, streams{out: io.Discard, err: io.Discard}); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"audit", "--ledger", cfg.Ledger}, streams{out: &out, err: &errs}); code != 0 {
		t.Fatalf("%d\n%s", code, errs.String())
	}
	var act sqlledger.Act
	if err := json.Unmarshal(out.Bytes(), &act); err != nil || act.Act != "erase" {
		t.Errorf("%s, %v", out.String(), err)
	}
	for hash, want := range map[string]int{act.Hash: 0, "cut off": 1} {
		if code := run(t.Context(), []string{"audit", "--ledger", cfg.Ledger, "--expect", hash}, streams{out: io.Discard, err: io.Discard}); code != want {
			t.Errorf("expecting %s: exit code %d, want %d", hash, code, want)
		}
	}
}
