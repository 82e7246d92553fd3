package web

import (
	"context"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// event is what the browser gets to see of a bot.Event: what was said, by
// whom, and nothing of what was recognized.
type event struct {
	Seq   int64     `json:"seq"`
	Kind  string    `json:"kind"`         // message, reply or owner
	ID    string    `json:"id,omitempty"` // the client's own id for a message, the reply's for a reply
	Text  string    `json:"text,omitempty"`
	Parts []part    `json:"parts,omitempty"`
	Files []file    `json:"files,omitempty"`
	From  string    `json:"from,omitempty"`  // the person who wrote a reply
	Lang  string    `json:"lang,omitempty"`  // of a reply
	Owner string    `json:"owner,omitempty"` // who has the conversation now: bot, waiting or person
	Rate  bool      `json:"rate,omitempty"`  // a good moment to ask how it went
	Time  time.Time `json:"time"`
}

type part struct {
	Text    string    `json:"text,omitempty"`
	Safety  bool      `json:"safety,omitempty"` // must stand out and come at once
	Cards   []card    `json:"cards,omitempty"`
	Form    *bot.Card `json:"form,omitempty"`
	Choices []choice  `json:"choices,omitempty"`
	Sources []source  `json:"sources,omitempty"`
	Files   []file    `json:"files,omitempty"`
}

type choice struct {
	ID    string `json:"id,omitempty"`
	Label string `json:"label"`
	Note  string `json:"note,omitempty"`
	URL   string `json:"url,omitempty"`
}

type card struct {
	Title   string    `json:"title"`
	Rows    []bot.Row `json:"rows,omitempty"`
	Choices []choice  `json:"choices,omitempty"`
}

type source struct {
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
}

type file struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
	URL  string `json:"url,omitempty"`
}

// wire turns events of the transcript into what the browser shows.
func (c *Channel) wire(ctx context.Context, a bot.Address, events []bot.Event) []event {
	return (&reader{c: c, a: a}).wire(ctx, events)
}

// A reader wires events of one conversation, in order. It remembers which turn
// of the journal it came to, so that a stream looks each one up at once.
type reader struct {
	c    *Channel
	a    bot.Address
	turn int64
}

func (rd *reader) wire(ctx context.Context, events []bot.Event) []event {
	entries := rd.entries(ctx, events)
	out := make([]event, 0, len(events))
	for _, e := range events {
		if e.Kind == "draft" {
			continue // never said to the customer
		}
		w := event{Seq: e.Seq, Kind: e.Kind, Time: e.Time}
		switch {
		case e.Kind == "event":
			w.Kind = "owner" // word from the brand's systems: nothing to show, but numbers go without a hole
		case e.Message != nil:
			w.ID = strings.TrimPrefix(e.Message.ID, rd.a.Thread+"/")
			w.Text = e.Message.Text
			w.Files = rd.c.files(e.Message.Files)
		case e.Reply != nil:
			rd.c.wireReply(e.Reply, entries[e.Reply.ID], &w)
		case e.Kind == "owner":
			w.Owner = owner(e.Owner)
		}
		out = append(out, w)
	}
	return out
}

func (c *Channel) wireReply(r *bot.Reply, entry *bot.Entry, w *event) {
	w.ID, w.From, w.Lang = r.ID, r.From, r.Lang
	w.Rate = entry != nil && c.mayRate(entry)
	for _, p := range r.Parts {
		q := part{Text: p.Text, Safety: p.Stage == "safety", Files: c.files(p.Files), Form: p.Form, Choices: choices(p.Choices)}
		for _, k := range p.Cards {
			q.Cards = append(q.Cards, card{k.Title, k.Rows, choices(k.Choices)})
		}
		if entry != nil {
			q.Sources = titles(p.Sources, entry.Passages)
		}
		w.Parts = append(w.Parts, q)
	}
}

func choices(all []bot.Choice) []choice {
	var out []choice
	for _, ch := range all {
		out = append(out, choice(ch))
	}
	return out
}

// titles names the passages a part rests on, each title once. Passages for the
// staff are never named.
func titles(ids []string, known []bot.Passage) []source {
	var out []source
	seen := make(map[string]bool)
	for _, id := range ids {
		for _, p := range known {
			if p.ID == id && p.Title != "" && p.Audience != "staff" && !seen[p.Title] {
				seen[p.Title] = true
				out = append(out, source{p.Title, p.URL})
			}
		}
	}
	return out
}

// mayRate reports whether this is a moment to ask how it went: the need is
// met, and the customer is not left angry, grieving or in danger. Asking then
// would be for us and not for them.
func (c *Channel) mayRate(e *bot.Entry) bool {
	if _, ok := c.o.Ledger.(Rater); !ok {
		return false
	}
	load := e.Session.Mood.Recent
	strained := len(load) > 0 && load[len(load)-1] >= 0.5
	return e.Plan.Close && !strained && !e.Case.Lost && !e.Case.Vulnerable &&
		e.Case.Event != "bereavement" && e.Plan.Safety == "" && e.Plan.Handoff.Level != "now" && e.Failure == ""
}

// owner hides who of the staff it is; a reply names its writer.
func owner(o string) string {
	s := bot.Session{Owner: o}
	switch {
	case s.Staffed():
		return "person"
	case s.Waiting():
		return bot.OwnerWaiting
	}
	return bot.OwnerBot
}
