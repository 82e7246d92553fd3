package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/spf13/cobra"
)

func newDoctor(s streams) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: "doctor", Short: "check this machine and the configuration", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return doctor(c.Context(), file, c, s)
		},
	}
	d := defaults()
	c.Flags().StringVar(&file, "config", "", "configuration file (onki.yaml if it exists)")
	c.Flags().String("addr", d.Addr, "host and port to listen on")
	c.Flags().String("brand", d.Brand, "brand folder, or shop, airline, empty")
	c.Flags().String("ledger", d.Ledger, "where conversations are kept")
	modelFlags(c)
	return c
}

// doctor looks at everything a start would need and says what to do about
// each thing that is wrong. It changes nothing, except that an empty database on
// a server gets its tables.
func doctor(ctx context.Context, file string, c *cobra.Command, s streams) error {
	bad := 0
	report := func(what, good string, err error) {
		if err != nil {
			bad++
			fmt.Fprintf(s.out, "✗ %-14s %v\n", what, err)
			return
		}
		fmt.Fprintf(s.out, "✓ %-14s %s\n", what, good)
	}
	report("onki", versionString()+" on "+runtime.GOOS+"/"+runtime.GOARCH, nil)
	cfg, err := loadConfig(file, c.Flags())
	report("configuration", "read", err)
	if err != nil {
		return errSilent
	}
	b, err := openBrandWith(ctx, cfg.Brand, cfg.place)
	good := ""
	if err == nil {
		good = fmt.Sprintf("%s, %v", b.title(), b.Languages)
	}
	report("brand", good, err)
	if err == nil {
		checkModels(ctx, b, cfg, report)
	}
	report("address", cfg.Addr+" is free", checkAddr(cfg.Addr))
	good, err = checkLedger(ctx, cfg)
	report("ledger", good, err)
	if year := time.Now().Year(); year < 2026 {
		report("clock", "", fmt.Errorf("it is %d by this machine's clock: set it, deadlines and hours depend on it", year))
	} else {
		report("clock", time.Now().Format(time.RFC3339), nil)
	}
	if bad > 0 {
		fmt.Fprintf(s.err, "%d things to mend\n", bad)
		return errSilent
	}
	return nil
}

// checkModels says of every configured model whether it answers.
func checkModels(ctx context.Context, b *brand, cfg config, report func(what, good string, err error)) {
	if err := b.useModels(cfg, nil); err != nil {
		report("model", "", err)
		return
	}
	for _, h := range b.pingModels(ctx) {
		report("model", fmt.Sprintf("%s answers in %s", h.Model, h.Call.Took.Round(time.Millisecond)), h.Err)
	}
}

func checkAddr(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w: stop the other program or choose another --addr", err)
	}
	return l.Close()
}

// checkLedger opens the ledger, if it exists, and measures what it rests on.
func checkLedger(ctx context.Context, cfg config) (string, error) {
	path := cfg.ledgerPath()
	if cfg.Ledger == "memory:" {
		return "memory: forgets everything when it ends", nil
	}
	if path == "" {
		return checkServer(ctx, cfg)
	}
	if _, err := os.Stat(path); err == nil {
		l, err := sqlledger.Open(ctx, "sqlite:"+path, sqlledger.Options{})
		if err != nil {
			return "", err
		}
		if err := errors.Join(l.Check(ctx), l.Close()); err != nil {
			return "", err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	took, err := syncTime(filepath.Dir(path))
	return fmt.Sprintf("%s, one sync to disk takes %s", cfg.Ledger, took.Round(10*time.Microsecond)), err
}

// checkServer opens the ledger on a server, which must be at this version, and
// measures a question to it.
func checkServer(ctx context.Context, cfg config) (string, error) {
	l, err := sqlledger.Open(ctx, cfg.Ledger, sqlledger.Options{})
	if err != nil {
		return "", err
	}
	defer l.Close()
	if err := l.Check(ctx); err != nil {
		return "", err
	}
	const n = 10
	start := time.Now()
	for range n {
		if _, err := l.Epoch(ctx); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%s, one question takes %s", cfg.ledgerName(), (time.Since(start) / n).Round(10*time.Microsecond)), nil
}

// syncTime measures one append and sync in the folder.
func syncTime(dir string) (time.Duration, error) {
	f, err := os.CreateTemp(dir, ".onki-doctor-*")
	if err != nil {
		return 0, fmt.Errorf("the folder of the ledger cannot be written: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	const n = 10
	start := time.Now()
	for range n {
		if _, err := f.WriteString("onki"); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return time.Since(start) / n, nil
}
