package bot

import (
	"context"
	"errors"
	"time"
)

// A Channel is where customers are: Slack, Telegram, the web widget, a
// terminal. A channel decodes what its network sends and encodes what we say;
// the engine never asks which one it is.
type Channel interface {
	// Name is the Address.Channel of every message it delivers.
	Name() string
	// Listen receives messages until ctx ends, and then returns nil or the
	// error of ctx. For each message it calls deliver. Nil from deliver is
	// the acknowledgement: only then may the network be told that the message
	// has arrived. After an error the network must be allowed to send again.
	// deliver may be called from several goroutines.
	Listen(ctx context.Context, deliver func(context.Context, Message) error) error
	// Send hands a reply to the network. It may be repeated with the same ID,
	// and a network that can drop repeats must. An error with a RetryAfter
	// method says when to try again; ErrGone says never.
	Send(ctx context.Context, r Reply) error
}

// A Typist is a Channel that can show that an answer is being worked on. It is
// called only while work is really going on, and again every few seconds.
type Typist interface {
	Typing(ctx context.Context, to Address)
}

// A Resender is a Channel that can find out whether a reply has arrived.
type Resender interface {
	// Resend is called in place of Send when an earlier attempt may have
	// reached the network: it looks first, and sends only what is not there.
	Resend(ctx context.Context, r Reply) error
}

// Sentinels, named for what they tell the caller to do.
var (
	// ErrIdle from Claim or Next: nothing to do now, wait for a hint.
	ErrIdle = errors.New("nothing to do")
	// ErrLost from Commit: the fence has moved on, throw the work away.
	ErrLost = errors.New("the conversation has moved on")
	// ErrGone from Send: the customer cannot be reached there, stop trying.
	ErrGone = errors.New("the customer cannot be reached")
	// ErrBad from Receive: the message can never be accepted, do not send it again.
	ErrBad = errors.New("the message cannot be accepted")
)

// A Ledger keeps every conversation safe: what came in, what was decided, what
// must go out. Each method is one transaction and safe for concurrent use.
type Ledger interface {
	// Receive takes a message into safe keeping. After nil it will be answered
	// exactly once. A message whose From.Channel and ID were seen before
	// changes nothing and is not an error. ErrBad if ID or Address is empty.
	Receive(ctx context.Context, m Message) error
	// Claim gives the caller one conversation with all its pending messages,
	// in the order they came, under a fence higher than any before, or ErrIdle.
	// A claim that is not committed becomes free again, at the latest when
	// its lease has run out.
	Claim(ctx context.Context) (*Work, error)
	// Commit writes session, customer, journal, reply and orders together and
	// marks the messages answered. Each order goes into the outbox of its own
	// address, as a reply there would, so that it is sent exactly as safely and
	// holds up nobody else. ErrLost, and nothing is written, if the fence has
	// moved on or the customer was changed meanwhile. Owner and epoch of the
	// session are the ledger's business: when the turn changed the owner, it
	// raises the epoch and records the change.
	Commit(ctx context.Context, w *Work) error
}

// Work is one claimed conversation.
type Work struct {
	Address  Address
	Fence    int64     // the right to commit; a higher one has been given since if Commit says ErrLost
	Attempt  int       // how often these messages have been claimed, this time included
	Messages []Message // everything pending, in order
	Session  Session   // as committed last
	Customer Customer  // as committed last
	Opening  []Part    // first words to these messages that have left already; see Opener
	Others   int       // how many other conversations wait for a person
	Entry    Entry     // written by the engine before Commit
}

// An Entry is one line of the journal: everything about one turn.
type Entry struct {
	Seq      int64     `json:"seq"`               // number of the turn in the conversation, from 1; given by the ledger
	Messages []Message `json:"messages"`          // what the customer sent
	Reading  Reading   `json:"reading"`           // what was recognized
	Case     Case      `json:"case"`              // what happened
	Plan     Plan      `json:"plan"`              // what was decided
	Passages []Passage `json:"passages"`          // what knowledge was found
	Reply    Reply     `json:"reply"`             // what was said; no parts when the bot stayed silent
	Opened   int       `json:"opened,omitempty"`  // so many parts of it left before the rest was worked out
	Draft    *Reply    `json:"draft,omitempty"`   // what the bot would have said, had a person not taken over
	Orders   []Reply   `json:"orders,omitempty"`  // what the brand's own systems were told to do, sent like replies
	Session  Session   `json:"session"`           // the conversation after the turn
	Notes    []Note    `json:"notes,omitempty"`   // what was rejected and why
	Steps    []Step    `json:"steps"`             // time taken, stage by stage
	Failure  string    `json:"failure,omitempty"` // what went wrong, for operators
	Time     time.Time `json:"time"`
}

// A Step is the time one stage took.
type Step struct {
	Stage string        `json:"stage"`
	Took  time.Duration `json:"took"` // nanoseconds
}

// An Outbox is the sending side of a Ledger.
type Outbox interface {
	// Next hands out the oldest unsent reply of some conversation on the
	// channel, or ErrIdle. No younger reply of the same conversation is handed
	// out until this one is Done.
	Next(ctx context.Context, channel string) (*Delivery, error)
	// Done records that the reply has been sent, or given up when d.Failure is
	// set, and frees the next one.
	Done(ctx context.Context, d *Delivery) error
	// Again puts the reply back to be sent no earlier than after wait.
	// d.Ambiguous is kept: the sender sets it when the network may have taken
	// the reply although Send failed.
	Again(ctx context.Context, d *Delivery, wait time.Duration) error
}

// A Delivery is one reply on its way out.
type Delivery struct {
	Reply     Reply
	Seq       int64  // place in the conversation
	Attempt   int    // 1 for the first
	Fence     int64  // the right to call Done or Again
	Ambiguous bool   // an earlier attempt may have reached the network
	Failure   string // why it was given up; set by the sender before Done
}

// A Transcript is a Ledger from which a channel can replay a conversation: the
// source for a page that reconnects.
type Transcript interface {
	// Events returns what happened in the conversation after the given
	// sequence number, oldest first, at most limit. Sequence numbers rise by
	// one per conversation and are never reused.
	Events(ctx context.Context, a Address, after int64, limit int) ([]Event, error)
	// Epoch is a random name of the stored history. It changes when the store
	// is restored from a backup; a reader then starts over.
	Epoch(ctx context.Context) (string, error)
}

// An Event is one thing that happened in a conversation.
type Event struct {
	Seq     int64     `json:"seq"`
	Kind    string    `json:"kind"`              // message, reply, owner, draft: a reply that a person's coming kept from being sent, or event: a message that no customer sent
	Message *Message  `json:"message,omitempty"` // for a message or an event
	Reply   *Reply    `json:"reply,omitempty"`   // for a reply or a draft
	Owner   string    `json:"owner,omitempty"`   // for a change of owner
	Time    time.Time `json:"time"`
}

// A Journal is a Ledger whose record of turns can be read.
type Journal interface {
	// Entries returns the turns of one conversation after the given sequence
	// number, oldest first, at most limit.
	Entries(ctx context.Context, a Address, after int64, limit int) ([]Entry, error)
	// Conversations returns the sessions updated since the given time, newest
	// first, at most limit.
	Conversations(ctx context.Context, since time.Time, limit int) ([]Session, error)
}

// A Desk is a Ledger at which people take conversations over.
type Desk interface {
	// State returns the conversation as it stands, with its owner and epoch;
	// one that was never heard of belongs to the bot.
	State(ctx context.Context, a Address) (Session, error)
	// Own makes one step of a hand-over, from the conversation as State returned
	// it (its address and epoch count) to the next owner, and returns the epoch
	// after it. The line, unless it has no parts, is told to the customer as
	// from the bot in the same transaction. A turn in the making cannot land
	// after it. Whoever takes over also cancels what the bot had not sent yet,
	// which stays in the transcript as a draft; what is on its way is not tried
	// again. Only the step to the bot or to the end stops the clock of waiting.
	// The owner who has it already changes nothing. ErrLost if the epoch is
	// another by now, ErrBad if there is no such step.
	Own(ctx context.Context, from Session, owner string, line Reply) (epoch int64, err error)
	// Say queues a person's reply; a repeat of the same ID changes nothing.
	// ErrLost if r.From no longer owns the conversation under that epoch.
	Say(ctx context.Context, r Reply, epoch int64) error
}

// Hints wake those who wait for work. A hint may be lost, repeated or late.
type Hints interface {
	// Wake tells everyone who watches the topic that there may be work.
	Wake(topic string)
	// Watch returns a channel that receives after a Wake of the topic, and a
	// function that ends the watch. Hints that pile up are one hint.
	Watch(topic string) (hint <-chan struct{}, stop func())
}

// The topics of Hints. The conversation topic is TopicEvents plus the address.
const (
	TopicTurns  = "turns"   // messages wait to be answered
	TopicOutbox = "outbox." // followed by the channel's name: replies wait to be sent
	TopicEvents = "events." // followed by the address: something new to show
)
