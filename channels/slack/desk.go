package slack

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/channels/desk"
)

// DeskOptions say where the staff sits. Channel and Desk must be set.
type DeskOptions struct {
	Team    string        // installation of the staff channel; "" will do for an app in one workspace
	Channel string        // ID of the staff channel, "C…"; the bot must be a member
	Desk    *desk.Desk    // what happens there
	Poll    time.Duration // the longest wait when every hint is lost; 0 means 3 s
}

// Desk lets the staff work in a Slack channel: a card for each conversation
// that waits for a person, with buttons to take over, to give back and to
// close; what is written in the card's thread reaches the customer, wherever
// they are, and what the customer says appears there.
//
// Whoever writes takes over at once from the bot, but never from a colleague:
// then nothing is sent and the writer is told. A line that begins with // stays
// in the channel, as does everything outside the threads of cards. Cards carry
// what they stand for as metadata, so that they work on after a restart. One
// Desk serves a staff channel; run it on one node.
type Desk struct {
	c     *Channel
	o     DeskOptions
	core  *desk.Desk
	names recent[name]

	mu    sync.Mutex
	ready bool // cards from before the start have been found
	cards map[string]*card
	byKey map[string]*card // by conversation and epoch of the request
}

// name is what a member of the staff is called.
type name struct {
	mu   sync.Mutex
	text string
}

// NewDesk makes the channel's staff desk; events of the staff channel go to it
// from then on. Run shows the cards.
func NewDesk(c *Channel, o DeskOptions) (*Desk, error) {
	switch {
	case o.Desk == nil:
		return nil, fmt.Errorf("%w: set the Desk of the staff channel", ErrOptions)
	case !strings.HasPrefix(o.Channel, "C") && !strings.HasPrefix(o.Channel, "G"):
		return nil, fmt.Errorf("%w: staff channel %q: use the channel's ID, which begins with C, from its details in Slack", ErrOptions, o.Channel)
	case c.o.Lookup != nil && o.Team == "":
		return nil, fmt.Errorf("%w: set the desk's Team, as the app is in several workspaces", ErrOptions)
	}
	o.Poll = cmp.Or(o.Poll, 3*time.Second)
	d := &Desk{c: c, o: o, core: o.Desk, cards: make(map[string]*card), byKey: make(map[string]*card)}
	d.names.max = 2000
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

// here reports whether something was said in the staff channel.
func (d *Desk) here(h heard) bool {
	return h.Channel == d.o.Channel && (d.o.Team == "" || d.o.Team == h.team)
}

// mine reports whether a click was in the staff channel.
func (d *Desk) mine(k *click) bool {
	return k.Channel.ID == d.o.Channel && (d.o.Team == "" || d.o.Team == k.installation())
}

// Run shows cards for conversations that wait for a person, and in their
// threads what is said, until ctx ends.
func (d *Desk) Run(ctx context.Context) error {
	return d.core.Loop(ctx, d.o.Poll, d.round, func(err error) {
		d.c.o.Log.Warn("staff desk", "channel", Name, "error", advise(err))
	})
}

// round brings cards and threads up to date once.
func (d *Desk) round(ctx context.Context) error {
	if err := d.recover(ctx); err != nil {
		return err
	}
	waiting, err := d.core.Requests(ctx)
	if err != nil {
		return err
	}
	for _, s := range waiting {
		d.mu.Lock()
		known := d.byKey[cardKey(s.Address, s.Epoch)] != nil
		d.mu.Unlock()
		if known {
			continue
		}
		if s, err = d.core.Shown(ctx, s); err != nil {
			return err
		}
		if !s.Waiting() {
			continue // somebody was quicker, at another desk
		}
		if err := d.open(ctx, s); err != nil {
			return err
		}
	}
	d.mu.Lock()
	var all []*card
	for _, k := range d.cards {
		if k != nil {
			all = append(all, k)
		}
	}
	d.mu.Unlock()
	slices.SortFunc(all, func(a, b *card) int { return strings.Compare(a.ts, b.ts) })
	for _, k := range all {
		k.mu.Lock()
		err := d.follow(ctx, k)
		k.mu.Unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// api is the client for the staff channel.
func (d *Desk) api(ctx context.Context) (*slackgo.Client, error) {
	h, err := d.c.home(ctx, d.o.Team)
	if err != nil {
		return nil, err
	}
	return h.api, nil
}

// person returns what a member of the staff is called, for the customer too.
func (d *Desk) person(ctx context.Context, user string) string {
	n := d.names.at(user)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.text != "" {
		return n.text
	}
	api, err := d.api(ctx)
	if err != nil {
		return user
	}
	u, err := api.GetUserInfoContext(ctx, user)
	if err != nil {
		return user // a name is no reason to lose what was written
	}
	n.text = strings.TrimSpace(cmp.Or(u.Profile.DisplayName, u.RealName, u.Name, user))
	return n.text
}

// whisper shows a line to one person of the staff alone.
func (d *Desk) whisper(ctx context.Context, user, thread, text string, blocks ...slackgo.Block) {
	api, err := d.api(ctx)
	if err != nil {
		return
	}
	options := []slackgo.MsgOption{slackgo.MsgOptionText(Escape(text), false), slackgo.MsgOptionTS(thread)}
	if len(blocks) > 0 {
		options = append(options, slackgo.MsgOptionBlocks(blocks...))
	}
	if _, err := api.PostEphemeralContext(ctx, d.o.Channel, user, options...); err != nil {
		d.c.o.Log.Warn("hint not shown", "channel", Name, "error", err)
	}
}
