package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/spf13/cobra"
)

func newAudit(s streams) *cobra.Command {
	var file, expect string
	c := &cobra.Command{
		Use: "audit", Short: "print the log of privileged acts and check that nobody changed it", Args: cobra.NoArgs,
		Long:    "Prints each privileged act as a line of JSON. Each line holds the hash of the one before, so a changed line is found; that the end was\ncut off is found by --expect with a hash that was kept elsewhere, such as in the program's log.",
		Example: "  onki audit --ledger sqlite:onki.db --expect 9f2c…",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := ledgerConfig(c, file)
			if err != nil {
				return err
			}
			l, err := cfg.openLedger(c.Context(), newLog(cfg, s))
			if err != nil {
				return err
			}
			defer l.Close()
			const page = 1000
			seen := expect == ""
			for after := int64(0); ; {
				acts, err := l.Acts(c.Context(), after, page)
				for _, a := range acts {
					line, _ := json.Marshal(a) // strings, a number and a time: never fails
					fmt.Fprintln(s.out, string(line))
					seen, after = seen || a.Hash == expect, a.Seq
				}
				if err != nil {
					return fmt.Errorf("audit: %w", err)
				}
				if len(acts) < page {
					break
				}
			}
			if !seen {
				return fmt.Errorf("audit: no line has the hash %s: %w", expect, sqlledger.ErrAudit)
			}
			return nil
		},
	}
	ledgerFlags(c, &file)
	c.Flags().StringVar(&expect, "expect", "", "a hash that must be in the log")
	return c
}

func newLocked(s streams) *cobra.Command {
	var file, conversation, by, reason string
	c := &cobra.Command{
		Use: "locked", Short: "print what is kept of a deleted conversation because the law asks for it", Args: cobra.NoArgs,
		Long:    "Prints the locked records of a conversation as lines of JSON. Reading them is a privileged act and goes into the audit log.",
		Example: "  onki locked --conversation web:v3xK… --by \"Lee, legal\" --reason \"dispute 2026-114\"",
		RunE: func(c *cobra.Command, _ []string) error {
			channel, thread, ok := strings.Cut(conversation, ":")
			if !ok || by == "" || reason == "" {
				return usagef("locked: give --conversation CHANNEL:THREAD, --by and --reason")
			}
			cfg, err := ledgerConfig(c, file)
			if err != nil {
				return err
			}
			l, err := cfg.openLedger(c.Context(), newLog(cfg, s))
			if err != nil {
				return err
			}
			defer l.Close()
			if _, err := l.Audit(c.Context(), by, "read locked records", subject("", conversation), reason); err != nil {
				return err
			}
			records, err := l.Locked(c.Context(), bot.Address{Channel: channel, Thread: thread})
			if err != nil {
				return err
			}
			for _, r := range records {
				line, err := json.Marshal(map[string]any{"kind": r.Kind, "at": r.At.UTC(), "until": r.Until.UTC(), "reason": r.Reason, "body": json.RawMessage(r.Body)})
				if err != nil {
					return err
				}
				fmt.Fprintln(s.out, string(line))
			}
			return nil
		},
	}
	ledgerFlags(c, &file)
	c.Flags().StringVar(&conversation, "conversation", "", "CHANNEL:THREAD")
	c.Flags().StringVar(&by, "by", "", "who reads them, for the audit log")
	c.Flags().StringVar(&reason, "reason", "", "why, for the audit log")
	return c
}
