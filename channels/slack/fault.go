package slack

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// refusal returns the code with which Slack refused a call, or "" when the
// error is of another kind, such as a broken connection.
func refusal(err error) string {
	var r slackgo.SlackErrorResponse
	if errors.As(err, &r) {
		return r.Err
	}
	return ""
}

// passing reports whether a refusal is Slack's own trouble: the call may even
// have been carried out.
func passing(code string) bool {
	switch code {
	case "internal_error", "fatal_error", "request_timeout", "service_unavailable", "ratelimited", "rate_limited", "team_added_to_org":
		return true
	}
	return false
}

// lost are the refusals that say that nobody can be reached there any more.
var lost = map[string]bool{
	"channel_not_found": true, "account_inactive": true, "is_archived": true, "not_in_channel": true,
	"user_not_found": true, "user_disabled": true, "cannot_dm_bot": true, "thread_not_found": true, "invalid_thread_ts": true,
}

// hopeless are the refusals of a message that Slack will never take in any
// form: it is given up, or nothing after it would ever be sent.
var hopeless = map[string]bool{"msg_too_long": true, "no_text": true, "invalid_arguments": true, "too_many_attachments": true}

// remedies say what an operator has to do about a refusal.
var remedies = map[string]string{
	"invalid_auth":           "the token is wrong or was rotated: copy it again from the app's settings",
	"not_authed":             "no token was sent: set the bot token",
	"token_revoked":          "the token was revoked: install the app again",
	"token_expired":          "the token has expired: install the app again",
	"missing_scope":          "the app lacks a scope: update it from the manifest and install it again",
	"no_permission":          "the app lacks a permission: update it from the manifest and install it again",
	"not_allowed_token_type": "the wrong kind of token: xoxb- for BotToken, xapp- with connections:write for AppToken",
	"restricted_action":      "a preference of the workspace forbids the app to post here: ask its administrator",
	"account_inactive":       "the app or its workspace was deleted: install the app again",
}

// advise adds the remedy to an error when there is one.
func advise(err error) error {
	var r slackgo.SlackErrorResponse
	if !errors.As(err, &r) || remedies[r.Err] == "" {
		return err
	}
	if r.Needed != "" {
		return fmt.Errorf("%w (%s; needed: %s)", err, remedies[r.Err], r.Needed)
	}
	return fmt.Errorf("%w (%s)", err, remedies[r.Err])
}

// outcome judges the error of a call that was to put something before the
// customer: what to return, and whether it may have been carried out although
// it failed.
func outcome(doing string, err error) (out error, unsure bool) {
	var limited *slackgo.RateLimitedError
	var dial *net.OpError
	code := refusal(err)
	switch {
	case errors.As(err, &limited):
		return edge.Later(fmt.Errorf("%s: %w", doing, err), max(limited.RetryAfter, time.Second)), false
	case code == "ratelimited" || code == "rate_limited":
		return edge.Later(fmt.Errorf("%s: %w", doing, err), 30*time.Second), false
	case lost[code] || hopeless[code]:
		return fmt.Errorf("%s: %s: %w", doing, code, bot.ErrGone), false
	case errors.Is(err, bot.ErrGone):
		return fmt.Errorf("%s: %w", doing, err), false
	case code != "" && !passing(code):
		return edge.Later(fmt.Errorf("%s: %w", doing, advise(err)), time.Minute), false
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("%s: %w", doing, err), false
	}
	return fmt.Errorf("%s: %w", doing, err), true
}

// unfit reports whether Slack refused the form of a message, so that plain text
// may still get through.
func unfit(err error) bool {
	code := refusal(err)
	return strings.HasPrefix(code, "invalid_blocks") || code == "msg_blocks_too_long" || code == "invalid_metadata_format" || code == "invalid_metadata_schema" || code == "metadata_too_large"
}
