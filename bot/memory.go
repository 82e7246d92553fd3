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
// Transcript, a Journal, a Desk and an Opener. The zero value is ready to use.
type Memory struct {
	Lease time.Duration    // how long a claim or a delivery stays with one worker; 0 means a minute
	Now   func() time.Time // nil means time.Now

	mu        sync.Mutex
	epoch     string
	fence     int64
	arrivals  int64
	threads   map[Address]*thread
	order     []*thread // in order of first contact, so that a claim is fair and repeatable
	seen      map[[2]string]bool
	customers map[string]Customer
	links     map[string]string // as whom a customer is remembered
	passes    map[string]pass   // by token
}

// thread is everything Memory keeps of one conversation.
type thread struct {
	address Address
	session Session
	user    string
	fence   int64
	lease   time.Time // claimed until
	since   int64     // when the first pending message came, as a count of arrivals
	attempt int
	pending []Message
	opening []Part // first words to the pending messages
	events  []Event
	entries []Entry
	outbox  []*outgoing
	said    map[string]bool // IDs of persons' replies
}

type outgoing struct {
	delivery  Delivery
	due       time.Time
	sending   bool // handed out and not heard of since
	cancelled bool // on its way when a person took over: not tried again
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
	return l.now().Add(time.Minute)
}

// prepare makes the zero value usable. The caller holds l.mu.
func (l *Memory) prepare() {
	if l.threads == nil {
		l.threads = make(map[Address]*thread)
		l.seen = make(map[[2]string]bool)
		l.customers = make(map[string]Customer)
		l.links, l.passes = make(map[string]string), make(map[string]pass)
		l.epoch = rand.Text()
	}
}

// thread returns the conversation, made if need be. The caller holds l.mu.
func (l *Memory) thread(a Address) *thread {
	l.prepare()
	if t := l.threads[a]; t != nil {
		return t
	}
	t := &thread{address: a, session: Session{Address: a, Owner: OwnerBot}, said: make(map[string]bool)}
	l.threads[a] = t
	l.order = append(l.order, t)
	return t
}

// Receive takes the message; see Ledger.
func (l *Memory) Receive(_ context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prepare()
	key := [2]string{m.From.Channel, m.ID}
	if l.seen[key] {
		return nil
	}
	l.seen[key] = true
	t := l.thread(m.From)
	if m.User != "" {
		t.user = m.User
	}
	if len(t.pending) == 0 {
		l.arrivals++
		t.since = l.arrivals
	}
	t.pending = append(t.pending, m)
	t.append(Event{Kind: m.kind(), Message: &m, Time: m.Time})
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
	waiting := 0
	for _, t := range l.order {
		if t.session.Waiting() {
			waiting++
		}
		if len(t.pending) == 0 || t.lease.After(now) {
			continue
		}
		if best == nil || t.since < best.since {
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
		Opening: slices.Clone(best.opening), Others: waiting,
	}
	if best.session.Waiting() {
		w.Others--
	}
	id := l.remembered(best.address.Customer(best.user))
	w.Customer = l.customers[id].Clone()
	w.Customer.ID = id
	return w, nil
}

// Commit writes the turn; see Ledger.
func (l *Memory) Commit(_ context.Context, w *Work) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[w.Address]
	if t == nil || t.fence != w.Fence || w.Fence == 0 { // 0 was never claimed
		return fmt.Errorf("commit %s: %w", w.Address, ErrLost)
	}
	l.fence++
	t.fence = l.fence // this work is over, one way or the other
	if l.customers[w.Customer.ID].Rev != w.Customer.Rev || w.Entry.Opened != len(t.opening) {
		t.lease = time.Time{} // let the turn be thought again at once; it was not its fault
		t.attempt--
		return fmt.Errorf("commit %s: customer or opening changed: %w", w.Address, ErrLost)
	}
	l.arrivals++
	t.since = l.arrivals // what came meanwhile goes to the end of the queue
	t.pending, t.opening = t.pending[len(w.Messages):], nil
	t.lease, t.attempt = time.Time{}, 0
	owner, epoch := t.session.Owner, t.session.Epoch
	w.Entry.Session.Epoch = epoch
	if w.Entry.Session.Owner != owner {
		w.Entry.Session.Epoch++
	}
	t.session = w.Entry.Session.Clone()
	if w.Customer.ID != "" {
		w.Customer.Rev++
		l.customers[w.Customer.ID] = w.Customer.Clone()
	}
	if rest := w.Entry.Rest(); len(rest.Parts) > 0 {
		t.enqueue(rest)
	}
	for _, o := range w.Entry.Orders {
		l.thread(o.To).enqueue(o)
	}
	if t.session.Owner != owner {
		t.append(Event{Kind: "owner", Owner: t.session.Owner, Time: w.Entry.Time})
	}
	w.Entry.Seq = int64(len(t.entries)) + 1
	t.entries = append(t.entries, w.Entry)
	return nil
}

// Open lets the first words leave; see Opener.
func (l *Memory) Open(_ context.Context, w *Work, r Reply) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[w.Address]
	if t == nil || t.fence != w.Fence || w.Fence == 0 || len(t.opening) > 0 {
		return fmt.Errorf("open %s: %w", w.Address, ErrLost)
	}
	t.opening = slices.Clone(r.Parts)
	t.enqueue(r)
	return nil
}

// enqueue puts a reply into transcript and outbox.
func (t *thread) enqueue(r Reply) {
	seq := t.append(Event{Kind: "reply", Reply: &r, Time: r.Time})
	t.outbox = append(t.outbox, &outgoing{delivery: Delivery{Reply: r, Seq: seq}})
}

// Next hands out the head of some conversation's outbox; see Outbox.
func (l *Memory) Next(_ context.Context, channel string) (*Delivery, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	for _, t := range l.order {
		if t.address.Channel != channel {
			continue
		}
		for len(t.outbox) > 0 && t.outbox[0].cancelled && !t.outbox[0].due.After(now) {
			t.outbox = t.outbox[1:]
		}
		if len(t.outbox) == 0 || t.outbox[0].due.After(now) {
			continue
		}
		head := t.outbox[0]
		l.fence++
		head.delivery.Attempt++
		head.delivery.Ambiguous = head.delivery.Ambiguous || head.sending // handed out before and never heard of again
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
	return l.settle(d, func(t *thread, o *outgoing) {
		if o.cancelled {
			t.outbox = t.outbox[1:]
			return
		}
		o.sending, o.due = false, l.now().Add(wait)
		o.delivery.Ambiguous = d.Ambiguous
	})
}

func (l *Memory) settle(d *Delivery, how func(*thread, *outgoing)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.threads[d.Reply.To]
	if t == nil || len(t.outbox) == 0 || !t.outbox[0].sending || t.outbox[0].delivery.Fence != d.Fence {
		return fmt.Errorf("settle %s: %w", d.Reply.ID, ErrLost)
	}
	how(t, t.outbox[0])
	return nil
}
