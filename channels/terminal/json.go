package terminal

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Line is one message on standard input: this object, or plain text.
type Line struct {
	Text    string            `json:"text"`
	User    string            `json:"user,omitempty"`    // one user is one conversation, unless thread says otherwise
	Thread  string            `json:"thread,omitempty"`  // the conversation
	ID      string            `json:"id,omitempty"`      // a repeat of the same ID is the same message
	Lang    string            `json:"lang,omitempty"`    // ko or en
	Time    time.Time         `json:"time,omitzero"`     // RFC 3339; the time at which it was sent
	Choice  string            `json:"choice,omitempty"`  // ID of a choice of an earlier reply
	Forms   bool              `json:"forms,omitempty"`   // a form can be shown and filled in
	Form    string            `json:"form,omitempty"`    // ID of a form of an earlier reply; text then tells it in words
	Values  map[string]string `json:"values,omitempty"`  // what was filled in
	Context map[string]string `json:"context,omitempty"` // what the page knows: order, product …
}

// ParseLine reads a line that is a JSON object or plain text. An object with
// an unknown field, or one that is not complete, is an error; text that merely
// begins with a brace is text.
func ParseLine(s string) (Line, error) {
	trimmed := strings.TrimSpace(s)
	if !strings.HasPrefix(trimmed, "{") || !json.Valid([]byte(trimmed)) {
		return Line{Text: s}, nil
	}
	var l Line
	d := json.NewDecoder(strings.NewReader(trimmed))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil {
		return Line{}, fmt.Errorf("read message: %w; want {\"text\":…, \"user\":…, \"lang\":…, \"time\":…, \"context\":{…}}", err)
	}
	return l, nil
}

// Answer is one reply on standard output: everything that was heard, decided
// and said. It is the contract on which evaluation tools build.
type Answer struct {
	Reply    AnswerReply   `json:"reply"`
	Reading  bot.Reading   `json:"reading"`
	Case     bot.Case      `json:"case"`
	Plan     bot.Plan      `json:"plan"`
	Passages []bot.Passage `json:"passages"`
	Session  AnswerSession `json:"session"`
	Notes    []bot.Note    `json:"notes,omitempty"`
	Failure  string        `json:"failure,omitempty"`
}

// AnswerReply is what was said.
type AnswerReply struct {
	ID    string     `json:"id"`
	Lang  string     `json:"lang"`
	Parts []bot.Part `json:"parts"`
}

// AnswerSession is where the conversation stands.
type AnswerSession struct {
	Owner      string `json:"owner"`      // bot, waiting or person:NAME
	Priority   string `json:"priority"`   // P0..P4
	Trajectory string `json:"trajectory"` // new, escalating, plateau, easing, stabilised, resigned …
	Calm       bool   `json:"calm"`
}

// NewAnswer makes the answer of a journal entry. Lists are never null.
func NewAnswer(e bot.Entry) Answer {
	a := Answer{
		Reply:   AnswerReply{ID: e.Reply.ID, Lang: e.Reply.Lang, Parts: e.Reply.Parts},
		Reading: e.Reading, Case: e.Case, Plan: e.Plan, Passages: e.Passages, Notes: e.Notes,
		Session: AnswerSession{Owner: e.Session.Owner, Priority: e.Plan.Priority.Tier, Trajectory: e.Session.Mood.Trajectory, Calm: e.Session.Mood.Calm},
	}
	if e.Failure != "" {
		a.Failure, _, _ = strings.Cut(e.Failure, "\n") // the first line; the stack is in the log
	}
	if a.Reply.Parts == nil {
		a.Reply.Parts = []bot.Part{}
	}
	if a.Reading.Emotions == nil {
		a.Reading.Emotions = []bot.Emotion{}
	}
	if a.Reading.Evidence == nil {
		a.Reading.Evidence = []bot.Span{}
	}
	if a.Passages == nil {
		a.Passages = []bot.Passage{}
	}
	if a.Plan.Reasons == nil {
		a.Plan.Reasons = []bot.Reason{}
	}
	return a
}
