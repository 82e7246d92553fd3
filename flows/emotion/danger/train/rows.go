package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/danger"
)

// row is one message.
type row struct {
	text     string
	risk     bot.Risk
	kind     int // in danger.Kinds; -1 for none
	ordinary bool
	page     cues.Page
	grams    []uint32
	concepts []uint32
}

// trainer holds what is learned from in one language.
type trainer struct {
	concepts *danger.Concepts
	rules    *cues.Set
	show     bool
	lang     string
	rows     []row
}

// load reads the labelled messages, then the ordinary ones that are not among
// them.
func (t *trainer) load(lang, data string, ordinary []string) error {
	t.lang, t.rows = lang, nil
	known := make(map[string]bool)
	name := filepath.Join(data, "danger."+lang+".tsv")
	err := lines(name, 3, func(f []string) error {
		r := row{text: f[2], kind: slices.Index(danger.Kinds, f[1])}
		if err := r.risk.UnmarshalText([]byte(f[0])); err != nil {
			return err
		}
		if (r.kind < 0) != (r.risk == bot.R0) || r.kind < 0 && f[1] != "none" {
			return fmt.Errorf("kind %q with %v: want none with R0, else one of %s", f[1], r.risk, strings.Join(danger.Kinds, ", "))
		}
		known[f[2]] = true
		t.rows = append(t.rows, r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range ordinary {
		err := lines(o+"."+lang+".tsv", 2, func(f []string) error {
			if !known[f[0]] {
				known[f[0]] = true
				t.rows = append(t.rows, row{text: strings.ReplaceAll(f[0], `\n`, "\n"), kind: -1, ordinary: true})
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		r.page = t.rules.Read(r.text)
		grams, concepts := t.concepts.Hashes(lang, r.text, r.page.Risks)
		r.grams, r.concepts = slices.Clone(grams), slices.Clone(concepts)
	}
	return nil
}

// lines reads a file of columns under a header.
func lines(name string, columns int, each func(f []string) error) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	for n, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if n == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		err := errors.New("too few columns")
		if len(f) >= columns {
			err = each(f)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w; want %d columns separated by tabs", name, n+1, err, columns)
		}
	}
	return nil
}
