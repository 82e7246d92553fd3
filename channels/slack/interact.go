package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/edge"
)

// click is what Slack sends when somebody uses a button or a menu.
type click struct {
	Type      string `json:"type"`
	TriggerID string `json:"trigger_id"`
	Org       bool   `json:"is_enterprise_install"`
	Team      *struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise *struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		TeamID string `json:"team_id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Message struct {
		TS       string          `json:"ts"`
		ThreadTS string          `json:"thread_ts"`
		Text     string          `json:"text"`
		Blocks   json.RawMessage `json:"blocks"`
	} `json:"message"`
	Actions []action `json:"actions"`
}

type action struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Value    string `json:"value"`
	ActionTS string `json:"action_ts"`
	Text     struct {
		Text string `json:"text"`
	} `json:"text"`
	Selected *struct {
		Value string `json:"value"`
		Text  struct {
			Text string `json:"text"`
		} `json:"text"`
	} `json:"selected_option"`
}

// picked returns the choice and its label.
func (a action) picked() (choice, label string) {
	if a.Selected != nil {
		return a.Selected.Value, a.Selected.Text.Text
	}
	return a.Value, a.Text.Text
}

// installation names the installation the click is for. Our own buttons say it;
// over Slack Connect the team of a click may be that of the person.
func (k *click) installation() string {
	if len(k.Actions) > 0 {
		if team, _, ok := strings.Cut(k.Actions[0].BlockID, "/"); ok && teamRule.MatchString(team) {
			return team
		}
	}
	if k.Team != nil && k.Team.ID != "" && !k.Org {
		return k.Team.ID
	}
	if k.Enterprise != nil {
		return k.Enterprise.ID
	}
	return ""
}

// interact handles a click. Nil means that Slack may forget it.
func (c *Channel) interact(ctx context.Context, payload []byte) error {
	var k click
	if err := json.Unmarshal(payload, &k); err != nil {
		return fmt.Errorf("%w: %v", errShape, err)
	}
	if k.Type != "block_actions" || len(k.Actions) == 0 {
		return nil
	}
	if d := c.desk(); d != nil && d.mine(&k) {
		return d.click(ctx, &k)
	}
	a := k.Actions[0]
	choice, label := a.picked()
	if strings.HasPrefix(a.ActionID, "u") || choice == "" {
		return nil // a link was opened
	}
	team := k.installation()
	if team == "" || k.Channel.ID == "" || k.Message.TS == "" || k.User.ID == "" {
		return fmt.Errorf("%w: a click without team, channel, message or user", errShape)
	}
	p := place{team, k.Channel.ID, k.Message.ThreadTS}
	if p.thread == "" && !(p.direct() && c.o.Flat) {
		p.thread = k.Message.TS
	}
	m := bot.Message{
		ID:   strings.Join([]string{team, k.Channel.ID, k.Message.TS, "pick", choice, k.User.ID}, "/"),
		From: p.address(), User: cmp.Or(k.User.TeamID, team) + "/" + k.User.ID,
		Text: unescape.Replace(label), Choice: choice, Time: stampTime(a.ActionTS),
	}
	if m.Time.IsZero() {
		m.Time = c.o.Now()
	}
	if err := c.receive(ctx, m); err != nil {
		return err
	}
	t := c.threads.at(m.From.Thread)
	t.mu.Lock()
	t.known, t.quiet = true, false
	lang := cmp.Or(t.lang, c.o.Lang)
	t.mu.Unlock()
	c.aside(func(ctx context.Context) { c.chosen(ctx, team, &k, lang, m.Text) })
	return nil
}

// chosen puts what was picked in the place of the buttons, so that nobody
// wonders and nobody picks again.
func (c *Channel) chosen(ctx context.Context, team string, k *click, lang, label string) {
	var before slackgo.Blocks
	if err := json.Unmarshal(k.Message.Blocks, &before); err != nil {
		c.o.Log.Warn("buttons stay: blocks not understood", "channel", Name, "error", err)
		return
	}
	said := c.words.Say(lang, "chosen", "label", clip(label, labelMax))
	var after []slackgo.Block
	placed := false
	for _, b := range before.BlockSet {
		if b.BlockType() != slackgo.MBTAction {
			after = append(after, b)
		} else if !placed {
			placed = true
			after = append(after, slackgo.NewContextBlock("", slackgo.NewTextBlockObject(slackgo.PlainTextType, said, true, false)))
		}
	}
	if placed {
		c.update(ctx, team, k.Channel.ID, k.Message.TS, k.Message.Text, after)
	}
}

// update changes one of our messages; once more when Slack asks to wait a
// little, and not at all after that: it is a courtesy.
func (c *Channel) update(ctx context.Context, team, channel, ts, text string, blocks []slackgo.Block, more ...slackgo.MsgOption) {
	h, err := c.home(ctx, team)
	if err != nil {
		return
	}
	more = append(more, slackgo.MsgOptionText(cmp.Or(text, "…"), false), slackgo.MsgOptionBlocks(blocks...))
	for range 2 {
		_, _, _, err = h.api.UpdateMessageContext(ctx, channel, ts, more...)
		if err == nil {
			return
		}
		out, _ := outcome("update", err)
		w, ok := out.(*edge.WaitError)
		if !ok || w.RetryAfter() > 4*time.Second || !edge.Sleep(ctx, w.RetryAfter()) {
			break
		}
	}
	c.o.Log.Warn("message not updated", "channel", Name, "error", err)
}
