package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onkihq/onki/flows/solve"
	"github.com/onkihq/onki/personas"
	"github.com/spf13/cobra"
)

func newFlows(s streams) *cobra.Command {
	var format, lang string
	c := &cobra.Command{
		Use: "flows DIR [FLOW…]", Short: "draw a brand's problem-solving flows", Args: cobra.MinimumNArgs(1),
		Long:    "Draw a brand's problem-solving flows as a tree of text, or as a Mermaid diagram\nfor a page that shows them.",
		Example: "  onki flows shop late-delivery\n  onki flows --format mermaid ./mybrand > flows.md",
		RunE: func(_ *cobra.Command, args []string) error {
			draw, ok := map[string]func(*solve.Flow, string) string{"text": solve.Tree, "mermaid": solve.Mermaid}[format]
			if !ok {
				return usagef("--format %q: want text or mermaid", format)
			}
			fsys, _, err := brandFS(args[0])
			if err != nil {
				return err
			}
			p, err := personas.LoadBrand(fsys)
			if err != nil {
				return err
			}
			book, err := loadFlows(fsys, p)
			if err != nil {
				return err
			}
			if lang == "" {
				lang = p.Languages[0]
			}
			drawn := 0
			for _, f := range book.Flows {
				if len(args) == 1 || slices.Contains(args[1:], f.Name()) {
					fmt.Fprintln(s.out, draw(f, lang))
					drawn++
				}
			}
			if drawn == 0 {
				return fmt.Errorf("there is no flow %s in %s", strings.Join(args[1:], ", "), args[0])
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or mermaid")
	c.Flags().StringVar(&lang, "lang", "", "language of the texts; the brand's first if empty")
	return c
}
