package main

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/knowledge"
	"github.com/spf13/cobra"
)

// gapsOptions are the flags of onki gaps.
type gapsOptions struct {
	brand, lang, file string
	days              int
	all, json         bool
}

func newGaps(s streams) *cobra.Command {
	var o gapsOptions
	c := &cobra.Command{
		Use: "gaps", Short: "what customers asked and the brand has not written about", Args: cobra.NoArgs,
		Long: `What customers asked and nothing the brand has written answered, newest first:
what to write next. Questions that ask the same are counted together, each
language apart. What the brand answers by now is left out.

It reads the journal beside a running server. Personal data and long numbers in
the questions are masked; names are not recognized.`,
		Example: "  onki gaps --brand ./mybrand --ledger sqlite:/var/lib/onki/onki.db\n  onki gaps --brand ./mybrand --days 7 --lang ko --json",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.lang != "" && o.lang != "ko" && o.lang != "en" {
				return usagef("--lang %q: want ko or en", o.lang)
			}
			cfg, err := ledgerConfig(c, o.file)
			if err != nil {
				return err
			}
			return gaps(c.Context(), o, cfg, s)
		},
	}
	ledgerFlags(c, &o.file)
	indexFlag(c)
	f := c.Flags()
	f.StringVar(&o.brand, "brand", "shop", "brand folder, or the name of an example brand")
	f.StringVar(&o.lang, "lang", "", "only questions in this language: ko or en")
	f.IntVar(&o.days, "days", 30, "how many days back")
	f.BoolVar(&o.all, "all", false, "also what the brand answers by now")
	f.BoolVar(&o.json, "json", false, "print JSON")
	return c
}

// gaps reads the journal and prints what to write next.
func gaps(ctx context.Context, o gapsOptions, cfg config, s streams) error {
	b, err := openBrandWith(ctx, o.brand, cfg.place)
	if err != nil {
		return err
	}
	journal, err := sqlledger.OpenReader(ctx, cfg.Ledger)
	if err != nil {
		return err
	}
	defer journal.Close()
	asked, err := unanswered(ctx, journal, time.Now().AddDate(0, 0, -o.days))
	if err != nil {
		return err
	}
	var open []knowledge.Asked
	for _, q := range asked {
		if o.lang != "" && q.Lang != o.lang {
			continue
		}
		if !o.all {
			a, err := b.shelf.base().Ask(ctx, knowledge.Query{Text: q.Text, Lang: q.Lang})
			if err != nil {
				return err
			}
			if a.Known && !a.Foreign {
				continue
			}
		}
		q.Text = masked(q.Text)
		open = append(open, q)
	}
	list, err := knowledge.Gaps(open)
	if err != nil {
		return err
	}
	if o.json {
		return printJSON(s, struct {
			Gaps []knowledge.Gap `json:"gaps"`
		}{append([]knowledge.Gap{}, list...)})
	}
	for _, g := range list {
		fmt.Fprintf(s.out, "%4d×  %s  %s  %s\n", g.Count, g.Last.Local().Format("2006-01-02"), g.Lang, g.Question)
		for _, other := range g.Others {
			fmt.Fprintf(s.out, "                        %s\n", other)
		}
	}
	if len(list) == 0 {
		fmt.Fprintf(s.err, "no question of the last %d days is open\n", o.days)
	}
	return nil
}

// maxRead bounds the conversations that one report reads.
const maxRead = 100000

// unanswered reads the gaps that the journal notes since a time.
func unanswered(ctx context.Context, j bot.Journal, since time.Time) ([]knowledge.Asked, error) {
	sessions, err := j.Conversations(ctx, since, maxRead)
	if err != nil {
		return nil, err
	}
	var asked []knowledge.Asked
	for _, session := range sessions {
		for after := int64(0); ; {
			entries, err := j.Entries(ctx, session.Address, after, 200)
			if err != nil {
				return nil, err
			}
			if len(entries) == 0 {
				break
			}
			for _, e := range entries {
				after = e.Seq
				at := e.Time
				if n := len(e.Messages); n > 0 && !e.Messages[n-1].Time.IsZero() {
					at = e.Messages[n-1].Time // when they asked, not when it was committed
				}
				for _, n := range e.Notes {
					if n.Stage == "gap" && !at.Before(since) {
						asked = append(asked, knowledge.Asked{Text: n.Text, Lang: e.Reply.Lang, Time: at})
					}
				}
			}
		}
	}
	return asked, nil
}

// longNumber is an order or booking number: it says who the customer is.
var longNumber = regexp.MustCompile(`[A-Za-z]{0,4}[0-9](?:[ -]?[0-9]){5,}`)

// masked is a question as those who write for all customers may see it.
func masked(text string) string {
	return longNumber.ReplaceAllString(redact.Mask(text).String(), "⟦NUMBER⟧")
}
