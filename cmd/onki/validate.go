package main

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/onkihq/onki/flows/flowstest"
	"github.com/onkihq/onki/flows/llm"
	"github.com/onkihq/onki/flows/phrases"
	"github.com/onkihq/onki/flows/solve"
	"github.com/onkihq/onki/knowledge"
	"github.com/onkihq/onki/knowledge/importer"
	"github.com/onkihq/onki/personas"
	"github.com/spf13/cobra"
)

func newValidate(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "validate DIR", Short: "check a brand's text files", Args: exactly(1, "the brand's folder"),
		Long: "Check a brand's text files and name file, line and remedy for every fault.",
		RunE: func(c *cobra.Command, args []string) error {
			fsys, _, err := brandFS(args[0])
			if err != nil {
				return err
			}
			faults, remarks := validate(c, fsys)
			for _, r := range remarks {
				fmt.Fprintln(s.err, "note:", r)
			}
			if len(faults) == 0 {
				fmt.Fprintln(s.err, args[0], "is in order")
				return nil
			}
			for _, f := range faults {
				fmt.Fprintln(s.out, f)
			}
			fmt.Fprintf(s.err, "%d faults\n", len(faults))
			return errSilent
		},
	}
}

// validate collects faults, which must be mended, and remarks, which need not.
func validate(c *cobra.Command, fsys fs.FS) (faults, remarks []string) {
	add := func(err error) {
		for line := range strings.SplitSeq(errText(err), "\n") {
			if line != "" {
				faults = append(faults, line)
			}
		}
	}
	p, err := personas.LoadBrand(fsys)
	add(err)
	b := &brand{Brand: p, fs: fsys}
	if p != nil && len(p.Languages) > 0 {
		words, err := b.writer()
		add(err)
		voice, err := personas.LoadVoice(fsys, p.Languages)
		add(err)
		add(checkSpeech(words, voice))
		_, err = personas.LoadManuals(fsys, p.Languages)
		add(err)
		book, err := loadFlows(fsys, p)
		add(err)
		add(checkFlowSpeech(book, voice))
	}
	if folder, err := fs.Sub(fsys, "knowledge"); err == nil {
		if _, err := fs.Stat(fsys, "knowledge"); err == nil {
			pdf := newPDF()
			defer pdf.Close()
			_, report, err := knowledge.Import(c.Context(), folder, knowledge.Options{Read: importer.Options{PDF: pdf.Pages}})
			add(err)
			add(report.Err())
		} else {
			remarks = append(remarks, "there is no knowledge folder: the bot will have no answers of its own")
		}
	}
	add(llm.CheckPrompts(fsys))
	files, err := talkFiles(fsys)
	add(err)
	for _, name := range files {
		add(checkTalk(fsys, name))
	}
	return faults, remarks
}

// checkSpeech lets the linter read the brand's own phrases.
func checkSpeech(words *phrases.Writer, voice *personas.Voice) error {
	if words == nil || voice == nil {
		return nil // their own faults are reported
	}
	linter, err := personas.NewLinter(voice)
	if err != nil {
		return err
	}
	var faults []error
	for _, f := range words.Fragments() {
		if !f.Brand {
			continue
		}
		register := ""
		if r := f.When["register"]; len(r) == 1 {
			register = r[0]
		}
		for _, x := range linter.Lint(slotPattern.ReplaceAllString(f.Text, ""), f.Lang, personas.Saying{Register: register, Emoji: true}) {
			if x.Severity == "error" {
				faults = append(faults, fmt.Errorf("%s:%d: %s", f.File, f.Line, x))
			}
		}
	}
	return errors.Join(faults...)
}

// checkFlowSpeech lets the linter read what the flows say.
func checkFlowSpeech(book *solve.Book, voice *personas.Voice) error {
	if book == nil || voice == nil {
		return nil // their own faults are reported
	}
	linter, err := personas.NewLinter(voice)
	if err != nil {
		return err
	}
	var faults []error
	for _, t := range book.Texts() {
		for _, x := range linter.Lint(slotPattern.ReplaceAllString(t.Text, ""), t.Lang, personas.Saying{Complaint: true}) {
			if x.Severity == "error" {
				faults = append(faults, fmt.Errorf("%s:%d: %s", t.File, t.Line, x))
			}
		}
	}
	return errors.Join(faults...)
}

// slotPattern is a slot of a phrase: {fact:이/가}.
var slotPattern = regexp.MustCompile(`\{[^}]*\}`)

func checkTalk(fsys fs.FS, name string) error {
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = flowstest.Parse(name, f)
	return err
}

func errText(err error) string {
	if err == nil || errors.Is(err, errSilent) {
		return ""
	}
	return err.Error()
}
