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

// Take makes a person the owner; see Desk.
func (l *Memory) Take(_ context.Context, a Address, person string) (int64, error) {
	if person == "" {
		return 0, fmt.Errorf("take %s: a person needs a name", a)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.thread(a)
	t.outbox = slices.DeleteFunc(t.outbox, func(o *outgoing) bool {
		o.cancelled = o.delivery.Reply.From == ""
		return o.cancelled && !o.sending
	})
	return l.own(t, "person:"+person), nil
}

// Release gives the conversation back to the bot; see Desk.
func (l *Memory) Release(_ context.Context, a Address) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.threads[a]; t != nil && t.session.Owner != OwnerBot {
		l.own(t, OwnerBot)
	}
	return nil
}

// own changes the owner under a new fence, so that work begun before is lost.
func (l *Memory) own(t *thread, owner string) int64 {
	l.fence++
	t.fence = l.fence
	t.lease, t.attempt = time.Time{}, 0
	t.session.Owner = owner
	t.session.Epoch++
	if owner == OwnerBot {
		t.session.Called = ""
	}
	t.append(Event{Kind: "owner", Owner: owner, Time: l.now()})
	return t.session.Epoch
}

// Say queues a person's reply; see Desk.
func (l *Memory) Say(_ context.Context, r Reply, epoch int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[r.To]
	if t == nil || t.session.Epoch != epoch || t.session.Owner != "person:"+r.From {
		return fmt.Errorf("say in %s: %w", r.To, ErrLost)
	}
	if !t.said[r.ID] {
		t.said[r.ID] = true
		t.enqueue(r)
	}
	return nil
}
