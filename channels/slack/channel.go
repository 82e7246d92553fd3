package slack

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// Channel is Slack as a bot.Channel, a bot.Typist and a bot.Resender. Make one
// with New.
type Channel struct {
	o     Options
	words edge.Words
	pace  pace
	born  time.Time
	twins twins
	lanes lanes

	threads recent[thread]   // what is known of conversations
	sent    recent[progress] // how far each reply has come
	frozen  recent[freeze]   // Slack channels that want to be left alone
	homes   recent[door]     // installations

	mu    sync.Mutex
	in    edge.Intake
	staff *Desk
}

// pace holds the times of the channel; tests shorten them.
type pace struct {
	twin    time.Duration // how long a mention waits for its message event
	settle  time.Duration // how long a request that failed may still land
	sign    time.Duration // how long work goes on before a typing sign is shown
	clear   time.Duration // how long a typing sign stays after the work has ended without a reply
	retry   time.Duration // first wait before a socket is opened again; doubles up to 30 s
	steady  time.Duration // a socket that lived this long ends a row of failures
	crowded time.Duration // wait after Slack said that there are too many sockets
	grace   time.Duration // how long a replaced socket is still read
	beat    time.Duration // between our pings; four without a sign of life and a socket is dead
}

// thread is what the process remembers of a conversation. Everything in it can
// be found out again.
type thread struct {
	mu    sync.Mutex
	known bool   // the bot takes part
	lang  string // the customer's language
	sign  *sign  // the typing sign shown, or nil
	quiet bool   // the customer pressed stop: no sign until they write again

	line sync.Mutex // calls about the sign reach Slack one after the other
}

// home is an installation that has been looked up.
type home struct {
	api   *slackgo.Client
	plain atomic.Bool // the app is no agent: only the older typing sign works

	mu   sync.Mutex
	user string // the bot's own user ID, or "" until it was asked for
}

// door keeps the home of one installation.
type door struct {
	mu   sync.Mutex
	home *home
}

// New checks the options and returns a channel. An error wraps ErrOptions and
// says what to change.
func New(o Options) (*Channel, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	o.defaults()
	w, err := readWords(o.Words)
	if err != nil {
		return nil, err
	}
	c := &Channel{o: o, words: w, born: o.Now(), pace: pace{
		twin: 600 * time.Millisecond, settle: 2 * time.Second, sign: 300 * time.Millisecond, clear: 3 * time.Second, retry: 250 * time.Millisecond,
		steady: 10 * time.Second, crowded: 30 * time.Second, grace: 5 * time.Second, beat: 10 * time.Second,
	}}
	c.threads.max, c.sent.max, c.frozen.max, c.homes.max = 20_000, 20_000, 5_000, 5_000
	c.twins.seen.max = 20_000
	return c, nil
}

// Name returns "slack".
func (c *Channel) Name() string { return Name }

// Listen receives until ctx ends: over sockets when there is an app token, and
// through Handler in any case. It fails at once when Slack refuses a token.
func (c *Channel) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	if ctx.Err() != nil {
		return nil
	}
	if err := c.greet(ctx); err != nil {
		return err
	}
	c.in.Open(deliver)
	stopLanes := c.lanes.start()
	var err error
	if c.o.AppToken != "" {
		err = c.listen(ctx)
	} else {
		<-ctx.Done()
	}
	c.in.Close()
	stopLanes()
	c.in.Wait()
	c.o.HTTP.CloseIdleConnections()
	return err
}

// greet asks Slack who we are, so that a wrong token is told at the start and
// not with the first customer. When Slack cannot be reached it goes on: the
// question is asked again when the answer is needed.
func (c *Channel) greet(ctx context.Context) error {
	if c.o.Lookup != nil {
		return nil
	}
	h, err := c.home(ctx, "")
	if err == nil {
		_, err = c.self(ctx, h)
	}
	if err != nil && refusal(err) != "" {
		return fmt.Errorf("slack: sign in: %w", advise(err))
	}
	return nil
}

// receive hands the message to the engine; [edge.ErrAway] while nobody listens.
func (c *Channel) receive(ctx context.Context, m bot.Message) error {
	return c.in.Receive(ctx, m, func(err error) {
		c.o.Log.Warn("message dropped", "channel", Name, "id", m.ID, "error", err)
	})
}

// aside makes a small call that nobody waits for, while somebody listens.
func (c *Channel) aside(do func(ctx context.Context)) { c.in.Aside(do) }

// home returns an installation, looked up if need be.
func (c *Channel) home(ctx context.Context, team string) (*home, error) {
	if c.o.Lookup == nil {
		team = "" // one token for all
	}
	d := c.homes.at(team)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.home != nil {
		return d.home, nil
	}
	w := Workspace{Token: c.o.BotToken}
	if c.o.Lookup != nil {
		workspace, enterprise := team, ""
		if strings.HasPrefix(team, "E") {
			workspace, enterprise = "", team
		}
		var err error
		if w, err = c.o.Lookup(ctx, workspace, enterprise); err != nil {
			return nil, fmt.Errorf("look up installation %s: %w", team, err)
		}
	}
	d.home = &home{api: c.client(w.Token), user: w.User}
	return d.home, nil
}

// mislaid forgets an installation whose token Slack does not take any more, so
// that it is looked up again: tokens are replaced while we run.
func (c *Channel) mislaid(team, code string) {
	switch code {
	case "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive":
	default:
		return
	}
	if c.o.Lookup == nil {
		return
	}
	d := c.homes.at(team)
	d.mu.Lock()
	d.home = nil
	d.mu.Unlock()
}

func (c *Channel) client(token string) *slackgo.Client {
	return slackgo.New(token, slackgo.OptionAppLevelToken(c.o.AppToken), slackgo.OptionAPIURL(c.o.APIURL), slackgo.OptionHTTPClient(c.o.HTTP))
}

// self returns the bot's own user ID in an installation.
func (c *Channel) self(ctx context.Context, h *home) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.user == "" {
		answer, err := h.api.AuthTestContext(ctx)
		if err != nil {
			return "", fmt.Errorf("auth.test: %w", err)
		}
		h.user = answer.UserID
	}
	return h.user, nil
}
