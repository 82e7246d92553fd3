package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/onkihq/onki/cmd/onki/selftest"
	"github.com/spf13/cobra"
)

func newSelftest(s streams) *cobra.Command {
	p := selftest.Plan{Version: versionString(), Sync: syncTime}
	var asJSON bool
	c := &cobra.Command{
		Use: "selftest", Short: "repeat the central promises on this machine", Args: cobra.NoArgs,
		Long: "Starts this very program on loopback with a ledger in a temporary folder, writes to it as customers do, kills it again and again, and\n" +
			"compares by a log of its own what was sent with what was answered. Then it tries damage, backup, erasure, the audit log, redaction and\n" +
			"the way out for people in danger. It needs no network and no key and leaves nothing behind. Exit code 1: a promise was broken.",
		Example: "  onki selftest\n  onki selftest --for 20s --json",
		RunE: func(c *cobra.Command, _ []string) error {
			if p.Span < 3*time.Second {
				return usagef("selftest: --for %v: at least 3s", p.Span)
			}
			var err error
			if p.Program, err = os.Executable(); err != nil {
				return fmt.Errorf("selftest: %w", err)
			}
			if !c.Flags().Changed("seed") {
				p.Seed = uint64(rand.Uint32())
			}
			r, err := p.Run(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				out := json.NewEncoder(s.out)
				out.SetIndent("", "  ")
				err = out.Encode(r)
			} else {
				_, err = fmt.Fprint(s.out, r)
			}
			if err == nil && !r.Passed() {
				err = errSilent
			}
			return err
		},
	}
	c.Flags().DurationVar(&p.Span, "for", time.Minute, "how long it may take, about")
	c.Flags().Uint64Var(&p.Seed, "seed", 0, "repeat the deaths and pauses of an earlier run")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return c
}
