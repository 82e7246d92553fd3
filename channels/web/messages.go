package web

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/rivo/uniseg"
)

// messageCall is one thing a customer does. The cid is made by the widget and
// stays the same however often the call has to be repeated.
type messageCall struct {
	CID     string            `json:"cid"`
	Kind    string            `json:"kind"` // text, choice, form, file or rating
	Text    string            `json:"text"`
	Choice  string            `json:"choice"` // ID of the choice, for kind choice
	Form    string            `json:"form"`   // ID of the form, for kind form
	Values  map[string]string `json:"values"` // what was filled in, for kind form
	Forms   bool              `json:"forms"`  // the widget can show a form
	Files   []string          `json:"files"`  // what POST /v1/files answered
	Stars   int               `json:"stars"`  // 1 to 5, for kind rating
	Lang    string            `json:"lang"`
	Zone    string            `json:"zone"`  // IANA name of the page's time zone
	After   int64             `json:"after"` // the last event the widget knew: where to look for a repeat
	Context map[string]string `json:"context"`
	Signals signalCall        `json:"signals"`
}

type signalCall struct {
	Repeats int   `json:"repeats"`
	Clicks  int   `json:"clicks"`
	Waiting int64 `json:"waiting"` // milliseconds
	NoTone  bool  `json:"noTone"`
}

type messageAnswer struct {
	CID string `json:"cid"`
	Seq int64  `json:"seq"`
}

// fieldsMax is how many fields of a form are taken.
const fieldsMax = 16

var (
	cidRule  = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	langRule = regexp.MustCompile(`^[a-z]{2}$`)
)

// postMessage takes a message. 202 means that it is in safe keeping.
func (c *Channel) postMessage(w http.ResponseWriter, r *http.Request, a access) {
	var call messageCall
	if !c.read(w, r, &call) {
		return
	}
	if !cidRule.MatchString(call.CID) || call.Lang != "" && !langRule.MatchString(call.Lang) {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	if len(call.Text) > bot.TextMax || c.o.Limits.Text >= 0 && uniseg.GraphemeClusterCount(call.Text) > c.o.Limits.Text {
		c.refuse(w, r, http.StatusRequestEntityTooLarge, tooLong)
		return
	}
	if wait := c.gate.message(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	if call.Kind == "rating" {
		c.rate(w, r, a, call)
		return
	}
	m, name := c.message(a, call)
	if name != "" {
		c.refuse(w, r, http.StatusBadRequest, name)
		return
	}
	c.take(w, r, m, call)
}

// message makes a bot.Message of the call, or names the problem with it.
func (c *Channel) message(a access, call messageCall) (m bot.Message, problem string) {
	m = bot.Message{
		ID: a.Thread + "/" + call.CID, From: address(a.Thread), User: a.User,
		Text: bot.CleanText(call.Text), Lang: call.Lang, Zone: zone(call.Zone), Time: c.o.Now(),
		Signals: call.Signals.signals(), Context: c.context(call.Context), Forms: call.Forms,
	}
	switch call.Kind {
	case "text":
	case "choice":
		if call.Choice == "" || len(call.Choice) > 100 {
			return m, badRequest
		}
		m.Choice = call.Choice
	case "form":
		if call.Form == "" || len(call.Form) > 100 || len(call.Values) == 0 || len(call.Values) > fieldsMax || m.Text == "" {
			return m, badRequest
		}
		m.Form, m.Values = call.Form, call.Values
	case "file":
		files, err := c.attached(a, call.Files)
		if err != nil || len(files) == 0 {
			return m, badRequest
		}
		m.Files = files
	default:
		return m, badRequest
	}
	if m.Text == "" && m.Choice == "" && len(m.Files) == 0 {
		return m, badRequest
	}
	return m, ""
}

// zone keeps the name of a time zone that there is.
func zone(name string) string {
	if _, err := time.LoadLocation(name); err != nil || len(name) > 64 || name == "Local" {
		return ""
	}
	return name
}

// take gives the message to the engine and answers with its place in the
// conversation, which for a repeat is the place of the first.
func (c *Channel) take(w http.ResponseWriter, r *http.Request, m bot.Message, call messageCall) {
	if err := c.receive(r.Context(), m); err != nil {
		c.fail(w, r, "receive message", err)
		return
	}
	seq, err := c.find(r.Context(), m.From, m.ID, max(0, call.After))
	if err != nil {
		c.fail(w, r, "find message", err)
		return
	}
	answer(w, http.StatusAccepted, messageAnswer{call.CID, seq})
}

// signals takes what the page saw only from customers who have not switched
// the analysis off, and only in plausible sizes.
func (s signalCall) signals() bot.Signals {
	if s.NoTone {
		return bot.Signals{NoTone: true}
	}
	return bot.Signals{
		Repeats: min(max(0, s.Repeats), 100),
		Clicks:  min(max(0, s.Clicks), 1000),
		Waiting: time.Duration(min(max(0, s.Waiting), 24*3600*1000)) * time.Millisecond,
	}
}

// context keeps what the page may tell us; everything else is dropped.
func (c *Channel) context(given map[string]string) map[string]string {
	var kept map[string]string
	for _, name := range c.o.Context {
		value := bot.CleanText(given[name])
		if value == "" || len(value) > 500 {
			continue
		}
		if kept == nil {
			kept = make(map[string]string)
		}
		kept[name] = strings.ReplaceAll(value, "\n", " ")
	}
	return kept
}

// handoff asks for a person. It goes the way of every message, so it works
// without any model, before the first word, and is never lost.
func (c *Channel) handoff(w http.ResponseWriter, r *http.Request, a access) {
	var call messageCall
	if !c.read(w, r, &call) {
		return
	}
	if !cidRule.MatchString(call.CID) {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	if wait := c.gate.message(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	if !langRule.MatchString(call.Lang) {
		call.Lang = language(r)
	}
	call.Kind, call.Choice, call.Text = "choice", bot.ChoiceHuman, c.word(call.Lang, "human")
	m, name := c.message(a, call)
	if name != "" {
		c.refuse(w, r, http.StatusBadRequest, name)
		return
	}
	c.take(w, r, m, call)
}

// typing tells the staff that the customer is writing. It is not kept.
func (c *Channel) typing(w http.ResponseWriter, _ *http.Request, a access) {
	if c.gate.light(a) == 0 {
		c.o.Hints.Wake(TopicCustomer + address(a.Thread).String())
	}
	w.WriteHeader(http.StatusNoContent)
}

// rate keeps what the customer thought of it, when the ledger can.
func (c *Channel) rate(w http.ResponseWriter, r *http.Request, a access, call messageCall) {
	keeper, ok := c.o.Ledger.(Rater)
	if !ok {
		c.refuse(w, r, http.StatusNotImplemented, notHere)
		return
	}
	if call.Stars < 1 || call.Stars > 5 {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	if err := keeper.Rate(r.Context(), address(a.Thread), call.CID, call.Stars, bot.CleanText(call.Text)); err != nil {
		c.fail(w, r, "keep rating", err)
		return
	}
	c.o.Log.Info("conversation rated", "stars", strconv.Itoa(call.Stars))
	answer(w, http.StatusAccepted, messageAnswer{CID: call.CID})
}
