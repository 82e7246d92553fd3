package telegram

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
)

// A command is a word after a slash, with what follows it.
type command struct{ name, rest string }

var commandRule = regexp.MustCompile(`(?s)^/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?:\s+(.*))?$`)

// textOf is what was written, as a message or under a picture.
func textOf(m *models.Message) string { return cmp.Or(m.Text, m.Caption) }

// addressed reports whether a message is for the bot, what it says without the
// mention, and which command it is. In private everything is; in a group a
// command, a mention and a reply to the bot are.
func (c *Channel) addressed(ctx context.Context, p place, m *models.Message) (text string, cmd command, mine bool, err error) {
	text = textOf(m)
	f := commandRule.FindStringSubmatch(m.Text) // not under a picture: it would be lost
	name := ""
	if !p.private() || f != nil && f[2] != "" {
		self, err := c.me(ctx)
		if err != nil {
			return "", command{}, false, err
		}
		name = self.Username
	}
	if f != nil {
		switch {
		case f[2] != "" && !strings.EqualFold(f[2], name):
			return text, command{}, p.private(), nil // another bot's
		case p.private() || f[2] != "" || known(strings.ToLower(f[1])):
			return text, command{strings.ToLower(f[1]), strings.TrimSpace(f[3])}, true, nil
		}
	}
	if p.private() {
		return text, command{}, true, nil
	}
	if r := m.ReplyToMessage; r != nil && r.From != nil && r.From.ID == c.id {
		mine = true
	}
	entities := m.Entities
	if m.Text == "" {
		entities = m.CaptionEntities
	}
	text, mentioned := withoutMention(text, entities, name, c.id)
	return text, command{}, mine || mentioned, nil
}

// withoutMention takes the names of the bot out of the text. Entities count in
// UTF-16, and what does not fit the text is not believed.
func withoutMention(text string, entities []models.MessageEntity, name string, id int64) (string, bool) {
	wide := utf16.Encode([]rune(text))
	found := false
	for i := len(entities) - 1; i >= 0; i-- {
		e := entities[i]
		if e.Offset < 0 || e.Length <= 0 || e.Offset > len(wide) || e.Length > len(wide)-e.Offset {
			continue
		}
		word := string(utf16.Decode(wide[e.Offset : e.Offset+e.Length]))
		byName := e.Type == models.MessageEntityTypeMention && name != "" && strings.EqualFold(word, "@"+name)
		byID := e.Type == models.MessageEntityTypeTextMention && e.User != nil && e.User.ID == id
		if byName || byID {
			wide = append(wide[:e.Offset:e.Offset], wide[e.Offset+e.Length:]...)
			found = true
		}
	}
	return strings.TrimSpace(string(utf16.Decode(wide))), found
}
