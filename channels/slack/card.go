package slack

import (
	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
)

// What Slack takes of a section.
const (
	fieldsMax = 10
	fieldMax  = 200 // units; Slack takes 2,000, nobody reads them beside each other
)

// card shows what was found as a section with two columns. All of it is plain
// text: what a brand's system says is never read as marks.
func (w *writer) card(part string, c bot.Card) {
	fallback := Mrkdwn(bot.Part{Cards: []bot.Card{c}}.Shown(), w.c.o.Links...)
	title := clip(c.Title, fieldMax)
	w.add(rich([]line{{spans: []span{{text: title, bold: true}}}}), units(title), fallback)
	for i := 0; i < len(c.Rows); i += fieldsMax {
		var fields []*slackgo.TextBlockObject
		size := 0
		for _, r := range c.Rows[i:min(i+fieldsMax, len(c.Rows))] {
			text := clip(r.Label, labelMax) + "\n" + clip(r.Value, fieldMax)
			size += units(text)
			fields = append(fields, slackgo.NewTextBlockObject(slackgo.PlainTextType, text, false, false))
		}
		w.add(slackgo.NewSectionBlock(nil, fields, nil), size, "")
	}
	w.choices(part, c.Choices)
}

// notes tells what a button has no room for.
func (w *writer) notes(all []bot.Choice) {
	var lines []line
	size := 0
	for _, ch := range all {
		if ch.Note != "" {
			label, note := clip(ch.Label, labelMax), clip(ch.Note, fieldMax)
			lines = append(lines, line{kind: "bullet", spans: []span{{text: label, bold: true}, {text: ": " + note}}})
			size += units(label) + units(note)
		}
	}
	if len(lines) > 0 {
		w.add(rich(lines), size, "")
	}
}
