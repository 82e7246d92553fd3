package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/terminal"
	"github.com/peterh/liner"
	"github.com/spf13/cobra"
)

// chatOptions are the flags of onki chat.
type chatOptions struct {
	brand, lang, user, ledger string
	json, trace               bool
}

func newChat(s streams) *cobra.Command {
	var o chatOptions
	c := &cobra.Command{
		Use: "chat", Short: "talk with a brand in the terminal, or JSON in and out", Args: cobra.NoArgs,
		Long: `Talk with a brand in the terminal.

With --json it reads one message per line, a JSON object or plain text, and
writes one JSON object per reply, in the order of the lines:

  in   {"text":…, "user":…, "lang":…, "time":…, "context":{…}}
  out  {"reply":{"parts":[{"stage":…,"text":…}]}, "reading":{…}, "case":{…},
        "plan":{…}, "passages":[…], "session":{"owner":…,"priority":…,…}}

Each user is a conversation of their own. docs/json.md describes every field.`,
		Example: "  onki chat --brand shop --trace\n  echo '{\"text\":\"내 선물 어디예요?\"}' | onki chat --json --brand ./mybrand",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.lang != "" && o.lang != "ko" && o.lang != "en" {
				return usagef("--lang %q: want ko or en", o.lang)
			}
			cfg, err := loadConfig("", c.Flags())
			if err != nil {
				return usageError{err}
			}
			return chat(c.Context(), o, cfg, s)
		},
	}
	f := c.Flags()
	f.StringVar(&o.brand, "brand", "shop", "brand folder, or shop, airline, empty")
	f.StringVar(&o.lang, "lang", "", "language to greet in, and to answer in when a message does not show it: ko or en")
	f.StringVar(&o.user, "user", "", "who you are; a customer's persona is remembered by it")
	f.StringVar(&o.ledger, "ledger", "memory:", "keep the conversation: sqlite:PATH, or memory: to forget it")
	indexFlag(c)
	f.BoolVar(&o.json, "json", false, "read and write JSON, a line each")
	modelFlags(c)
	f.BoolVar(&o.trace, "trace", false, "show what was heard and decided, and why")
	return c
}

// chat holds a conversation until the input ends.
func chat(ctx context.Context, o chatOptions, cfg config, s streams) error {
	b, err := openBrandWith(ctx, o.brand, cfg.place)
	if err != nil {
		return err
	}
	cfg.Ledger = o.ledger // to forget, unless it is said here where to keep it
	if err := b.useModels(cfg, nil); err != nil {
		return usageError{err}
	}
	if err := cfg.check(); err != nil {
		return usageError{err}
	}
	log := newLog(config{LogLevel: "error"}, s)
	ledger, closeLedger, err := openLedger(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer closeLedger()
	ch := &terminal.Channel{In: s.in, JSON: o.json, User: o.user, Lang: o.lang}
	show := printer(o, s)
	ch.Show = func(ctx context.Context, r bot.Reply) error {
		e, err := entryOf(ctx, ledger, r)
		if err != nil {
			return err
		}
		return show(e)
	}
	ch.More = func(ctx context.Context, r bot.Reply) bool {
		e, err := entryOf(ctx, ledger, r)
		return err == nil && len(e.Orders) > 0
	}
	if !o.json && isTerminal(s.in) {
		read, stop := lineEditor()
		defer stop()
		ch.Read = read
		greet(b, o, s)
	}
	engine := &bot.Engine{Channels: []bot.Channel{ch}, Ledger: whole{ledger}, Log: log, Workers: 1}
	if err := b.drive(engine); err != nil {
		return err
	}
	return engine.Run(ctx)
}

// whole is a ledger that keeps a reply together: in a terminal, and in JSON, one
// message has one answer.
type whole struct{ fullLedger }

// entryOf finds the journal entry of a reply.
func entryOf(ctx context.Context, j bot.Journal, r bot.Reply) (bot.Entry, error) {
	var after int64
	for {
		entries, err := j.Entries(ctx, r.To, after, 100)
		if err != nil {
			return bot.Entry{}, err
		}
		if len(entries) == 0 {
			return bot.Entry{Reply: r}, nil // written by a person, not by a turn
		}
		for _, e := range entries {
			if e.Reply.ID == r.ID {
				return e, nil
			}
			after = e.Seq
		}
	}
}

// printer returns how a turn is shown.
func printer(o chatOptions, s streams) func(bot.Entry) error {
	if !o.json {
		style := terminal.Style{Colour: isTerminal(s.out), Trace: o.trace}
		return func(e bot.Entry) error { return terminal.Print(s.out, e, style) }
	}
	out := json.NewEncoder(s.out)
	out.SetEscapeHTML(false)
	ordered := make(map[bot.Address]bot.Entry)
	return func(e bot.Entry) error { // one object for each line: what was ordered and what came of it
		before, held := ordered[e.Reply.To]
		delete(ordered, e.Reply.To)
		if held {
			before.Reply.Parts = append(before.Reply.Parts, e.Reply.Parts...)
			before.Session, before.Plan.Forward, before.Plan.Handoff = e.Session, e.Plan.Forward, e.Plan.Handoff
			before.Orders = nil
			e = before
		}
		if len(e.Orders) > 0 {
			ordered[e.Reply.To] = e
			return nil
		}
		return out.Encode(terminal.NewAnswer(e))
	}
}

// greet says, before anything else, that an AI answers.
func greet(b *brand, o chatOptions, s streams) {
	lang := o.lang
	if lang == "" {
		lang = b.Languages[0]
	}
	fmt.Fprintf(s.err, "%s\n\n", b.notice(lang))
}

// lineEditor reads lines with editing and history; Ctrl-D and Ctrl-C end.
func lineEditor() (read func() (string, error), stop func()) {
	editor := liner.NewLiner()
	editor.SetCtrlCAborts(true)
	history := historyFile()
	if f, err := os.Open(history); err == nil {
		_, _ = editor.ReadHistory(f) // a damaged history is no reason not to talk
		f.Close()
	}
	read = func() (string, error) {
		line, err := editor.Prompt("> ")
		if errors.Is(err, liner.ErrPromptAborted) {
			return "", io.EOF
		}
		if strings.TrimSpace(line) != "" {
			editor.AppendHistory(line)
		}
		return line, err
	}
	return read, func() {
		if f, err := os.OpenFile(history, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err == nil {
			_, _ = editor.WriteHistory(f)
			f.Close()
		}
		editor.Close()
	}
}

func historyFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return os.DevNull
	}
	dir = filepath.Join(dir, "onki")
	if os.MkdirAll(dir, 0o700) != nil {
		return os.DevNull
	}
	return filepath.Join(dir, "history")
}
