package importer

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/onkihq/onki/bot"
)

// readHTML makes passages of the main part of a page: what stands in <main> or
// <article>, else in <body>, without navigation, forms and what is hidden.
func readHTML(d *document) {
	root, err := html.Parse(strings.NewReader(d.text))
	if err != nil {
		d.report.fault(d.at(1), "open the page in a browser and save it anew", "broken HTML: %v", err)
		return
	}
	w := &page{d: d, s: section{d: d}}
	if t := find(root, atom.Title); t != nil && d.meta.title == "" {
		w.d.meta.title = squeeze(textOf(t))
	}
	if h := find(root, atom.Html); h != nil && d.meta.lang == "" {
		if lang, _, _ := strings.Cut(strings.ToLower(attribute(h, "lang")), "-"); lang == "ko" || lang == "en" {
			d.meta.lang = lang
		}
	}
	for n := range root.Descendants() {
		if n.DataAtom == atom.Link && attribute(n, "rel") == "canonical" && d.meta.url == "" {
			_ = d.meta.set("url", attribute(n, "href")) // a link that cannot be shown is left out
		}
	}
	main := find(root, atom.Main)
	if main == nil {
		main = find(root, atom.Article)
	}
	if main == nil {
		main = find(root, atom.Body)
	}
	if main == nil {
		return
	}
	w.walk(main, 0)
	w.end()
	w.s.flush()
}

// maxNesting bounds how deep elements may stand in each other.
const maxNesting = 500

// A page is an HTML page in reading.
type page struct {
	d    *document
	s    section
	text strings.Builder // the block that is being read
}

// walk reads a node and what is in it.
func (w *page) walk(n *html.Node, depth int) {
	switch n.Type {
	case html.TextNode:
		w.text.WriteString(n.Data)
		return
	case html.ElementNode:
	default:
		return
	}
	if depth > maxNesting || skipped(n) {
		return
	}
	if hiddenElement(n) {
		if t := squeeze(textOf(n)); t != "" {
			w.d.report.notice(w.d.at(1), "remove it from the page, or show it", "hidden text was left out: %q", short(t))
			w.d.suspect(1, bot.Passage{Text: t})
		}
		return
	}
	if level := headingLevel(n.DataAtom); level > 0 {
		w.end()
		w.s.flush()
		if t := squeeze(textOf(n)); t != "" {
			w.s.open(level, t)
		}
		return
	}
	block := isBlock(n.DataAtom)
	if block {
		w.end()
	}
	switch n.DataAtom {
	case atom.Li:
		w.text.WriteString("- ")
	case atom.Td, atom.Th:
		w.text.WriteString(" | ")
	case atom.Br:
		w.text.WriteString("\x00")
	case atom.Img:
		w.text.WriteString(attribute(n, "alt"))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		w.walk(c, depth+1)
	}
	if block {
		w.end()
	}
}

// end finishes a block of text.
func (w *page) end() {
	var lines []string
	for _, line := range strings.Split(w.text.String(), "\x00") {
		if line = strings.Trim(squeeze(line), "| "); line != "" && line != "-" {
			lines = append(lines, line)
		}
	}
	w.text.Reset()
	if len(lines) == 0 {
		return
	}
	text := strings.Join(lines, "\n")
	last := len(w.s.blocks) - 1
	if last >= 0 && (strings.HasPrefix(text, "- ") || strings.Contains(text, " | ")) && len(w.s.blocks[last].text) < w.d.opts.MaxPassage {
		w.s.blocks[last].text += "\n" + text // items stay with the sentence that introduces them
		return
	}
	w.s.blocks = append(w.s.blocks, span{text, 1})
}

// skipped reports whether an element is no part of what a page says.
func skipped(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Nav, atom.Header, atom.Footer, atom.Aside, atom.Form,
		atom.Iframe, atom.Svg, atom.Button, atom.Select, atom.Head, atom.Object, atom.Math, atom.Dialog:
		return true
	}
	switch attribute(n, "role") {
	case "navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog":
		return true
	}
	return false
}

// hiddenElement reports whether people who look at the page do not see an
// element. It knows the usual ways, not style sheets.
func hiddenElement(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "aria-hidden" && a.Val == "true" {
			return true
		}
		if a.Key != "style" {
			continue
		}
		style := strings.ReplaceAll(strings.ToLower(a.Val), " ", "") + ";"
		for _, trick := range []string{
			"display:none", "visibility:hidden", "font-size:0;", "font-size:0p", "font-size:1px", "opacity:0;", "text-indent:-9", "left:-9",
			";color:white", ";color:#fff;", ";color:#ffffff", "color:transparent", "height:0;", "clip:rect(0",
		} {
			if strings.Contains(";"+style, trick) {
				return true
			}
		}
	}
	return false
}

func headingLevel(a atom.Atom) int {
	switch a {
	case atom.H1:
		return 1
	case atom.H2, atom.Summary:
		return 2
	case atom.H3, atom.Dt:
		return 3
	case atom.H4:
		return 4
	case atom.H5:
		return 5
	case atom.H6:
		return 6
	}
	return 0
}

func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Li, atom.Dl, atom.Dd, atom.Table, atom.Tr, atom.Section, atom.Article, atom.Main,
		atom.Blockquote, atom.Pre, atom.Figure, atom.Figcaption, atom.Details, atom.Body, atom.Hr, atom.Address:
		return true
	}
	return false
}

func find(n *html.Node, a atom.Atom) *html.Node {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.DataAtom == a {
			return c
		}
	}
	return nil
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
