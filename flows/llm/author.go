package llm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/redact"
	"github.com/onkihq/onki/flows"
)

// An Author words decided replies with the models for [Write].
type Author struct{ Models *Models }

var _ flows.Author = Author{}

// Lengths, in letters, beyond which a text is cut before a model sees it. They
// bound what a turn can cost.
const (
	messageMax = 2000
	passageMax = 1500
	saidMax    = 400
)

// writeView is what the prompt for Write sees.
type writeView struct {
	Brand, Marker, Register, Emotion, Message string
	Plan                                      bot.Plan
	Case                                      bot.Case
	Said, Refused                             []string
	Passages                                  []bot.Passage
	Draft                                     []bot.Part
}

// Word asks for other words for the draft; see [flows.Author].
func (a Author) Word(ctx context.Context, t *bot.Turn, draft []bot.Part, refused []flows.Refusal) ([]bot.Part, error) {
	m := a.Models
	v := writeView{
		Brand: m.prompts.brand[t.Reply.Lang], Marker: m.prompts.marker(), Register: t.Plan.Register, Emotion: t.Reading.Top(),
		Message: clean(t.Message.Text, messageMax), Plan: t.Plan, Case: t.Case,
	}
	v.Case.Noun, v.Plan.Acknowledge.Why = clean(v.Case.Noun, saidMax), clean(v.Plan.Acknowledge.Why, saidMax)
	for _, p := range t.Reply.Parts {
		if !slices.ContainsFunc(draft, func(d bot.Part) bool { return d.Stage == p.Stage }) {
			v.Said = append(v.Said, clean(p.Text, saidMax))
		}
	}
	for _, p := range t.Passages {
		text := p.Text
		if p.Answer != "" {
			text = p.Answer
		}
		v.Passages = append(v.Passages, bot.Passage{ID: clean(p.ID, 80), Title: clean(p.Title, 120), Text: clean(text, passageMax)})
	}
	for _, p := range draft {
		v.Draft = append(v.Draft, bot.Part{Stage: p.Stage, Text: clean(p.Text, passageMax)})
	}
	for _, r := range refused {
		v.Refused = append(v.Refused, clean(r.String(), saidMax))
	}
	var hidden redact.Map
	name, system, data, err := m.prompts.render(t.Reply.Lang, Write, v, &hidden)
	if err != nil {
		return nil, err
	}
	var got written
	call, err := m.Ask(ctx, Query{Purpose: Write, Conversation: t.Message.From.String(), System: system, User: data, Into: func(text string) error {
		got = written{}
		return got.read(text, draft)
	}})
	if err != nil {
		return nil, err
	}
	t.Note("model", fmt.Sprintf("%s worded the reply in %d ms with %s: %d and %d tokens, prompt of %d bytes",
		call.Model, call.Took/time.Millisecond, name, call.In, call.Out, call.Prompt))
	return got.parts(draft, &hidden), nil
}

// written is the answer for Write.
type written struct {
	Parts []struct {
		Stage   string   `json:"stage"`
		Text    string   `json:"text"`
		Sources []string `json:"sources"`
	} `json:"parts"`
}

// read decodes the answer and checks its shape.
func (w *written) read(text string, draft []bot.Part) error {
	if err := decode(text, w); err != nil {
		return err
	}
	for _, p := range w.Parts {
		if slices.ContainsFunc(draft, func(d bot.Part) bool { return d.Stage == p.Stage }) && p.Text != "" {
			return nil
		}
	}
	return errors.New("it holds none of the parts that were asked for")
}

// parts puts the hidden values back. A part with a placeholder that stands for
// nothing is left out; the guards then say that it is missing.
func (w *written) parts(draft []bot.Part, hidden *redact.Map) []bot.Part {
	var out []bot.Part
	for _, p := range w.Parts {
		text, err := hidden.Restore(p.Text)
		if err != nil || !slices.ContainsFunc(draft, func(d bot.Part) bool { return d.Stage == p.Stage }) {
			continue
		}
		out = append(out, bot.Part{Stage: p.Stage, Text: text, Sources: p.Sources})
	}
	return out
}
