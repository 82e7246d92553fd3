package importer

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// A DOCX file is a ZIP archive. These limits stop archives that unpack to far
// more than they are.
const (
	maxEntries  = 10000
	maxUnpacked = 64 << 20
)

// readDOCX makes passages of the paragraphs, lists and tables of a Word
// document; headings become the path. Deleted and hidden text is left out.
func readDOCX(d *document) {
	if err := d.docx(); err != nil {
		d.report.fault(d.name, "open it in a word processor and save it anew as .docx", "damaged DOCX: %v", err)
	}
}

func (d *document) docx() error {
	archive, err := zip.NewReader(bytes.NewReader(d.raw), int64(len(d.raw)))
	if err != nil {
		return err
	}
	if len(archive.File) > maxEntries {
		return fmt.Errorf("it holds %d files", len(archive.File))
	}
	for _, f := range archive.File {
		if f.Name != "word/document.xml" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		return d.body(&io.LimitedReader{R: r, N: maxUnpacked})
	}
	return errors.New("it holds no text document")
}

// A paragraph is the state of one paragraph in reading.
type paragraph struct {
	text    strings.Builder
	level   int // of a heading, 0 for text
	item    bool
	inText  bool
	hidden  bool // of the current run
	skipped bool // hidden text was left out
}

// body reads word/document.xml token by token.
func (d *document) body(r *io.LimitedReader) error {
	dec := xml.NewDecoder(r)
	s := section{d: d}
	if d.meta.title == "" {
		d.meta.title = nameTitle(d.name)
	}
	var p paragraph
	number, inCell := 0, false
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			if r.N <= 0 {
				return fmt.Errorf("it unpacks to more than %d MB", maxUnpacked>>20)
			}
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			inCell = inCell || t.Name.Local == "tc"
			p.start(t)
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				p.inText = false
			case "tc":
				inCell = false
			case "p":
				number++
				p.finish(d, &s, number, inCell)
				p = paragraph{}
			case "tr":
				s.going = false
			}
		case xml.CharData:
			if p.inText && !p.hidden {
				p.text.Write(t)
			} else if p.inText {
				p.skipped = true
			}
		}
	}
	s.flush()
	return nil
}

// start takes note of what an element says about the paragraph.
func (p *paragraph) start(t xml.StartElement) {
	switch t.Name.Local {
	case "t":
		p.inText = true
	case "r":
		p.hidden = false
	case "vanish", "webHidden":
		p.hidden = true
	case "tab", "br", "cr":
		p.text.WriteByte(' ')
	case "numPr":
		p.item = true
	case "pStyle", "outlineLvl":
		for _, a := range t.Attr {
			if a.Name.Local == "val" {
				p.style(t.Name.Local, a.Value)
			}
		}
	}
}

// style reads the level of a heading from the name of its style, in English or
// Korean Word ("Heading2", "2" for 제목 2), or from its outline level.
func (p *paragraph) style(kind, value string) {
	value = strings.ToLower(value)
	if kind == "outlineLvl" {
		if n, err := strconv.Atoi(value); err == nil && n >= 0 && n < 6 {
			p.level = n + 1
		}
		return
	}
	if value == "title" {
		p.level = 1
		return
	}
	for _, name := range []string{"heading", "제목", ""} {
		rest, ok := strings.CutPrefix(value, name)
		if n, err := strconv.Atoi(strings.TrimSpace(rest)); ok && err == nil && n >= 1 && n <= 6 {
			p.level = n
			return
		}
	}
}

// finish adds a paragraph to its section.
func (p *paragraph) finish(d *document, s *section, number int, inCell bool) {
	if p.skipped {
		d.report.notice(d.at(number), "remove it from the document, or show it", "hidden text was left out")
	}
	text := squeeze(p.text.String())
	switch {
	case text == "":
	case p.level > 0 && !inCell:
		s.flush()
		s.open(p.level, text)
	case inCell && s.going:
		s.blocks[len(s.blocks)-1].text += " | " + text
	case p.item && len(s.blocks) > 0:
		s.blocks[len(s.blocks)-1].text += "\n- " + text
	default:
		s.blocks = append(s.blocks, span{text, number})
		s.going = inCell
	}
}
