package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/onkihq/onki/bot"
)

const historyMax = 50 // events in one page of history

// sessionCall is what the widget sends to begin or to come back.
type sessionCall struct {
	Key     string `json:"key"`
	Lang    string `json:"lang"`
	Visitor string `json:"visitor"` // the token of an earlier visit
	JWT     string `json:"jwt"`     // proof of who the customer is
	User    string `json:"user"`    // for the easy start: the user's name …
	Hash    string `json:"hash"`    // … and its HMAC
}

// sessionAnswer is everything the widget needs to show itself.
type sessionAnswer struct {
	Token   string     `json:"token"`
	Until   time.Time  `json:"until"`             // when the token must be renewed
	Visitor string     `json:"visitor,omitempty"` // to be kept for the next visit; none for a customer who is signed in
	Thread  string     `json:"thread"`            // what tabs of one browser share a stream by
	Epoch   string     `json:"epoch"`
	Owner   string     `json:"owner"`
	Last    int64      `json:"last"`   // the last sequence number of the history
	First   int64      `json:"first"`  // events before this one can be asked for; 0 or 1 when there are none
	Events  []event    `json:"events"` // the newest part of the history
	Config  pageConfig `json:"config"`
	Banner  string     `json:"banner,omitempty"`
}

// pageConfig is the brand as the widget shows it, in one language.
type pageConfig struct {
	Name     string            `json:"name"`
	Accent   string            `json:"accent,omitempty"`
	Person   string            `json:"person,omitempty"`
	Hours    string            `json:"hours,omitempty"`
	Greeting string            `json:"greeting,omitempty"`
	Notice   string            `json:"notice,omitempty"`
	Privacy  string            `json:"privacy,omitempty"`
	Starters []choice          `json:"starters,omitempty"`
	Links    []string          `json:"links,omitempty"`
	Context  []string          `json:"context"`
	Words    map[string]string `json:"words,omitempty"`
	Text     int               `json:"text"`           // longest message, in characters
	Files    int64             `json:"files"`          // largest file in bytes; 0 when none can be sent
	Link     string            `json:"link,omitempty"` // the app in which the customer can go on
	Erase    bool              `json:"erase"`          // the customer can delete everything by themselves
}

// session begins a conversation or finds the one that was left.
func (c *Channel) session(w http.ResponseWriter, r *http.Request) {
	var call sessionCall
	if !c.read(w, r, &call) {
		return
	}
	k, ok := c.key(call.Key)
	if !ok {
		c.refuse(w, r, http.StatusForbidden, badKey)
		return
	}
	if !k.admits(r, r.Header.Get("Origin")) {
		c.refuse(w, r, http.StatusForbidden, badOrigin)
		return
	}
	if wait := c.gate.session(c.network(r)); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	a, visitor, err := c.admit(k, call)
	if err != nil {
		c.refuse(w, r, http.StatusUnauthorized, needIdentity)
		return
	}
	s, err := c.openSession(r.Context(), a, cmp.Or(call.Lang, language(r)))
	if err != nil {
		c.fail(w, r, "open session", err)
		return
	}
	s.Visitor = visitor
	answer(w, http.StatusOK, s)
}

// admit decides whose conversation it is. Proof that is given and wrong is
// refused, never quietly turned into an anonymous visit: the customer would
// see somebody else's absence as their own history.
func (c *Channel) admit(k Key, call sessionCall) (a access, token string, err error) {
	a = access{Key: k.ID}
	proven, err := k.Identity.prove(k.ID, call, c.o.Now())
	if err != nil {
		return a, "", err
	}
	if proven != "" {
		a.User, a.Thread = proven, thread("u", k.ID, proven)
		return a, "", nil
	}
	if k.Identity.Mode == "require" {
		return a, "", errToken
	}
	v, err := c.readVisitor(call.Visitor, k.ID)
	if err != nil { // forged, expired or none: they start anew
		token, v, err = c.newVisitor(k.ID)
	} else {
		v.Made = c.o.Now().Unix()
		token, err = c.seal("visitor", v) // the same conversation for another half year
	}
	a.Thread = thread("v", k.ID, string(v.Secret))
	return a, token, err
}

func (c *Channel) openSession(ctx context.Context, a access, lang string) (*sessionAnswer, error) {
	until := c.o.Now().Add(accessLife)
	a.Until = until.Unix()
	token, err := c.seal("access", a)
	if err != nil {
		return nil, err
	}
	epoch, err := c.o.Ledger.Epoch(ctx)
	if err != nil {
		return nil, err
	}
	events, err := c.newest(ctx, address(a.Thread))
	if err != nil {
		return nil, err
	}
	s := &sessionAnswer{
		Token: token, Until: until, Thread: a.Thread, Epoch: epoch,
		Events: c.wire(ctx, address(a.Thread), events), Config: c.config(lang), Banner: c.banner(lang),
	}
	if len(s.Events) > 0 {
		s.First, s.Last = s.Events[0].Seq, s.Events[len(s.Events)-1].Seq
	}
	s.Owner, err = c.owner(ctx, address(a.Thread), events)
	return s, err
}

func (c *Channel) config(lang string) pageConfig {
	b := c.o.Brand
	labels, ok := c.labels[lang]
	if !ok {
		labels = c.labels["en"]
	}
	p := pageConfig{
		Name: in(b.Name, lang), Person: in(b.Person, lang), Hours: in(b.Hours, lang),
		Greeting: in(b.Greeting, lang), Notice: in(b.Notice, lang), Privacy: b.Privacy,
		Links: b.Links, Context: c.o.Context, Words: labels, Text: c.o.Limits.Text,
	}
	if b.Accent != "" {
		p.Accent, _ = Accent(b.Accent) // checked by New
	}
	for _, s := range b.Starters[lang] {
		p.Starters = append(p.Starters, choice(s))
	}
	if c.o.Files != nil {
		p.Files = c.o.Limits.FileSize
	}
	_, p.Erase = c.o.Ledger.(Eraser)
	if _, ok := c.linker(); ok {
		p.Link = c.o.App
	}
	return p
}

func (c *Channel) banner(lang string) string {
	if c.o.Banner == nil {
		return ""
	}
	return c.o.Banner(lang)
}

// in picks the text in the language, else in English, else in Korean.
func in(texts map[string]string, lang string) string {
	return cmp.Or(texts[lang], texts["en"], texts["ko"])
}

// fail answers a call that went wrong on our side.
func (c *Channel) fail(w http.ResponseWriter, r *http.Request, doing string, err error) {
	switch {
	case errors.Is(err, errAway):
		c.refuseFor(w, r, http.StatusServiceUnavailable, away, 2*time.Second)
	case errors.Is(err, bot.ErrBad):
		c.refuse(w, r, http.StatusBadRequest, badRequest)
	case r.Context().Err() != nil: // the customer has gone
	default:
		c.o.Log.Error("web call failed", "doing", doing, "error", err)
		c.refuseFor(w, r, http.StatusServiceUnavailable, failed, 2*time.Second)
	}
}
