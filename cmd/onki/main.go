// Command onki runs customer-care conversations that hear the feeling before
// they solve the problem.
//
//	onki chat      a conversation in the terminal, or JSON in and out
//	onki serve     the web chat and the channels of a brand
//	onki init      writes an example brand to start from
//	onki validate  checks a brand's text files
//	onki test      plays a brand's talk files
//	onki ingest    adds files, folders and pages to a brand's knowledge
//	onki flows     draws a brand's problem-solving flows
//	onki demo-backend  serves a demo back office for look-ups
//	onki ask       asks a brand's knowledge
//	onki gaps      what customers asked and the brand has not written about
//	onki recognize reads feelings from lines, CSV or JSONL
//	onki eval      measures conversations, the recognizer and the search
//	onki lint      checks texts against the rules of good service speech
//	onki snippet   prints the line that puts the chat on a page
//	onki slack     prints the app manifest for Slack
//	onki rekey     encrypts a ledger, or replaces its key
//	onki erase     deletes everything about a customer, with a proof
//	onki locked    prints what the law asks to be kept of it
//	onki audit     prints the log of privileged acts and checks it
//	onki load      measures what a server bears
//	onki selftest  repeats the central promises on this machine
//	onki doctor    checks this machine and the configuration
//
// Standard output carries data, standard error carries talk. Exit codes: 0 all
// is well, 1 something failed or did not pass, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var u usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errSilent):
		return 1
	case errors.As(err, &u):
		fmt.Fprintln(s.err, "onki:", err)
		return 2
	}
	fmt.Fprintln(s.err, "onki:", err)
	return 1
}
