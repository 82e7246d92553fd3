package slack

import (
	"net/url"
	"slices"
	"time"

	slackgo "github.com/slack-go/slack"
)

// message is one of a person's messages in Slack's history.
func message(channel, ts, clientMsgID string) slackgo.Message {
	m := slackgo.Message{}
	m.Channel, m.Timestamp, m.ClientMsgID = channel, ts, clientMsgID
	return m
}

// only lets every call of one method fail.
func only(method string, f fault) func(string, url.Values) fault {
	return func(m string, _ url.Values) fault {
		if m == method {
			return f
		}
		return fault{}
	}
}

// first lets the first n calls of one method fail.
func first(n int, method string, f fault) func(string, url.Values) fault {
	return func(m string, _ url.Values) fault {
		if m == method && n > 0 {
			n--
			return f
		}
		return fault{}
	}
}

// percentile returns the duration below which this share of them lies.
func percentile(all []time.Duration, share float64) time.Duration {
	sorted := slices.Clone(all)
	slices.Sort(sorted)
	return sorted[min(int(float64(len(sorted))*share), len(sorted)-1)]
}
