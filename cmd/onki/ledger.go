package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"

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
	o, err := cfg.ledgerOptions(newLog(cfg, s))
	if err != nil {
		return err
	}
	o.Migrate = true
	l, err := sqlledger.Open(ctx, cfg.Ledger, o)
	if err != nil {
		return err
	}
	if err := l.Close(); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s is at the version of this program\n", cfg.ledgerName())
	return nil
}

// A copying is one of the four verbs that copy a ledger.
type copying struct {
	use, short, long, example string
	run                       func(ctx context.Context, cfg config, path, by string, s streams) error
}

func newCopying(c copying, s streams) *cobra.Command {
	var file, by string
	cmd := &cobra.Command{
		Use: c.use + " FILE", Short: c.short, Long: c.long, Example: c.example, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := ledgerConfig(cmd, file)
			if err != nil {
				return err
			}
			return c.run(cmd.Context(), cfg, args[0], by, s)
		},
	}
	ledgerFlags(cmd, &file)
	if c.use != "backup" {
		cmd.Flags().StringVar(&by, "by", "", "who does it, for the audit log; the user of this machine if left out")
	}
	return cmd
}

// operator is who does something, for the audit log: who they say they are, or
// who the system says.
func operator(by string) string {
	if by != "" {
		return by
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return "user " + u.Username
	}
	return "user unknown"
}

func newCopyings(s streams) []*cobra.Command {
	return []*cobra.Command{
		newCopying(copying{"backup", "copy a ledger to a file while it is in use",
			"Copies everything as it is at one moment, while nodes go on serving. What customers attached to a ledger in a file lies beside it (PATH.files): copy that folder, too.",
			"  onki backup --ledger sqlite:onki.db monday.onki", backUp}, s),
		newCopying(copying{"restore", "fill an empty ledger from a backup",
			"Fills an empty ledger from a backup, all or nothing. What happened since the backup is unknown: pages of customers start over, and a reply that was not sent in the backup may have been sent since.",
			"  onki restore --ledger sqlite:new.db monday.onki", func(ctx context.Context, cfg config, path, by string, s streams) error {
				return fillLedger(ctx, cfg, path, "restore", by, s)
			}}, s),
		newCopying(copying{"export", "copy a ledger that is no longer used, to move it",
			"Copies a ledger to move it, such as from SQLite to PostgreSQL. Nobody may use it meanwhile, or what happens after would be left behind: stop the nodes first.",
			"  onki export --ledger sqlite:onki.db all.onki\n  onki import --ledger postgres://onki:…@db/onki all.onki", exportLedger}, s),
		newCopying(copying{"import", "fill an empty ledger with one that was exported",
			"Fills an empty ledger with one that was exported, all or nothing. Everything goes on where it was.",
			"  onki import --ledger postgres://onki:…@db/onki all.onki", func(ctx context.Context, cfg config, path, by string, s streams) error {
				return fillLedger(ctx, cfg, path, "import", by, s)
			}}, s),
	}
}

func backUp(ctx context.Context, cfg config, path, _ string, s streams) error {
	r, err := sqlledger.OpenReader(ctx, cfg.Ledger)
	if err != nil {
		return err
	}
	defer r.Close()
	return writeCopy(ctx, cfg, path, r.Export, s)
}

func exportLedger(ctx context.Context, cfg config, path, by string, s streams) error {
	if p := cfg.ledgerPath(); p != "" {
		if _, err := os.Stat(p); err != nil {
			return fmt.Errorf("export: %w: name the ledger that is to move", err)
		}
	}
	l, err := sqlledger.Open(ctx, cfg.Ledger, sqlledger.Options{Log: newLog(cfg, s)}) // of a file, this keeps others out
	if err != nil {
		return err
	}
	defer l.Close()
	others, err := l.Others(ctx)
	if err != nil {
		return err
	}
	if len(others) > 0 {
		return fmt.Errorf("export: %s is still in use by %s: stop them first, or make a backup instead", cfg.ledgerName(), strings.Join(others, ", "))
	}
	if _, err := l.Audit(ctx, operator(by), "export", "ledger", "to "+filepath.Base(path)); err != nil {
		return err
	}
	return writeCopy(ctx, cfg, path, l.Export, s)
}

// writeCopy writes the file whole or not at all, and never over another.
func writeCopy(ctx context.Context, cfg config, path string, write func(context.Context, io.Writer) (int64, error), s streams) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s exists: choose a new name", path)
	}
	part := path + ".part-" + rand.Text()[:8]
	defer os.Remove(part)
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // it holds what customers wrote
	if err != nil {
		return err
	}
	rows, err := write(ctx, f)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d rows of %s\n", path, rows, cfg.ledgerName())
	return nil
}

// fillLedger writes the act down after it is done: before, there is no log to
// write into, and the one that comes with the copy goes on.
func fillLedger(ctx context.Context, cfg config, path, act, by string, s streams) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	l, err := sqlledger.Open(ctx, cfg.Ledger, sqlledger.Options{Log: newLog(cfg, s)})
	if err != nil {
		return err
	}
	rows, err := l.Import(ctx, f, act == "restore")
	if err == nil {
		err = l.Check(ctx)
	}
	if err == nil {
		_, err = l.Audit(ctx, operator(by), act, "ledger", "from "+filepath.Base(path))
	}
	if err := errors.Join(err, l.Close()); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%s: %d rows from %s\n", cfg.ledgerName(), rows, path)
	return nil
}
