package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is set by the Makefile; a plain `go install` leaves it to the module.
var version string

func newVersion(s streams) *cobra.Command {
	var parts bool
	c := &cobra.Command{
		Use: "version", Short: "print the version, or what the program is made of", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if parts {
				return writeSBOM(s.out)
			}
			fmt.Fprintf(s.out, "onki %s %s/%s %s\n", versionString(), runtime.GOOS, runtime.GOARCH, runtime.Version())
			return nil
		},
	}
	c.Flags().BoolVar(&parts, "sbom", false, "print a bill of materials (CycloneDX) of this very binary")
	return c
}

func versionString() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "dev"
}
