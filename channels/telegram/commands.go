package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// everywhere lists the commands of private chats, in the order of the menu, and
// inGroups those of groups.
var (
	everywhere = []string{"start", "human", "language", "privacy", "export", "delete", "unlink", "stop"}
	inGroups   = []string{"human", "language", "privacy"}
)

// known reports whether this channel has the command.
func known(name string) bool { return slices.Contains(everywhere, name) }

// handleRule is what a deep link may carry: t.me/<bot>?start=<handle>.
var handleRule = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// command does what a command says. Not done means that it is none of ours and
// is heard as text. None of them needs a model.
func (c *Channel) command(ctx context.Context, p place, m *models.Message, id string, cmd command) (done bool, err error) {
	lang := c.lang(p.chat, m.From)
	in := bot.Message{ID: id, From: p.address(), User: strconv.FormatInt(m.From.ID, 10), Lang: lang, Time: c.time(m.Date)}
	switch cmd.name {
	case "start":
		if asked, err := c.askLink(ctx, p, cmd.rest, lang); asked || err != nil {
			return true, err
		}
		in.Text, in.Context = c.words.Say(lang, "hello"), map[string]string{"start": ""}
		if handleRule.MatchString(cmd.rest) {
			in.Context["start"] = cmd.rest
		}
		return true, c.hand(ctx, p, m, in)
	case "human":
		in.Text, in.Choice = cmp.Or(cmd.rest, c.words.Say(lang, "human")), bot.ChoiceHuman
		return true, c.hand(ctx, p, m, in)
	case "privacy":
		return true, c.tell(ctx, p, c.words.Say(lang, "privacy"), nil)
	case "language":
		return true, c.tell(ctx, p, c.words.Say(lang, "language"), c.row(p, "lang.ko", c.words.Say(lang, "lang-ko"), "lang.en", c.words.Say(lang, "lang-en")))
	case "stop":
		return true, c.stop(ctx, p, lang)
	case "unlink":
		return true, c.unlink(ctx, p, m.From, lang)
	case "export", "delete":
		if !p.private() {
			return true, c.tell(ctx, p, c.words.Say(lang, "only-private"), nil)
		}
		if cmd.name == "export" {
			return true, c.export(ctx, p, lang)
		}
		if _, ok := c.o.Ledger.(Eraser); !ok {
			return true, c.tell(ctx, p, c.words.Say(lang, "not-offered"), nil)
		}
		return true, c.tell(ctx, p, c.words.Say(lang, "delete"), c.row(p, "erase", c.words.Say(lang, "delete-yes"), "keep", c.words.Say(lang, "delete-no")))
	}
	return false, nil
}

// tell says one of the channel's own texts.
func (c *Channel) tell(ctx context.Context, p place, text string, buttons *models.InlineKeyboardMarkup) error {
	if err := c.calm(p); err != nil {
		return err
	}
	return c.post(ctx, p, page{text: clip(text, textMax), buttons: buttons})
}

// row makes a row of buttons for the channel's own questions, from pairs of ID
// and label.
func (c *Channel) row(p place, pairs ...string) *models.InlineKeyboardMarkup {
	var rows [][]models.InlineKeyboardButton
	for i := 0; i+1 < len(pairs); i += 2 {
		rows = append(rows, []models.InlineKeyboardButton{{Text: pairs[i+1], CallbackData: c.sign(p, kindOwn, pairs[i])}})
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

// stop notes that the customer wants no messages they did not ask for.
func (c *Channel) stop(ctx context.Context, p place, lang string) error {
	k, ok := c.o.Ledger.(Keeper)
	if !ok {
		return c.tell(ctx, p, c.words.Say(lang, "stop-help"), nil)
	}
	if err := k.Consent(ctx, p.address(), "contact", false, "1", c.o.Now()); err != nil {
		return fmt.Errorf("keep consent: %w", err)
	}
	return c.tell(ctx, p, c.words.Say(lang, "stopped"), nil)
}

// A record is one line of the copy a customer gets.
type record struct {
	Time  time.Time  `json:"time"`
	Who   string     `json:"who"` // you, us or the name of a person
	Text  string     `json:"text"`
	Files []bot.File `json:"files,omitempty"`
}

// export gives the customer everything they wrote and were told, as a file.
func (c *Channel) export(ctx context.Context, p place, lang string) error {
	if c.o.Ledger == nil {
		return c.tell(ctx, p, c.words.Say(lang, "not-offered"), nil)
	}
	var all []record
	for after := int64(0); ; {
		events, err := c.o.Ledger.Events(ctx, p.address(), after, 200)
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		for _, e := range events {
			switch {
			case e.Message != nil:
				all = append(all, record{e.Message.Time, "you", e.Message.Text, e.Message.Files})
			case e.Kind == "reply":
				all = append(all, record{e.Reply.Time, cmp.Or(e.Reply.From, "us"), e.Reply.Shown(), nil})
			}
			after = e.Seq
		}
		if len(events) < 200 {
			break
		}
	}
	if len(all) == 0 {
		return c.tell(ctx, p, c.words.Say(lang, "export-empty"), nil)
	}
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	_, err = c.api.SendDocument(ctx, &tg.SendDocumentParams{
		ChatID: c.chat(p), MessageThreadID: p.topic, Caption: c.words.Say(lang, "export"),
		Document: &models.InputFileUpload{Filename: "conversation.json", Data: strings.NewReader(string(body))},
	})
	if err != nil {
		return c.outcome("export", err)
	}
	return nil
}

// own answers a press on one of the channel's own questions.
func (c *Channel) own(ctx context.Context, p place, q *models.CallbackQuery, id string) error {
	lang := c.lang(p.chat, &q.From)
	said := ""
	switch l, isLang := strings.CutPrefix(id, "lang."); {
	case isLang:
		c.langs.at(strconv.FormatInt(p.chat, 10)).set(l)
		c.aside(func(ctx context.Context) { c.menu(ctx, p, l) })
		said = c.words.Say(l, "language-set")
	case id == "erase" && p.private():
		e, ok := c.o.Ledger.(Eraser)
		if !ok {
			said = c.words.Say(lang, "not-offered")
			break
		}
		if err := e.Erase(ctx, p.address()); err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		said = c.words.Say(lang, "deleted")
	case strings.HasPrefix(id, "link.") && p.private():
		var err error
		if said, err = c.redeem(ctx, p, &q.From, strings.TrimPrefix(id, "link."), lang); err != nil {
			return err
		}
	case id == "link-no":
		said = c.words.Say(lang, "link-kept")
	case id == "keep":
		said = c.words.Say(lang, "kept")
	}
	c.aside(func(ctx context.Context) {
		c.reply(ctx, q.ID, "")
		c.mark(ctx, p, q.Message.Message, said, false)
	})
	return nil
}

// menu shows the commands in the language a chat has chosen.
func (c *Channel) menu(ctx context.Context, p place, lang string) {
	names := everywhere
	if !p.private() {
		names = inGroups
	}
	_, err := c.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: c.commands(names, lang), Scope: &models.BotCommandScopeChat{ChatID: c.chat(p)}})
	if err != nil {
		c.o.Log.Warn("menu not changed", "channel", Name, "error", c.hide(err))
	}
}

func (c *Channel) commands(names []string, lang string) []models.BotCommand {
	var out []models.BotCommand
	for _, n := range names {
		out = append(out, models.BotCommand{Command: n, Description: clip(c.words.Say(lang, "command-"+n), 256)})
	}
	return out
}

// SetCommands writes the menus of private chats and groups, in each language
// and, for all others, in Options.Lang.
func (c *Channel) SetCommands(ctx context.Context) error {
	var faults []error
	for _, code := range []string{"", "ko", "en"} {
		lang := cmp.Or(code, c.o.Lang)
		for _, menu := range []struct {
			names []string
			scope models.BotCommandScope
		}{{everywhere, &models.BotCommandScopeAllPrivateChats{}}, {inGroups, &models.BotCommandScopeAllGroupChats{}}} {
			_, err := c.api.SetMyCommands(ctx, &tg.SetMyCommandsParams{Commands: c.commands(menu.names, lang), Scope: menu.scope, LanguageCode: code})
			if err != nil {
				faults = append(faults, fmt.Errorf("setMyCommands %q: %w", code, c.hide(err)))
			}
		}
	}
	return errors.Join(faults...)
}
