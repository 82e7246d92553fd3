package bot

import (
	"context"
	"slices"
)

// An Opener is a Ledger that lets the first words of a reply leave while the
// rest is still being worked out.
type Opener interface {
	// Open puts r into transcript and outbox and keeps its parts beside the
	// pending messages: whoever claims these again finds them in Work.Opening.
	// The messages stay pending and the work goes on under the same fence.
	// ErrLost, and nothing is written, if the fence has moved on or the work
	// was opened before.
	Open(ctx context.Context, w *Work, r Reply) error
}

// Rest returns the part of the reply that has not left yet: all of it, unless
// the turn was opened.
func (e Entry) Rest() Reply {
	r := e.Reply
	r.Parts = r.Parts[min(e.Opened, len(r.Parts)):]
	return r
}

// open lets the parts that the stage need not be waited for leave first. When
// that fails, everything leaves together at the end; when the fence has moved
// on, the commit will find out.
func (e *Engine) open(ctx context.Context, w *Work, t *Turn, s Stage) {
	o, ok := e.Ledger.(Opener)
	if !ok || s.Ahead == nil || t.Opened > 0 || t.Session.Staffed() {
		return
	}
	n := min(s.Ahead(t), len(t.Reply.Parts))
	if n <= 0 {
		return
	}
	r := t.Reply
	r.ID, r.Answers = "open:"+t.Message.ID, nil // the rest is the answer
	r.Parts = slices.Clone(t.Reply.Parts[:n])
	if err := o.Open(ctx, w, r); err != nil {
		t.Note("open", err.Error())
		return
	}
	t.Opened = n
	if e.Hints != nil {
		e.Hints.Wake(TopicOutbox + w.Address.Channel)
		e.Hints.Wake(TopicEvents + w.Address.String())
	}
}
