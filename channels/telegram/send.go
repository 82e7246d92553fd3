package telegram

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// progress is how far a reply has come in this process.
type progress struct {
	mu     sync.Mutex
	known  bool // an attempt has been made here
	next   int  // messages that are dealt with
	unsure int  // messages before this one may be there, from earlier attempts
}

// frost is until when a chat wants no more messages.
type frost struct{ until time.Time }

// A page is one message of Telegram.
type page struct {
	text    string
	marks   []models.MessageEntity
	buttons *models.InlineKeyboardMarkup
	answers int // message it answers, in a group; 0 for none
}

// Send posts the reply. A reply this process has sent already is not sent
// again, and one it has sent in part goes on where it stopped.
func (c *Channel) Send(ctx context.Context, r bot.Reply) error { return c.send(ctx, r, false) }

// Resend does the same for a reply that another process may have sent: nobody
// can look, so it is sent and counted as a possible second copy, or with
// AtMostOnce given up.
func (c *Channel) Resend(ctx context.Context, r bot.Reply) error { return c.send(ctx, r, true) }

func (c *Channel) send(ctx context.Context, r bot.Reply, doubt bool) error {
	p, err := parsePlace(r.To)
	if err != nil {
		return err
	}
	done := c.sent.at(r.ID)
	done.mu.Lock()
	defer done.mu.Unlock()
	doubt = doubt && !done.known
	if doubt && c.o.AtMostOnce {
		c.o.Log.Error("a reply may be lost: another process may have sent it", "channel", Name, "reply", r.ID)
		return fmt.Errorf("send: %s may have arrived and is not sent again: %w", r.ID, bot.ErrGone)
	}
	pages := c.render(r, p)
	if doubt {
		done.unsure = len(pages)
	}
	for done.next < len(pages) {
		if err := c.next(ctx, p, r.ID, pages[done.next], done); err != nil {
			return err
		}
		done.next++
	}
	return nil
}

// next posts the next message of a reply, unless it may be there already and
// must not be there twice.
func (c *Channel) next(ctx context.Context, p place, id string, pg page, done *progress) error {
	doubt := done.next < done.unsure
	if doubt && c.o.AtMostOnce {
		c.o.Log.Error("a message may be lost: the answer to an attempt was", "channel", Name, "reply", id, "message", done.next)
		return nil
	}
	if err := c.calm(p); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return edge.Later(fmt.Errorf("send: %w", err), 100*time.Millisecond) // not sent, so nothing is in doubt
	}
	done.known = true
	err := c.post(ctx, p, pg)
	if err != nil && refused(err) {
		return err
	}
	if doubt {
		c.flagged.Add(1)
		c.o.Log.Warn("possible duplicate", "channel", Name, "reply", id, "message", done.next)
	}
	if err != nil {
		done.unsure = max(done.unsure, done.next+1)
	}
	return err
}

// calm reports whether the chat may be written to now: a limit is on the whole
// chat and not on the reply that met it.
func (c *Channel) calm(p place) error {
	until := c.frozen.at(strconv.FormatInt(p.chat, 10)).get().until
	if wait := until.Sub(c.o.Now()); wait > 0 {
		return edge.Later(fmt.Errorf("send: Telegram limits chat %d", p.chat), wait)
	}
	return nil
}

// post puts one message before the customer.
func (c *Channel) post(ctx context.Context, p place, pg page) error {
	err := c.postAs(ctx, p, pg)
	if errors.Is(err, tg.ErrorBadRequest) && !errors.Is(err, bot.ErrGone) {
		// Telegram does not like the form. The words matter more.
		c.o.Log.Error("message refused, sending plain text", "channel", Name, "error", err)
		err = c.postAs(ctx, p, page{text: pg.text})
		if errors.Is(err, tg.ErrorBadRequest) && !errors.Is(err, bot.ErrGone) {
			err = fmt.Errorf("%w: %w", err, bot.ErrGone) // it would be refused for ever, and hold up all that follow
		}
	}
	var w *edge.WaitError
	if errors.As(err, &w) && errors.As(err, new(*tg.TooManyRequestsError)) {
		c.frozen.at(strconv.FormatInt(p.chat, 10)).set(frost{c.o.Now().Add(w.RetryAfter())})
	}
	return err
}

// postAs posts the message as it is. A group that has become a supergroup has a
// new ID, and Telegram says which.
func (c *Channel) postAs(ctx context.Context, p place, pg page) error {
	off := true
	for try := range 2 {
		params := &tg.SendMessageParams{
			BusinessConnectionID: p.business, ChatID: c.chat(p), MessageThreadID: p.topic,
			Text: pg.text, Entities: pg.marks, LinkPreviewOptions: &models.LinkPreviewOptions{IsDisabled: &off},
		}
		if pg.buttons != nil {
			params.ReplyMarkup = pg.buttons
		}
		if pg.answers != 0 {
			params.ReplyParameters = &models.ReplyParameters{MessageID: pg.answers, AllowSendingWithoutReply: true}
		}
		_, err := c.api.SendMessage(ctx, params)
		var m *tg.MigrateError
		if try > 0 || !errors.As(err, &m) {
			if err != nil {
				return c.outcome("send", err)
			}
			return nil
		}
		c.moved.at(strconv.FormatInt(p.chat, 10)).set(int64(m.MigrateToChatID))
		pg.answers = 0 // it stayed behind in the group that was
	}
	return nil
}

// chat is the ID under which a place is reached now.
func (c *Channel) chat(p place) int64 {
	if to := c.moved.at(strconv.FormatInt(p.chat, 10)).get(); to != 0 {
		return to
	}
	return p.chat
}

// render makes messages of a reply: its parts together, up to one that offers
// choices, which stand below a message.
func (c *Channel) render(r bot.Reply, p place) []page {
	lang := cmp.Or(r.Lang, c.lang(p.chat, nil))
	var pages []page
	var text rich
	if r.From != "" {
		text = rich{text: printable(c.words.Say(lang, "from", "name", strings.TrimPrefix(r.From, "person:")))}
		text.add(0, len(text.text), models.MessageEntityTypeBold, "")
	}
	flush := func(buttons *models.InlineKeyboardMarkup) {
		if buttons != nil && text.trimmed().text == "" {
			text = rich{text: c.words.Say(lang, "choose")}
		}
		all := text.split(textMax)
		for i, t := range all {
			pg := page{text: t.text, marks: t.entities()}
			if i == len(all)-1 {
				pg.buttons = buttons
			}
			pages = append(pages, pg)
		}
		text = rich{}
	}
	for _, part := range r.Parts {
		text.append("\n\n", read(part.Shown(), c.o.Links))
		choices := slices.Clone(part.Choices)
		for _, card := range part.Cards {
			choices = append(choices, card.Choices...)
		}
		for _, ch := range part.Choices {
			if ch.Note != "" {
				text.append("\n", read("- "+ch.Label+": "+ch.Note, c.o.Links))
			}
		}
		for _, f := range part.Files {
			text.append("\n", c.fileLine(f))
		}
		if buttons := c.keyboard(p, choices); buttons != nil {
			flush(buttons)
		}
	}
	flush(nil)
	if !p.private() && len(pages) > 0 && len(r.Answers) > 0 {
		pages[0].answers = c.heard.at(r.Answers[len(r.Answers)-1]).get().message
	}
	return pages
}

// fileLine shows a file a reply carries as a link to it.
func (c *Channel) fileLine(f bot.File) rich {
	r := rich{text: "📎 "}
	from := len(r.text)
	r.text += strings.TrimSpace(printable(cmp.Or(f.Name, f.URL)))
	if safeLink(f.URL, c.o.Links) {
		r.add(from, len(r.text), models.MessageEntityTypeTextLink, f.URL)
	}
	return r
}

// What fits beside each other on a phone, and what Telegram takes.
const (
	besideMax = 14 // UTF-16 units of a label that shares its row
	labelMax  = 64
	rowsMax   = 50
)

// keyboard makes buttons of choices, or nil if there are none to show.
func (c *Channel) keyboard(p place, choices []bot.Choice) *models.InlineKeyboardMarkup {
	var rows [][]models.InlineKeyboardButton
	short := false // the last row has room for another short label
	for _, ch := range choices {
		label := clip(strings.TrimSpace(printable(ch.Label)), labelMax)
		b := models.InlineKeyboardButton{Text: label}
		switch {
		case label == "", len(rows) >= rowsMax, ch.URL == "" && ch.ID == "", ch.URL != "" && !safeLink(ch.URL, c.o.Links):
			c.o.Log.Warn("choice not shown: it needs a label, an ID or one of the brand's addresses", "channel", Name, "choice", clip(ch.ID, labelMax))
			continue
		case ch.URL != "":
			b.URL = ch.URL
		default:
			b.CallbackData = c.sign(p, kindChoice, strings.ToValidUTF8(ch.ID, ""))
		}
		fits := units(label) <= besideMax
		if fits && short {
			rows[len(rows)-1] = append(rows[len(rows)-1], b)
			short = false
			continue
		}
		rows = append(rows, []models.InlineKeyboardButton{b})
		short = fits
	}
	if len(rows) == 0 {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

// clip shortens a label to max units at a character a reader sees.
func clip(text string, max int) string {
	if units(text) <= max {
		return text
	}
	r := rich{text: text}
	return strings.TrimSpace(text[:r.fits(max-1)]) + "…"
}

// Typing shows for five seconds that an answer is being worked on.
func (c *Channel) Typing(ctx context.Context, to bot.Address) {
	p, err := parsePlace(to)
	if err != nil || c.calm(p) != nil {
		return
	}
	_, err = c.api.SendChatAction(ctx, &tg.SendChatActionParams{
		BusinessConnectionID: p.business, ChatID: c.chat(p), MessageThreadID: p.topic, Action: models.ChatActionTyping,
	})
	if err != nil && ctx.Err() == nil {
		c.o.Log.Debug("no typing sign", "channel", Name, "error", c.hide(err))
	}
}
