package telegram

import (
	"context"
	"fmt"
	"time"
)

// About is what Telegram says about the bot: for `onki doctor`.
type About struct {
	ID         int64     // of the bot
	Username   string    // without @
	ReadsAll   bool      // privacy mode is off: the bot sees everything in groups and passes over what is not addressed to it
	Business   bool      // can be connected to business accounts
	Webhook    string    // address Telegram calls, or "" for polling
	Pending    int       // updates that wait to be fetched
	Fault      string    // the last error of a webhook call, or ""
	FaultTime  time.Time // when it happened
	Mismatched bool      // a webhook is set but there are no secrets, or the other way round
}

// About asks Telegram about the bot. It fails when the token is refused.
func (c *Channel) About(ctx context.Context) (About, error) {
	self, err := c.me(ctx)
	if err != nil {
		return About{}, fmt.Errorf("about the bot: %w", err)
	}
	hook, err := c.api.GetWebhookInfo(ctx)
	if err != nil {
		return About{}, fmt.Errorf("about the bot: getWebhookInfo: %w", c.hide(err))
	}
	a := About{
		ID: self.ID, Username: self.Username, ReadsAll: self.CanReadAllGroupMessages, Business: self.CanConnectToBusiness,
		Webhook: hook.URL, Pending: hook.PendingUpdateCount, Fault: hook.LastErrorMessage,
		Mismatched: (hook.URL == "") == (len(c.o.Secrets) > 0),
	}
	if hook.LastErrorDate > 0 {
		a.FaultTime = time.Unix(int64(hook.LastErrorDate), 0)
	}
	return a, nil
}

// Link is the address at which a customer continues a conversation here: it
// opens the bot and hands the handle back as Context["start"]. The handle is 1
// to 64 letters, digits, _ and -; let it be random, used once and soon over.
func (c *Channel) Link(ctx context.Context, handle string) (string, error) {
	if !handleRule.MatchString(handle) {
		return "", fmt.Errorf("link: handle needs 1 to 64 letters, digits, _ or -")
	}
	self, err := c.me(ctx)
	if err != nil {
		return "", fmt.Errorf("link: %w", err)
	}
	return "https://t.me/" + self.Username + "?start=" + handle, nil
}
