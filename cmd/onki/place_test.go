package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/knowledge/qdrant/qdranttest"
)

// onServer ingests one page into a collection of a small Qdrant.
func onServer(t *testing.T) (*qdranttest.Server, config) {
	t.Helper()
	server := qdranttest.Start(t)
	cfg := defaults()
	cfg.Index = server.URL("care")
	page := filepath.Join(t.TempDir(), "parking.md")
	if err := os.WriteFile(page, []byte("# Parking\n\nParking is free for two hours.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := ingest(t.Context(), ingestOptions{brand: "shop"}, cfg, []string{page}, streams{strings.NewReader(""), &out, io.Discard})
	if err != nil || !strings.Contains(out.String(), "1 added") {
		t.Fatalf("ingest: %v, %s", err, out.String())
	}
	return server, cfg
}

func TestQdrantAnswers(t *testing.T) {
	t.Parallel()
	server, cfg := onServer(t)
	b, err := openBrandWith(t.Context(), "shop", cfg.place)
	if err != nil {
		t.Fatal(err)
	}
	for question, want := range map[string]string{"is parking free?": "parking.md//#parking", "환불은 며칠 걸려요?": "ko/refund.md#환불-기간"} {
		found, err := b.shelf.base().Search(t.Context(), question, 1)
		if err != nil || len(found) != 1 || found[0].ID != want {
			t.Errorf("%s: %v, %+v, want %s", question, err, found, want)
		}
	}
	if renewed, err := b.shelf.renew(t.Context()); renewed || err != nil {
		t.Errorf("nothing new: renewed %v, %v", renewed, err)
	}
	at, err := cfg.place("shop")
	if err != nil {
		t.Fatal(err)
	}
	fill(t, at, "# Pets\n\nDogs are welcome in the store.")
	if renewed, err := b.shelf.renew(t.Context()); !renewed || err != nil {
		t.Errorf("after an import: renewed %v, %v", renewed, err)
	}
	if found, _ := b.shelf.base().Search(t.Context(), "are dogs welcome?", 1); len(found) != 1 {
		t.Error("after an import: not found")
	}
	if n := server.Points("care"); n < 80 {
		t.Errorf("%d points, want the brand's own folder too", n)
	}
}

// TestQdrantGoesDown stops the server, and makes it slow, under a conversation:
// the customer hears that we do not know and is offered a person, and it is not
// taken for a gap in what the brand has written.
func TestQdrantGoesDown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*qdranttest.Server){
		"down": func(s *qdranttest.Server) { s.Stop() },
		"slow": func(s *qdranttest.Server) { s.Slow(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, cfg := onServer(t)
			b, err := openBrandWith(t.Context(), "shop", cfg.place)
			if err != nil {
				t.Fatal(err)
			}
			fault(server)
			begin := time.Now()
			e := talk(t, b, "Is parking free? And how long does a refund take?")
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("the customer waited %v", took)
			}
			if e.Failure != "" || len(e.Reply.Parts) == 0 || e.Plan.Handoff.Level != "offer" || len(e.Passages) != 0 {
				t.Errorf("reply %q, hand-off %+v, failure %q", e.Reply.Text(), e.Plan.Handoff, e.Failure)
			}
			notes := map[string]int{}
			for _, n := range e.Notes {
				notes[n.Stage]++
			}
			if notes["library"] != 1 || notes["gap"] != 0 {
				t.Errorf("notes %v, want one that the library could not be asked and no gap", e.Notes)
			}
			if _, err := b.shelf.renew(t.Context()); name == "down" && err == nil {
				t.Error("reading again: no error")
			}
		})
	}
}

// talk says one thing to the brand and returns the journal's entry.
func talk(t *testing.T, b *brand, text string) bot.Entry {
	t.Helper()
	ledger := &bot.Memory{}
	m := bot.Message{ID: "1", From: bot.Address{Channel: "terminal", Thread: "t"}, User: "u", Text: text, Time: time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)}
	if err := ledger.Receive(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	w, err := ledger.Claim(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	engine := &bot.Engine{Flow: b.care.Flow(), Rescue: b.care.Rescue(), Ledger: ledger}
	engine.Answer(t.Context(), w)
	return w.Entry
}

func TestQdrantAtTheStart(t *testing.T) {
	t.Parallel()
	_, cfg := onServer(t)
	cfg.Index += "?dimension=3"
	if _, err := openBrandWith(t.Context(), "shop", cfg.place); err == nil || !strings.Contains(err.Error(), "choose another collection name") {
		t.Errorf("another dimension: %v", err)
	}
	server := qdranttest.Start(t)
	cfg.Index = server.URL("care")
	server.Stop()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if _, err := openBrandWith(ctx, "shop", cfg.place); err == nil || !strings.Contains(err.Error(), "is the server running") {
		t.Errorf("no server: %v", err)
	}
	cfg.Index = "qdrant://h"
	if _, err := cfg.place("shop"); err == nil {
		t.Error("no collection: no error")
	}
}

// TestQdrantHalfImported cuts an import short and opens the brand: what is there
// answers, and the start says what is not finished.
func TestQdrantHalfImported(t *testing.T) {
	t.Parallel()
	server, cfg := onServer(t)
	b, err := openBrandWith(t.Context(), "shop", cfg.place)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.shelf.cutShort(t.Context()); err != nil {
		t.Errorf("a whole import: %v", err)
	}
	server.Refuse(2) // the first write says that an import begins, the second holds passages
	page := filepath.Join(t.TempDir(), "half.md")
	if err := os.WriteFile(page, []byte("# Toys\n\nToys are on the second floor.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	err = ingest(t.Context(), ingestOptions{brand: "shop"}, cfg, []string{page}, streams{strings.NewReader(""), io.Discard, io.Discard})
	if !errors.Is(err, errSilent) {
		t.Errorf("an import that the server refuses: %v", err)
	}
	server.Refuse(0)
	if b, err = openBrandWith(t.Context(), "shop", cfg.place); err != nil {
		t.Fatal(err)
	}
	if err := b.shelf.cutShort(t.Context()); err == nil || !strings.Contains(err.Error(), "half.md") || !strings.Contains(err.Error(), "run onki ingest again") {
		t.Errorf("half an import: %v", err)
	}
	if found, err := b.shelf.Search(t.Context(), flows.Question{Text: "is parking free?", Lang: "en"}, 1); err != nil || len(found) != 1 {
		t.Errorf("what was there before: %v, %+v", err, found)
	}
}
