package main

import (
	"context"
	"fmt"

	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/spf13/cobra"
)

// What operators do with a ledger besides serving from it.

// ledgerConfig reads which ledger is meant, from the flag, the environment or
// the configuration file, as serve does.
func ledgerConfig(c *cobra.Command, file string) (config, error) {
	cfg, err := loadConfig(file, c.Flags())
	if err != nil {
		return cfg, usageError{err}
	}
	if cfg.Ledger == "memory:" {
		return cfg, usagef("a ledger in memory ends with its process: name another with --ledger")
	}
	return cfg, nil
}

func ledgerFlags(c *cobra.Command, file *string) {
	c.Flags().StringVar(file, "config", "", "configuration file (onki.yaml if it exists)")
	c.Flags().String("ledger", defaults().Ledger, "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE")
}

func newMigrate(s streams) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "migrate", Short: "bring the tables of a ledger to this version", Args: cobra.NoArgs,
		Long:    "Brings the tables of a ledger to this version, all steps or none. There is no way back but a backup: make one first.\nA ledger in a file is also brought forward when serve opens it; one on a server only here, since other nodes may use it.",
		Example: "  onki migrate --ledger postgres://onki:…@db.shop.example/onki",
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := ledgerConfig(c, file)
			if err != nil {
				return err
			}
			return migrate(c.Context(), cfg, s)
		},
	}
	ledgerFlags(c, &file)
	return c
}

func migrate(ctx context.Context, cfg config, s streams) error {
	l, err := sqlledger.Open(ctx, cfg.Ledger, sqlledger.Options{Log: newLog(cfg, s), Migrate: true})
	if err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s is at the version of this program\n", cfg.ledgerName())
	return nil
}
