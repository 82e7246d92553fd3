package selftest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/bot/sqlledger"
)

//go:embed private.txt
var privateText string

// all is more than one self-test writes.
const all = 1 << 20

// transcripts reads what was said in every conversation of a ledger.
func (b *bench) transcripts(ctx context.Context, name string) (map[bot.Address][]bot.Event, error) {
	l, err := sqlledger.Open(ctx, "sqlite:"+b.path(name), sqlledger.Options{})
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := l.Check(ctx); err != nil {
		return nil, err
	}
	sessions, err := l.Conversations(ctx, time.Time{}, all)
	if err != nil {
		return nil, err
	}
	out := make(map[bot.Address][]bot.Event)
	for _, s := range sessions {
		if out[s.Address], err = l.Events(ctx, s.Address, 0, all); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// restore fills a new ledger from the backup and compares every transcript.
func (b *bench) restore(ctx context.Context) error {
	said, err := b.does(ctx, "restore", "--ledger", "sqlite:"+b.path("restored.db"), b.path("backup.onki"))
	if err != nil {
		b.line(false, "a backup brings everything back", "restore: %v: %s", err, said)
		return nil
	}
	was, err := b.transcripts(ctx, "onki.db")
	if err != nil {
		return err
	}
	is, err := b.transcripts(ctx, "restored.db")
	if err != nil {
		return err
	}
	lines, same := 0, 0
	for a, events := range was {
		lines += len(events)
		if reflect.DeepEqual(events, is[a]) {
			same++
		}
	}
	b.line(len(was) > threads && same == len(was) && len(is) == len(was), "a backup, made while it runs, brings everything back",
		"%d of %d conversations with %d lines are the same", same, len(was), lines)
	return nil
}

// damage changes copies of the ledger and starts the server on them.
func (b *bench) damage(ctx context.Context) error {
	whole, err := os.ReadFile(b.path("onki.db"))
	if err != nil {
		return err
	}
	sums, err := os.ReadFile(b.path("onki.db-sum"))
	if err != nil {
		return err
	}
	place := 64 + b.random.IntN(len(whole)-64)
	for _, d := range []struct {
		promise, done string
		file          []byte
	}{
		{"a flipped bit is noticed at the start", fmt.Sprintf("a bit of byte %d of %d flipped", place, len(whole)), flipped(whole, place)},
		{"a file that is cut is noticed at the start", fmt.Sprintf("cut after %d of %d bytes", len(whole)*2/3, len(whole)), whole[:len(whole)*2/3]},
	} {
		if err := errors.Join(os.WriteFile(b.path("damaged.db"), d.file, 0o600), os.WriteFile(b.path("damaged.db-sum"), sums, 0o600)); err != nil {
			return err
		}
		said, err := b.does(ctx, "serve", "--addr", b.addr, "--brand", "shop", "--ledger", "sqlite:"+b.path("damaged.db"))
		b.line(err != nil && strings.Contains(said, "restore a backup") && strings.Contains(said, "damaged.db"), d.promise, "%s; it says: %.300s", d.done, strings.TrimSpace(said))
	}
	return nil
}

func flipped(file []byte, place int) []byte {
	out := bytes.Clone(file)
	out[place] ^= 1
	return out
}

// erase deletes one customer and looks for them in every file of the ledger.
func (b *bench) erase(ctx context.Context) error {
	gone, stays := b.canary("x00"), b.canary("x01")
	was, err := b.transcripts(ctx, "onki.db")
	if err != nil {
		return err
	}
	var customer bot.Address
	for a, events := range was {
		for _, e := range events {
			if e.Message != nil && strings.Contains(e.Message.Text, gone) {
				customer = a
			}
		}
	}
	before, err := b.holding(gone)
	if err != nil {
		return err
	}
	said, err := b.does(ctx, "erase", "--ledger", "sqlite:"+b.path("onki.db"), "--conversation", customer.String(), "--by", "selftest", "--reason", "repeat the promise", "--proof", b.path("proof.json"))
	if err != nil {
		b.line(false, "erasing a customer leaves nothing of them", "erase: %v: %s", err, said)
		return nil
	}
	var proof struct{ Fragments, Found, Files int }
	text, err := os.ReadFile(b.path("proof.json"))
	if err == nil {
		err = json.Unmarshal(text, &proof)
	}
	if err != nil {
		return err
	}
	after, err := b.holding(gone)
	if err != nil {
		return err
	}
	others, err := b.holding(stays)
	if err != nil {
		return err
	}
	b.line(before > 0 && after == 0 && others > 0 && proof.Found == 0 && proof.Files == 0, "erasing a customer leaves nothing of them in any file",
		"their word %d times before, %d times after; the proof looked for %d pieces and found %d; another customer's word still %d times", before, after, proof.Fragments, proof.Found, others)
	return nil
}

// holding counts a word in the ledger and everything that lies beside it.
func (b *bench) holding(word string) (n int, err error) {
	err = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(path, b.path("onki.db")) {
			return err
		}
		text, err := os.ReadFile(path)
		n += bytes.Count(text, []byte(word))
		return err
	})
	return n, err
}

// audit lets the program check the log of privileged acts.
func (b *bench) audit(ctx context.Context) error {
	said, err := b.does(ctx, "audit", "--ledger", "sqlite:"+b.path("onki.db"))
	acts := strings.Count(said, `"act":"erase"`)
	b.line(err == nil && acts == 1, "the erasure stands in the audit log, and its chain of hashes holds", "%d act of erasing; onki audit: %s", acts, map[bool]string{true: "whole", false: "broken"}[err == nil])
	return nil
}

// redact masks a small sample; TestMeasure of bot/redact does so on 10,000
// messages a language.
func (b *bench) redact(context.Context) error {
	hidden, secrets, kept, plain := 0, 0, 0, 0
	for _, row := range table(privateText) {
		masked := redact.Mask(row[2]).String()
		if row[1] == "-" {
			plain++
			if masked == row[2] {
				kept++
			}
			continue
		}
		for secret := range strings.SplitSeq(row[1], "|") {
			secrets++
			if strings.Contains(row[2], secret) && !strings.Contains(masked, secret) {
				hidden++
			}
		}
	}
	b.line(hidden == secrets && kept == plain, "personal data is hidden from logs and models", "%d of %d pieces hidden; %d of %d harmless messages unchanged", hidden, secrets, kept, plain)
	return nil
}
