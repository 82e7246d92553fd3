package slack

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// Types of the metadata that marks what the desk posts.
const (
	metaCard = "onki_card"
	metaLine = "onki_line"
)

// card is one request for a person, shown in the staff channel.
type card struct {
	mu     sync.Mutex
	ts     string // of the message in the staff channel
	to     bot.Address
	asked  int64           // epoch in which the request was put before people
	lang   string          // the customer's language
	seq    int64           // last event shown in the thread; -1 until the thread was read
	owner  string          // as last shown on the card
	closed bool            // given back or closed: the thread is not continued until somebody writes
	blocks []slackgo.Block // what stays on the card whatever happens
}

func cardKey(a bot.Address, epoch int64) string {
	return a.String() + "#" + strconv.FormatInt(epoch, 10)
}

// open shows the card of a conversation that waits for a person.
func (d *Desk) open(ctx context.Context, s bot.Session) error {
	b, err := d.core.Brief(ctx, s)
	if err != nil {
		return err
	}
	k := &card{to: s.Address, asked: s.Epoch, lang: s.Lang, seq: b.Seq, owner: s.Owner, blocks: d.face(b)}
	api, err := d.api(ctx)
	if err != nil {
		return err
	}
	_, ts, err := api.PostMessageContext(ctx, d.o.Channel, slackgo.MsgOptionText(Escape(b.Title), false), slackgo.MsgOptionMetadata(k.meta()),
		slackgo.MsgOptionBlocks(append(k.blocks[:len(k.blocks):len(k.blocks)], d.buttons("claim"))...))
	if err != nil {
		out, _ := outcome("show a card", err)
		return out
	}
	k.ts = ts
	d.mu.Lock()
	d.cards[ts], d.byKey[cardKey(s.Address, s.Epoch)] = k, k
	d.mu.Unlock()
	return nil
}

// meta is what a card carries, so that it can be read back.
func (k *card) meta() slackgo.SlackMetadata {
	return slackgo.SlackMetadata{EventType: metaCard, EventPayload: map[string]any{
		"channel": k.to.Channel, "thread": k.to.Thread, "epoch": strconv.FormatInt(k.asked, 10),
		"seq": strconv.FormatInt(max(k.seq, 0), 10), "lang": k.lang, "closed": strconv.FormatBool(k.closed),
	}}
}

// face is the part of a card that stays: who waits, why, the brief and what was
// said last.
func (d *Desk) face(b desk.Brief) []slackgo.Block {
	out := []slackgo.Block{slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(b.Title, 150), true, false))}
	var lines []line
	for _, text := range append([]string{b.Why}, b.Lines...) {
		lines = append(lines, line{spans: []span{{text: clip(text, 400)}}})
	}
	if len(b.Last) > 0 {
		lines = append(lines, line{spans: []span{{text: d.core.Text("last"), bold: true}}})
	}
	for _, text := range b.Last {
		lines = append(lines, line{spans: []span{{text: clip(text, 300)}}})
	}
	out = append(out, rich(lines))
	return append(out, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, d.core.Text("help"), false, false)))
}

// buttonPrefix begins the ID of each button of the desk.
const buttonPrefix = "desk-"

// buttons is a row of the desk's own buttons.
func (d *Desk) buttons(names ...string) slackgo.Block {
	var out []slackgo.BlockElement
	for _, n := range names {
		b := slackgo.NewButtonBlockElement(buttonPrefix+n, buttonPrefix+n, label(d.core.Text(n)))
		if n == "claim" {
			b.Style = slackgo.StylePrimary
		}
		if n == "close" {
			plainText := func(name string) *slackgo.TextBlockObject {
				return slackgo.NewTextBlockObject(slackgo.PlainTextType, d.core.Text(name), false, false)
			}
			b.Confirm = slackgo.NewConfirmationBlockObject(plainText("sure"), plainText("sure-text"), plainText("yes"), plainText("no"))
		}
		out = append(out, b)
	}
	return slackgo.NewActionBlock("", out...)
}

// restate shows on the card what has become of it. The caller holds k.mu.
func (d *Desk) restate(k *card, state string, buttons ...string) {
	blocks := append(k.blocks[:len(k.blocks):len(k.blocks)],
		slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(state, 300), false, false)))
	if len(buttons) > 0 {
		blocks = append(blocks, d.buttons(buttons...))
	}
	meta := k.meta()
	d.c.aside(func(ctx context.Context) {
		d.c.update(ctx, d.o.Team, d.o.Channel, k.ts, Escape(state), blocks, slackgo.MsgOptionMetadata(meta))
	})
}

// recover finds the cards that were there before this process started.
func (d *Desk) recover(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ready {
		return nil
	}
	api, err := d.api(ctx)
	if err != nil {
		return err
	}
	cursor := ""
	for range pagesRead {
		past, err := api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
			ChannelID: d.o.Channel, Cursor: cursor, Oldest: timeStamp(d.c.o.Now().Add(-d.core.Since())), Limit: 200, IncludeAllMetadata: true,
		})
		if err != nil {
			return fmt.Errorf("look for cards: %w", err)
		}
		for _, m := range past.Messages {
			if k := cardFrom(m); k != nil {
				d.cards[k.ts], d.byKey[cardKey(k.to, k.asked)] = k, k
			}
		}
		if cursor = past.ResponseMetaData.NextCursor; cursor == "" {
			break
		}
	}
	d.ready = true
	return nil
}

// cardAt returns the card whose thread this is, or nil. One that is older than
// what was looked through at the start is read from its message.
func (d *Desk) cardAt(ctx context.Context, ts string) (*card, error) {
	if err := d.recover(ctx); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if k, known := d.cards[ts]; known {
		return k, nil
	}
	api, err := d.api(ctx)
	if err != nil {
		return nil, err
	}
	found, _, _, err := api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
		ChannelID: d.o.Channel, Timestamp: ts, Limit: 1, IncludeAllMetadata: true,
	})
	if err != nil {
		return nil, fmt.Errorf("look for a card: %w", err)
	}
	for _, m := range found {
		if k := cardFrom(m); k != nil && m.Timestamp == ts {
			d.cards[ts] = k
			return k, nil
		}
	}
	d.cards[ts] = nil // a thread of our own talk
	return nil, nil
}

// cardFrom reads a card back from its message, or returns nil.
func cardFrom(m slackgo.Message) *card {
	if m.Metadata.EventType != metaCard || m.BotID == "" {
		return nil
	}
	get := func(name string) string { s, _ := m.Metadata.EventPayload[name].(string); return s }
	asked, err := strconv.ParseInt(get("epoch"), 10, 64)
	if err != nil || get("channel") == "" || get("thread") == "" {
		return nil
	}
	k := &card{
		ts: m.Timestamp, to: bot.Address{Channel: get("channel"), Thread: get("thread")}, asked: asked,
		lang: get("lang"), seq: -1, closed: get("closed") == "true",
	}
	for _, b := range m.Blocks.BlockSet { // everything up to the line that says how it works stays
		k.blocks = append(k.blocks, b)
		if b.BlockType() == slackgo.MBTContext {
			break
		}
	}
	return k
}
