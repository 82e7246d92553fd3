package bot

import (
	"log/slog"
	"strings"
	"time"
)

// An Address names one conversation: a thread on a channel. It is comparable
// and serves as a map key.
type Address struct {
	Channel string `json:"channel"` // name of the Channel, such as "web" or "slack"
	Thread  string `json:"thread"`  // the channel's own name for the conversation
}

// String returns the address as channel:thread, for logs and keys.
func (a Address) String() string { return a.Channel + ":" + a.Thread }

// A Message is what a customer sent.
type Message struct {
	ID      string            `json:"id"`                // unique within the channel; a repeat of the same ID is the same message
	From    Address           `json:"from"`              // the conversation it belongs to
	User    string            `json:"user,omitempty"`    // the customer, as the channel knows them; "" when unknown
	Text    string            `json:"text"`              // what they wrote, valid UTF-8
	Lang    string            `json:"lang,omitempty"`    // "ko" or "en" when the channel knows; "" lets the engine tell
	Zone    string            `json:"zone,omitempty"`    // IANA name of the time zone they are in, such as "Asia/Seoul", when the channel knows
	Choice  string            `json:"choice,omitempty"`  // ID of the Choice they picked; Text then holds its label
	Form    string            `json:"form,omitempty"`    // ID of the form they filled in, see Card; Text then tells it in words
	Values  map[string]string `json:"values,omitempty"`  // what they filled in, by the name of the field
	Forms   bool              `json:"forms,omitempty"`   // where they write, a form can be shown and filled in
	Files   []File            `json:"files,omitempty"`   // what they attached
	Signals Signals           `json:"signals,omitzero"`  // behaviour the channel saw, with consent
	Context map[string]string `json:"context,omitempty"` // what the brand's page told us: page, order, product …
	Event   string            `json:"event,omitempty"`   // what happened at the brand, such as EventAction, when it is no customer who speaks; Context then says what
	Time    time.Time         `json:"time"`              // when it was sent; the only clock a Flow reads
}

// LogValue is what a log may know of a message: its ID and where it belongs,
// never what it says.
func (m Message) LogValue() slog.Value {
	return slog.GroupValue(slog.String("id", m.ID), slog.String("from", m.From.String()))
}

// EventAction is the Event of a message that brings the result of an order; see
// Turn.Orders.
const EventAction = "action"

// kind is what a transcript calls the message.
func (m Message) kind() string {
	if m.Event != "" {
		return "event"
	}
	return "message"
}

// ChoiceHuman is the Choice of a customer who pressed "talk to a person".
// Every channel offers it from the first second.
const ChoiceHuman = "human"

// A File is something a customer attached or a reply carries.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`           // MIME type, as sniffed and not as claimed
	Size int64  `json:"size"`           // bytes
	URL  string `json:"url"`            // where it can be read by those who may
	Text string `json:"text,omitempty"` // transcription or description, when there is one
}

// Signals are what a channel can see besides words, with the customer's
// consent. They never hold keystroke rhythm or tone of voice measured by us.
type Signals struct {
	Repeats int           `json:"repeats,omitempty"` // identical sends in a row
	Waiting time.Duration `json:"waiting,omitempty"` // how long the customer has waited for an answer, in nanoseconds
	Clicks  int           `json:"clicks,omitempty"`  // rapid repeated clicks on the same control
	Feeling []Emotion     `json:"feeling,omitempty"` // from an external recognizer a brand connected; off by default
	NoTone  bool          `json:"noTone,omitempty"`  // the customer switched the analysis of tone off
}

// Join makes one message of a burst: the newest message, with all texts in
// order, a line each, and all files. People write in bursts, and one answer to
// the whole is kinder than three to its pieces. What a customer sent comes
// before events of the same burst, so that the joined message is an event only
// if nobody has spoken. Join of an empty burst is the zero Message.
func Join(burst []Message) Message {
	if len(burst) == 0 {
		return Message{}
	}
	m := burst[len(burst)-1]
	for _, b := range burst {
		if b.Event == "" {
			m = b
		}
	}
	texts := make([]string, 0, len(burst))
	m.Files = nil
	for _, b := range burst {
		if strings.TrimSpace(b.Text) != "" {
			texts = append(texts, b.Text)
		}
		m.Files = append(m.Files, b.Files...)
		if m.Choice == "" {
			m.Choice = b.Choice
		}
		if m.Form == "" {
			m.Form, m.Values = b.Form, b.Values
		}
		if m.Lang == "" {
			m.Lang = b.Lang
		}
		if b.Choice == ChoiceHuman {
			m.Choice = ChoiceHuman // asking for a person is never lost in a burst
		}
		m.Signals.NoTone = m.Signals.NoTone || b.Signals.NoTone
	}
	m.Text = strings.Join(texts, "\n")
	return m
}
