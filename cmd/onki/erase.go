package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/channels/web"
	"github.com/spf13/cobra"
)

// erasure is what onki erase was asked to do.
type erasure struct {
	user, channel, conversation string
	by, reason, proof           string
	lock                        days
	try                         bool
}

func newErase(s streams) *cobra.Command {
	var file, lock string
	var e erasure
	c := &cobra.Command{
		Use: "erase", Short: "delete everything about a customer, with a proof", Args: cobra.NoArgs,
		Long: "Deletes the conversations of a customer, what is remembered of them and what they attached, then searches the whole database and the\n" +
			"folder of files for pieces of it and writes down what was found. A ledger in a file is used by one process: stop serve first.\n" +
			"Records of complaints that the configuration (keep_complaints) or --lock asks to be kept are put out of reach instead of deleted.",
		Example: "  onki erase --user 4711 --by \"Lee, privacy\" --reason \"request of 2026-11-20\" --proof erased-4711.json\n  onki erase --conversation telegram:123456 --by Lee --reason request --try",
		RunE: func(c *cobra.Command, _ []string) error {
			if lock != "" {
				if err := e.lock.UnmarshalText([]byte(lock)); err != nil {
					return usageError{err}
				}
			}
			cfg, err := ledgerConfig(c, file)
			if err != nil {
				return err
			}
			return e.run(c.Context(), cfg, s)
		},
	}
	ledgerFlags(c, &file)
	c.Flags().StringVar(&e.user, "user", "", "the customer, as the channel knows them")
	c.Flags().StringVar(&e.channel, "channel", "", "only on this channel: web, slack, telegram")
	c.Flags().StringVar(&e.conversation, "conversation", "", "one conversation, CHANNEL:THREAD")
	c.Flags().StringVar(&e.by, "by", "", "who does it, for the audit log")
	c.Flags().StringVar(&e.reason, "reason", "", "why, for the audit log")
	c.Flags().StringVar(&e.proof, "proof", "", "write the proof to this new file; to standard output if left out")
	c.Flags().StringVar(&lock, "lock", "", "keep transcript and journal locked away for so long, such as 1095d, instead of deleting them")
	c.Flags().BoolVar(&e.try, "try", false, "only say what would be deleted")
	return c
}

// erased is the proof: what was deleted, what is kept and why, and that a search
// of everything stored found nothing of the rest.
type erased struct {
	Subject       string    `json:"subject"` // hash of the customer's name: the proof must not name them
	At            time.Time `json:"at"`
	By            string    `json:"by"`
	Reason        string    `json:"reason"`
	Conversations int       `json:"conversations"`
	Locked        int       `json:"locked"` // of them, kept out of reach
	Until         time.Time `json:"until,omitzero"`
	Fragments     int       `json:"fragments"`      // pieces of what was deleted, taken before
	Found         int       `json:"found"`          // of them, found afterwards
	Scanned       int64     `json:"scanned"`        // bytes of the database that were searched
	Files         int       `json:"files"`          // attached files that are left
	Audit         int64     `json:"audit"`          // line of the audit log
	Hash          string    `json:"hash"`           // of that line
	Try           bool      `json:"try,omitempty"`  // nothing was deleted
	Note          string    `json:"note,omitempty"` // what was not reached
}

func (e erasure) check() error {
	switch {
	case (e.user == "") == (e.conversation == ""):
		return usagef("erase: name a customer with --user or one conversation with --conversation")
	case e.by == "" || e.reason == "":
		return usagef("erase: say who does it and why, with --by and --reason; both go into the audit log")
	}
	return nil
}

func (e erasure) run(ctx context.Context, cfg config, s streams) error {
	if err := e.check(); err != nil {
		return err
	}
	l, err := cfg.openLedger(ctx, newLog(cfg, s))
	if err != nil {
		return err
	}
	defer l.Close()
	all, err := e.conversations(ctx, l)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("erase: no conversation of this customer: users are known as the channel names them, and erased ones by nobody")
	}
	p := erased{Subject: subject(e.user, e.conversation), At: time.Now().UTC(), By: e.by, Reason: e.reason, Conversations: len(all), Try: e.try,
		Note: "copies made before by backups, networks (Slack, Telegram) and models are not reached"}
	if e.try {
		return e.write(p, s)
	}
	if err := e.erase(ctx, cfg, l, all, &p); err != nil {
		return err
	}
	if err := e.write(p, s); err != nil {
		return err
	}
	if p.Found > 0 || p.Files > 0 {
		fmt.Fprintf(s.err, "erase: %d pieces and %d files are still there: another process may have written them; run it again\n", p.Found, p.Files)
		return errSilent
	}
	return nil
}

// erase deletes and searches. The act is written down before it is done.
func (e erasure) erase(ctx context.Context, cfg config, l *sqlledger.Ledger, all []bot.Address, p *erased) error {
	act, err := l.Audit(ctx, e.by, "erase", p.Subject, e.reason)
	if err != nil {
		return err
	}
	p.Audit, p.Hash = act.Seq, act.Hash
	k := keeping{Ledger: l, complaints: time.Duration(cfg.KeepComplaints)}
	files := fileStore(cfg, l)
	var pieces []string
	for _, a := range all {
		these, err := l.Fragments(ctx, []bot.Address{a})
		if err != nil {
			return err
		}
		var until time.Time
		if e.lock > 0 {
			until = time.Now().Add(time.Duration(e.lock))
			err = l.Lock(ctx, a, e.reason, until)
		} else {
			until, err = k.remove(ctx, a, "a record of a complaint")
		}
		if err != nil {
			return err
		}
		if until.IsZero() {
			pieces = append(pieces, these...)
		} else {
			p.Locked++
			if until.After(p.Until) {
				p.Until = until.UTC()
			}
		}
		if err := files.Forget(ctx, web.Attached(a)); err != nil {
			return err
		}
		p.Files += left(cfg, a)
	}
	if len(e.user) >= 8 && p.Locked == 0 {
		pieces = append(pieces, e.user) // a shorter name would be found by chance
	}
	p.Fragments = len(pieces)
	p.Found, p.Scanned, err = l.Scan(ctx, pieces)
	return err
}

func (e erasure) conversations(ctx context.Context, l *sqlledger.Ledger) ([]bot.Address, error) {
	if e.conversation == "" {
		named, err := l.Of(ctx, e.channel, e.user)
		if err != nil {
			return nil, err
		}
		return linkedTo(ctx, l, named)
	}
	channel, thread, ok := strings.Cut(e.conversation, ":")
	if !ok {
		return nil, usagef("erase: --conversation %q: write CHANNEL:THREAD", e.conversation)
	}
	return []bot.Address{{Channel: channel, Thread: thread}}, nil
}

// linkedTo adds the conversations that the same persons had on other channels.
func linkedTo(ctx context.Context, l *sqlledger.Ledger, named []bot.Address) ([]bot.Address, error) {
	var all []bot.Address
	for _, a := range named {
		same, err := l.Linked(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, b := range same {
			if !slices.Contains(all, b) {
				all = append(all, b)
			}
		}
	}
	return all, nil
}

func (e erasure) write(p erased, s streams) error {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if e.proof == "" {
		fmt.Fprintln(s.out, string(text))
		return nil
	}
	f, err := os.OpenFile(e.proof, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("erase: write the proof: %w", err)
	}
	if _, err := fmt.Fprintln(f, string(text)); err != nil {
		return fmt.Errorf("erase: write the proof: %w", err)
	}
	return f.Close()
}

// subject names a customer without telling who they are.
func subject(user, conversation string) string {
	sum := sha256.Sum256([]byte("onki/subject\n" + cmp.Or(user, conversation)))
	return "subject:" + hex.EncodeToString(sum[:12])
}

// fileStore is where serve keeps what customers attach.
func fileStore(cfg config, ledger web.Store) web.Store {
	if path := cfg.ledgerPath(); path != "" {
		return web.Dir(path + ".files") // beside what they say
	}
	return ledger // every node must find it
}

// left counts the files of a conversation in the folder beside the ledger.
func left(cfg config, a bot.Address) int {
	path := cfg.ledgerPath()
	if path == "" {
		return 0
	}
	found, _ := filepath.Glob(filepath.Join(path+".files", strings.TrimSuffix(web.Attached(a), "."), "*")) // the pattern is well formed
	return len(found)
}
