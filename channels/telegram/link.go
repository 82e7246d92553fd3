package telegram

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
)

// A Linker is a ledger that knows one customer over several channels. Without
// one a deep link of this kind is heard as any other.
type Linker interface {
	// RedeemLink makes the customer, called user in the conversation a, the
	// one the token was handed out to. False means that it is none, was used
	// by somebody else or is too old.
	RedeemLink(ctx context.Context, token string, a bot.Address, user string) (linked bool, err error)
	// Unlink parts the customer from their names on other channels.
	Unlink(ctx context.Context, a bot.Address, user string) error
}

// linkPrefix begins the handle of a deep link that links, as brands may have
// handles of their own.
const linkPrefix = "onki-"

// consentMemory is the version of the text that asks whether we may remember
// somebody over several channels.
const consentMemory = "link-1"

// DeepLink returns the address that opens this bot with a token that links.
func (c *Channel) DeepLink(ctx context.Context, token string) (string, error) {
	self, err := c.me(ctx)
	if err != nil {
		return "", err
	}
	return "https://t.me/" + self.Username + "?start=" + linkPrefix + token, nil
}

// askLink asks before anything is remembered across channels. Not asked means
// that the handle is none of ours.
func (c *Channel) askLink(ctx context.Context, p place, handle, lang string) (asked bool, err error) {
	token, ok := strings.CutPrefix(handle, linkPrefix)
	if _, can := c.o.Ledger.(Linker); !ok || !can || !p.private() || len("link.")+len(token) > dataMax-macSize-1 {
		return false, nil
	}
	return true, c.tell(ctx, p, c.words.Say(lang, "link"), c.row(p, "link."+token, c.words.Say(lang, "link-yes"), "link-no", c.words.Say(lang, "link-no")))
}

// redeem links the customer who said yes, and keeps a record of it.
func (c *Channel) redeem(ctx context.Context, p place, from *models.User, token, lang string) (said string, err error) {
	l, ok := c.o.Ledger.(Linker)
	if !ok {
		return c.words.Say(lang, "not-offered"), nil
	}
	linked, err := l.RedeemLink(ctx, token, p.address(), strconv.FormatInt(from.ID, 10))
	if err != nil {
		return "", fmt.Errorf("link: %w", err)
	}
	if !linked {
		return c.words.Say(lang, "link-old"), nil
	}
	return c.words.Say(lang, "linked"), c.remember(ctx, p, true)
}

// unlink parts the customer from their names elsewhere.
func (c *Channel) unlink(ctx context.Context, p place, from *models.User, lang string) error {
	l, ok := c.o.Ledger.(Linker)
	if !ok {
		return c.tell(ctx, p, c.words.Say(lang, "not-offered"), nil)
	}
	if err := l.Unlink(ctx, p.address(), strconv.FormatInt(from.ID, 10)); err != nil {
		return fmt.Errorf("unlink: %w", err)
	}
	if err := c.remember(ctx, p, false); err != nil {
		return err
	}
	return c.tell(ctx, p, c.words.Say(lang, "unlinked"), nil)
}

// remember records whether they may be remembered across channels.
func (c *Channel) remember(ctx context.Context, p place, given bool) error {
	k, ok := c.o.Ledger.(Keeper)
	if !ok {
		return nil
	}
	if err := k.Consent(ctx, p.address(), "memory", given, consentMemory, c.o.Now().Truncate(time.Microsecond)); err != nil {
		return fmt.Errorf("keep consent: %w", err)
	}
	return nil
}
