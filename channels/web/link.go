package web

import (
	"context"
	"net/http"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Linker is a ledger that knows one customer over several channels. Without
// one, or without Options.Continue and App, going on elsewhere is not offered.
type Linker interface {
	// OfferLink returns a token that shows, brought to another channel until
	// then, that the customer there is the one of this conversation, called
	// user here.
	OfferLink(ctx context.Context, a bot.Address, user string, until time.Time) (token string, err error)
}

// linkLife is how long a deep link can be used: long enough to find the phone.
const linkLife = 15 * time.Minute

// linkAnswer is where the customer can go on.
type linkAnswer struct {
	URL   string    `json:"url"`
	Until time.Time `json:"until"`
}

// linker returns the ledger as one that links, if going on elsewhere is offered.
func (c *Channel) linker() (Linker, bool) {
	l, ok := c.o.Ledger.(Linker)
	return l, ok && c.o.Continue != nil && c.o.App != ""
}

// link hands out a deep link by which the customer goes on elsewhere as the
// same person.
func (c *Channel) link(w http.ResponseWriter, r *http.Request, a access) {
	l, ok := c.linker()
	if !ok {
		c.refuse(w, r, http.StatusNotImplemented, notHere)
		return
	}
	if wait := c.gate.light(a); wait > 0 {
		c.refuseFor(w, r, http.StatusTooManyRequests, tooMany, wait)
		return
	}
	until := c.o.Now().Add(linkLife)
	token, err := l.OfferLink(r.Context(), address(a.Thread), a.User, until)
	if err != nil {
		c.fail(w, r, "offer link", err)
		return
	}
	url, err := c.o.Continue(r.Context(), token)
	if err != nil {
		c.fail(w, r, "make deep link", err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	answer(w, http.StatusOK, linkAnswer{url, until})
}
