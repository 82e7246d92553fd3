// Train makes the event weights of package appraise from messages labelled by
// hand (data/events.*.tsv of package appraise, and data/indirect.*.tsv, which tell
// their event indirectly and were not looked through for danger). Run it
// with make model; the same data give the same file to the bit.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/flows/appraise"
)

//go:embed card.md
var cardText string

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	data := flag.String("data", "flows/appraise/data", "folder of the labelled messages")
	public := flag.String("public", "", "folder of the public sets; without it only the messages of the data folder are learned from")
	out := flag.String("out", "flows/appraise/model", "folder for the weights")
	flag.Parse()
	if err := appraise.Check(); err != nil {
		return fmt.Errorf("%w (the rules are part of what is learned from)", err)
	}
	card := strings.Builder{}
	card.WriteString(cardText)
	for _, lang := range []string{"ko", "en"} {
		var rows []row
		for _, name := range []string{"events", "indirect"} {
			more, err := readRows(filepath.Join(*data, name+"."+lang+".tsv"))
			if err != nil {
				return err
			}
			rows = append(rows, more...)
		}
		more, err := publicRows(*public, lang)
		if err != nil {
			return err
		}
		report := crossValidate(lang, rows, more)
		fmt.Print(report)
		fmt.Fprintf(&card, "\n## %s\n\n```\n%s```\n", map[string]string{"ko": "Korean", "en": "English"}[lang], report)
		file, err := train(lang, append(rows, more...), report.Least)
		if err != nil {
			return err
		}
		name := filepath.Join(*out, lang+".events")
		if err := os.WriteFile(name, file, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n\n", name, len(file))
	}
	if err := os.WriteFile(filepath.Join(*out, "MODEL_CARD.md"), []byte(card.String()), 0o644); err != nil {
		return err
	}
	return nil
}
