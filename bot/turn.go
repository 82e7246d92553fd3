package bot

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
)

// A Turn is one exchange in the making. It belongs to one goroutine. Stages
// fill it in order; each reads what earlier ones found.
type Turn struct {
	Message  Message   // everything the customer sent since the last reply, joined
	Burst    []Message // the same, message by message
	Session  *Session  // the conversation before this turn; stages only read it
	After    Session   // the conversation after this turn; stages write here
	Customer *Customer // the person, across conversations; stages may add what they learned
	Others   int       // how many others wait for a person now
	Reading  Reading   // what was recognized
	Case     Case      // what happened
	Plan     Plan      // what was decided
	Passages []Passage // what the brand knows about it
	Reply    Reply     // what we say
	Opened   int       // so many parts of Reply have left already and can no longer be changed
	Orders   []Reply   // what the brand's own systems are told to do; each is addressed to a channel that does it
	Notes    []Note    // for the trace: what was considered and rejected
}

// A Note is a remark for the trace: a guard that rejected words, a fallback.
type Note struct {
	Stage string `json:"stage"`
	Text  string `json:"text"`
}

// Say adds a part to the reply. Empty text without choices is not said; cards
// without a sentence are told by the title of the first.
func (t *Turn) Say(p Part) {
	p.Text = strings.TrimSpace(p.Text)
	if p.Text == "" && len(p.Cards) > 0 {
		p.Text = p.Cards[0].Title
	}
	if p.Text != "" || len(p.Choices) > 0 {
		t.Reply.Parts = append(t.Reply.Parts, p)
	}
}

// Note adds a remark for the trace.
func (t *Turn) Note(stage, text string) { t.Notes = append(t.Notes, Note{stage, text}) }

// A Passage is a piece of the brand's knowledge, with where it comes from.
type Passage struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`              // heading path, such as "환불 › 환불 기간"
	Question string    `json:"question,omitempty"` // for question–answer pairs
	Answer   string    `json:"answer,omitempty"`   // for question–answer pairs
	Text     string    `json:"text"`               // what may be told
	Source   string    `json:"source"`             // file and line, or URL
	URL      string    `json:"url,omitempty"`      // a public link, if there is one
	Lang     string    `json:"lang,omitempty"`
	Audience string    `json:"audience,omitempty"` // "public" or "staff"
	From     time.Time `json:"from,omitzero"`      // valid from
	Until    time.Time `json:"until,omitzero"`     // valid until
	Score    float64   `json:"score"`              // 0..1, higher is better
}

// A Choice is a button or quick reply.
type Choice struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Note  string `json:"note,omitempty"` // a second, quieter line; choices with notes are shown as a list
	URL   string `json:"url,omitempty"`  // opens a page instead of answering
}

// A Part is one paragraph of a reply, with the stage that said it.
type Part struct {
	Stage   string   `json:"stage"`             // acknowledge, guide, stabilize, safety, rescue or person
	Text    string   `json:"text"`              // plain text with the small Markdown of Onki: **bold**, lists, links
	Cards   []Card   `json:"cards,omitempty"`   // what was found, at a glance
	Form    *Card    `json:"form,omitempty"`    // several things asked for at once
	Choices []Choice `json:"choices,omitempty"` // what the customer can pick
	Sources []string `json:"sources,omitempty"` // IDs of the passages it rests on
	Files   []File   `json:"files,omitempty"`
}

// A Reply is what we say to one turn.
type Reply struct {
	ID      string    `json:"id"`             // the same on every attempt to send it
	To      Address   `json:"to"`             // the conversation
	Answers []string  `json:"answers"`        // IDs of the messages it answers
	Parts   []Part    `json:"parts"`          // in the order of saying
	Lang    string    `json:"lang,omitempty"` // "ko" or "en"
	From    string    `json:"from,omitempty"` // the person who wrote it; "" for the bot
	Time    time.Time `json:"time"`
}

// Text returns what the parts say as one plain text, a blank line between parts.
func (r Reply) Text() string {
	return r.join(func(p Part) string { return p.Text })
}

// Shown returns what the parts say and show as one text; see Part.Shown.
func (r Reply) Shown() string { return r.join(Part.Shown) }

func (r Reply) join(tell func(Part) string) string {
	texts := make([]string, 0, len(r.Parts))
	for _, p := range r.Parts {
		if text := tell(p); text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "\n\n")
}

// LogValue is what a log may know of a reply: its ID and where it goes, never
// what it says.
func (r Reply) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", r.ID), slog.String("to", r.To.String()))
}

// A Stage is one step of a Flow.
type Stage struct {
	Name string                                   // recognize, acknowledge, guide, stabilize …
	Doc  string                                   // one sentence: what it decides or says
	Run  func(ctx context.Context, t *Turn) error // an error or a panic leads to the engine's Rescue
	// Ahead is for a stage that may take seconds: how many of the parts said so
	// far need not wait for it and may leave before it runs. The reply must say
	// more in the end. Nil keeps everything together.
	Ahead func(t *Turn) int
}

// A Flow is the stages of a conversation, run in order for each turn.
type Flow []Stage

// SkipRest is returned by a Stage to end the flow early without an error.
//
//lint:ignore ST1012 named for what to do, as io/fs.SkipAll is
var SkipRest = errors.New("skip the rest of the flow")

// Feeling is the emotion this turn answers: the plan's, or before there is a
// plan the strongest that was heard.
func (t *Turn) Feeling() string {
	if t.Plan.Feeling != "" {
		return t.Plan.Feeling
	}
	return t.Reading.Top()
}
