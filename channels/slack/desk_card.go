package slack

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
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
	asked  int64           // epoch in which a person was called
	lang   string          // the customer's language
	seq    int64           // last event shown in the thread; -1 until the thread was read
	owner  string          // as last known
	news   string          // the last change of owner among the events up to seq, or ""
	epoch  int64           // under which we may speak; 0 when we have not taken over
	closed bool            // given back or closed: the thread is not continued until somebody writes
	blocks []slackgo.Block // what stays on the card whatever happens
}

func cardKey(a bot.Address, epoch int64) string {
	return a.String() + "#" + strconv.FormatInt(epoch, 10)
}

// lastEvents returns the number of the last event of a conversation and its
// last messages.
func (d *Desk) lastEvents(ctx context.Context, a bot.Address) (seq int64, last []bot.Event, err error) {
	for {
		events, err := d.past.Events(ctx, a, seq, 500)
		if err != nil {
			return 0, nil, fmt.Errorf("read conversation: %w", err)
		}
		if len(events) == 0 {
			return seq, last, nil
		}
		for _, e := range events {
			seq = e.Seq
			if e.Kind == "message" || e.Kind == "reply" {
				last = append(last, e)
			}
		}
		last = last[max(0, len(last)-3):]
	}
}

// open shows the card of a conversation that waits for a person.
func (d *Desk) open(ctx context.Context, s bot.Session) error {
	seq, last, err := d.lastEvents(ctx, s.Address)
	if err != nil {
		return err
	}
	entries, err := d.journal.Entries(ctx, s.Address, int64(max(s.Turns-1, 0)), 10)
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	var entry bot.Entry
	if len(entries) > 0 {
		entry = entries[len(entries)-1]
	}
	k := &card{to: s.Address, asked: s.Epoch, lang: s.Lang, seq: seq, owner: s.Owner, blocks: d.face(s, entry, last)}
	api, err := d.api(ctx)
	if err != nil {
		return err
	}
	title := d.say("desk-title", "tier", s.Priority.Tier)
	_, ts, err := api.PostMessageContext(ctx, d.o.Channel, slackgo.MsgOptionText(Escape(title), false), slackgo.MsgOptionMetadata(k.meta()),
		slackgo.MsgOptionBlocks(append(k.blocks[:len(k.blocks):len(k.blocks)], d.buttons("desk-claim"))...))
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

// face is the part of a card that stays: who waits, why, and what was said.
func (d *Desk) face(s bot.Session, e bot.Entry, last []bot.Event) []slackgo.Block {
	title := strings.TrimSpace(d.say("desk-title", "tier", s.Priority.Tier))
	out := []slackgo.Block{slackgo.NewHeaderBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(title, 150), true, false))}
	var lines []line
	add := func(name, text string) {
		if text = strings.TrimSpace(text); text != "" {
			lines = append(lines, line{spans: []span{{text: d.say(name, "text", clip(strings.Join(strings.Fields(text), " "), 400))}}})
		}
	}
	add("desk-why", strings.Join(s.Priority.Reasons, " · "))
	add("desk-what", strings.Join(nonEmpty(s.Case.Noun, s.Case.Event), " · "))
	add("desk-feeling", feeling(e.Reading))
	add("desk-tried", strings.Join(tried(s), " · "))
	add("desk-promised", strings.Join(promised(s), " · "))
	add("desk-brief", e.Plan.Handoff.Brief)
	if len(last) > 0 {
		lines = append(lines, line{spans: []span{{text: d.say("desk-last"), bold: true}}})
	}
	for _, ev := range last {
		lines = append(lines, line{spans: []span{{text: clip(d.lineOf(ev), 300)}}})
	}
	if len(lines) > 0 {
		out = append(out, rich(lines))
	}
	return append(out, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, d.say("desk-help"), false, false)))
}

func nonEmpty(all ...string) []string {
	var out []string
	for _, s := range all {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}

// feeling names the two strongest feelings with the words that show them.
func feeling(r bot.Reading) string {
	var out []string
	for _, e := range r.Emotions[:min(2, len(r.Emotions))] {
		text := fmt.Sprintf("%s %.0f%%", e.Name, 100*e.Strength)
		for _, s := range r.Evidence {
			if s.Says == e.Name && s.Text != "" {
				text += " “" + s.Text + "”"
				break
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func tried(s bot.Session) []string {
	var out []string
	for _, m := range s.Moves[max(0, len(s.Moves)-3):] {
		out = append(out, nonEmpty(m.Forward, m.Reaction)...)
	}
	return out
}

func promised(s bot.Session) []string {
	var out []string
	for _, m := range s.Moves {
		out = append(out, nonEmpty(m.Promise)...)
	}
	return out
}

// lineOf tells one event of a conversation to the staff.
func (d *Desk) lineOf(e bot.Event) string {
	switch {
	case e.Kind == "draft":
		return "" // never said
	case e.Message != nil:
		text := e.Message.Text
		for _, f := range e.Message.Files {
			text += " 📎 " + f.Name
		}
		return d.say("desk-customer", "text", text)
	case e.Reply != nil && e.Reply.From == "":
		return d.say("desk-bot", "text", e.Reply.Text())
	case e.Reply != nil:
		return d.say("desk-person", "name", e.Reply.From, "text", e.Reply.Text())
	}
	return ""
}

// buttons is a row of the desk's own buttons.
func (d *Desk) buttons(names ...string) slackgo.Block {
	var out []slackgo.BlockElement
	for _, n := range names {
		b := slackgo.NewButtonBlockElement(n, n, label(d.say(n)))
		if n == "desk-claim" {
			b.Style = slackgo.StylePrimary
		}
		if n == "desk-close" {
			plainText := func(name string) *slackgo.TextBlockObject {
				return slackgo.NewTextBlockObject(slackgo.PlainTextType, d.say(name), false, false)
			}
			b.Confirm = slackgo.NewConfirmationBlockObject(plainText("desk-sure"), plainText("desk-sure-text"), plainText("desk-yes"), plainText("desk-no"))
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
			ChannelID: d.o.Channel, Cursor: cursor, Oldest: timeStamp(d.c.o.Now().Add(-d.o.Since)), Limit: 200, IncludeAllMetadata: true,
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
