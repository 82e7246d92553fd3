package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/terminal"
	"github.com/onkihq/onki/knowledge"
	"github.com/spf13/cobra"
)

func newAsk(s streams) *cobra.Command {
	var brandName, lang string
	var asJSON bool
	var n int
	c := &cobra.Command{
		Use: "ask [QUESTION]", Short: "ask a brand's knowledge and see where the answer comes from",
		Example: "  onki ask --brand shop \"When do I get my money back?\"\n  onki ask --json --brand ./mybrand < questions.txt",
		RunE: func(c *cobra.Command, args []string) error {
			if asJSON == (len(args) > 0) {
				return usagef("onki ask: give a question, or --json with one question per line of standard input")
			}
			cfg, err := loadConfig("", c.Flags())
			if err != nil {
				return usageError{err}
			}
			b, err := openBrandWith(c.Context(), brandName, cfg.place)
			if err != nil {
				return err
			}
			if asJSON {
				return askLines(c.Context(), b.shelf.base(), s, lang, n)
			}
			return askOnce(c.Context(), b.shelf.base(), s, knowledge.Query{Text: strings.Join(args, " "), Lang: lang, N: n})
		},
	}
	c.Flags().StringVar(&brandName, "brand", "shop", "brand folder, or shop, airline, empty")
	c.Flags().StringVar(&lang, "lang", "", "language of the answer: ko or en; that of the question if left out")
	c.Flags().BoolVar(&asJSON, "json", false, "one question per line of standard input (text, or {\"text\":…}), one object per line out")
	c.Flags().IntVarP(&n, "number", "n", 5, "passages at most")
	indexFlag(c)
	return c
}

// askOnce shows the passages for a person to read.
func askOnce(ctx context.Context, base *knowledge.Base, s streams, q knowledge.Query) error {
	a, err := base.Ask(ctx, q)
	if err != nil {
		return err
	}
	if !a.Known {
		fmt.Fprintln(s.err, "the brand's knowledge does not answer this")
		for _, p := range a.Near {
			fmt.Fprintf(s.err, "  near %.2f %s (%s)\n", p.Score, p.Title, p.Source)
		}
		return nil
	}
	for _, p := range a.Passages {
		text := p.Answer
		if text == "" {
			text = p.Text
		}
		fmt.Fprintf(s.out, "%.2f  %s\n      %s\n      (%s)\n\n", p.Score, p.Title, strings.ReplaceAll(text, "\n", "\n      "), p.Source)
	}
	return nil
}

// askLines answers one question per line, in order.
func askLines(ctx context.Context, base *knowledge.Base, s streams, lang string, n int) error {
	in := bufio.NewScanner(s.in)
	in.Buffer(make([]byte, 64<<10), 4<<20)
	out := json.NewEncoder(s.out) // unbuffered: who asks line by line waits for each answer
	out.SetEscapeHTML(false)
	for line := 1; in.Scan(); line++ {
		l, err := terminal.ParseLine(in.Text())
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		q := knowledge.Query{Text: bot.CleanText(l.Text), Lang: lang, N: n}
		if l.Lang != "" {
			q.Lang = l.Lang
		}
		a, err := base.Ask(ctx, q)
		if err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
		answer := struct {
			Known    bool          `json:"known"`
			Passages []bot.Passage `json:"passages"`
		}{a.Known, a.Passages}
		if answer.Passages == nil {
			answer.Passages = []bot.Passage{}
		}
		if err := out.Encode(answer); err != nil {
			return err
		}
	}
	if err := in.Err(); err != nil {
		return fmt.Errorf("read questions: %w", err)
	}
	return nil
}
