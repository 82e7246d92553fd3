package eval

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/importer"
)

// A BrandSet is the passages and the questions of a brand.
type BrandSet struct{ set }

// Brand reads a set from a folder: the passages from knowledge/, the questions
// from questions.ko.tsv or questions.en.tsv. A line is a question, a tab, and
// parts of the titles that answer it with | between them, or - for a question
// that the brand has not answered.
func Brand(ctx context.Context, fsys fs.FS, name, lang string) (BrandSet, error) {
	s := BrandSet{set{name: name + " " + lang}}
	sub, err := fs.Sub(fsys, "knowledge")
	if err != nil {
		return s, err
	}
	passages, report, err := importer.Read(ctx, sub, importer.Options{})
	if err == nil {
		err = report.Err()
	}
	if err != nil {
		return s, fmt.Errorf("read brand %s: %w", name, err)
	}
	for _, p := range passages {
		s.passages = append(s.passages, p.Passage)
	}
	file := "questions." + lang + ".tsv"
	f, err := fsys.Open(file)
	if err != nil {
		return s, fmt.Errorf("read brand %s: %w", name, err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		text, want, ok := strings.Cut(line, "\t")
		if !ok {
			return s, fmt.Errorf("%s:%d: no tab; write question, tab, part of the right title", file, n)
		}
		q := asked{text: text, lang: lang}
		if want != "-" {
			q.right = titled(strings.Split(want, "|"))
		}
		s.asked = append(s.asked, q)
	}
	return s, lines.Err()
}

func titled(parts []string) func(*bot.Passage) bool {
	return func(p *bot.Passage) bool {
		for _, part := range parts {
			if strings.Contains(p.Title, part) {
				return true
			}
		}
		return false
	}
}
