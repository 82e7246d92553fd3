package telegram

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// DeskOptions say where the staff sits. Group and Desk must be set.
type DeskOptions struct {
	Group  int64         // ID of a supergroup with topics, -100…; the bot must be an administrator that may manage topics
	Desk   *desk.Desk    // what happens there
	Places Places        // remembers the topics through a restart; nil makes new ones
	Poll   time.Duration // the longest wait when every hint is lost; 0 means 3 s
}

// Places remember which topic stands for which conversation, as Telegram has no
// way to ask. A ledger may be one.
type Places interface {
	// KeepPlace remembers, for a desk, the thread of a conversation, the last
	// event shown there and the epoch of the last request shown. What was
	// remembered of it before is forgotten.
	KeepPlace(ctx context.Context, desk, thread string, a bot.Address, seq, epoch int64) error
	// Places calls each for everything that is remembered for a desk.
	Places(ctx context.Context, desk string, each func(thread string, a bot.Address, seq, epoch int64)) error
}

// Desk lets the staff work in a Telegram group: a topic for each customer that
// asked for a person, with a card for each request and buttons to take over, to
// see the bot's draft, to give back and to close. What is written in the topic
// reaches the customer, wherever they are, and what the customer says appears
// there. Closing the topic closes the conversation.
//
// Whoever writes takes over at once from the bot, but never from a colleague. A
// text that begins with // stays in the group, as does everything outside the
// topics of customers. A hint about a risky sentence goes to its writer in
// private if they have ever started the bot, and else below the sentence.
type Desk struct {
	c    *Channel
	o    DeskOptions
	core *desk.Desk

	texts memo[slot[string]] // what waits to be sent as it is, by its hash

	mu     sync.Mutex
	ready  bool // the topics of before have been read
	topics map[int]*topic
	of     map[bot.Address]*topic
}

// topic is the place of one customer.
type topic struct {
	mu     sync.Mutex
	id     int
	to     bot.Address
	epoch  int64  // of the last request shown
	seq    int64  // last event shown
	owner  string // as last told here
	closed bool   // the conversation goes on elsewhere or is over
}

// NewDesk makes the channel's staff desk; what happens in the group goes to it
// from then on. Run shows the requests.
func NewDesk(c *Channel, o DeskOptions) (*Desk, error) {
	switch {
	case o.Desk == nil:
		return nil, fmt.Errorf("%w: set the Desk of the staff group", ErrOptions)
	case o.Group >= 0:
		return nil, fmt.Errorf("%w: staff group %d: use the group's ID, a negative number that begins with -100", ErrOptions, o.Group)
	}
	o.Poll = cmp.Or(o.Poll, 3*time.Second)
	d := &Desk{c: c, o: o, core: o.Desk, topics: make(map[int]*topic), of: make(map[bot.Address]*topic)}
	d.texts.max = 2000
	c.mu.Lock()
	c.staff = d
	c.mu.Unlock()
	return d, nil
}

// desk returns the staff desk, or nil.
func (c *Channel) desk() *Desk {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.staff
}

// name is what the desk is called among the Places.
func (d *Desk) name() string { return Name + "/" + strconv.FormatInt(d.o.Group, 10) }

// place is a topic of the group, 0 for the group itself.
func (d *Desk) place(topic int) place { return place{chat: d.o.Group, topic: topic} }

// Run shows requests and, in their topics, what is said, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	return d.core.Loop(ctx, d.o.Poll, d.round, func(err error) {
		d.c.o.Log.Warn("staff desk", "channel", Name, "error", d.c.hide(err))
	})
}

// round brings topics up to date once.
func (d *Desk) round(ctx context.Context) error {
	if err := d.recover(ctx); err != nil {
		return err
	}
	waiting, err := d.core.Requests(ctx)
	if err != nil {
		return err
	}
	for _, s := range waiting {
		if t := d.topicOf(s.Address); t != nil && t.shown(s.Epoch) {
			continue
		}
		if s, err = d.core.Shown(ctx, s); err != nil {
			return err
		}
		if s.Waiting() {
			if err := d.open(ctx, s); err != nil {
				return err
			}
		}
	}
	for _, t := range d.all() {
		t.mu.Lock()
		err := d.follow(ctx, t)
		t.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) topicOf(a bot.Address) *topic {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.of[a]
}

func (d *Desk) all() []*topic {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*topic
	for _, t := range d.topics {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *topic) int { return cmp.Compare(a.id, b.id) })
	return all
}

func (t *topic) shown(epoch int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.epoch == epoch
}

// recover reads the topics of before this process started.
func (d *Desk) recover(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ready || d.o.Places == nil {
		return nil
	}
	err := d.o.Places.Places(ctx, d.name(), func(thread string, a bot.Address, seq, epoch int64) {
		id, err := strconv.Atoi(thread)
		if err != nil {
			return
		}
		t := &topic{id: id, to: a, seq: seq, epoch: epoch}
		d.topics[id], d.of[a] = t, t
	})
	if err != nil {
		return fmt.Errorf("read topics: %w", err)
	}
	d.ready = true
	return nil
}

// at returns the topic of that number, or nil for one of the staff's own.
func (d *Desk) at(ctx context.Context, id int) (*topic, error) {
	if err := d.recover(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.topics[id], nil
}

// keep remembers how far a topic has come. The caller holds t.mu.
func (d *Desk) keep(ctx context.Context, t *topic) error {
	if d.o.Places == nil {
		return nil
	}
	if err := d.o.Places.KeepPlace(ctx, d.name(), strconv.Itoa(t.id), t.to, t.seq, t.epoch); err != nil {
		return fmt.Errorf("keep topic: %w", err)
	}
	return nil
}

// open shows a request in the customer's topic, which is made if need be.
func (d *Desk) open(ctx context.Context, s bot.Session) error {
	b, err := d.core.Brief(ctx, s)
	if err != nil {
		return err
	}
	t := d.topicOf(s.Address)
	if t == nil {
		made, err := d.c.api.CreateForumTopic(ctx, &tg.CreateForumTopicParams{ChatID: d.o.Group, Name: clip(printable(b.Title), 120)})
		if err != nil {
			return d.c.outcome("make a topic", err)
		}
		t = &topic{id: made.MessageThreadID, to: s.Address}
		d.mu.Lock()
		d.topics[t.id], d.of[t.to] = t, t
		d.mu.Unlock()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		if _, err := d.c.api.ReopenForumTopic(ctx, &tg.ReopenForumTopicParams{ChatID: d.o.Group, MessageThreadID: t.id}); err != nil {
			d.c.o.Log.Warn("topic not opened again", "channel", Name, "error", d.c.hide(err)) // the card says it too
		}
	}
	text := b.Title + "\n\n" + b.Why
	for _, l := range b.Lines {
		text += "\n" + l
	}
	text += "\n\n" + d.core.Text("last")
	for _, l := range b.Last {
		text += "\n" + clip(l, 500)
	}
	text += "\n\n" + d.core.Text("help")
	if err := d.post(ctx, t, text, "claim"); err != nil {
		return err
	}
	t.epoch, t.seq, t.owner, t.closed = s.Epoch, max(b.Seq, t.seq), s.Owner, false
	return d.keep(ctx, t)
}

// post writes a line into a topic, with buttons below it.
func (d *Desk) post(ctx context.Context, t *topic, text string, buttons ...string) error {
	p := d.place(t.id)
	if err := d.c.calm(p); err != nil {
		return err
	}
	return d.c.post(ctx, p, page{text: clip(printable(text), textMax), buttons: d.buttons(p, buttons...)})
}
