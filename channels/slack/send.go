package slack

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// metaEvent is the type of the metadata that marks our messages.
const metaEvent = "onki_reply"

// progress is how far a reply has come in this process.
type progress struct {
	mu     sync.Mutex
	next   int       // pages that are surely there
	unsure time.Time // when an attempt failed that may have been carried out; zero if none did
}

// freeze is until when a Slack channel wants no more messages.
type freeze struct {
	mu    sync.Mutex
	until time.Time
}

// Send posts the reply into its conversation. A reply this process has sent
// already is not sent again, one it has sent in part goes on where it stopped,
// and one of which it cannot know is looked for first.
func (c *Channel) Send(ctx context.Context, r bot.Reply) error { return c.send(ctx, r, false) }

// Resend does the same for a reply that another attempt, perhaps of another
// process, may have brought to Slack: it reads the conversation first.
func (c *Channel) Resend(ctx context.Context, r bot.Reply) error { return c.send(ctx, r, true) }

func (c *Channel) send(ctx context.Context, r bot.Reply, look bool) error {
	p, err := parsePlace(r.To)
	if err != nil {
		return err
	}
	h, err := c.home(ctx, p.team)
	if err != nil {
		err, _ = outcome("send", err)
		return err
	}
	pages := c.render(r)
	done := c.sent.at(r.ID)
	done.mu.Lock()
	defer done.mu.Unlock()
	if done.next >= len(pages) {
		return ctx.Err()
	}
	if err := c.calm(p); err != nil {
		return err
	}
	var there map[int]bool
	if (look && done.next == 0) || !done.unsure.IsZero() {
		if there, err = c.look(ctx, h, p, r, done); err != nil {
			return err
		}
		done.unsure = time.Time{}
	}
	for i := done.next; i < len(pages); i++ {
		if !there[i] {
			if err := c.post(ctx, h, p, r, i, pages[i], done); err != nil {
				return err
			}
		}
		done.next = i + 1
	}
	c.replied(r.To, p)
	return nil
}

// calm reports whether the Slack channel may be written to now: a limit is on
// the whole channel and not on the reply that met it.
func (c *Channel) calm(p place) error {
	f := c.frozen.at(p.team + "/" + p.channel)
	f.mu.Lock()
	defer f.mu.Unlock()
	if wait := f.until.Sub(c.o.Now()); wait > 0 {
		return edge.Later(fmt.Errorf("send: channel %s is limited by Slack", p.channel), wait)
	}
	return nil
}

func (c *Channel) freeze(p place, wait time.Duration) {
	f := c.frozen.at(p.team + "/" + p.channel)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until = c.o.Now().Add(wait)
}

// post puts one page before the customer.
func (c *Channel) post(ctx context.Context, h *home, p place, r bot.Reply, i int, pg page, done *progress) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	options := []slackgo.MsgOption{
		slackgo.MsgOptionText(cmp.Or(pg.text, "…"), false), // escaped already
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(),
		slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: metaEvent, EventPayload: map[string]any{
			"reply_id": r.ID, "part": strconv.Itoa(i),
		}}),
	}
	if p.thread != "" {
		options = append(options, slackgo.MsgOptionTS(p.thread))
	}
	_, _, err := h.api.PostMessageContext(ctx, p.channel, append(options, slackgo.MsgOptionBlocks(pg.blocks...))...)
	if err != nil && unfit(err) {
		c.o.Log.Error("blocks refused, sending plain text", "channel", Name, "reply", r.ID, "error", err)
		_, _, err = h.api.PostMessageContext(ctx, p.channel, options...)
	}
	if err == nil {
		return nil
	}
	out, unsure := outcome("send", err)
	if unsure {
		done.unsure = c.o.Now()
	}
	code := refusal(err)
	c.mislaid(p.team, code)
	if hopeless[code] {
		c.o.Log.Error("reply given up", "channel", Name, "reply", r.ID, "error", err)
	}
	if w, ok := out.(*edge.WaitError); ok && (code == "" || passing(code)) {
		c.freeze(p, w.RetryAfter())
	}
	return out
}

// look finds out which pages of the reply are in the conversation already. A
// request that failed may still be on its way, so it does not look too soon.
func (c *Channel) look(ctx context.Context, h *home, p place, r bot.Reply, done *progress) (map[int]bool, error) {
	since := done.unsure
	if since.IsZero() {
		since = c.born // the attempt was another process's, which may have died a moment ago
	}
	if early := since.Add(c.pace.settle).Sub(c.o.Now()); early > 0 {
		return nil, edge.Later(fmt.Errorf("send: an earlier attempt may still arrive"), early)
	}
	there, err := c.read(ctx, h, p, r)
	if err == nil {
		return there, nil
	}
	code := refusal(err)
	if code == "" || passing(code) || lost[code] {
		out, _ := outcome("look for an earlier attempt", err)
		return nil, out
	}
	// The history may not be read: better twice than never, and say so.
	c.o.Log.Error("possible duplicate: an earlier attempt cannot be looked for", "channel", Name, "reply", r.ID, "error", advise(err))
	return nil, nil
}

// lookBack is how much older than a reply its messages may seem, should clocks differ.
const lookBack = 10 * time.Minute

// pagesRead bounds how much of a conversation is read.
const pagesRead = 10

// read looks through the conversation since the reply was made.
func (c *Channel) read(ctx context.Context, h *home, p place, r bot.Reply) (map[int]bool, error) {
	there := make(map[int]bool)
	cursor, oldest := "", ""
	if !r.Time.IsZero() {
		oldest = timeStamp(r.Time.Add(-lookBack))
	}
	for range pagesRead {
		var found []slackgo.Message
		var next string
		var err error
		if p.thread != "" {
			found, _, next, err = h.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
				ChannelID: p.channel, Timestamp: p.thread, Cursor: cursor, Oldest: oldest, Limit: 200, IncludeAllMetadata: true,
			})
		} else {
			var past *slackgo.GetConversationHistoryResponse
			past, err = h.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
				ChannelID: p.channel, Cursor: cursor, Oldest: oldest, Limit: 200, IncludeAllMetadata: true,
			})
			if err == nil {
				found, next = past.Messages, past.ResponseMetaData.NextCursor
			}
		}
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if i, ok := ours(m, r.ID); ok {
				there[i] = true
			}
		}
		if next == "" {
			return there, nil
		}
		cursor = next
	}
	return there, nil
}

// ours reports which page of the reply the message is. Only a bot's message
// counts: people cannot attach metadata, but caution is cheap.
func ours(m slackgo.Message, reply string) (int, bool) {
	if m.Metadata.EventType != metaEvent || m.BotID == "" && strings.TrimSpace(m.User) == "" {
		return 0, false
	}
	id, _ := m.Metadata.EventPayload["reply_id"].(string)
	part, _ := m.Metadata.EventPayload["part"].(string)
	i, err := strconv.Atoi(part)
	return i, err == nil && id == reply
}
