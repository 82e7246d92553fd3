package slack

import (
	"cmp"
	"context"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// sign is a typing sign that is being shown.
type sign struct {
	watched bool      // somebody waits for the end of the work
	since   time.Time // when it was last set
}

// Typing shows in the thread that an answer is being worked on: as the status
// of the agent session, or, for an app that is no agent, as the assistant's
// status. Work that is done in a moment shows nothing. The sign goes with the
// reply; when the work ends without one, it is taken away.
func (c *Channel) Typing(ctx context.Context, to bot.Address) {
	p, err := parsePlace(to)
	if err != nil || p.thread == "" || !edge.Sleep(ctx, c.pace.sign) {
		return // Slack shows signs in threads only
	}
	t := c.threads.at(to.Thread)
	t.mu.Lock()
	if t.quiet || t.sign != nil && c.o.Now().Sub(t.sign.since) < time.Minute {
		t.mu.Unlock()
		return
	}
	if t.sign == nil {
		t.sign = &sign{}
	}
	s, lang := t.sign, cmp.Or(t.lang, c.o.Lang)
	s.since = c.o.Now()
	watch := !s.watched
	s.watched = true
	t.mu.Unlock()
	if watch && ctx.Done() != nil {
		context.AfterFunc(ctx, func() { c.fade(to, t, s) })
	}
	t.line.Lock()
	defer t.line.Unlock()
	t.mu.Lock()
	still := t.sign == s
	t.mu.Unlock()
	if still {
		whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // cut off, it could land after its end
		defer cancel()
		c.show(whole, p, slackgo.AgentSessionStatusProcessing, c.words.Say(lang, "status"))
	}
}

// fade takes the sign away if no reply has by then.
func (c *Channel) fade(to bot.Address, t *thread, s *sign) {
	time.AfterFunc(c.pace.clear, func() {
		t.mu.Lock()
		still := t.sign == s
		if still {
			t.sign = nil
		}
		t.mu.Unlock()
		if p, err := parsePlace(to); err == nil && still {
			c.unshow(t, p)
		}
	})
}

// unshow takes the sign away, after it was surely shown.
func (c *Channel) unshow(t *thread, p place) {
	c.aside(func(ctx context.Context) {
		t.line.Lock()
		defer t.line.Unlock()
		c.show(ctx, p, slackgo.AgentSessionStatusActive, "")
	})
}

// replied notes that a reply has been shown, which ends the sign.
func (c *Channel) replied(to bot.Address, p place) {
	t := c.threads.at(to.Thread)
	t.mu.Lock()
	t.known = true
	shown := t.sign != nil
	t.sign = nil
	t.mu.Unlock()
	if shown {
		c.unshow(t, p)
	}
}

// show sets the sign; a failure leaves the customer without one, no more.
func (c *Channel) show(ctx context.Context, p place, session, text string) {
	h, err := c.home(ctx, p.team)
	if err != nil {
		return
	}
	if !h.plain.Load() && !c.o.Flat {
		_, err := h.api.SetAgentSessionStatusContext(ctx, slackgo.AgentSessionSetStatusParameters{
			Status: session, ChannelID: p.channel, ThreadTS: p.thread,
		})
		if err == nil {
			return
		}
		code := refusal(err)
		if code == "" || passing(code) || lost[code] {
			return
		}
		h.plain.Store(true)
		c.o.Log.Info("no agent sessions, showing the assistant's status", "channel", Name, "reason", code)
	}
	err = h.api.SetAssistantThreadsStatusContext(ctx, slackgo.AssistantThreadsSetStatusParameters{
		ChannelID: p.channel, ThreadTS: p.thread, Status: text,
	})
	if err != nil {
		c.o.Log.Debug("status not shown", "channel", Name, "error", err)
	}
}

// stopped obeys the stop button: the sign goes at once, and none is shown until
// the customer writes again. A reply that is already decided still comes.
func (c *Channel) stopped(h heard) {
	p := place{h.team, h.Channel, h.ThreadTS}
	t := c.threads.at(p.String())
	t.mu.Lock()
	t.quiet, t.sign = true, nil
	t.mu.Unlock()
	c.unshow(t, p)
}

// opened offers a person from the first second when the messages tab is opened.
func (c *Channel) opened(h heard) {
	if h.Tab != "messages" || h.Channel == "" || c.o.Flat {
		return
	}
	c.aside(func(ctx context.Context) {
		home, err := c.home(ctx, h.team)
		if err != nil {
			return
		}
		err = home.api.SetAssistantThreadsSuggestedPromptsContext(ctx, slackgo.AssistantThreadsSetSuggestedPromptsParameters{
			ChannelID: h.Channel,
			Prompts:   []slackgo.AssistantThreadsPrompt{{Title: c.words.Say(c.o.Lang, "human-title"), Message: c.words.Say(c.o.Lang, "human")}},
		})
		if err != nil {
			c.o.Log.Debug("prompts not offered", "channel", Name, "error", err)
		}
	})
}
