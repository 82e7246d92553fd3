package slack

import (
	"cmp"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
)

// What Slack takes.
const (
	blockMax  = 3000  // units of text in a block
	pageMax   = 12000 // units of text in a message, well under Slack's 40,000
	blocksMax = 50    // blocks in a message
	rowMax    = 5     // buttons side by side
	rowsMax   = 10    // choices as buttons; more become a menu
	menuMax   = 100   // options of a menu
	labelMax  = 75    // units of a label
	valueMax  = 2000  // bytes of a button's value
	optionMax = 150   // bytes of an option's value
	textMax   = 4000  // units of the fall-back text
)

// A page is one message of a reply.
type page struct {
	blocks []slackgo.Block
	text   string // fall-back for notifications and screen readers, as mrkdwn
}

// writer lays a reply out on pages.
type writer struct {
	c     *Channel
	team  string // installation, which a click brings back in the name of its block
	lang  string
	pages []page
	size  int
}

// render turns a reply into the messages that show it. The same reply always
// becomes the same messages, so that a repeat knows where it was.
func (c *Channel) render(r bot.Reply) []page {
	p, _ := parsePlace(r.To) // the sender has checked it
	w := &writer{c: c, team: p.team, lang: r.Lang}
	if r.From != "" {
		who := c.words.Say(r.Lang, "from", "name", r.From)
		w.add(slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(who, labelMax), false, false)), units(who), "")
	}
	for i, p := range r.Parts {
		for _, piece := range split(p.Text, blockMax) {
			if strings.TrimSpace(piece) != "" {
				w.add(rich(parse(piece, c.o.Links)), units(piece), Mrkdwn(piece, c.o.Links...))
			}
		}
		for j, card := range p.Cards {
			w.card(strconv.Itoa(i)+"c"+strconv.Itoa(j), card)
		}
		for _, f := range p.Files {
			w.file(f)
		}
		w.notes(p.Choices)
		w.choices(strconv.Itoa(i), p.Choices)
	}
	return w.pages
}

// add puts a block on the current page, or on a new one.
func (w *writer) add(b slackgo.Block, size int, text string) {
	if len(w.pages) == 0 || len(w.pages[len(w.pages)-1].blocks) >= blocksMax || w.size+size > pageMax {
		w.pages = append(w.pages, page{})
		w.size = 0
	}
	p := &w.pages[len(w.pages)-1]
	p.blocks = append(p.blocks, b)
	w.size += size
	if text != "" && (p.text == "" || units(p.text)+units(text) < textMax) {
		p.text = strings.TrimSpace(p.text + "\n\n" + text)
	}
}

// rich writes lines as rich text, in which text is only ever text.
func rich(lines []line) slackgo.Block {
	var out []slackgo.RichTextElement
	for i := 0; i < len(lines); {
		from := i
		for i < len(lines) && lines[i].kind == lines[from].kind {
			i++
		}
		run := lines[from:i]
		if run[0].kind == "" {
			var all []slackgo.RichTextSectionElement
			for j, l := range run {
				if j > 0 {
					all = append(all, slackgo.NewRichTextSectionTextElement("\n", nil))
				}
				all = append(all, elements(l.spans)...)
			}
			if len(all) > 0 {
				out = append(out, slackgo.NewRichTextSection(all...))
			}
			continue
		}
		var items []slackgo.RichTextElement
		for _, l := range run {
			items = append(items, slackgo.NewRichTextSection(elements(l.spans)...))
		}
		list := slackgo.NewRichTextList(slackgo.RichTextListElementType(run[0].kind), 0, items...)
		list.Offset = max(run[0].number-1, 0)
		out = append(out, list)
	}
	return slackgo.NewRichTextBlock("", out...)
}

func elements(spans []span) []slackgo.RichTextSectionElement {
	var out []slackgo.RichTextSectionElement
	for _, s := range spans {
		var style *slackgo.RichTextSectionTextStyle
		if s.bold || s.code {
			style = &slackgo.RichTextSectionTextStyle{Bold: s.bold, Code: s.code}
		}
		if s.link != "" {
			out = append(out, slackgo.NewRichTextSectionLinkElement(s.link, s.text, style))
		} else {
			out = append(out, slackgo.NewRichTextSectionTextElement(s.text, style))
		}
	}
	if len(out) == 0 {
		out = append(out, slackgo.NewRichTextSectionTextElement(" ", nil)) // Slack refuses an empty section
	}
	return out
}

// file shows a file the reply carries as a link to it.
func (w *writer) file(f bot.File) {
	name := clip(cmp.Or(f.Name, f.URL), labelMax)
	s := span{text: name}
	if safeLink(f.URL, w.c.o.Links) {
		s.link = f.URL
	}
	w.add(rich([]line{{spans: []span{{text: "📎 "}, s}}}), units(name), "📎 "+Escape(name))
}

// choices offers what can be picked, as buttons in rows or, when they are many,
// as a menu. The way to a person always stays a button.
func (w *writer) choices(part string, all []bot.Choice) {
	var pick, more []bot.Choice
	for _, ch := range all {
		switch {
		case strings.TrimSpace(ch.Label) == "", ch.URL == "" && (ch.ID == "" || len(ch.ID) > valueMax):
			w.c.o.Log.Warn("choice not shown", "channel", Name, "choice", clip(ch.ID, labelMax))
		case ch.URL != "" && !safeLink(ch.URL, w.c.o.Links):
			w.c.o.Log.Warn("choice links to a host that is not the brand's", "channel", Name, "choice", clip(ch.ID, labelMax))
		case len(all) > rowsMax && ch.URL == "" && ch.ID != bot.ChoiceHuman && len(ch.ID) <= optionMax && len(more) < menuMax:
			more = append(more, ch)
		default:
			pick = append(pick, ch)
		}
	}
	if len(more) > 0 {
		w.menu(part, more)
	}
	for i := 0; i < len(pick); i += rowMax {
		row := pick[i:min(i+rowMax, len(pick))]
		var buttons []slackgo.BlockElement
		for j, ch := range row {
			action := "p" + part + "." + strconv.Itoa(i+j)
			b := slackgo.NewButtonBlockElement(action, ch.ID, label(ch.Label))
			if ch.URL != "" {
				b.ActionID, b.Value, b.URL = "u"+action, "", ch.URL
			}
			if units(ch.Label) > labelMax {
				b.AccessibilityLabel = clip(ch.Label, labelMax)
			}
			buttons = append(buttons, b)
		}
		w.add(slackgo.NewActionBlock(w.block(part, i/rowMax), buttons...), 0, labels(row))
	}
}

func (w *writer) menu(part string, all []bot.Choice) {
	var options []*slackgo.OptionBlockObject
	for _, ch := range all {
		options = append(options, slackgo.NewOptionBlockObject(ch.ID, label(ch.Label), nil))
	}
	hint := label(w.c.words.Say(w.lang, "choose"))
	m := slackgo.NewOptionsSelectBlockElement(slackgo.OptTypeStatic, hint, "m"+part, options...)
	w.add(slackgo.NewActionBlock(w.team+"/m"+part, m), 0, labels(all))
}

// block names a row of choices.
func (w *writer) block(part string, row int) string {
	return w.team + "/p" + part + "." + strconv.Itoa(row)
}

func label(text string) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(text, labelMax), true, false)
}

// labels tells the choices in words, for where no buttons are shown.
func labels(all []bot.Choice) string {
	var out []string
	for _, ch := range all {
		out = append(out, "["+Escape(clip(ch.Label, labelMax))+"]")
	}
	return strings.Join(out, " ")
}
