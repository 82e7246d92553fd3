package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// streams are the three standard streams, so that tests can play a user.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// errSilent ends a command with exit code 1 after it has said why itself.
var errSilent = errors.New("already reported")

// usageError is a mistake in the command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// newRoot is the list of everything onki can do.
func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "onki",
		Short:         "Onki hears the feeling before it solves the problem",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usagef("%w (see %s --help)", err, c.CommandPath())
	})
	root.AddCommand(
		newChat(s),
		newServe(s),
		newInit(s),
		newValidate(s),
		newTest(s),
		newFlows(s),
		newDemoBackend(s),
		newIngest(s),
		newAsk(s), newGaps(s),
		newRecognize(s),
		newEval(s),
		newLint(s),
		newSnippet(s),
		newSlack(s),
		newLoad(s),
		newSelftest(s),
		newDoctor(s),
		newMigrate(s),
		newRekey(s),
		newErase(s),
		newLocked(s),
		newAudit(s),
		newVersion(s),
	)
	root.AddCommand(newCopyings(s)...)
	return root
}

// isTerminal reports whether w is a terminal that wants colour.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
