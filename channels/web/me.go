package web

import (
	"net/http"
	"regexp"
	"time"

	"github.com/onkihq/onki/bot"
)

// exportAnswer is a customer's copy of their conversation.
type exportAnswer struct {
	Brand  string    `json:"brand"`
	Thread string    `json:"thread"`
	User   string    `json:"user,omitempty"`
	Made   time.Time `json:"made"`
	Events []event   `json:"events"`
}

// export gives the customer everything they wrote and were told.
func (c *Channel) export(w http.ResponseWriter, r *http.Request, a access) {
	if wait := c.gate.light(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	out := exportAnswer{Brand: in(c.o.Brand.Name, language(r)), Thread: a.Thread, User: a.User, Made: c.o.Now(), Events: []event{}}
	for after := int64(0); ; {
		events, err := c.o.Ledger.Events(r.Context(), address(a.Thread), after, pageMax)
		if err != nil {
			c.fail(w, r, "export", err)
			return
		}
		out.Events = append(out.Events, c.wire(r.Context(), address(a.Thread), events)...)
		if len(events) < pageMax {
			break
		}
		after = events[len(events)-1].Seq
	}
	w.Header().Set("Content-Disposition", `attachment; filename="conversation.json"`)
	answer(w, http.StatusOK, out)
}

// erase forgets the conversation, when the ledger can, and what was attached in
// it. Where the files lie follows from the conversation's name, so that a call
// that failed half-way can be repeated.
func (c *Channel) erase(w http.ResponseWriter, r *http.Request, a access) {
	eraser, ok := c.o.Ledger.(Eraser)
	if !ok {
		c.refuse(w, r, http.StatusNotImplemented, notHere)
		return
	}
	if err := eraser.Erase(r.Context(), address(a.Thread)); err != nil {
		c.fail(w, r, "erase", err)
		return
	}
	if c.o.Files != nil {
		if err := c.o.Files.Forget(r.Context(), Attached(address(a.Thread))); err != nil {
			c.fail(w, r, "erase files", err)
			return
		}
	}
	c.o.Hints.Wake(bot.TopicEvents + address(a.Thread).String())
	w.WriteHeader(http.StatusNoContent)
}

var consentRule = regexp.MustCompile(`^[a-z]{2,20}$`)

// consent records what the customer allowed or withdrew.
func (c *Channel) consent(w http.ResponseWriter, r *http.Request, a access) {
	var call struct {
		What    string `json:"what"` // analysis, memory …
		Given   bool   `json:"given"`
		Version string `json:"version"` // of the text they saw
	}
	if !c.read(w, r, &call) {
		return
	}
	if !consentRule.MatchString(call.What) || len(call.Version) > 50 {
		c.refuse(w, r, http.StatusBadRequest, badRequest)
		return
	}
	if wait := c.gate.light(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	keeper, ok := c.o.Ledger.(Keeper)
	if !ok {
		c.refuse(w, r, http.StatusNotImplemented, notHere)
		return
	}
	if err := keeper.Consent(r.Context(), address(a.Thread), call.What, call.Given, call.Version, c.o.Now()); err != nil {
		c.fail(w, r, "keep consent", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
