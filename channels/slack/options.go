package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// Options say how the channel reaches Slack. BotToken or Lookup must be set,
// and AppToken or at least one of SigningSecrets; everything else has a default.
type Options struct {
	BotToken       string   // "xoxb-…", for an app in one workspace
	AppToken       string   // "xapp-…" with connections:write, for Socket Mode; "" means that Slack calls Handler
	SigningSecrets []string // what Slack signs its calls with; the first is current, all are accepted, so that a secret can be replaced

	// Lookup finds the installation of an app that is in several workspaces,
	// by workspace ("T…") or, for one installed in a whole organisation, by
	// enterprise ("E…"); the other is "". bot.ErrGone says that it is not
	// installed there any more. Nil means the one workspace of BotToken.
	Lookup func(ctx context.Context, team, enterprise string) (Workspace, error)

	// Leader waits until this process may hold the sockets and returns a context
	// that ends when it no longer may, with a function that gives the right
	// back. Nil means that this is the only process. Not used when Slack calls
	// Handler.
	Leader func(ctx context.Context) (held context.Context, release func(), err error)

	Ledger bot.Transcript               // tells after a restart in which threads the bot takes part; nil asks Slack's own hints only
	Flat   bool                         // a direct message channel is one conversation, for an app without the agent view
	Links  []string                     // hosts a reply may link to, subdomains included; other addresses are shown as plain text
	Words  map[string]map[string]string // the brand's texts by language and name, over those of words/*.txt
	Lang   string                       // language of signs shown before the customer's is known; "" means "ko"

	Sockets int              // Socket Mode connections kept open at once, at most 5; 0 means 2
	Answer  time.Duration    // the longest time Slack waits for an acknowledgement before it is told to send again; 0 means 1.8 s
	APIURL  string           // address of Slack's web API, for tests; "" is Slack's own
	HTTP    *http.Client     // for calls to Slack; nil is one with a time limit of 10 s
	Log     *slog.Logger     // nil discards; never sees customer text
	Now     func() time.Time // nil means time.Now
}

// A Workspace is one installation of the app.
type Workspace struct {
	Token string // "xoxb-…"
	User  string // user ID of the bot there; "" asks Slack
}

// ErrOptions says that the Options cannot work; the message tells why.
var ErrOptions = errors.New("slack cannot start")

// check reports the first thing wrong with the options.
func (o *Options) check() error {
	switch {
	case o.BotToken == "" && o.Lookup == nil:
		return fmt.Errorf("%w: set BotToken, the xoxb- token of OAuth & Permissions in the app's settings", ErrOptions)
	case o.BotToken != "" && !strings.HasPrefix(o.BotToken, "xoxb-") && !strings.HasPrefix(o.BotToken, "xoxe.xoxb-"):
		return fmt.Errorf("%w: BotToken does not begin with xoxb-; copy the Bot User OAuth Token", ErrOptions)
	case o.AppToken != "" && !strings.HasPrefix(o.AppToken, "xapp-"):
		return fmt.Errorf("%w: AppToken does not begin with xapp-; make an app-level token with connections:write", ErrOptions)
	case o.AppToken == "" && len(o.SigningSecrets) == 0:
		return fmt.Errorf("%w: set AppToken for Socket Mode, or SigningSecrets for the Events API", ErrOptions)
	case o.Sockets < 0 || o.Sockets > 5:
		return fmt.Errorf("%w: %d sockets; use 1 to 5, as Slack allows 10 and each is doubled while it is replaced", ErrOptions, o.Sockets)
	case o.Answer < 0 || o.Answer > 2500*time.Millisecond:
		return fmt.Errorf("%w: answer time %s; Slack waits 3 s, use at most 2.5 s", ErrOptions, o.Answer)
	}
	for i, s := range o.SigningSecrets {
		if s == "" {
			return fmt.Errorf("%w: signing secret %d is empty", ErrOptions, i+1)
		}
	}
	return nil
}

// defaults fills in what was left out.
func (o *Options) defaults() {
	if o.Sockets == 0 {
		o.Sockets = 2
	}
	if o.Answer == 0 {
		o.Answer = 1800 * time.Millisecond
	}
	if o.Lang == "" {
		o.Lang = "ko"
	}
	if o.APIURL == "" {
		o.APIURL = "https://slack.com/api/"
	}
	if !strings.HasSuffix(o.APIURL, "/") {
		o.APIURL += "/"
	}
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: 90 * time.Second,
		}}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}
