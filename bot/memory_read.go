package bot

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Events returns what happened in the conversation; see Transcript.
func (l *Memory) Events(_ context.Context, a Address, after int64, limit int) ([]Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[a] // reading makes no conversation
	if t == nil {
		return nil, nil
	}
	events := t.events
	return slices.Clone(page(events, int(min(max(after, 0), int64(len(events)))), limit)), nil
}

// Epoch names the stored history; see Transcript.
func (l *Memory) Epoch(context.Context) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prepare()
	return l.epoch, nil
}

// Entries returns the turns of a conversation; see Journal.
func (l *Memory) Entries(_ context.Context, a Address, after int64, limit int) ([]Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[a]
	if t == nil {
		return nil, nil
	}
	entries := t.entries
	first := slices.IndexFunc(entries, func(e Entry) bool { return e.Seq > after })
	if first < 0 {
		return nil, nil
	}
	return slices.Clone(page(entries, first, limit)), nil
}

// Conversations returns the sessions updated since then; see Journal.
func (l *Memory) Conversations(_ context.Context, since time.Time, limit int) ([]Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []Session
	for _, t := range l.order {
		if len(t.entries) > 0 && !t.session.Updated.Before(since) {
			found = append(found, t.session.Clone())
		}
	}
	slices.SortStableFunc(found, func(a, b Session) int { return b.Updated.Compare(a.Updated) })
	return page(found, 0, limit), nil
}

func page[T any](all []T, from, limit int) []T {
	return all[from:min(len(all), from+max(limit, 0))]
}

// State returns the conversation as it stands; see Desk.
func (l *Memory) State(_ context.Context, a Address) (Session, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.threads[a]; t != nil {
		return t.session.Clone(), nil
	}
	return Session{Address: a, Owner: OwnerBot}, nil
}

// Own makes one step of a hand-over; see Desk.
func (l *Memory) Own(_ context.Context, from Session, owner string, line Reply) (int64, error) {
	if err := (Message{ID: "own", From: from.Address}).Check(); err != nil {
		return 0, fmt.Errorf("hand over: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := Session{Address: from.Address, Owner: OwnerBot}
	if t := l.threads[from.Address]; t != nil {
		now = t.session
	}
	switch err := now.Step(owner); {
	case now.Epoch != from.Epoch:
		return 0, fmt.Errorf("hand over %s: %w", from.Address, ErrLost)
	case now.Owner == owner:
		return now.Epoch, nil
	case err != nil:
		return 0, err
	}
	t := l.thread(from.Address)
	if s := (Session{Owner: owner}); s.Staffed() && !now.Staffed() {
		t.outbox = slices.DeleteFunc(t.outbox, func(o *outgoing) bool {
			o.cancelled = o.delivery.Reply.From == ""
			if o.cancelled && !o.sending {
				t.events[o.delivery.Seq-1].Kind = "draft"
			}
			return o.cancelled && !o.sending
		})
	}
	l.own(t, owner)
	if len(line.Parts) > 0 {
		t.enqueue(line)
	}
	return t.session.Epoch, nil
}

// own changes the owner under a new fence, so that work begun before is lost.
func (l *Memory) own(t *thread, owner string) {
	l.fence++
	t.fence = l.fence
	t.lease, t.attempt = time.Time{}, 0
	t.session.Owner = owner
	t.session.Epoch++
	if owner == OwnerBot || owner == OwnerClosed {
		t.session.Called, t.session.Asked = "", time.Time{}
	}
	t.append(Event{Kind: "owner", Owner: owner, Time: l.now()})
}

// Say queues a person's reply; see Desk.
func (l *Memory) Say(_ context.Context, r Reply, epoch int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[r.To]
	if t == nil || t.session.Epoch != epoch || t.session.Owner != OwnerPerson+r.From {
		return fmt.Errorf("say in %s: %w", r.To, ErrLost)
	}
	if !t.said[r.ID] {
		t.said[r.ID] = true
		t.enqueue(r)
	}
	return nil
}

// Notify queues what the bot says of its own accord, once: a reply of that ID
// is never queued again. Nothing is queued, and the answer is false, when the
// conversation has passed to another owner since s was read.
func (l *Memory) Notify(_ context.Context, s Session, r Reply) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[s.Address]
	if t == nil || t.session.Epoch != s.Epoch || slices.ContainsFunc(t.events, func(e Event) bool { return e.Reply != nil && e.Reply.ID == r.ID }) {
		return false, nil
	}
	t.enqueue(r)
	return true, nil
}
