package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/outbound"
	"github.com/onkihq/onki/channels/desk"
	"github.com/onkihq/onki/channels/desk/hook"
	"github.com/onkihq/onki/channels/desk/rest"
	"github.com/onkihq/onki/personas"
)

// newDesk makes the staff's side of the brand's conversations.
func (b *brand) newDesk(cfg config, ledger fullLedger, hints bot.Hints) (*desk.Desk, error) {
	return desk.New(desk.Options{
		Ledger: ledger, Hints: hints, Lang: cmp.Or(cfg.DeskLang, b.Languages[0]), Zone: b.Zone(),
		Check: b.hint, Opening: b.opening,
	})
}

// hint says why a person's sentence had better not be sent as it is, or "".
func (b *brand) hint(text, lang string) string {
	for _, f := range b.linter.Lint(text, lang, personas.Saying{Complaint: true, Emoji: true}) {
		if f.Severity == "error" {
			return "“" + f.Text + "”: " + strings.TrimSpace(f.Why+" "+f.Instead)
		}
	}
	return ""
}

// opening suggests the first sentence of a person who takes over: what the
// customer told, in the words the policy would have acknowledged it with, and
// that they need not tell it again.
func (b *brand) opening(ctx context.Context, s bot.Session, e bot.Entry) string {
	t := &bot.Turn{Session: &s, After: s.Clone(), Reading: e.Reading, Case: s.Case, Plan: e.Plan, Reply: bot.Reply{Lang: s.Lang, Time: s.Updated}}
	t.Message.Time = s.Updated
	if t.Plan.Register == "" {
		t.Plan.Register = b.voice.Register(s.Lang)
	}
	var said []string
	moments := []string{"handoff.first"}
	switch m := e.Plan.Acknowledge.Moment; {
	case s.Case.Event == "":
	case slices.Contains([]string{"effort", "meaning", "worry", "loss", "proof", "self", "tired"}, m):
		moments = []string{"acknowledge." + m, "handoff.first"}
	default: // the last message asked for something; the case is what weighs
		moments = []string{"acknowledge.fact", "handoff.first"}
	}
	for _, moment := range moments {
		text, err := b.words.Write(ctx, moment, t)
		if err == nil && text != "" {
			said = append(said, text)
		}
	}
	return strings.Join(said, " ")
}

// late tells customers that a person is late.
func (b *brand) late(ledger fullLedger, hints bot.Hints, log *slog.Logger) (worker, bool) {
	ledgerNotifies, ok := ledger.(desk.Notifier)
	n := &desk.Late{
		Journal: ledger, Ledger: ledgerNotifies, Hints: hints, Log: log,
		Due: b.back, Decent: b.decent, Words: b.lateWords,
	}
	return worker{"late", n.Run}, ok
}

// decent is from eight in the morning until nine at night where the customer is,
// or where the brand is when nobody knows that: outside it nobody writes unasked.
func (b *brand) decent(at time.Time, zone string) bool {
	there := b.Zone()
	if z, err := time.LoadLocation(zone); err == nil && zone != "" {
		there = z
	}
	h := at.In(there).Hour()
	return h >= 8 && h < 21
}

// lateWords are for somebody who has waited beyond what was promised.
func (b *brand) lateWords(ctx context.Context, s bot.Session) (string, error) {
	t := &bot.Turn{Session: &s, After: s.Clone(), Case: s.Case, Reply: bot.Reply{Lang: s.Lang}}
	t.Message.Time = s.Updated
	t.Plan.Register = b.voice.Register(s.Lang)
	return b.words.Write(ctx, "handoff.late", t)
}

// api serves the staff's side to other programs, if any may use it.
func (b *brand) api(n *network, cfg config, ledger fullLedger, staff *desk.Desk, hints bot.Hints, log *slog.Logger) error {
	if len(cfg.APIKeys) == 0 {
		return nil
	}
	o := rest.Options{Desk: staff, Journal: ledger, Hints: hints, Log: log}
	for _, k := range cfg.APIKeys {
		text, err := k.Key.found()
		if err != nil {
			return fmt.Errorf("api_keys: %s: %w", k.Name, err)
		}
		o.Keys = append(o.Keys, rest.Key{Name: k.Name, Secret: text, Scopes: k.Scopes, Rate: k.Rate})
	}
	a, err := rest.New(o)
	if err != nil {
		return fmt.Errorf("api_keys: %w", err)
	}
	n.hooks[rest.Prefix+"/"] = a.Handler()
	return nil
}

// webhooks tell other programs about hand-overs. What only this server can reach
// is refused unless the brand says that it is theirs.
func webhooks(n *network, cfg config, ledger fullLedger, log *slog.Logger) error {
	if len(cfg.Webhooks) == 0 {
		return nil
	}
	places, ok := ledger.(hook.Places)
	if !ok {
		return errors.New("webhooks: a ledger in memory cannot remember what was told; use sqlite:PATH")
	}
	for i, w := range cfg.Webhooks {
		guard := outbound.Guard{}
		if u, err := url.Parse(w.URL); err == nil && w.Inside {
			guard.Hosts = []string{u.Host}
		}
		if err := guard.Check(w.URL); err != nil {
			return fmt.Errorf("webhooks: number %d: %w; set inside: true if it is yours", i+1, err)
		}
		h := &hook.Hook{URL: w.URL, Client: guard.Client(), Journal: ledger, Past: ledger, Places: places, Log: log}
		for _, s := range w.Secrets {
			text, err := s.found()
			if err != nil {
				return fmt.Errorf("webhooks: number %d: %w", i+1, err)
			}
			h.Secrets = append(h.Secrets, text)
		}
		if err := h.Check(); err != nil {
			return fmt.Errorf("webhooks: %w", err)
		}
		n.workers = append(n.workers, worker{fmt.Sprintf("webhook.%d", i+1), h.Run})
	}
	return nil
}

// found returns the secret itself, or reads it from where it says.
func (s secret) found() (string, error) {
	if name, ok := strings.CutPrefix(string(s), "env:"); ok {
		if v := os.Getenv(name); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("the environment has no %s", name)
	}
	if path, ok := strings.CutPrefix(string(s), "file:"); ok {
		text, err := os.ReadFile(path)
		return strings.TrimSpace(string(text)), err
	}
	return string(s), nil
}

// A worker runs beside the engine until its context ends.
type worker struct {
	name string // of what one node at a time does
	run  func(ctx context.Context) error
}

// work runs the workers, each on one node at a time, until stop is called, which
// waits for them. One that fails is reported; customers are answered all the
// same.
func work(ctx context.Context, workers []worker, ledger fullLedger, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, w := range workers {
		lead := leader(ledger, w.name)
		all.Go(func() {
			for ctx.Err() == nil {
				if err := w.alone(ctx, lead); err != nil && ctx.Err() == nil {
					log.Error("stopped", "what", w.name, "error", err)
					return
				}
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// alone runs while this node leads.
func (w worker) alone(ctx context.Context, lead func(context.Context) (context.Context, func(), error)) error {
	if lead == nil {
		return w.run(ctx)
	}
	held, release, err := lead(ctx)
	if err != nil {
		return err
	}
	defer release()
	return w.run(held)
}
