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
	return c
}

// doctor looks at everything a start would need and says what to do about
// each thing that is wrong. It changes nothing.
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
	b, err := openBrand(ctx, cfg.Brand)
	good := ""
	if err == nil {
		good = fmt.Sprintf("%s, %v", b.title(), b.Languages)
	}
	report("brand", good, err)
	report("address", cfg.Addr+" is free", checkAddr(cfg.Addr))
	syncTime, err := checkLedger(ctx, cfg)
	report("ledger", fmt.Sprintf("%s, one sync to disk takes %s", cfg.Ledger, syncTime.Round(10*time.Microsecond)), err)
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

func checkAddr(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("%w: stop the other program or choose another --addr", err)
	}
	return l.Close()
}

// checkLedger opens the ledger, if it exists, and measures the disk under it.
func checkLedger(ctx context.Context, cfg config) (time.Duration, error) {
	path := cfg.ledgerPath()
	if path == "" {
		return 0, nil
	}
	if _, err := os.Stat(path); err == nil {
		l, err := sqlledger.Open(ctx, "sqlite:"+path, sqlledger.Options{})
		if err != nil {
			return 0, err
		}
		if err := l.Close(); err != nil {
			return 0, err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".onki-doctor-*")
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
