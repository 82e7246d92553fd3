package web

import (
	"context"
	"time"

	"github.com/onkihq/onki/bot"
)

// An Eraser is a ledger that can forget a conversation and everything kept
// because of it. Without one, a customer who asks for deletion is told that a
// person has to do it.
type Eraser interface {
	Erase(ctx context.Context, a bot.Address) error
}

// A Rater is a ledger that keeps what a customer thought of a conversation.
// Without one, no rating is asked for. The same id is the same rating.
type Rater interface {
	Rate(ctx context.Context, a bot.Address, id string, stars int, text string) error
}

// A Keeper is a ledger that keeps a record of consent given and withdrawn:
// what for ("analysis", "memory"), which version of the text, and when.
// Without one, the choice still travels with every message.
type Keeper interface {
	Consent(ctx context.Context, a bot.Address, what string, given bool, version string, at time.Time) error
}

// The topics of Hints that this channel adds to those of package bot.
const (
	TopicTyping   = "web.typing."   // followed by the address: an answer is being worked on
	TopicCustomer = "web.customer." // followed by the address: the customer is writing
	TopicBanner   = "web.banner"    // the banner has changed
)
