package telegram

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// Name is the Address.Channel of every conversation on Telegram.
const Name = "telegram"

// A place is a conversation as Telegram names it.
type place struct {
	chat     int64
	topic    int    // 0 outside topics
	business string // connection of a business account, or ""
}

var placeRule = regexp.MustCompile(`^(-?[0-9]{1,18})(?:/([0-9]{1,9}))?(?:/b/([!-~]{1,200}))?$`)

// parsePlace reads the thread of an address.
func parsePlace(a bot.Address) (place, error) {
	m := placeRule.FindStringSubmatch(a.Thread)
	if a.Channel != Name || m == nil {
		return place{}, fmt.Errorf("no Telegram conversation is called %q: %w", a.Thread, bot.ErrGone)
	}
	var p place
	p.chat, _ = strconv.ParseInt(m[1], 10, 64) // the rule lets only numbers through that fit
	p.topic, _ = strconv.Atoi(m[2])
	p.business = m[3]
	return p, nil
}

// String returns the thread of the address.
func (p place) String() string {
	s := strconv.FormatInt(p.chat, 10)
	if p.topic != 0 {
		s += "/" + strconv.Itoa(p.topic)
	}
	if p.business != "" {
		s += "/b/" + p.business
	}
	return s
}

func (p place) address() bot.Address { return bot.Address{Channel: Name, Thread: p.String()} }

// private reports whether only one customer is there.
func (p place) private() bool { return p.chat > 0 }

// placeOf says where a message was written. Replies in a group carry a thread
// too, but only topics are conversations of their own.
func placeOf(m *models.Message) place {
	p := place{chat: m.Chat.ID, business: m.BusinessConnectionID}
	if m.IsTopicMessage {
		p.topic = m.MessageThreadID
	}
	return p
}

// nameOf is how a person is shown to colleagues.
func nameOf(u *models.User) string {
	return strings.TrimSpace(u.FirstName + " " + u.LastName)
}
