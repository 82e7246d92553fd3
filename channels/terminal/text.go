package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/onkihq/onki/bot"
)

// Style says how a reply looks on a terminal.
type Style struct {
	Colour bool // use ANSI colours
	Trace  bool // show what was heard and decided, and why
}

// Print writes a reply for a person to read.
func Print(w io.Writer, e bot.Entry, s Style) error {
	var b strings.Builder
	if s.Trace {
		trace(&b, e, s)
	}
	for _, p := range e.Reply.Parts {
		for line := range strings.Lines(p.Text) {
			fmt.Fprintln(&b, s.paint("32", "  ")+strings.TrimRight(line, "\n"))
		}
		for _, c := range p.Cards {
			card(&b, c, s)
		}
		for i, c := range p.Choices {
			fmt.Fprintln(&b, s.paint("36", fmt.Sprintf("  [%d] %s", i+1, c.Label)))
			if c.Note != "" {
				fmt.Fprintln(&b, s.paint("90", "      "+c.Note))
			}
		}
		for _, id := range p.Sources {
			for _, k := range e.Passages {
				if k.ID == id {
					fmt.Fprintln(&b, s.paint("90", "  ↳ "+k.Title))
				}
			}
		}
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// card draws a card behind a bar.
func card(b *strings.Builder, c bot.Card, s Style) {
	line := func(text string) {
		fmt.Fprintln(b, s.paint("90", "  │ ")+strings.ReplaceAll(text, "\n", " "))
	}
	line(c.Title)
	for _, r := range c.Rows {
		line("  " + r.Label + ": " + r.Value)
	}
	for _, ch := range c.Choices {
		line("  " + ch.Label + ": " + ch.URL)
	}
}

func (s Style) paint(code, text string) string {
	if !s.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// trace shows in plain words what was heard, what was decided and by which
// rule, and which words were refused.
func trace(b *strings.Builder, e bot.Entry, s Style) {
	line := func(name, text string) {
		fmt.Fprintln(b, s.paint("90", fmt.Sprintf("  %-9s %s", name, text)))
	}
	r := e.Reading
	var feelings []string
	for i, f := range r.Emotions {
		if i == 3 || f.Strength < .1 {
			break
		}
		feelings = append(feelings, fmt.Sprintf("%s %.2f", f.Name, f.Strength))
	}
	line("heard", fmt.Sprintf("%s · intensity %.2f · valence %+.2f · arousal %.2f · sure %.2f · risk %s",
		strings.Join(feelings, ", "), r.Intensity, r.Valence, r.Arousal, r.Confidence, r.Risk))
	var words []string
	for _, v := range r.Evidence {
		words = append(words, fmt.Sprintf("%q %s", v.Text, v.Says))
	}
	if len(words) > 0 {
		line("because", strings.Join(words, " · "))
	}
	if len(r.Flags) > 0 {
		line("signs", strings.Join(r.Flags, ", "))
	}
	c := e.Case
	if c.Event != "" {
		text := c.Event + " by " + c.Agency
		if c.Noun != "" {
			text += " · " + c.Noun
		}
		for _, k := range c.Stakes {
			text += " · " + k.Kind + " (" + k.Words + ")"
		}
		line("case", text)
	}
	m := e.Session.Mood
	line("course", fmt.Sprintf("%s · priority %s %.0f %s · owner %s", m.Trajectory, e.Plan.Priority.Tier, e.Plan.Priority.Score,
		strings.Join(e.Plan.Priority.Reasons, ", "), e.Session.Owner))
	for _, d := range e.Plan.Reasons {
		text := d.Decision + " ← " + d.Why
		if d.Source != "" {
			text += " (" + d.Source + ")"
		}
		line("decided", text)
	}
	for _, n := range e.Notes {
		line("note", n.Stage+": "+n.Text)
	}
	for _, p := range e.Passages {
		line("found", fmt.Sprintf("%.2f %s (%s)", p.Score, p.Title, p.Source))
	}
	if e.Failure != "" {
		first, _, _ := strings.Cut(e.Failure, "\n")
		line("failed", first)
	}
	b.WriteByte('\n')
}
