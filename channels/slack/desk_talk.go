package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
)

// idPrefix begins the ID of a reply written at this desk.
const idPrefix = "slack-desk/"

// follow shows in the card's thread what happened since. The caller holds k.mu.
func (d *Desk) follow(ctx context.Context, k *card) error {
	if k.closed {
		return nil
	}
	if k.seq < 0 {
		if err := d.resume(ctx, k); err != nil {
			return err
		}
	}
	for {
		events, err := d.past.Events(ctx, k.to, k.seq, 100)
		if err != nil {
			return fmt.Errorf("read conversation: %w", err)
		}
		for _, e := range events {
			if err := d.tell(ctx, k, e); err != nil {
				return err
			}
			k.seq = e.Seq
		}
		if len(events) < 100 {
			break
		}
	}
	if k.news == "" || k.news == k.owner {
		return nil
	}
	k.owner, k.epoch = k.news, 0
	if who := k.other(""); who != "" {
		d.restate(k, d.say("desk-elsewhere", "name", who), "desk-release", "desk-close")
	}
	return nil
}

// tell shows one event. What was written in this thread is there already.
func (d *Desk) tell(ctx context.Context, k *card, e bot.Event) error {
	if e.Kind == "owner" {
		k.news = e.Owner
		return nil
	}
	text := d.lineOf(e)
	if text == "" || e.Reply != nil && strings.HasPrefix(e.Reply.ID, idPrefix) {
		return nil
	}
	api, err := d.api(ctx)
	if err != nil {
		return err
	}
	text = clip(text, blockMax)
	_, _, err = api.PostMessageContext(ctx, d.o.Channel, slackgo.MsgOptionTS(k.ts), slackgo.MsgOptionText(Escape(text), false),
		slackgo.MsgOptionBlocks(rich([]line{{spans: []span{{text: text}}}})),
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(),
		slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: metaLine, EventPayload: map[string]any{"seq": strconv.FormatInt(e.Seq, 10)}}))
	if err != nil {
		out, _ := outcome("show a line", err)
		return out
	}
	return nil
}

// resume finds out how far the thread of a card from before the start had come,
// and who owns the conversation there.
func (d *Desk) resume(ctx context.Context, k *card) error {
	api, err := d.api(ctx)
	if err != nil {
		return err
	}
	seq, cursor := int64(0), ""
	for range pagesRead {
		found, _, next, err := api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: d.o.Channel, Timestamp: k.ts, Cursor: cursor, Limit: 200, IncludeAllMetadata: true,
		})
		if err != nil {
			return fmt.Errorf("read thread of a card: %w", err)
		}
		for _, m := range found {
			if m.Metadata.EventType == metaCard || m.Metadata.EventType == metaLine {
				s, _ := m.Metadata.EventPayload["seq"].(string)
				n, _ := strconv.ParseInt(s, 10, 64)
				seq = max(seq, n)
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	for after := int64(0); after < seq; { // who owned it then
		events, err := d.past.Events(ctx, k.to, after, 500)
		if err != nil {
			return fmt.Errorf("read conversation: %w", err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			if after = e.Seq; e.Kind == "owner" && e.Seq <= seq {
				k.owner = e.Owner
			}
		}
	}
	k.seq = seq
	return nil
}

// message hands on what a member of the staff wrote in the thread of a card.
func (d *Desk) message(ctx context.Context, h heard) error {
	if h.ThreadTS == "" || h.Subtype == "thread_broadcast" {
		return nil // among ourselves
	}
	k, err := d.cardAt(ctx, h.ThreadTS)
	if k == nil || err != nil {
		return err
	}
	text := plain(h.Text, h.self, emojis(h.Blocks))
	if strings.HasPrefix(text, "//") || text == "" && len(h.Files) == 0 {
		return nil
	}
	if len(h.Files) > 0 {
		d.whisper(ctx, h.User, k.ts, d.say("desk-files"))
	}
	if text == "" {
		return nil
	}
	if d.o.Check != nil {
		if hint := d.o.Check(text); hint != "" {
			d.ask(ctx, h, k, text, hint)
			return nil
		}
	}
	return d.pass(ctx, k, h.User, idPrefix+h.id(), text)
}

// ask shows the writer a hint and lets them send the text as it is.
func (d *Desk) ask(ctx context.Context, h heard, k *card, text, hint string) {
	said := d.say("desk-hint", "text", hint)
	value := h.TS + " " + text
	if len(value) > valueMax {
		d.whisper(ctx, h.User, k.ts, said+" "+d.say("desk-rewrite"))
		return
	}
	b := slackgo.NewButtonBlockElement("desk-send", value, label(d.say("desk-send")))
	d.whisper(ctx, h.User, k.ts, said,
		slackgo.NewSectionBlock(slackgo.NewTextBlockObject(slackgo.PlainTextType, clip(said, blockMax), false, false), nil, nil), slackgo.NewActionBlock(k.ts, b))
}

// pass says the text to the customer, taking over from the bot if need be.
func (d *Desk) pass(ctx context.Context, k *card, user, id, text string) error {
	who := d.person(ctx, user)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = false
	if err := d.follow(ctx, k); err != nil {
		return err
	}
	if other := k.other(who); other != "" {
		d.whisper(ctx, user, k.ts, d.say("desk-taken", "name", other))
		return nil
	}
	fresh := k.epoch == 0
	for try := 0; ; try++ {
		if k.epoch == 0 {
			if err := d.take(ctx, k, who); errors.Is(err, bot.ErrLost) {
				d.whisper(ctx, user, k.ts, d.say("desk-lost"))
				return nil
			} else if err != nil {
				return err
			}
		}
		err := d.o.Ledger.Say(ctx, bot.Reply{
			ID: id, To: k.to, From: who, Lang: k.lang, Time: d.c.o.Now(), Parts: []bot.Part{{Stage: "guide", Text: text}},
		}, k.epoch)
		if err == nil {
			break
		}
		if !errors.Is(err, bot.ErrLost) {
			return fmt.Errorf("say: %w", err)
		}
		k.epoch = 0
		if err := d.follow(ctx, k); err != nil {
			return err
		}
		if try > 0 || k.other(who) != "" {
			d.whisper(ctx, user, k.ts, d.say("desk-lost"))
			return nil
		}
	}
	d.o.Hints.Wake(bot.TopicOutbox + k.to.Channel)
	d.o.Hints.Wake(bot.TopicEvents + k.to.String())
	if fresh {
		d.restate(k, d.say("desk-claimed", "name", who, "time", d.clock()), "desk-release", "desk-close")
	}
	return nil
}

// other returns the colleague who owns the conversation, or "".
func (k *card) other(who string) string {
	owner := bot.Session{Owner: k.owner}.Person()
	if owner == who {
		return ""
	}
	return owner
}

// take makes the person the owner. The caller holds k.mu.
func (d *Desk) take(ctx context.Context, k *card, who string) error {
	s, err := d.o.Ledger.State(ctx, k.to)
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	k.owner = s.Owner
	if k.other(who) != "" {
		return fmt.Errorf("take over: %w", bot.ErrLost)
	}
	epoch, err := d.o.Ledger.Own(ctx, s, bot.OwnerPerson+who, bot.Reply{})
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	k.epoch, k.owner, k.news = epoch, bot.OwnerPerson+who, ""
	d.o.Hints.Wake(bot.TopicEvents + k.to.String())
	return nil
}

func (d *Desk) clock() string { return d.c.o.Now().In(d.o.Zone).Format("15:04") }

// click does what a button of the desk says.
func (d *Desk) click(ctx context.Context, k *click) error {
	a := k.Actions[0]
	at := k.Message.TS
	if a.ActionID == "desk-send" {
		at = cmp.Or(a.BlockID, k.Message.ThreadTS)
	}
	c, err := d.cardAt(ctx, at)
	if c == nil || err != nil {
		return err
	}
	who := d.person(ctx, k.User.ID)
	if a.ActionID == "desk-send" {
		ts, text, _ := strings.Cut(a.Value, " ")
		return d.pass(ctx, c, k.User.ID, idPrefix+d.o.Channel+"/"+ts+"/"+k.User.ID, text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = c.closed && a.ActionID != "desk-claim"
	if err := d.follow(ctx, c); err != nil {
		return err
	}
	if other := c.other(who); other != "" {
		d.whisper(ctx, k.User.ID, c.ts, d.say("desk-taken", "name", other))
		return nil
	}
	switch a.ActionID {
	case "desk-claim":
		if err := d.take(ctx, c, who); errors.Is(err, bot.ErrLost) {
			d.whisper(ctx, k.User.ID, c.ts, d.say("desk-taken", "name", c.other(who)))
			return nil
		} else if err != nil {
			return err
		}
		d.restate(c, d.say("desk-claimed", "name", who, "time", d.clock()), "desk-release", "desk-close")
	case "desk-release", "desk-close":
		s, err := d.o.Ledger.State(ctx, c.to)
		if err == nil {
			_, err = d.o.Ledger.Own(ctx, s, bot.OwnerBot, bot.Reply{})
		}
		if err != nil {
			return fmt.Errorf("give back: %w", err)
		}
		c.epoch, c.owner, c.news, c.closed = 0, bot.OwnerBot, "", true
		d.o.Hints.Wake(bot.TopicTurns) // the customer may have written meanwhile
		if a.ActionID == "desk-close" {
			d.restate(c, d.say("desk-closed", "name", who, "time", d.clock()))
		} else {
			d.restate(c, d.say("desk-released", "name", who, "time", d.clock()), "desk-claim", "desk-close")
		}
	}
	return nil
}
