package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/personas"
	"github.com/spf13/cobra"
)

func newLint(s streams) *cobra.Command {
	var lang string
	var in personas.Saying
	c := &cobra.Command{
		Use: "lint [FILE…]", Short: "check texts against the rules of good service speech",
		Long: `Check texts, a line at a time, against the rules of good service speech: words
that blame or belittle, honorifics given to things, apologies that are none,
promises without a time, claims of feelings. Without files it reads standard
input. Exit code 1 if a line must not be sent as it is.`,
		Example: "  onki lint answers.txt\n  echo '진정하시고 기다려 주세요' | onki lint --complaint",
		RunE: func(_ *cobra.Command, args []string) error {
			linter, err := personas.NewLinter(nil)
			if err != nil {
				return err
			}
			l := lintRun{linter: linter, lang: lang, in: in, out: s.out}
			if len(args) == 0 {
				err = l.read("stdin", s.in)
			}
			for _, name := range args {
				err = errors.Join(err, l.open(name))
			}
			if err != nil {
				return err
			}
			if l.errors > 0 {
				return errSilent
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&lang, "lang", "", "ko or en; told from each line if left out")
	f.BoolVar(&in.Complaint, "complaint", false, "the texts answer somebody who is hurt: no cheer, no emoji")
	f.StringVar(&in.Register, "register", "", "level of speech to hold: haeyo, hasipsio, plain or formal")
	f.BoolVar(&in.Emoji, "emoji", true, "emoji are allowed")
	return c
}

// lintRun is one run of the linter over files.
type lintRun struct {
	linter *personas.Linter
	lang   string
	in     personas.Saying
	out    io.Writer
	errors int
}

func (l *lintRun) open(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.read(name, f)
}

// read checks every line of r.
func (l *lintRun) read(name string, r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		lang := l.lang
		if lang == "" {
			lang = bot.Language(bot.Message{Text: text}, "")
		}
		for _, f := range l.linter.Lint(text, lang, l.in) {
			fmt.Fprintf(l.out, "%s:%d:%d: %s: %s\n", name, n, f.Start+1, f.Severity, f)
			if f.Severity == "error" {
				l.errors++
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
