package importer

import (
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// readText makes passages of paragraphs. A short line alone between empty
// lines, without a full stop, is a heading.
func readText(d *document) {
	lines, first := d.front(strings.Split(d.text, "\n"))
	s := section{d: d}
	if d.meta.title == "" {
		d.meta.title = nameTitle(d.name)
	}
	for i, line := range lines {
		empty := func(j int) bool { return j < 0 || j >= len(lines) || strings.TrimSpace(lines[j]) == "" }
		if empty(i-1) && empty(i+1) && i+1 < len(lines) && isTitle(line) {
			s.flush()
			s.open(1, line)
			continue
		}
		s.add(line, first+i)
	}
	s.flush()
}

func isTitle(line string) bool {
	line = strings.TrimSpace(line)
	n := utf8.RuneCountInString(line)
	return n > 0 && n <= 40 && !strings.ContainsAny(line[len(line)-1:], ".,;:!") && !strings.HasPrefix(line, "-")
}

// nameTitle makes a title of a file name: return-policy.txt, "return policy".
func nameTitle(name string) string {
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	return strings.TrimSpace(strings.NewReplacer("-", " ", "_", " ").Replace(base))
}

// ErrNoPDF is returned by a PDF reader that lacks what it needs to read any.
var ErrNoPDF = errors.New("nothing that reads PDF files is installed")

// readPDF reads the pages through the reader that was given.
func readPDF(d *document) {
	if d.opts.PDF == nil {
		d.report.skip(d.name, "give a PDF reader, or save the text as .md or .docx", "no PDF reader is set")
		return
	}
	pages, err := d.opts.PDF(d.ctx, d.raw)
	if errors.Is(err, ErrNoPDF) {
		d.report.fault(d.name, "install pdftotext (poppler-utils), build with make build TAGS=pdf, or save its text as .md or .docx", "%v", err)
		return
	}
	if err != nil {
		d.report.fault(d.name, "open it in a PDF viewer and save it anew, or save its text as .md", "damaged PDF: %v", err)
		return
	}
	d.meta.title = nameTitle(d.name)
	found := false
	for i, page := range pages {
		var blocks []span
		for _, b := range strings.Split(strings.ReplaceAll(page, "\r\n", "\n"), "\n\n") {
			if b = strings.TrimSpace(strings.ToValidUTF8(b, "")); b != "" {
				blocks = append(blocks, span{b, i + 1})
			}
		}
		for _, b := range cut(blocks, d.opts.MaxPassage) {
			d.add(d.meta.title, b.line, bot.Passage{Title: d.meta.title, Text: b.text})
			found = true
		}
	}
	if !found {
		d.report.fault(d.name, "run text recognition over it first", "no text: the pages are pictures")
	}
}
