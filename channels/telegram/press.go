package telegram

import (
	"context"
	"fmt"
	"strconv"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// press handles a pressed button. Every press is answered, or the button would
// go on spinning; one that is forged or of another time is answered and goes no
// further.
func (c *Channel) press(ctx context.Context, q *models.CallbackQuery) error {
	if q.From.IsBot {
		return nil
	}
	m := q.Message.Message
	if m == nil { // too old for Telegram to show us what was pressed
		c.stale(q)
		return nil
	}
	p := placeOf(m)
	kind, id, ok := c.opened(p, q.Data)
	label := labelOf(m.ReplyMarkup, q.Data)
	switch {
	case !ok, label == "":
		c.stale(q)
		return nil
	case kind == kindDesk && c.desk() != nil:
		return c.desk().press(ctx, q, id)
	case kind == kindOwn:
		return c.own(ctx, p, q, id)
	case kind != kindChoice:
		c.stale(q)
		return nil
	}
	err := c.receive(ctx, bot.Message{
		ID:   fmt.Sprintf("%d/%s/%d/pick/%s/%d", c.id, p, m.ID, q.Data[:macSize], q.From.ID),
		From: p.address(), User: strconv.FormatInt(q.From.ID, 10), Text: label, Choice: id, Lang: c.langOf(p, &q.From), Time: c.o.Now(),
	})
	if err != nil {
		return err
	}
	c.aside(func(ctx context.Context) {
		c.reply(ctx, q.ID, "")
		c.mark(ctx, p, m, c.words.Say(c.lang(p.chat, &q.From), "chosen", "label", label), true)
	})
	return nil
}

func (c *Channel) stale(q *models.CallbackQuery) {
	chat := q.From.ID
	if m := q.Message.Message; m != nil {
		chat = m.Chat.ID
	}
	text := c.words.Say(c.lang(chat, &q.From), "stale")
	c.aside(func(ctx context.Context) { c.reply(ctx, q.ID, text) })
}

// reply ends the spinning of a button, with a short text or none.
func (c *Channel) reply(ctx context.Context, query, text string) {
	_, err := c.api.AnswerCallbackQuery(ctx, &tg.AnswerCallbackQueryParams{CallbackQueryID: query, Text: clip(text, 200)})
	if err != nil {
		c.o.Log.Warn("press not answered", "channel", Name, "error", c.hide(err))
	}
}

// mark takes the buttons off a message and leaves words in their place, below
// the text or instead of it.
func (c *Channel) mark(ctx context.Context, p place, m *models.Message, words string, below bool) {
	text, entities := words, []models.MessageEntity(nil)
	if below {
		text, entities = m.Text+"\n\n"+words, m.Entities
	}
	var err error
	if m.Text != "" && words != "" && units(text) <= textMax {
		off := true
		_, err = c.api.EditMessageText(ctx, &tg.EditMessageTextParams{
			BusinessConnectionID: p.business, ChatID: m.Chat.ID, MessageID: m.ID, Text: text, Entities: entities,
			LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
		})
		if err == nil {
			return
		}
	}
	_, err2 := c.api.EditMessageReplyMarkup(ctx, &tg.EditMessageReplyMarkupParams{BusinessConnectionID: p.business, ChatID: m.Chat.ID, MessageID: m.ID})
	if err2 != nil {
		c.o.Log.Warn("buttons not taken off", "channel", Name, "first", c.hide(err), "error", c.hide(err2))
	}
}

// labelOf finds what the pressed button says.
func labelOf(k *models.InlineKeyboardMarkup, data string) string {
	if k == nil {
		return ""
	}
	for _, row := range k.InlineKeyboard {
		for _, b := range row {
			if b.CallbackData == data {
				return b.Text
			}
		}
	}
	return ""
}
