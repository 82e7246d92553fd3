package telegram

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	tg "github.com/go-telegram/bot"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// hidden is an error that does not show the token, whatever the error within
// would print: the address of every call contains it.
type hidden struct {
	err  error
	text string
}

func (e *hidden) Error() string { return e.text }
func (e *hidden) Unwrap() error { return e.err }

func (c *Channel) hide(err error) error {
	if err == nil {
		return nil
	}
	text := strings.ReplaceAll(err.Error(), string(c.o.Token), "[token]")
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "…" // a page of HTML instead of an answer
	}
	return &hidden{err, text}
}

// lost are the words by which Telegram says that a chat cannot be written to
// any more. It has no codes for them.
var lost = []string{
	"chat not found", "user not found", "peer_id_invalid", "bot was blocked", "bot was kicked", "user is deactivated",
	"not enough rights", "have no rights", "need administrator rights", "chat_write_forbidden", "topic_closed", "topic_deleted",
	"message thread not found", "business_connection_invalid", "business connection not found", "business_peer_invalid",
	"chat_restricted", "group chat was upgraded", "chat was deleted", "bot is not a member", "bot can't initiate",
	"user_is_blocked", "input_user_deactivated", "channel_private",
}

// outcome turns an error of the client into one for the engine: ErrGone, an
// error with a time to wait, which also says that Telegram did not take the
// message, or an error of which nobody knows.
func (c *Channel) outcome(operation string, err error) error {
	var limited *tg.TooManyRequestsError
	var dial *net.OpError
	var unknown *net.DNSError
	shown := fmt.Errorf("%s: %w", operation, c.hide(err))
	text := strings.ToLower(err.Error())
	switch {
	case errors.As(err, &limited):
		return edge.Later(shown, time.Duration(min(max(limited.RetryAfter, 1), 86400))*time.Second)
	case errors.Is(err, tg.ErrorForbidden):
		return fmt.Errorf("%w: %w", shown, bot.ErrGone)
	case errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound):
		c.o.Log.Error("telegram refuses the token; ask BotFather for it again", "channel", Name, "error", shown)
		return edge.Later(shown, time.Minute) // the operator's mistake must not cost a customer the answer
	case errors.Is(err, tg.ErrorBadRequest):
		for _, l := range lost {
			if strings.Contains(text, l) {
				return fmt.Errorf("%w: %w", shown, bot.ErrGone)
			}
		}
		return shown
	case errors.As(err, &dial) && dial.Op == "dial", errors.As(err, &unknown):
		return edge.Later(shown, 2*time.Second)
	}
	return shown
}

// refused reports whether Telegram surely did not take the message.
func refused(err error) bool {
	var w *edge.WaitError
	return errors.As(err, &w) || errors.Is(err, bot.ErrGone) || errors.Is(err, tg.ErrorBadRequest)
}
