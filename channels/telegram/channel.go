package telegram

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	tg "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// Channel is Telegram as a bot.Channel, a bot.Typist and a bot.Resender. Make
// one with New.
type Channel struct {
	o     Options
	id    int64 // of the bot, as the token says
	api   *tg.Bot
	words edge.Words
	pace  pace

	langs   memo[slot[string]] // language chosen, by chat
	heard   memo[slot[heard]]  // messages heard, by place and message: for edits and for replies in groups
	sent    memo[progress]     // how far each reply has come
	frozen  memo[slot[frost]]  // chats that want to be left alone
	moved   memo[slot[int64]]  // groups that have become supergroups
	long    memo[slot[string]] // IDs of choices too long for a button, by their hash
	flagged atomic.Int64       // messages that may be second copies

	mu    sync.Mutex
	self  *models.User
	staff *Desk
	in    edge.Intake
}

// pace holds the times of the channel; tests shorten them.
type pace struct {
	retry    time.Duration // first wait after a failed call for updates; doubles
	slowest  time.Duration // longest such wait
	conflict time.Duration // wait while another process polls the bot
}

// slot is one remembered value under a lock of its own.
type slot[V any] struct {
	mu sync.Mutex
	v  V
}

func (c *slot[V]) get() V {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.v
}

func (c *slot[V]) set(v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.v = v
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
	id, _, _ := strings.Cut(string(o.Token), ":")
	c := &Channel{o: o, words: w, pace: pace{retry: 500 * time.Millisecond, slowest: 30 * time.Second, conflict: 5 * time.Second}}
	if c.id, err = strconv.ParseInt(id, 10, 64); err != nil {
		return nil, fmt.Errorf("%w: the number of the token is too large; copy it from BotFather again", ErrOptions)
	}
	c.langs.max, c.heard.max, c.sent.max, c.frozen.max, c.moved.max, c.long.max = 20_000, 20_000, 20_000, 5_000, 5_000, 20_000
	c.api, err = tg.New(string(o.Token), tg.WithSkipGetMe(), tg.WithServerURL(o.Server), tg.WithHTTPClient(o.Wait, o.HTTP),
		tg.WithErrorsHandler(func(err error) { c.o.Log.Warn("telegram client", "channel", Name, "error", c.hide(err)) }))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOptions, c.hide(err))
	}
	return c, nil
}

// Name returns "telegram".
func (c *Channel) Name() string { return Name }

// Flagged is how many messages this process has sent that may be second copies,
// because the answer to an earlier attempt was lost.
func (c *Channel) Flagged() int64 { return c.flagged.Load() }

// Listen receives until ctx ends: through Handler when there are webhook
// secrets, else by asking. It fails at once when Telegram refuses the token,
// and when it polls although a webhook is set.
func (c *Channel) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	if ctx.Err() != nil {
		return nil
	}
	if _, err := c.me(ctx); err != nil {
		if errors.Is(err, tg.ErrorUnauthorized) || errors.Is(err, tg.ErrorNotFound) {
			return fmt.Errorf("telegram: sign in: %w; ask BotFather for the token again", err)
		}
		c.o.Log.Warn("telegram cannot be reached yet", "channel", Name, "error", err)
	}
	c.in.Open(deliver)
	var err error
	if len(c.o.Secrets) == 0 {
		err = c.poll(ctx)
	} else {
		<-ctx.Done()
	}
	c.in.Close()
	c.in.Wait()
	c.o.HTTP.CloseIdleConnections()
	return err
}

// me returns the bot's own user, asked for once.
func (c *Channel) me(ctx context.Context) (*models.User, error) {
	c.mu.Lock()
	self := c.self
	c.mu.Unlock()
	if self != nil {
		return self, nil
	}
	self, err := c.api.GetMe(ctx)
	if err != nil {
		return nil, fmt.Errorf("getMe: %w", c.hide(err))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.self = self
	return self, nil
}

// receive hands the message to the engine; [edge.ErrAway] while nobody listens.
func (c *Channel) receive(ctx context.Context, m bot.Message) error {
	return c.in.Receive(ctx, m, func(err error) {
		c.o.Log.Warn("message dropped", "channel", Name, "id", m.ID, "error", err)
	})
}

// aside makes a small call that nobody waits for, while somebody listens.
func (c *Channel) aside(do func(ctx context.Context)) { c.in.Aside(do) }

// lang is the language of our own texts in a chat, as far as it is known.
func (c *Channel) lang(chat int64, u *models.User) string {
	if l := c.langs.at(strconv.FormatInt(chat, 10)).get(); l != "" {
		return l
	}
	if l := spoken(u); l != "" {
		return l
	}
	return c.o.Lang
}

// spoken is the language of a person's app, when it is one of ours.
func spoken(u *models.User) string {
	if u == nil {
		return ""
	}
	switch l, _, _ := strings.Cut(strings.ToLower(u.LanguageCode), "-"); l {
	case "ko", "en":
		return l
	}
	return ""
}

// client is the HTTP client of the channel without its time limit, for calls
// that wait long and have a limit of their own.
func (c *Channel) client() *http.Client {
	patient := *c.o.HTTP
	patient.Timeout = 0
	return &patient
}
