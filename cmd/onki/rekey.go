package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/spf13/cobra"
)

// ledgerKey reads the key that a reference names. Keys are given by reference
// only, so that none lies in a configuration file.
func ledgerKey(ref string) (k sqlledger.Key, err error) {
	var text string
	kind, name, _ := strings.Cut(ref, ":")
	switch kind {
	case "env":
		text = os.Getenv(name)
	case "file":
		b, err := os.ReadFile(name)
		if err != nil {
			return k, fmt.Errorf("ledger_keys: %w", err)
		}
		text = string(b)
	default:
		return k, fmt.Errorf("ledger_keys: write env:NAME or file:PATH, where the key is; a key itself does not belong here")
	}
	b, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(b) != sqlledger.KeySize {
		return k, fmt.Errorf("ledger_keys: %s does not hold a key of %d hexadecimal digits: make one with openssl rand -hex %d", ref, 2*sqlledger.KeySize, sqlledger.KeySize)
	}
	copy(k[:], b)
	return k, nil
}

// openLedger opens the ledger as every command but serve does.
func (c config) openLedger(ctx context.Context, log *slog.Logger) (*sqlledger.Ledger, error) {
	o, err := c.ledgerOptions(log)
	if err != nil {
		return nil, err
	}
	return sqlledger.Open(ctx, c.ledgerURL(), o)
}

func newRekey(s streams) *cobra.Command {
	var file, by string
	c := &cobra.Command{
		Use: "rekey", Short: "encrypt a ledger, or replace its key", Args: cobra.NoArgs,
		Long: "Encrypts everything customers said and what was thought of it with the first of ledger_keys: what was plain, and what is under an older\n" +
			"key. To replace a key, put the new one in front of the old one, run rekey, then take the old one away. With ledger_keys empty nothing is\n" +
			"done. A ledger in a file is used by one process: stop serve first. Backups made before hold the old key's text.",
		Example: "  openssl rand -hex 32 > /etc/onki/2026.key && chmod 600 /etc/onki/2026.key\n  ONKI_LEDGER_KEYS=file:/etc/onki/2026.key onki rekey --by Lee",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := ledgerConfig(c, file)
			if err != nil {
				return err
			}
			if by == "" || len(cfg.LedgerKeys) == 0 {
				return usagef("rekey: say who does it with --by, and name a key in ledger_keys or ONKI_LEDGER_KEYS")
			}
			key, err := ledgerKey(cfg.LedgerKeys[0])
			if err != nil {
				return err
			}
			l, err := cfg.openLedger(c.Context(), newLog(cfg, s))
			if err != nil {
				return err
			}
			defer l.Close()
			if _, err := l.Audit(c.Context(), by, "rekey", "ledger", "key "+key.ID()); err != nil {
				return err
			}
			n, err := l.Reseal(c.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(s.out, "%d bodies are now under key %s\n", n, key.ID())
			return nil
		},
	}
	ledgerFlags(c, &file)
	c.Flags().StringVar(&by, "by", "", "who does it, for the audit log")
	return c
}
