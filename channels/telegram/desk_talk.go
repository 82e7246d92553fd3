package telegram

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// deskPrefix begins the ID of a reply written at this desk.
const deskPrefix = "telegram-desk/"

// buttons makes a column of the desk's own buttons, or nil.
func (d *Desk) buttons(p place, names ...string) *models.InlineKeyboardMarkup {
	var rows [][]models.InlineKeyboardButton
	for _, n := range names {
		name, _, _ := strings.Cut(n, "/")
		rows = append(rows, []models.InlineKeyboardButton{{Text: d.core.Text(name), CallbackData: d.c.sign(p, kindDesk, n)}})
	}
	if rows == nil {
		return nil
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

// follow shows in the topic what happened since. The caller holds t.mu.
func (d *Desk) follow(ctx context.Context, t *topic) error {
	if t.closed {
		return nil
	}
	if t.owner == "" { // of before this process started
		s, err := d.core.State(ctx, t.to)
		if err != nil {
			return err
		}
		if t.owner = s.Owner; !s.Waiting() && !s.Staffed() {
			t.closed = true
			return nil
		}
	}
	before, owner := t.seq, t.owner
	for {
		events, err := d.core.Events(ctx, t.to, t.seq)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.Kind == "owner" {
				owner = e.Owner
			} else if text := d.core.Line(e); text != "" && (e.Reply == nil || !strings.HasPrefix(e.Reply.ID, deskPrefix)) {
				if err := d.post(ctx, t, text); err != nil {
					return errors.Join(err, d.keep(ctx, t))
				}
			}
			t.seq = e.Seq
		}
		if len(events) == 0 {
			break
		}
	}
	if before != t.seq {
		if err := d.keep(ctx, t); err != nil {
			return err
		}
	}
	if owner == t.owner {
		return nil
	}
	return d.news(ctx, t, owner)
}

// news tells a change of owner that was not made here.
func (d *Desk) news(ctx context.Context, t *topic, owner string) error {
	was, now := bot.Session{Owner: t.owner}, bot.Session{Owner: owner}
	t.owner = owner
	switch {
	case now.Staffed() && now.Person() == was.Person() && strings.HasPrefix(owner, bot.OwnerPerson): // they wrote once more after the end
		return d.claimed(ctx, t, now.Person())
	case now.Staffed() && now.Person() != was.Person():
		return d.post(ctx, t, d.core.Text("elsewhere", "name", now.Person()), "draft", "release", "close")
	case owner == bot.OwnerBot, owner == bot.OwnerClosed:
		d.shut(ctx, t)
	}
	return nil
}

func (d *Desk) claimed(ctx context.Context, t *topic, who string) error {
	t.owner = bot.OwnerPerson + who
	return d.post(ctx, t, d.core.Text("claimed", "name", who, "time", d.core.Clock()), "draft", "release", "close")
}

// shut closes the topic: the conversation goes on elsewhere, or is over. The
// caller holds t.mu.
func (d *Desk) shut(ctx context.Context, t *topic) {
	t.closed = true
	if _, err := d.c.api.CloseForumTopic(ctx, &tg.CloseForumTopicParams{ChatID: d.o.Group, MessageThreadID: t.id}); err != nil {
		d.c.o.Log.Info("topic not closed", "channel", Name, "error", d.c.hide(err))
	}
}

// message hands on what a member of the staff wrote in a customer's topic.
func (d *Desk) message(ctx context.Context, m *models.Message, id string, edited bool) error {
	t, err := d.at(ctx, placeOf(m).topic)
	if t == nil || err != nil {
		return err
	}
	who, text := nameOf(m.From), textOf(m)
	switch {
	case m.ForumTopicClosed != nil:
		return d.step(ctx, t, m.From, "close")
	case strings.HasPrefix(strings.TrimSpace(text), "//"), text == "" && m.ForumTopicEdited != nil:
		return nil // among ourselves
	case edited:
		return d.whisper(ctx, t, m.From, d.core.Text("edited"))
	case len(m.Photo) > 0 || m.Document != nil || m.Voice != nil || m.Video != nil || m.Sticker != nil:
		if err := d.whisper(ctx, t, m.From, d.core.Text("files")); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	if hint := d.core.Check(ctx, t.to, text); hint != "" {
		return d.whisper(ctx, t, m.From, d.core.Text("hint", "text", hint)+"\n\n“"+text+"”", d.stash(t, text))
	}
	return d.pass(ctx, t, m.From, who, deskPrefix+id, text)
}

// stash keeps a text until somebody presses "send as it is", and returns the
// name of that button.
func (d *Desk) stash(t *topic, text string) string {
	sum := sha256.Sum256([]byte(text))
	short := base64.RawURLEncoding.EncodeToString(sum[:12])
	d.texts.at(short).set(text)
	return "send/" + strconv.Itoa(t.id) + "/" + short
}

// whisper tells one person something, in private if they can be reached there.
func (d *Desk) whisper(ctx context.Context, t *topic, to *models.User, text string, buttons ...string) error {
	p := place{chat: to.ID}
	err := d.c.postAs(ctx, p, page{text: clip(printable(text), textMax), buttons: d.buttons(p, buttons...)})
	if errors.Is(err, bot.ErrGone) { // they have never started the bot
		return d.post(ctx, t, text, buttons...)
	}
	return err
}

// pass says the text to the customer, taking over from the bot if need be.
func (d *Desk) pass(ctx context.Context, t *topic, from *models.User, who, id, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = false
	if err := d.follow(ctx, t); err != nil {
		return err
	}
	if err := d.core.Write(ctx, t.to, who, id, text); err != nil {
		return d.refused(ctx, t, from, err)
	}
	if t.owner != bot.OwnerPerson+who {
		return d.claimed(ctx, t, who)
	}
	return nil
}

// refused tells the person what a colleague's coming forbids; any other error is
// returned.
func (d *Desk) refused(ctx context.Context, t *topic, from *models.User, err error) error {
	var taken desk.Taken
	switch {
	case !errors.As(err, &taken):
		return err
	case taken == "":
		return d.whisper(ctx, t, from, d.core.Text("lost"))
	}
	return d.whisper(ctx, t, from, d.core.Text("taken", "name", string(taken)))
}

// press does what a button of the desk says.
func (d *Desk) press(ctx context.Context, q *models.CallbackQuery, id string) error {
	m := q.Message.Message
	name, rest, _ := strings.Cut(id, "/")
	number, short, _ := strings.Cut(rest, "/")
	at := placeOf(m).topic
	if name == "send" {
		at, _ = strconv.Atoi(number)
	}
	t, err := d.at(ctx, at)
	if err != nil {
		return err
	}
	if t == nil {
		d.c.stale(q)
		return nil
	}
	switch name {
	case "send":
		text := d.texts.at(short).get()
		if text == "" {
			d.c.stale(q) // of before a restart: it is written again sooner than looked for
			return nil
		}
		err = d.pass(ctx, t, &q.From, nameOf(&q.From), deskPrefix+"send/"+number+"/"+short, text)
	case "draft":
		err = d.draft(ctx, t)
	default:
		err = d.step(ctx, t, &q.From, name)
	}
	if err != nil {
		return err
	}
	d.c.aside(func(ctx context.Context) {
		d.c.reply(ctx, q.ID, "")
		if name != "draft" {
			d.c.mark(ctx, placeOf(m), m, "", true)
		}
	})
	return nil
}

// step takes over, gives back or closes.
func (d *Desk) step(ctx context.Context, t *topic, from *models.User, name string) error {
	who := nameOf(from)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = t.closed && name != "claim"
	if err := d.follow(ctx, t); err != nil {
		return err
	}
	switch name {
	case "claim":
		if _, err := d.core.Claim(ctx, t.to, who); err != nil {
			return d.refused(ctx, t, from, err)
		}
		return d.claimed(ctx, t, who)
	case "release":
		if err := d.core.GiveBack(ctx, t.to, who); err != nil {
			return d.refused(ctx, t, from, err)
		}
		if err := d.post(ctx, t, d.core.Text("released", "name", who, "time", d.core.Clock()), "claim"); err != nil {
			return err
		}
		t.owner = bot.OwnerBot
		d.shut(ctx, t)
	case "close":
		if err := d.core.Finish(ctx, t.to, who); err != nil {
			return d.refused(ctx, t, from, err)
		}
		s, err := d.core.State(ctx, t.to)
		if err != nil {
			return err
		}
		if t.owner = s.Owner; !s.Staffed() {
			d.shut(ctx, t) // nobody had taken it over
			return nil
		}
		return d.post(ctx, t, d.core.Text("closed", "name", who, "time", d.core.Clock()))
	}
	return nil
}

// draft shows what the bot would have said, to be sent as it is.
func (d *Desk) draft(ctx context.Context, t *topic) error {
	text, err := d.core.Draft(ctx, t.to)
	if err != nil {
		return err
	}
	if text == "" {
		return d.post(ctx, t, d.core.Text("draft-none"))
	}
	return d.post(ctx, t, d.core.Text("draft-text")+"\n\n"+text, d.stash(t, text))
}
