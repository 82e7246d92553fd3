package bot

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// attemptsMax is how often one burst of messages is tried before the engine
// stops running the flow on it and calls a person: a message that kills the
// process must not kill it for ever.
const attemptsMax = 5

// The last words of a bot whose stages failed, one line per language, used
// when Engine.Rescue is nil or fails itself.
//
//go:embed rescue.txt
var rescueText string

// Answer makes a Turn of the claimed work, runs the flow on it and writes the
// outcome into w.Entry. It reads no clock but e.Now, touches the ledger only to
// let first words leave (see Stage.Ahead) and may be repeated: its result counts
// only once it is committed. A stage that fails
// or panics leads to one honest line and a call for a person, never to silence.
func (e *Engine) Answer(ctx context.Context, w *Work) {
	t, steps, failure := e.think(ctx, w)
	if failure == nil && len(t.Reply.Parts) <= t.Opened && !t.Session.Staffed() {
		failure = fmt.Errorf("answer %s: no stage said anything more", w.Address)
	}
	if failure != nil {
		e.rescue(ctx, t, failure)
	}
	draft := hold(t)
	if failure != nil {
		draft = nil // words about the bot's own trouble are no help to a person
	}
	if failure != nil || t.Session.Staffed() {
		t.Orders = nil // nothing is ordered on half a thought, nor over a person's head
	}
	if t.After.Waiting() && t.After.Asked.IsZero() {
		t.After.Asked = t.Message.Time
	}
	t.After.Turns++
	t.After.Updated = t.Message.Time
	t.After.Lang = t.Reply.Lang
	t.After.Zone = cmp.Or(t.Message.Zone, t.After.Zone)
	w.Entry = Entry{
		Messages: t.Burst, Reading: t.Reading, Case: t.Case, Plan: t.Plan, Passages: t.Passages,
		Reply: t.Reply, Opened: t.Opened, Orders: t.Orders, Draft: draft, Session: t.After, Notes: t.Notes, Steps: steps, Time: e.now(),
	}
	if failure != nil {
		w.Entry.Failure = failure.Error()
	}
	if t.Customer != nil {
		w.Customer = *t.Customer
	}
}

// hold keeps back what the bot would say while a person has the conversation,
// as a draft for them, and lets the session remember nothing of what was not
// said.
func hold(t *Turn) *Reply {
	if !t.Session.Staffed() {
		return nil
	}
	heard := t.After
	t.After = t.Session.Clone()
	t.After.Mood, t.After.Priority, t.After.Owner = heard.Mood, heard.Priority, OwnerPerson+t.Session.Person()
	t.After.Case = t.Case
	for _, m := range t.Burst {
		if m.Event != "" { // what a system has done is done, whoever talks now
			t.After.Journey.Order, t.After.Journey.Done = "", true
		}
	}
	draft := t.Reply
	draft.Parts = t.Reply.Parts[t.Opened:]
	t.Reply.Parts = t.Reply.Parts[:t.Opened] // what left before the person came was said
	if len(draft.Parts) == 0 {
		return nil
	}
	return &draft
}

// hung is how long a stage may go on after its context has ended.
const hung = time.Second

// think runs the flow on a new turn. A stage that ignores the end of its
// context is left behind with its turn, and a fresh one is handed back: one
// stuck stage must not hold a worker for ever.
func (e *Engine) think(ctx context.Context, w *Work) (*Turn, []Step, error) {
	if w.Attempt > attemptsMax {
		return newTurn(w), nil, fmt.Errorf("answer %s: given up after %d attempts", w.Address, w.Attempt-1)
	}
	t := newTurn(w)
	var steps []Step
	ended := make(chan error, 1)
	go func() { ended <- e.runFlow(ctx, w, t, &steps) }()
	select {
	case err := <-ended:
		return t, steps, err
	case <-ctx.Done():
	}
	patience := time.NewTimer(hung)
	defer patience.Stop()
	select {
	case err := <-ended:
		return t, steps, err
	case <-patience.C:
		return newTurn(w), nil, fmt.Errorf("answer %s: a stage hangs: %w", w.Address, ctx.Err())
	}
}

// newTurn lays out the turn: the joined message, a copy of the session to
// write to and a reply whose ID depends on the messages alone, so that a
// repeated attempt has the same one.
func newTurn(w *Work) *Turn {
	m := Join(w.Messages)
	m.Text = cut(m.Text, TextMax) // each message is short enough; a burst of hundreds is not
	before := w.Session.Clone()
	if before.Owner == "" || before.Owner == OwnerClosed {
		before.Owner = OwnerBot // who writes after the end begins anew
	}
	if before.Opened.IsZero() {
		before.Opened = m.Time
	}
	before.Address = w.Address
	customer := w.Customer.Clone()
	t := &Turn{Message: m, Burst: w.Messages, Session: &before, After: before.Clone(), Customer: &customer, Others: w.Others}
	t.Reply = Reply{ID: "re:" + m.ID, To: w.Address, Lang: Language(m, before.Lang), Time: m.Time}
	t.Reply.Parts, t.Opened = slices.Clone(w.Opening), len(w.Opening)
	for _, b := range w.Messages {
		t.Reply.Answers = append(t.Reply.Answers, b.ID)
	}
	return t
}

func (e *Engine) runFlow(ctx context.Context, w *Work, t *Turn, steps *[]Step) error {
	for _, stage := range e.Flow {
		e.open(ctx, w, t, stage)
		start := e.now()
		err := runStage(ctx, stage, t)
		*steps = append(*steps, Step{stage.Name, e.now().Sub(start)})
		if errors.Is(err, SkipRest) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("stage %s: %w", stage.Name, err)
		}
	}
	return nil
}

func runStage(ctx context.Context, s Stage, t *Turn) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return s.Run(ctx, t)
}

// rescue says one honest line in the brand's voice and calls a person. What an
// earlier stage has already said is kept only if it was the safety lane: half
// an answer under an apology reads as carelessness.
func (e *Engine) rescue(ctx context.Context, t *Turn, failure error) {
	e.log().Error("turn failed", "conversation", t.Message.From.String(), "error", failure)
	parts := t.Reply.Parts[t.Opened:]
	t.Reply.Parts = slices.Clone(t.Reply.Parts[:t.Opened])
	for _, p := range parts {
		if p.Stage == "safety" {
			t.Reply.Parts = append(t.Reply.Parts, p)
		}
	}
	t.Plan.Handoff = Handoff{Level: "now", Reason: "failure"}
	t.Plan.Because("hand over", "the bot failed on this message", "engine")
	if !t.After.Staffed() {
		t.After.Owner = OwnerWaiting
		t.After.Called = "failure"
	}
	said := len(t.Reply.Parts)
	if e.Rescue.Run != nil {
		if err := runStage(ctx, e.Rescue, t); err != nil {
			t.Note("rescue", err.Error())
		}
	}
	if len(t.Reply.Parts) == said {
		t.Say(Part{Stage: "rescue", Text: rescueLine(t.Reply.Lang)})
	}
}

// rescueLine returns the built-in last words in the language, else in English.
func rescueLine(lang string) string {
	var english string
	for line := range strings.Lines(rescueText) {
		l, text, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if ok && l == lang {
			return text
		}
		if ok && l == "en" {
			english = text
		}
	}
	return english
}

// Language returns the language a message is to be answered in: Korean when
// Hangul letters outweigh a quarter of its letters, English when it is written in Latin
// letters, else what the channel said, else what the conversation was in, else
// English. Loanwords and product names make Latin letters common in Korean, so
// a little Hangul decides.
func Language(m Message, before string) string {
	hangul, latin := 0, 0
	for _, r := range m.Text {
		switch {
		case r >= 0xAC00 && r <= 0xD7A3 || r >= 0x3131 && r <= 0x318E || r >= 0x1100 && r <= 0x11FF:
			hangul++
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			latin++
		}
	}
	switch {
	case hangul > 0 && hangul*3 >= latin: // a syllable block carries two to three Latin letters
		return "ko"
	case latin > 3 && hangul == 0 && before == "":
		return "en"
	case latin > 7:
		return "en"
	case m.Lang != "":
		return m.Lang
	case before != "":
		return before
	}
	return "en"
}
