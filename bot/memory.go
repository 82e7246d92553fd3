package bot

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Ledger that lives and dies with the process: the twin for tests,
// for trying things out and for `onki chat`. It is also an Outbox, a
// Transcript, a Journal and a Desk. The zero value is ready to use.
type Memory struct {
	Lease time.Duration    // how long a claim or a delivery stays with one worker; 0 means 30 s
	Now   func() time.Time // nil means time.Now

	mu        sync.Mutex
	epoch     string
	fence     int64
	threads   map[Address]*thread
	order     []*thread // in order of first contact, so that a claim is fair and repeatable
	seen      map[[2]string]bool
	customers map[string]Customer
}

// thread is everything Memory keeps of one conversation.
type thread struct {
	address Address
	session Session
	user    string
	fence   int64
	lease   time.Time // claimed until
	attempt int
	pending []Message
	events  []Event
	entries []Entry
	outbox  []*outgoing
}

type outgoing struct {
	delivery Delivery
	due      time.Time
	sending  bool
}

func (l *Memory) now() time.Time {
	if l.Now != nil {
		return l.Now()
	}
	return time.Now()
}

func (l *Memory) lease() time.Time {
	if l.Lease > 0 {
		return l.now().Add(l.Lease)
	}
	return l.now().Add(30 * time.Second)
}

// prepare makes the zero value usable. The caller holds l.mu.
func (l *Memory) prepare() {
	if l.threads == nil {
		l.threads = make(map[Address]*thread)
		l.seen = make(map[[2]string]bool)
		l.customers = make(map[string]Customer)
		l.epoch = rand.Text()
	}
}

// thread returns the conversation, made if need be. The caller holds l.mu.
func (l *Memory) thread(a Address) *thread {
	l.prepare()
	if t := l.threads[a]; t != nil {
		return t
	}
	t := &thread{address: a, session: Session{Address: a, Owner: OwnerBot}}
	l.threads[a] = t
	l.order = append(l.order, t)
	return t
}

// Receive takes the message; see Ledger.
func (l *Memory) Receive(_ context.Context, m Message) error {
	if m.ID == "" || m.From.Channel == "" || m.From.Thread == "" {
		return fmt.Errorf("receive: message without ID or address: %w", ErrBad)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.thread(m.From)
	key := [2]string{m.From.Channel, m.ID}
	if l.seen[key] {
		return nil
	}
	l.seen[key] = true
	if m.User != "" {
		t.user = m.User
	}
	t.pending = append(t.pending, m)
	t.append(Event{Kind: "message", Message: &m, Time: m.Time})
	return nil
}

func (t *thread) append(e Event) int64 {
	e.Seq = int64(len(t.events)) + 1
	t.events = append(t.events, e)
	return e.Seq
}

// Claim gives out the conversation that has waited longest; see Ledger.
func (l *Memory) Claim(context.Context) (*Work, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	var best *thread
	for _, t := range l.order {
		if len(t.pending) == 0 || t.lease.After(now) {
			continue
		}
		if best == nil || t.pending[0].Time.Before(best.pending[0].Time) {
			best = t
		}
	}
	if best == nil {
		return nil, ErrIdle
	}
	l.fence++
	best.fence = l.fence
	best.lease = l.lease()
	best.attempt++
	w := &Work{
		Address: best.address, Fence: best.fence, Attempt: best.attempt,
		Messages: slices.Clone(best.pending), Session: best.session.Clone(),
	}
	w.Customer = l.customers[best.customer()].Clone()
	w.Customer.ID = best.customer()
	return w, nil
}

// customer is the key under which the person is remembered: their user name on
// the channel, or the conversation itself when there is none.
func (t *thread) customer() string {
	if t.user == "" {
		return t.address.String()
	}
	return t.address.Channel + ":" + t.user
}

// Commit writes the turn; see Ledger.
func (l *Memory) Commit(_ context.Context, w *Work) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.thread(w.Address)
	known := l.customers[w.Customer.ID]
	if t.fence != w.Fence || known.Rev != w.Customer.Rev {
		if t.fence == w.Fence {
			t.lease = time.Time{} // the customer changed: let the turn be thought again at once
		}
		return fmt.Errorf("commit %s: %w", w.Address, ErrLost)
	}
	t.pending = t.pending[len(w.Messages):]
	t.lease, t.attempt = time.Time{}, 0
	t.session = w.Entry.Session.Clone()
	if w.Customer.ID != "" {
		w.Customer.Rev++
		l.customers[w.Customer.ID] = w.Customer.Clone()
	}
	if len(w.Entry.Reply.Parts) > 0 {
		w.Entry.Seq = t.enqueue(w.Entry.Reply)
	} else {
		w.Entry.Seq = int64(len(t.events))
	}
	t.entries = append(t.entries, w.Entry)
	return nil
}

// enqueue puts a reply into transcript and outbox.
func (t *thread) enqueue(r Reply) int64 {
	seq := t.append(Event{Kind: "reply", Reply: &r, Time: r.Time})
	t.outbox = append(t.outbox, &outgoing{delivery: Delivery{Reply: r, Seq: seq}})
	return seq
}

// Next hands out the head of some conversation's outbox; see Outbox.
func (l *Memory) Next(_ context.Context, channel string) (*Delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, t := range l.order {
		if t.address.Channel != channel || len(t.outbox) == 0 || t.outbox[0].due.After(now) {
			continue
		}
		head := t.outbox[0]
		l.fence++
		head.delivery.Attempt++
		head.delivery.Ambiguous = head.sending // handed out before and never heard of again
		head.delivery.Fence = l.fence
		head.sending = true
		head.due = l.lease()
		d := head.delivery
		return &d, nil
	}
	return nil, ErrIdle
}

// Done frees the next reply; see Outbox.
func (l *Memory) Done(_ context.Context, d *Delivery) error {
	return l.settle(d, func(t *thread, _ *outgoing) { t.outbox = t.outbox[1:] })
}

// Again puts the reply back; see Outbox.
func (l *Memory) Again(_ context.Context, d *Delivery, wait time.Duration) error {
	return l.settle(d, func(_ *thread, o *outgoing) { o.sending, o.due = false, l.now().Add(wait) })
}

func (l *Memory) settle(d *Delivery, how func(*thread, *outgoing)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.thread(d.Reply.To)
	if len(t.outbox) == 0 || t.outbox[0].delivery.Fence != d.Fence {
		return fmt.Errorf("settle %s: %w", d.Reply.ID, ErrLost)
	}
	how(t, t.outbox[0])
	return nil
}
