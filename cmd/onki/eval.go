package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/baseline"
	"github.com/onkihq/onki/flows/emotion/train/evaluate"
	"github.com/onkihq/onki/knowledge/eval"
	"github.com/spf13/cobra"
)

func newEval(s streams) *cobra.Command {
	c := &cobra.Command{
		Use: "eval", Short: "measure the conversations, the recognizer and the search",
		Long: "Measure conversations by the rules of care, and the recognizer and the search on\npublic data, so that anyone can check the figures of the model card. docs/data.md\nsays where each set comes from.",
	}
	c.AddCommand(newEvalCare(s), newEvalEmotion(s), newEvalKnowledge(s))
	return c
}

func newEvalEmotion(s streams) *cobra.Command {
	var data, with string
	var asJSON bool
	c := &cobra.Command{
		Use: "emotion", Short: "print every table of the model card for the splits found in DIR", Args: cobra.NoArgs,
		Example: "  onki eval emotion --data ./data\n  onki eval emotion --data flows/emotion/data --compare vader,words",
		RunE: func(*cobra.Command, []string) error {
			if data == "" {
				return usagef("onki eval emotion: name the folder that holds the data sets with --data")
			}
			if with != "" {
				return compare(data, with, asJSON, s)
			}
			r, err := evaluate.Eval(data)
			if err != nil {
				return err
			}
			if asJSON {
				return r.WriteJSON(s.out)
			}
			return r.WriteText(s.out)
		},
	}
	evalFlags(c, &data, &asJSON)
	c.Flags().StringVar(&with, "compare", "", "print how these baselines tell polarity beside Onki: "+strings.Join(baseline.Names(), ", "))
	return c
}

// compare prints the recognizer beside simple readers of polarity.
func compare(data, with string, asJSON bool, s streams) error {
	readers, err := baseline.Parse(with)
	if err != nil {
		return usagef("--compare: %v", err)
	}
	m, err := model.Load()
	if err != nil {
		return err
	}
	table, err := evaluate.Compare(m, data, readers)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(s, table)
	}
	evaluate.WriteComparison(s.out, table)
	return nil
}

func newEvalKnowledge(s streams) *cobra.Command {
	var data string
	var asJSON bool
	c := &cobra.Command{
		Use: "knowledge", Short: "measure the search beside plain BM25 and TF-IDF in one run", Args: cobra.NoArgs,
		Example: "  onki eval knowledge --data ./data",
		RunE: func(c *cobra.Command, _ []string) error {
			if data == "" {
				return usagef("onki eval knowledge: name the folder that holds the data sets with --data")
			}
			r, err := eval.Run(c.Context(), data)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(s, r)
			}
			fmt.Fprint(s.out, r)
			return nil
		},
	}
	evalFlags(c, &data, &asJSON)
	return c
}

func evalFlags(c *cobra.Command, data *string, asJSON *bool) {
	c.Flags().StringVar(data, "data", "", "folder with the data sets, one folder each")
	c.Flags().BoolVar(asJSON, "json", false, "print JSON")
}

// printJSON writes a value for a program to read.
func printJSON(s streams, v any) error {
	out := json.NewEncoder(s.out)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
