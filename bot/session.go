package bot

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Session is what is remembered of one conversation between its turns.
type Session struct {
	Address  Address   `json:"address"`
	Owner    string    `json:"owner"`              // one of the owners, such as OwnerBot
	Epoch    int64     `json:"epoch"`              // raised with every change of owner
	Lang     string    `json:"lang,omitempty"`     // the language of the conversation
	Zone     string    `json:"zone,omitempty"`     // IANA name of the time zone the customer wrote from last, "" when nobody knows
	Turns    int       `json:"turns"`              // exchanges so far
	Mood     Mood      `json:"mood"`               // where the feeling is going
	Case     Case      `json:"case"`               // the open case, carried from turn to turn
	Moves    []Move    `json:"moves,omitempty"`    // our own last moves and what came of them, newest last
	Used     []string  `json:"used,omitempty"`     // phrases already used here, so that none is said twice
	Journey  Journey   `json:"journey,omitzero"`   // where in a problem-solving flow we are
	Priority Priority  `json:"priority,omitzero"`  // the last priority decided
	Apology  int       `json:"apology,omitempty"`  // apologies already made for the open case
	Boundary bool      `json:"boundary,omitempty"` // the boundary against abuse has been said
	Welcomed bool      `json:"welcomed,omitempty"` // the customer has been told that an AI answers
	Called   string    `json:"called,omitempty"`   // why a person was called, or ""
	Asked    time.Time `json:"asked,omitzero"`     // since when they wait for a person; kept until the bot has the conversation back
	Opened   time.Time `json:"opened"`             // time of the first message
	Updated  time.Time `json:"updated"`            // time of the last message answered
}

// Mood is the course of the feeling over a conversation.
type Mood struct {
	Recent     []float64 `json:"recent,omitempty"`  // negative load of the last turns, 0..1, newest last
	Average    float64   `json:"average"`           // exponentially weighted mean of it
	Peak       float64   `json:"peak"`              // its highest value so far
	Trajectory string    `json:"trajectory"`        // new, escalating, plateau, easing, stabilised, resigned, relapse, positive, steady
	Held       int       `json:"held,omitempty"`    // turns in a row on which all signs of calm held
	Calm       bool      `json:"calm"`              // the exit criterion is met: stop soothing
	Futile     int       `json:"futile,omitempty"`  // stabilising turns in a row without effect
	Valence    float64   `json:"valence,omitempty"` // of the last message
	Arousal    float64   `json:"arousal,omitempty"` // of the last message
}

// A Move is what we did in one reply and how the customer reacted to it. The
// pair decides the next move.
type Move struct {
	Strategy string    `json:"strategy"`           // the acknowledgement and guidance chosen
	Stabiles []string  `json:"stabiles,omitempty"` // stabilisers used
	Apology  int       `json:"apology,omitempty"`  // level used
	Options  []string  `json:"options,omitempty"`  // IDs of the choices offered
	Asked    string    `json:"asked,omitempty"`    // what we asked for
	Promise  string    `json:"promise,omitempty"`  // what we promised
	Forward  string    `json:"forward,omitempty"`  // how it moved things
	Handoff  string    `json:"handoff,omitempty"`  // none, offer or now
	Passages []string  `json:"passages,omitempty"` // IDs of the knowledge shown
	Topic    string    `json:"topic,omitempty"`    // its title: what the answer was about
	Opener   string    `json:"opener,omitempty"`   // the acknowledgement said, for the similarity guard
	Before   float64   `json:"before"`             // negative load we answered to, 0..1
	After    float64   `json:"after,omitempty"`    // negative load of their next message
	Reaction string    `json:"reaction,omitempty"` // "", eased, same, worse, told, cooperated, resigned, closed
	Time     time.Time `json:"time"`
}

// A Journey is the place in one of the brand's problem-solving flows.
type Journey struct {
	Flow  string            `json:"flow,omitempty"`  // name of the flow, or ""
	Step  string            `json:"step,omitempty"`  // step that waits for an answer
	Slots map[string]string `json:"slots,omitempty"` // what is known
	Asked map[string]int    `json:"asked,omitempty"` // how often each slot was asked for
	Facts []Fact            `json:"facts,omitempty"` // what lookups returned
	Tries int               `json:"tries,omitempty"` // failed attempts at the task
	Order string            `json:"order,omitempty"` // ID of the order whose result is waited for
	Done  bool              `json:"done,omitempty"`  // solved
}

// A Customer is what is remembered of a person across conversations and
// channels, with their consent.
type Customer struct {
	ID       string             `json:"id"`
	Rev      int64              `json:"rev"`                // raised by every commit; a stale one is refused
	Name     string             `json:"name,omitempty"`     // how they want to be called
	Lang     string             `json:"lang,omitempty"`     // the language they last wrote in
	Personas map[string]float64 `json:"personas,omitempty"` // belief in each customer persona, 0..1
	Cues     map[string]Belief  `json:"cues,omitempty"`     // the counts behind the beliefs
	Consent  map[string]bool    `json:"consent,omitempty"`  // "memory", "analysis" …; absent means not asked
	Promises []Promise          `json:"promises,omitempty"` // kept and open
	Contacts int                `json:"contacts,omitempty"` // conversations so far
	Seen     time.Time          `json:"seen,omitzero"`
}

// A Belief is a Beta distribution over "this persona fits".
type Belief struct {
	For     float64 `json:"for"`     // evidence for, a pseudo-count
	Against float64 `json:"against"` // evidence against, a pseudo-count
}

// Clone returns a copy that shares no memory with the original.
func (s Session) Clone() Session {
	c := s
	c.Mood.Recent = slices.Clone(s.Mood.Recent)
	c.Case = s.Case.Clone()
	c.Moves = slices.Clone(s.Moves)
	for i, m := range c.Moves {
		c.Moves[i].Stabiles = slices.Clone(m.Stabiles)
		c.Moves[i].Options = slices.Clone(m.Options)
		c.Moves[i].Passages = slices.Clone(m.Passages)
	}
	c.Used = slices.Clone(s.Used)
	c.Journey.Slots = maps.Clone(s.Journey.Slots)
	c.Journey.Asked = maps.Clone(s.Journey.Asked)
	c.Journey.Facts = slices.Clone(s.Journey.Facts)
	c.Priority.Reasons = slices.Clone(s.Priority.Reasons)
	return c
}

// Clone returns a copy that shares no memory with the original.
func (c Case) Clone() Case {
	d := c
	d.Stakes = slices.Clone(c.Stakes)
	d.Asks = slices.Clone(c.Asks)
	d.Questions = slices.Clone(c.Questions)
	d.Given = slices.Clone(c.Given)
	return d
}

// Clone returns a copy that shares no memory with the original.
func (c Customer) Clone() Customer {
	d := c
	d.Personas = maps.Clone(c.Personas)
	d.Cues = maps.Clone(c.Cues)
	d.Consent = maps.Clone(c.Consent)
	d.Promises = slices.Clone(c.Promises)
	return d
}

// NameOn returns the name by which the channel knows the customer, or "" if they
// are remembered by another channel or by a conversation alone; see
// Address.Customer.
func (c Customer) NameOn(channel string) string {
	if name, ok := strings.CutPrefix(c.ID, channel+userMark); ok {
		return name
	}
	return ""
}

// Join returns the customer with everything that was remembered of the same
// person under another name: beliefs add up, and what the first knows stands.
func (c Customer) Join(other Customer) Customer {
	d, o := c.Clone(), other.Clone()
	d.Name, d.Lang = cmp.Or(d.Name, o.Name), cmp.Or(d.Lang, o.Lang)
	if d.Cues == nil {
		d.Cues = o.Cues
	} else {
		for name, b := range o.Cues {
			d.Cues[name] = Belief{For: d.Cues[name].For + b.For, Against: d.Cues[name].Against + b.Against}
		}
	}
	if d.Personas == nil {
		d.Personas = make(map[string]float64)
	}
	for name, p := range o.Personas {
		d.Personas[name] = max(d.Personas[name], p)
	}
	if d.Consent == nil {
		d.Consent = make(map[string]bool)
	}
	for what, given := range o.Consent {
		if mine, asked := d.Consent[what]; !asked || mine {
			d.Consent[what] = given // a refusal anywhere stands
		}
	}
	d.Promises = append(d.Promises, o.Promises...)
	d.Contacts += o.Contacts
	if o.Seen.After(d.Seen) {
		d.Seen = o.Seen
	}
	d.Rev = max(d.Rev, o.Rev) + 1
	return d
}

// Follow returns what another conversation of the same person begins with: the
// open case and what was said and done about it, and nobody but the bot.
func (s Session) Follow() Session {
	f := s.Clone()
	f.Address, f.Owner, f.Epoch, f.Turns = Address{}, OwnerBot, 0, 0
	f.Called, f.Asked, f.Welcomed, f.Opened, f.Updated = "", time.Time{}, false, time.Time{}, time.Time{}
	return f
}

// Last returns our last move, or nil before the first.
func (s *Session) Last() *Move {
	if s == nil || len(s.Moves) == 0 {
		return nil
	}
	return &s.Moves[len(s.Moves)-1]
}
