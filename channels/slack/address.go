package slack

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// Name is the Address.Channel of every conversation on Slack.
const Name = "slack"

// A place is a conversation as Slack names it.
type place struct {
	team    string // installation: a workspace (T…) or an organisation (E…)
	channel string
	thread  string // timestamp of the root message, or "" for a flat direct message
}

var teamRule = regexp.MustCompile(`^[TE][A-Z0-9]{1,30}$`)

var placeRule = regexp.MustCompile(`^[TE][A-Z0-9]{1,30}/[CDG][A-Z0-9]{1,30}(?:/[0-9]{1,12}\.[0-9]{1,9})?$`)

// parsePlace reads the thread of an address.
func parsePlace(a bot.Address) (place, error) {
	if a.Channel != Name || !placeRule.MatchString(a.Thread) {
		return place{}, fmt.Errorf("no Slack conversation is called %q: %w", a.Thread, bot.ErrGone)
	}
	team, rest, _ := strings.Cut(a.Thread, "/")
	channel, thread, _ := strings.Cut(rest, "/")
	return place{team, channel, thread}, nil
}

// String returns the thread of the address.
func (p place) String() string {
	if p.thread == "" {
		return p.team + "/" + p.channel
	}
	return p.team + "/" + p.channel + "/" + p.thread
}

func (p place) address() bot.Address { return bot.Address{Channel: Name, Thread: p.String()} }

// direct reports whether the channel is a direct message.
func (p place) direct() bool { return strings.HasPrefix(p.channel, "D") }

// stampTime reads a Slack timestamp, or returns the zero time.
func stampTime(ts string) time.Time {
	whole, part, _ := strings.Cut(ts, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec <= 0 || sec > 1<<36 {
		return time.Time{}
	}
	micro, _ := strconv.ParseInt((part + "000000")[:6], 10, 64)
	return time.Unix(sec, micro*1000)
}

// timeStamp writes a time as Slack does.
func timeStamp(t time.Time) string {
	return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000)
}
