// Package desk is the staff's side of a hand-over, the same whatever network
// the staff sits in: who waits and how urgently, the brief that spares the
// customer from telling it again, who may speak, and what happens when two want
// to. It shows nothing itself; package slack shows it in a channel and package
// telegram in a group.
package desk

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

//go:embed words/*.txt
var wordFiles embed.FS

// Options say what the desk works on. Ledger and Hints must be set.
type Options struct {
	Ledger bot.Desk  // must also be a bot.Transcript and a bot.Journal
	Hints  bot.Hints // the same that the Engine wakes
	Lang   string    // language of the staff; "" means "ko"

	// Check looks at what a person is about to send, in the language of the
	// customer, and returns a hint, or "". Nil has none.
	Check func(text, lang string) string
	// Opening suggests a first sentence to the person who takes over. Nil
	// suggests none.
	Opening func(ctx context.Context, s bot.Session, e bot.Entry) string

	Words  map[string]map[string]string // own texts by language and name, over those of words/*.txt
	Since  time.Duration                // how old a request may be to be shown; 0 means 24 h
	WrapUp time.Duration                // how long a finished conversation still belongs to its person; 0 means 10 min
	Zone   *time.Location               // of the times shown; nil means UTC
	Now    func() time.Time             // nil means time.Now
}

// Desk is the staff's side of every conversation. Make one with New; it is safe
// for concurrent use.
type Desk struct {
	o       Options
	past    bot.Transcript
	journal bot.Journal
	words   edge.Words

	mu       sync.Mutex
	finished map[bot.Address]finish // conversations seen in wrap-up
}

// finish is when a conversation was first seen in wrap-up, and in which one.
type finish struct {
	epoch int64
	seen  time.Time
}

// ErrOptions says that the Options cannot work; the message tells why.
var ErrOptions = errors.New("the desk cannot start")

// Taken is the error of a step that a colleague's owning the conversation
// forbids. It is their name, or "" when somebody came just before.
type Taken string

// Error says who has it.
func (t Taken) Error() string { return fmt.Sprintf("%q has the conversation", string(t)) }

// New checks the options and returns a desk.
func New(o Options) (*Desk, error) {
	past, ok := o.Ledger.(bot.Transcript)
	journal, also := o.Ledger.(bot.Journal)
	switch {
	case !ok || !also:
		return nil, fmt.Errorf("%w: its Ledger must also be a Transcript and a Journal", ErrOptions)
	case o.Hints == nil:
		return nil, fmt.Errorf("%w: set its Hints, the same as the engine's", ErrOptions)
	}
	words, err := edge.ReadWords(wordFiles, o.Words)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	o.Lang = cmp.Or(o.Lang, "ko")
	o.Since = cmp.Or(o.Since, 24*time.Hour)
	o.WrapUp = cmp.Or(o.WrapUp, 10*time.Minute)
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Desk{o: o, past: past, journal: journal, words: words, finished: make(map[bot.Address]finish)}, nil
}

// Since is how old a request may be to be shown.
func (d *Desk) Since() time.Duration { return d.o.Since }

// Text is a text of the desk in the language of the staff.
func (d *Desk) Text(name string, slots ...string) string {
	return d.words.Say(d.o.Lang, name, slots...)
}

// Clock is the time in the staff's zone.
func (d *Desk) Clock() string { return d.o.Now().In(d.o.Zone).Format("15:04") }

// Requests returns the conversations that wait for a person, most urgent first,
// and ends those whose time of wrap-up is over.
func (d *Desk) Requests(ctx context.Context) ([]bot.Session, error) {
	now := d.o.Now()
	all, err := d.journal.Conversations(ctx, now.Add(-d.o.Since), 500)
	if err != nil {
		return nil, fmt.Errorf("read conversations: %w", err)
	}
	var waiting []bot.Session
	for _, s := range all {
		if s.Waiting() {
			waiting = append(waiting, s)
		}
		if d.over(s, now) {
			if _, err := d.o.Ledger.Own(ctx, s, bot.OwnerClosed, bot.Reply{}); err != nil && !errors.Is(err, bot.ErrLost) {
				return nil, fmt.Errorf("end a conversation: %w", err)
			}
		}
	}
	slices.SortStableFunc(waiting, func(a, b bot.Session) int {
		return cmp.Or(cmp.Compare(a.Priority.Tier, b.Priority.Tier), cmp.Compare(urgency(b, now), urgency(a, now)))
	})
	return waiting, nil
}

// over reports whether a conversation has been in wrap-up for long enough. The
// time counts from when this process saw it first, so that a restart can only
// make it longer.
func (d *Desk) over(s bot.Session, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.Owner != bot.OwnerWrapUp+s.Person() {
		delete(d.finished, s.Address)
		return false
	}
	f, known := d.finished[s.Address]
	if !known || f.epoch != s.Epoch {
		f = finish{s.Epoch, now}
		d.finished[s.Address] = f
	}
	return now.Sub(f.seen) >= d.o.WrapUp
}

// urgency is the priority that was decided with the last message, grown by the
// waiting since (care model 3.5): 8·log2(1 + wait/30 min).
func urgency(s bot.Session, now time.Time) float64 {
	if s.Asked.IsZero() {
		return s.Priority.Score
	}
	grown := func(until time.Time) float64 {
		return 8 * math.Log2(1+max(until.Sub(s.Asked), 0).Minutes()/30)
	}
	return s.Priority.Score + grown(now) - grown(s.Updated)
}

// Shown notes that a request has been put before people. It returns the
// conversation as it stands then.
func (d *Desk) Shown(ctx context.Context, s bot.Session) (bot.Session, error) {
	epoch, err := d.o.Ledger.Own(ctx, s, bot.OwnerQueued, bot.Reply{})
	switch {
	case err == nil:
		s.Owner, s.Epoch = bot.OwnerQueued, epoch
		return s, nil
	case errors.Is(err, bot.ErrLost), errors.Is(err, bot.ErrBad): // somebody was quicker
		return d.State(ctx, s.Address)
	}
	return s, fmt.Errorf("queue %s: %w", s.Address, err)
}

// Loop calls round after every hint and every poll until ctx ends. After an
// error it waits as long as the error asks for, at least a poll, and warns.
func (d *Desk) Loop(ctx context.Context, poll time.Duration, round func(context.Context) error, warn func(error)) error {
	hint, stop := d.o.Hints.Watch(bot.TopicTurns)
	defer stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		wait, err := poll, round(ctx)
		wake := hint
		if err != nil && ctx.Err() == nil {
			var limited interface{ RetryAfter() time.Duration }
			if errors.As(err, &limited) {
				wait = max(wait, limited.RetryAfter())
			}
			warn(err)
			wake = nil
		}
		timer.Reset(wait)
		select {
		case <-wake:
			timer.Reset(min(wait, 200*time.Millisecond)) // let the turn be committed
			select {
			case <-timer.C:
			case <-ctx.Done():
			}
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// State returns a conversation as it stands.
func (d *Desk) State(ctx context.Context, a bot.Address) (bot.Session, error) {
	s, err := d.o.Ledger.State(ctx, a)
	if err != nil {
		return s, fmt.Errorf("read conversation: %w", err)
	}
	return s, nil
}

// Events returns what happened in a conversation since; see [bot.Transcript].
func (d *Desk) Events(ctx context.Context, a bot.Address, after int64) ([]bot.Event, error) {
	events, err := d.past.Events(ctx, a, after, 200)
	if err != nil {
		return nil, fmt.Errorf("read conversation: %w", err)
	}
	return events, nil
}
