package slack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
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
	owner := k.owner
	for {
		events, err := d.core.Events(ctx, k.to, k.seq)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Kind == "owner" {
				owner = e.Owner
			} else if err := d.tell(ctx, k, e); err != nil {
				return err
			}
			k.seq = e.Seq
		}
		if len(events) == 0 {
			break
		}
	}
	if owner != k.owner {
		d.news(k, owner)
	}
	return nil
}

// news shows on the card a change of owner that was not made here.
func (d *Desk) news(k *card, owner string) {
	was, now := bot.Session{Owner: k.owner}, bot.Session{Owner: owner}
	k.owner = owner
	switch {
	case now.Staffed() && now.Person() == was.Person(): // the customer wrote once more after the end
		d.restate(k, d.core.Text("claimed", "name", now.Person(), "time", d.core.Clock()), "draft", "release", "close")
	case now.Staffed():
		d.restate(k, d.core.Text("elsewhere", "name", now.Person()), "draft", "release", "close")
	case owner == bot.OwnerBot, owner == bot.OwnerClosed:
		k.closed = true
	}
}

// tell shows one thing that was said. What was written in this thread is there
// already.
func (d *Desk) tell(ctx context.Context, k *card, e bot.Event) error {
	text := d.core.Line(e)
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
		events, err := d.core.Events(ctx, k.to, after)
		if err != nil {
			return err
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
		d.whisper(ctx, h.User, k.ts, d.core.Text("files"))
	}
	if text == "" {
		return nil
	}
	if hint := d.core.Check(ctx, k.to, text); hint != "" {
		d.ask(ctx, h.User, k, h.TS, text, d.core.Text("hint", "text", hint))
		return nil
	}
	return d.pass(ctx, k, h.User, idPrefix+h.id(), text)
}

// ask shows one person a text with what there is to say about it, and lets them
// send it as it is.
func (d *Desk) ask(ctx context.Context, user string, k *card, ts, text, said string) {
	value := ts + " " + text
	if len(value) > valueMax {
		d.whisper(ctx, user, k.ts, said+" "+d.core.Text("rewrite"))
		return
	}
	b := slackgo.NewButtonBlockElement(buttonPrefix+"send", value, label(d.core.Text("send")))
	d.whisper(ctx, user, k.ts, said,
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
	before := k.owner
	if err := d.core.Write(ctx, k.to, who, id, text); err != nil {
		return d.refused(ctx, k, user, err)
	}
	if k.owner = bot.OwnerPerson + who; before != k.owner {
		d.restate(k, d.core.Text("claimed", "name", who, "time", d.core.Clock()), "draft", "release", "close")
	}
	return nil
}

// refused tells the person what a colleague's coming forbids; any other error is
// returned.
func (d *Desk) refused(ctx context.Context, k *card, user string, err error) error {
	var taken desk.Taken
	switch {
	case !errors.As(err, &taken):
		return err
	case taken == "":
		d.whisper(ctx, user, k.ts, d.core.Text("lost"))
	default:
		d.whisper(ctx, user, k.ts, d.core.Text("taken", "name", string(taken)))
	}
	return nil
}

// click does what a button of the desk says.
func (d *Desk) click(ctx context.Context, k *click) error {
	a := k.Actions[0]
	name, at := strings.TrimPrefix(a.ActionID, buttonPrefix), k.Message.TS
	if name == "send" {
		at = cmp.Or(a.BlockID, k.Message.ThreadTS)
	}
	c, err := d.cardAt(ctx, at)
	if c == nil || err != nil {
		return err
	}
	who := d.person(ctx, k.User.ID)
	switch name {
	case "send":
		ts, text, _ := strings.Cut(a.Value, " ")
		return d.pass(ctx, c, k.User.ID, idPrefix+d.o.Channel+"/"+ts+"/"+k.User.ID, text)
	case "draft":
		return d.draft(ctx, c, k)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = c.closed && name != "claim"
	if err := d.follow(ctx, c); err != nil {
		return err
	}
	switch name {
	case "claim":
		if _, err := d.core.Claim(ctx, c.to, who); err != nil {
			return d.refused(ctx, c, k.User.ID, err)
		}
		c.owner = bot.OwnerPerson + who
		d.restate(c, d.core.Text("claimed", "name", who, "time", d.core.Clock()), "draft", "release", "close")
	case "release":
		if err := d.core.GiveBack(ctx, c.to, who); err != nil {
			return d.refused(ctx, c, k.User.ID, err)
		}
		c.owner, c.closed = bot.OwnerBot, true
		d.restate(c, d.core.Text("released", "name", who, "time", d.core.Clock()), "claim")
	case "close":
		if err := d.core.Finish(ctx, c.to, who); err != nil {
			return d.refused(ctx, c, k.User.ID, err)
		}
		if c.owner != bot.OwnerPerson+who {
			c.owner, c.closed = bot.OwnerBot, true // nobody had taken it over
		} else {
			c.owner = bot.OwnerWrapUp + who
		}
		d.restate(c, d.core.Text("closed", "name", who, "time", d.core.Clock()))
	}
	return nil
}

// draft shows one person what the bot would have said, to be sent as it is.
func (d *Desk) draft(ctx context.Context, c *card, k *click) error {
	text, err := d.core.Draft(ctx, c.to)
	if err != nil {
		return err
	}
	if text == "" {
		d.whisper(ctx, k.User.ID, c.ts, d.core.Text("draft-none"))
		return nil
	}
	same := fnv.New64a() // of a text sent twice, one is kept
	same.Write([]byte(text))
	d.ask(ctx, k.User.ID, c, "draft-"+strconv.FormatUint(same.Sum64(), 36), text, d.core.Text("draft-text")+"\n\n"+text)
	return nil
}
