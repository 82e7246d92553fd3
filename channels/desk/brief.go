package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Brief is what a person needs to know before their first word, so that the
// customer does not have to tell it again. All texts are in the language of the
// staff but for the customer's own words and the sentence to say.
type Brief struct {
	Title    string   // how urgent it is
	Why      string   // why it is, strongest reason first
	Lines    []string // what happened, what was tried, what was promised, how they feel and what shows it, what to say first
	Last     []string // the last things said
	Seq      int64    // the last event it knows
	Language string   // of the customer
}

// Brief makes the brief of a conversation.
func (d *Desk) Brief(ctx context.Context, s bot.Session) (Brief, error) {
	h, err := d.history(ctx, s.Address)
	if err != nil {
		return Brief{}, err
	}
	var e bot.Entry
	if n := len(h.entries); n > 0 {
		e = h.entries[n-1]
	}
	b := Brief{Title: d.Text("title", "tier", s.Priority.Tier, "channel", s.Address.Channel), Seq: h.seq, Language: s.Lang}
	var why []string
	for _, r := range s.Priority.Reasons {
		why = append(why, d.reason(r))
	}
	if minutes := int(d.o.Now().Sub(s.Asked).Minutes()); !s.Asked.IsZero() && minutes > 0 {
		why = append(why, d.Text("waiting", "minutes", fmt.Sprint(minutes)))
	}
	b.Why = d.line("why", strings.Join(why, " · "))
	first := ""
	if d.o.Opening != nil {
		first = d.o.Opening(ctx, s, e)
	}
	b.Lines = []string{
		d.line("what", join([]string{d.what(s, e), attached(h.files)})),
		d.line("tried", d.tried(s)),
		d.line("promised", d.promised(s, h.entries)),
		d.line("feeling", d.feeling(e.Reading)),
		d.line("first", first),
	}
	for _, ev := range h.last {
		b.Last = append(b.Last, d.Line(ev))
	}
	return b, nil
}

// line puts a text behind its name; what is not known is said to be so, since a
// line that is missing reads as forgotten.
func (d *Desk) line(name, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		text = d.Text("nothing")
	}
	return d.Text(name, "text", text)
}

// Line tells one event of a conversation to the staff, or "" for what is not
// for the thread.
func (d *Desk) Line(e bot.Event) string {
	switch {
	case e.Message != nil:
		text := e.Message.Text
		for _, f := range e.Message.Files {
			text += " 📎 " + f.Name
		}
		return d.Text("customer", "text", text)
	case e.Kind != "reply":
		return ""
	case e.Reply.From == "":
		return d.Text("bot", "text", e.Reply.Shown())
	}
	return d.Text("person", "name", e.Reply.From, "text", e.Reply.Text())
}

// called says the staff's word for a name of ours, or the name itself.
func (d *Desk) called(kind, name string) string {
	if name == "" {
		return ""
	}
	if text := d.Text(kind + "." + name); text != "" {
		return text
	}
	return strings.ReplaceAll(name, "_", " ")
}

// reason says why something is urgent. The policy says it in English, its kind
// before a colon and the event or feeling after it.
func (d *Desk) reason(r string) string {
	if tier, ok := strings.CutPrefix(r, "danger to a person "); ok {
		return d.Text("risk", "text", tier)
	}
	kind, rest, _ := strings.Cut(r, ": ")
	text := d.Text("why."+strings.ReplaceAll(kind, " ", "_"), "text", d.either("event", "emotion", strings.ReplaceAll(rest, " ", "_")))
	if text == "" {
		return r
	}
	return text
}

func (d *Desk) either(one, other, name string) string {
	if text := d.Text(one + "." + name); text != "" {
		return text
	}
	return d.called(other, name)
}

func (d *Desk) what(s bot.Session, e bot.Entry) string {
	parts := []string{s.Case.Noun, d.called("event", s.Case.Event)}
	for _, st := range s.Case.Stakes {
		parts = append(parts, st.Words)
	}
	for _, g := range s.Case.Given {
		parts = append(parts, g.Value)
	}
	return join(append(parts, e.Plan.Handoff.Brief))
}

// attached names the newest files that the customer has sent.
func attached(names []string) string {
	const most = 5
	if len(names) == 0 {
		return ""
	}
	return "📎 " + strings.Join(names[max(0, len(names)-most):], ", ")
}

// join sets texts side by side, each once.
func join(texts []string) string {
	var out []string
	seen := map[string]bool{"": true}
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return strings.Join(out, " · ")
}

func (d *Desk) tried(s bot.Session) string {
	var out []string
	for _, m := range s.Moves[max(0, len(s.Moves)-3):] {
		text := d.called("move", m.Forward)
		if m.Forward == "answer" && m.Topic != "" {
			text = d.Text("told", "text", m.Topic)
		}
		if r := d.called("reaction", m.Reaction); r != "" && text != "" {
			text += " → " + r
		}
		out = append(out, text)
	}
	return join(out)
}

func (d *Desk) promised(s bot.Session, entries []bot.Entry) string {
	var out []string
	for _, m := range s.Moves {
		out = append(out, m.Promise)
	}
	for _, e := range entries {
		if e.Draft != nil {
			continue // thought of, and not said
		}
		for _, p := range e.Plan.Promises {
			text := d.called("promise", p.What)
			if !p.Due.IsZero() {
				text = d.Text("by", "text", text, "time", p.Due.In(d.o.Zone).Format(d.day(p.Due)))
			}
			out = append(out, text)
		}
	}
	return join(out)
}

// day is how a time is written: with its date unless it is today.
func (d *Desk) day(at time.Time) string {
	now := d.o.Now().In(d.o.Zone)
	if at = at.In(d.o.Zone); at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return "15:04"
	}
	return "1/2 15:04"
}

// feeling names the two strongest feelings with the words that show them.
func (d *Desk) feeling(r bot.Reading) string {
	var out []string
	for _, e := range r.Emotions[:min(2, len(r.Emotions))] {
		text := fmt.Sprintf("%s %.0f%%", d.called("emotion", e.Name), 100*e.Strength)
		for _, s := range r.Evidence {
			if s.Says == e.Name && s.Text != "" {
				text += " “" + s.Text + "”"
				break
			}
		}
		out = append(out, text)
	}
	if r.Risk > bot.R0 {
		out = append([]string{d.Text("risk", "text", r.Risk.String())}, out...)
	}
	return strings.Join(out, ", ")
}
