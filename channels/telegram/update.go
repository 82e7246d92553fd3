package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// heard is what the process remembers of a message, so that an edit can name
// its original and a reply in a group can stand below what it answers.
type heard struct {
	id      string // of the bot.Message
	text    string
	message int // of Telegram
}

// take handles one update. Nil means that Telegram may forget it.
func (c *Channel) take(ctx context.Context, raw []byte) error {
	var u models.Update
	if err := json.Unmarshal(raw, &u); err != nil {
		// Sending it again would not help, and it would hold up its chat for a day.
		c.o.Log.Error("update dropped: it cannot be read", "channel", Name, "error", err)
		return nil
	}
	id := fmt.Sprintf("%d/%d", c.id, u.ID)
	var err error
	switch {
	case u.Message != nil:
		err = c.message(ctx, u.Message, id, false)
	case u.EditedMessage != nil:
		err = c.message(ctx, u.EditedMessage, id, true)
	case u.BusinessMessage != nil:
		err = c.message(ctx, u.BusinessMessage, id, false)
	case u.EditedBusinessMessage != nil:
		err = c.message(ctx, u.EditedBusinessMessage, id, true)
	case u.CallbackQuery != nil:
		err = c.press(ctx, u.CallbackQuery)
	case u.MyChatMember != nil:
		// Blocked or let in again: replies find out by themselves, and what was
		// said stays.
		c.o.Log.Info("membership changed", "channel", Name, "now", string(u.MyChatMember.NewChatMember.Type))
	}
	if errors.Is(err, bot.ErrGone) {
		return nil // our own answer cannot reach them; the update is done with
	}
	return err
}

// message gives what a person wrote to the engine, if it is for the bot.
func (c *Channel) message(ctx context.Context, m *models.Message, id string, edited bool) error {
	if m.From == nil || m.From.IsBot || m.SenderBusinessBot != nil || m.SenderChat != nil || m.IsAutomaticForward || m.Chat.IsDirectMessages {
		return nil // two bots could talk for ever
	}
	p := placeOf(m)
	if d := c.desk(); d != nil && p.chat == d.o.Group {
		return d.message(ctx, m, id, edited)
	}
	if _, err := parsePlace(p.address()); err != nil {
		c.o.Log.Error("update dropped: its place cannot be named", "channel", Name, "id", id)
		return nil
	}
	if p.business != "" && m.From.ID != m.Chat.ID {
		return c.owner(ctx, p, m)
	}
	text, cmd := textOf(m), command{}
	if p.business == "" {
		var mine bool
		var err error
		if text, cmd, mine, err = c.addressed(ctx, p, m); err != nil || !mine {
			return err
		}
	}
	if cmd.name != "" && !edited {
		if done, err := c.command(ctx, p, m, id, cmd); done {
			return err
		}
	}
	in := bot.Message{ID: id, From: p.address(), User: strconv.FormatInt(m.From.ID, 10), Text: text, Lang: c.langOf(p, m.From), Time: c.time(m.Date), Context: map[string]string{}}
	if m.ForwardOrigin != nil {
		in.Context["forwarded"] = string(m.ForwardOrigin.Type)
	}
	if !c.fill(ctx, &in, m) {
		return nil // somebody joined, a picture was changed: nothing to answer
	}
	if edited {
		was := c.heard.at(original(p, m)).get()
		if m.Location != nil || was.id != "" && was.text == in.Text {
			return nil // a live position moves, a preview was loaded: nothing was corrected
		}
		in.Context["corrects"] = cmp.Or(was.id, "message/"+strconv.Itoa(m.ID))
		in.Time = c.time(m.EditDate)
	}
	return c.hand(ctx, p, m, in)
}

// hand gives the message to the engine and remembers it.
func (c *Channel) hand(ctx context.Context, p place, m *models.Message, in bot.Message) error {
	if err := c.receive(ctx, in); err != nil {
		return err
	}
	if was := c.heard.at(original(p, m)); in.Context["corrects"] == "" {
		was.set(heard{id: in.ID, text: in.Text})
	} else {
		was.set(heard{id: cmp.Or(was.get().id, in.Context["corrects"]), text: in.Text})
	}
	c.heard.at(in.ID).set(heard{message: m.ID})
	return nil
}

// original is the key of a message of Telegram, under which its edits find it.
func original(p place, m *models.Message) string { return p.String() + "#" + strconv.Itoa(m.ID) }

// time reads a date of Telegram, in seconds.
func (c *Channel) time(date int) time.Time {
	if date <= 0 {
		return c.o.Now()
	}
	return time.Unix(int64(date), 0)
}

// owner notes that the owner of a business account writes to the customer: a
// person has taken over.
func (c *Channel) owner(ctx context.Context, p place, m *models.Message) error {
	if c.o.Desk == nil {
		return nil
	}
	if _, err := bot.TakeOver(ctx, c.o.Desk, p.address(), nameOf(m.From)); err != nil {
		return fmt.Errorf("take over %s: %w", p, err)
	}
	return nil
}

// langOf is the language the customer chose, or that of their app.
func (c *Channel) langOf(p place, u *models.User) string {
	return cmp.Or(c.langs.at(strconv.FormatInt(p.chat, 10)).get(), spoken(u))
}
