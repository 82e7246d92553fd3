package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/onkihq/onki/bot"
)

// outer is what Slack wraps an event in.
type outer struct {
	Type           string          `json:"type"`
	Challenge      string          `json:"challenge"`
	TeamID         string          `json:"team_id"`
	EnterpriseID   string          `json:"enterprise_id"`
	EventID        string          `json:"event_id"`
	Event          json.RawMessage `json:"event"`
	Authorizations []struct {
		EnterpriseID string `json:"enterprise_id"`
		TeamID       string `json:"team_id"`
		UserID       string `json:"user_id"`
		IsBot        bool   `json:"is_bot"`
		Org          bool   `json:"is_enterprise_install"`
	} `json:"authorizations"`
}

// installation names the installation the event was sent for, and its bot user
// when Slack tells. Over Slack Connect that is ours, and not the workspace the
// writer is from.
func (o *outer) installation() (team, self string) {
	if len(o.Authorizations) == 0 {
		return cmp.Or(o.TeamID, o.EnterpriseID), ""
	}
	a := o.Authorizations[0]
	if a.IsBot {
		self = a.UserID
	}
	if a.Org || a.TeamID == "" {
		return cmp.Or(a.EnterpriseID, o.EnterpriseID, o.TeamID), self
	}
	return a.TeamID, self
}

// event is an event as far as this channel reads it.
type event struct {
	Type        string          `json:"type"`
	Subtype     string          `json:"subtype"`
	Channel     string          `json:"channel"`
	ChannelType string          `json:"channel_type"`
	User        string          `json:"user"`
	UserTeam    string          `json:"user_team"`
	Team        string          `json:"team"`
	BotID       string          `json:"bot_id"`
	Text        string          `json:"text"`
	TS          string          `json:"ts"`
	ThreadTS    string          `json:"thread_ts"`
	ClientMsgID string          `json:"client_msg_id"`
	ParentUser  string          `json:"parent_user_id"`
	Tab         string          `json:"tab"`
	Blocks      json.RawMessage `json:"blocks"`
	Files       []file          `json:"files"`
	Edited      *edited         `json:"edited"`
	Message     *event          `json:"message"`
	Previous    *event          `json:"previous_message"`
}

type edited struct {
	TS string `json:"ts"`
}

type file struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Mimetype string `json:"mimetype"`
	Size     int64  `json:"size"`
	URL      string `json:"url_private"`
	Access   string `json:"file_access"`
}

// heard is an event with where it was heard.
type heard struct {
	*event
	team string // installation
	self string // the bot's user ID there
}

// errShape is the error for what is not an event at all; sending it again would
// not help, and it is acknowledged.
var errShape = errors.New("not a Slack event")

// take handles one event. Nil means that Slack may forget it.
func (c *Channel) take(ctx context.Context, payload []byte) error {
	var o outer
	var e event
	if err := json.Unmarshal(payload, &o); err != nil {
		return fmt.Errorf("%w: %v", errShape, err)
	}
	if o.Type != "event_callback" || len(o.Event) == 0 {
		return nil // a limit Slack put on us, or something new
	}
	if err := json.Unmarshal(o.Event, &e); err != nil {
		return fmt.Errorf("%w: event %s: %v", errShape, o.EventID, err)
	}
	team, self := o.installation()
	if team == "" {
		return fmt.Errorf("%w: event %s names no workspace", errShape, o.EventID)
	}
	if self == "" {
		h, err := c.home(ctx, team)
		if err != nil {
			return gone(err)
		}
		if self, err = c.self(ctx, h); err != nil {
			return err
		}
	}
	at := heard{event: &e, team: team, self: self}
	switch e.Type {
	case "message":
		return c.message(ctx, at)
	case "app_mention":
		return c.mention(ctx, at)
	case "app_home_opened":
		c.opened(at)
	case "agent_session_stopped":
		c.stopped(at)
	}
	return nil
}

// gone turns the news that the app was uninstalled into nothing to do.
func gone(err error) error {
	if errors.Is(err, bot.ErrGone) {
		return nil
	}
	return err
}

// written reports whether a person wrote the message, to be answered: not a bot,
// not a notice that somebody joined.
func (h heard) written() bool {
	switch h.Subtype {
	case "", "file_share", "thread_broadcast", "me_message":
		return h.BotID == "" && h.User != "" && h.User != h.self && h.User != "USLACKBOT"
	}
	return false
}

// mentions reports whether the text calls the bot.
func (h heard) mentions() bool {
	return h.self != "" && (strings.Contains(h.Text, "<@"+h.self+">") || strings.Contains(h.Text, "<@"+h.self+"|"))
}

func (h heard) direct() bool {
	return h.ChannelType == "im" || h.ChannelType == "" && strings.HasPrefix(h.Channel, "D")
}

// place is the conversation the message belongs to.
func (c *Channel) placeOf(h heard) place {
	if h.direct() && c.o.Flat {
		return place{h.team, h.Channel, ""}
	}
	return place{h.team, h.Channel, cmp.Or(h.ThreadTS, h.TS)}
}

// key is the message's name where every event about it agrees.
func (h heard) key() string { return h.team + "/" + h.Channel + "/" + h.TS }

// id is the ID of the message, see the package documentation.
func (h heard) id() string {
	if h.ClientMsgID != "" {
		return h.team + "/" + h.Channel + "/" + h.ClientMsgID
	}
	return h.key()
}

// message handles a message event.
func (c *Channel) message(ctx context.Context, h heard) error {
	if h.Subtype == "message_changed" {
		return c.changed(ctx, h)
	}
	if !h.written() {
		return nil
	}
	if d := c.desk(); d != nil && d.here(h) {
		return d.message(ctx, h)
	}
	c.twins.tell(h.key(), h.id())
	if ok, err := c.concerns(ctx, h); !ok || err != nil {
		return err
	}
	return c.hand(ctx, h, h.id(), "")
}

// changed hands on an edit in which a person changed what they had said. Slack
// also reports that a preview was added to a link; that is no edit.
func (c *Channel) changed(ctx context.Context, h heard) error {
	if h.Message == nil || h.Message.Edited == nil || h.Previous != nil && h.Previous.Text == h.Message.Text {
		return nil
	}
	now := heard{event: h.Message, team: h.team, self: h.self}
	now.Channel, now.ChannelType = h.Channel, h.ChannelType
	if d := c.desk(); !now.written() || d != nil && d.here(now) {
		return nil // what staff correct among themselves reaches nobody
	}
	c.twins.tell(now.key(), now.id())
	if ok, err := c.concerns(ctx, now); !ok || err != nil {
		return err
	}
	return c.hand(ctx, now, now.id()+"/edit/"+now.Edited.TS, now.id())
}

// mention handles a mention, which almost always has a message event as well.
func (c *Channel) mention(ctx context.Context, h heard) error {
	if d := c.desk(); !h.written() || d != nil && d.here(h) {
		return nil
	}
	id := h.id()
	if h.ClientMsgID == "" {
		var err error
		if id, err = c.twin(ctx, h); err != nil {
			return err
		}
	}
	if h.Edited != nil {
		return c.hand(ctx, h, id+"/edit/"+h.Edited.TS, id)
	}
	return c.hand(ctx, h, id, "")
}

// concerns reports whether a message is for the bot: written to it directly,
// calling it, or in a thread it takes part in.
func (c *Channel) concerns(ctx context.Context, h heard) (bool, error) {
	if h.direct() || h.mentions() {
		return true, nil
	}
	if h.ThreadTS == "" {
		return false, nil
	}
	t := c.threads.at(c.placeOf(h).String())
	t.mu.Lock()
	known := t.known
	t.mu.Unlock()
	if known {
		return true, nil
	}
	if c.o.Ledger == nil {
		return h.ParentUser == h.self, nil
	}
	past, err := c.o.Ledger.Events(ctx, c.placeOf(h).address(), 0, 1)
	if err != nil {
		return false, fmt.Errorf("look up thread: %w", err)
	}
	return len(past) > 0, nil
}

// hand gives the message to the engine.
func (c *Channel) hand(ctx context.Context, h heard, id, corrects string) error {
	m := bot.Message{
		ID: id, From: c.placeOf(h).address(), User: cmp.Or(h.UserTeam, h.Team, h.team) + "/" + h.User,
		Text: plain(h.Text, h.self, emojis(h.Blocks)), Time: stampTime(h.TS), Files: c.files(ctx, h),
	}
	if h.Edited != nil && corrects != "" {
		m.Time = stampTime(h.Edited.TS)
		m.Context = map[string]string{"corrects": corrects}
	}
	if m.Time.IsZero() {
		m.Time = c.o.Now()
	}
	for lang := range c.words {
		if m.Text == c.words.Say(lang, "human") {
			m.Choice, m.Lang = bot.ChoiceHuman, lang
		}
	}
	if err := c.receive(ctx, m); err != nil {
		return err
	}
	t := c.threads.at(m.From.Thread)
	t.mu.Lock()
	t.known, t.quiet, t.lang = true, false, bot.Language(m, t.lang)
	t.mu.Unlock()
	return nil
}

// files lists what was attached. Over Slack Connect the event only names a
// file, and what it is has to be asked for; when that fails the name stays.
func (c *Channel) files(ctx context.Context, h heard) []bot.File {
	var out []bot.File
	for _, f := range h.Files {
		if f.Access == "check_file_info" && len(out) < 3 {
			if home, err := c.home(ctx, h.team); err == nil {
				if full, _, _, err := home.api.GetFileInfoContext(ctx, f.ID, 0, 0); err == nil {
					f.Name, f.Mimetype, f.Size, f.URL = full.Name, full.Mimetype, int64(full.Size), full.URLPrivate
				}
			}
		}
		out = append(out, bot.File{Name: cmp.Or(f.Name, f.ID), Type: f.Mimetype, Size: f.Size, URL: f.URL})
	}
	return out
}
