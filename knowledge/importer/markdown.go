package importer

import (
	"regexp"
	"strings"

	"github.com/onkihq/onki/bot"
)

var (
	heading  = regexp.MustCompile(`^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$`)
	fence    = regexp.MustCompile("^ {0,3}(```|~~~)")
	under    = regexp.MustCompile(`^ {0,3}(=+|-{2,})\s*$`)
	comment  = regexp.MustCompile(`(?s)<!--.*?-->`)
	emphasis = regexp.MustCompile("[*_`]+")
	anchor   = regexp.MustCompile(`\s*\{#[^}]*\}\s*$`)
)

// readMarkdown makes passages of the sections between headings. The title of
// a passage is the path of headings above it.
func readMarkdown(d *document) {
	d.text = d.dropComments(d.text)
	lines, first := d.front(strings.Split(d.text, "\n"))
	s := section{d: d}
	fenced := ""
	for i, line := range lines {
		number := first + i
		if m := fence.FindStringSubmatch(line); m != nil {
			switch fenced {
			case "":
				fenced = m[1]
			case m[1]:
				fenced = ""
			}
		}
		if fenced == "" {
			if m := heading.FindStringSubmatch(line); m != nil {
				s.flush()
				s.open(len(m[1]), m[2])
				continue
			}
			if m := under.FindStringSubmatch(line); m != nil && s.single() {
				title := s.take()
				s.flush()
				s.open(map[byte]int{'=': 1, '-': 2}[m[1][0]], title)
				continue
			}
		}
		s.add(line, number)
	}
	s.flush()
}

// dropComments removes HTML comments, which readers of a page never see, and
// says so when one speaks to a machine. Line breaks stay, so that line
// numbers do.
func (d *document) dropComments(text string) string {
	return comment.ReplaceAllStringFunc(text, func(c string) string {
		before, _, _ := strings.Cut(text, c)
		d.suspect(strings.Count(before, "\n")+1, bot.Passage{Text: c})
		return strings.Repeat("\n", strings.Count(c, "\n"))
	})
}

// A section is the text under one heading.
type section struct {
	d      *document
	path   []string // headings, outermost first; "" where a level was skipped
	blocks []span
	going  bool // the last block goes on
}

// open begins a section under a heading of this level.
func (s *section) open(level int, title string) {
	title = strings.TrimSpace(emphasis.ReplaceAllString(anchor.ReplaceAllString(title, ""), ""))
	for len(s.path) >= level {
		s.path = s.path[:len(s.path)-1]
	}
	for len(s.path) < level-1 {
		s.path = append(s.path, "")
	}
	s.path = append(s.path, title)
}

func (s *section) add(line string, number int) {
	if strings.TrimSpace(line) == "" {
		s.going = false
		return
	}
	line = strings.TrimRight(line, " \t")
	if s.going {
		s.blocks[len(s.blocks)-1].text += "\n" + line
		return
	}
	s.blocks = append(s.blocks, span{line, number})
	s.going = true
}

// single reports whether the last block is one line, which an underline makes
// a heading.
func (s *section) single() bool {
	if !s.going || len(s.blocks) == 0 {
		return false
	}
	t := s.blocks[len(s.blocks)-1].text
	return !strings.Contains(t, "\n") && !strings.HasPrefix(t, "|") && !strings.HasPrefix(t, "- ")
}

func (s *section) take() string {
	t := s.blocks[len(s.blocks)-1].text
	s.blocks = s.blocks[:len(s.blocks)-1]
	return t
}

// title joins the document's title and the headings.
func (s *section) title() string {
	var parts []string
	if t := s.d.meta.title; t != "" && (len(s.path) == 0 || s.path[0] != t) {
		parts = append(parts, t)
	}
	for _, h := range s.path {
		if h != "" {
			parts = append(parts, h)
		}
	}
	return strings.Join(parts, " › ")
}

func (s *section) flush() {
	title := s.title()
	key := title
	if n := len(s.path); n > 0 {
		key = s.path[n-1]
	}
	for _, b := range cut(s.blocks, s.d.opts.MaxPassage) {
		s.d.add(key, b.line, bot.Passage{Title: title, Text: b.text})
	}
	s.blocks, s.going = nil, false
}
