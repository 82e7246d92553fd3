package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/channels/edge"
)

const bodyMax = 1 << 20 // bytes of one webhook call; Telegram's are a few thousand

// secretHeader carries the webhook secret.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// allowed lists the kinds of updates this channel hears. Telegram keeps an
// earlier list when none is given, so it is always given.
var allowed = []string{
	models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery,
	models.AllowedUpdateMyChatMember, models.AllowedUpdateBusinessConnection,
	models.AllowedUpdateBusinessMessage, models.AllowedUpdateEditedBusinessMessage,
}

// Handler takes what Telegram posts to the webhook. It answers 200 only when
// the update is in safe keeping; after any other answer Telegram comes again,
// for a day, in the order of each chat. Mount it at a path of its own.
func (c *Channel) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		if !c.trusted(r.Header.Get(secretHeader)) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			c.o.Log.Error("update refused: too large", "channel", Name)
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), c.o.Answer)
		defer cancel()
		if err := c.take(ctx, body); err != nil {
			c.o.Log.Warn("update not taken, Telegram sends it again", "channel", Name, "error", err)
			w.Header().Set("Retry-After", strconv.Itoa(int(waitOf(err, time.Second)/time.Second)))
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
}

// waitOf is how long to wait after the error before the next attempt, in whole
// seconds, at least one and at most an hour, which is what Telegram heeds.
func waitOf(err error, otherwise time.Duration) time.Duration {
	var w *edge.WaitError
	if errors.As(err, &w) {
		otherwise = w.RetryAfter()
	}
	return min(max(otherwise.Round(time.Second), time.Second), time.Hour)
}

// trusted compares with every secret in a time that tells nothing about them.
func (c *Channel) trusted(given string) bool {
	g := sha256.Sum256([]byte(given))
	ok := 0
	for _, s := range c.o.Secrets {
		want := sha256.Sum256([]byte(s))
		ok |= subtle.ConstantTimeCompare(g[:], want[:])
	}
	return ok == 1
}

// SetWebhook tells Telegram to call the address, which must be https, with the
// first of Options.Secrets. What has not been fetched yet is kept.
func (c *Channel) SetWebhook(ctx context.Context, address string) error {
	if len(c.o.Secrets) == 0 {
		return fmt.Errorf("%w: a webhook needs Secrets", ErrOptions)
	}
	if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%w: webhook address %q must look like https://care.example/telegram", ErrOptions, address)
	}
	_, err := c.api.SetWebhook(ctx, &tg.SetWebhookParams{URL: address, SecretToken: c.o.Secrets[0], AllowedUpdates: allowed})
	if err != nil {
		return fmt.Errorf("setWebhook: %w", c.hide(err))
	}
	return nil
}

// DeleteWebhook lets the bot be polled. What has not been fetched yet is kept.
func (c *Channel) DeleteWebhook(ctx context.Context) error {
	if _, err := c.api.DeleteWebhook(ctx, &tg.DeleteWebhookParams{}); err != nil {
		return fmt.Errorf("deleteWebhook: %w", c.hide(err))
	}
	return nil
}
