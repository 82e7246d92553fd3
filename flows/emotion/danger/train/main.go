// Train makes the weights of package danger from messages labelled by hand
// (danger.*.tsv of flows/emotion/data) and from ordinary ones. Run it with make
// model; the same data give the same file to the bit.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/danger"
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
	data := flag.String("data", "flows/emotion/data", "folder of the labelled messages")
	ordinary := flag.String("ordinary", "flows/emotion/data/care,flows/appraise/data/events", "files of ordinary messages, without .LANG.tsv")
	out := flag.String("out", "flows/emotion/danger/model", "folder for the weights")
	show := flag.Bool("show", false, "list the messages that were read wrong")
	flag.Parse()
	t := trainer{show: *show}
	var err error
	if t.concepts, err = danger.LoadConcepts(); err != nil {
		return err
	}
	if t.rules, err = cues.Default(); err != nil {
		return err
	}
	card := strings.Builder{}
	card.WriteString(cardText)
	for _, lang := range []string{"ko", "en"} {
		if err := t.load(lang, *data, strings.Split(*ordinary, ",")); err != nil {
			return err
		}
		report, cuts, err := t.crossValidate()
		if err != nil {
			return err
		}
		fmt.Print(report)
		fmt.Fprintf(&card, "\n## %s\n\n```\n%s```\n", map[string]string{"ko": "Korean", "en": "English"}[lang], report)
		file, err := t.learn(func(int) bool { return true }).pack(cuts)
		if err != nil {
			return err
		}
		name := filepath.Join(*out, lang+".danger")
		if err := os.WriteFile(name, file, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes\n\n", name, len(file))
	}
	return os.WriteFile(filepath.Join(*out, "MODEL_CARD.md"), []byte(card.String()), 0o644)
}
