package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// conversation is a conversation as it stands.
type conversation struct {
	Channel  string       `json:"channel"`
	Thread   string       `json:"thread"`
	Owner    string       `json:"owner"`
	Epoch    int64        `json:"epoch"`
	Lang     string       `json:"lang,omitempty"`
	Priority bot.Priority `json:"priority"`
	Called   string       `json:"called,omitempty"`
	Asked    time.Time    `json:"asked,omitzero"`
	Updated  time.Time    `json:"updated,omitzero"`
}

func of(s bot.Session) conversation {
	return conversation{s.Address.Channel, s.Address.Thread, s.Owner, s.Epoch, s.Lang, s.Priority, s.Called, s.Asked, s.Updated}
}

// brief is what a person should know, with the conversation it is about.
type brief struct {
	conversation
	Brief struct {
		Title string   `json:"title"`
		Why   string   `json:"why"`
		Lines []string `json:"lines"`
		Last  []string `json:"last"`
	} `json:"brief"`
	Seq int64 `json:"seq"` // the last event the brief knows
}

// listed is a page of conversations.
type listed struct {
	Conversations []conversation `json:"conversations"`
}

// list answers with those who wait, most urgent first, or with all of late.
func (a *API) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(q.Get("limit"))
	if q.Get("limit") == "" {
		limit, err = 100, nil
	}
	state := q.Get("state")
	if err != nil || limit < 1 || limit > 500 || state != "" && state != "waiting" && state != "all" {
		refuse(w, http.StatusBadRequest, "bad-request", "state is waiting or all, limit 1 to 500")
		return
	}
	var all []conversation
	if state == "all" {
		var sessions []bot.Session
		sessions, err = a.o.Journal.Conversations(r.Context(), a.o.Now().Add(-a.o.Desk.Since()), limit)
		for _, s := range sessions {
			all = append(all, of(s))
		}
	} else {
		all, err = a.waiting(r.Context())
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := listed{Conversations: []conversation{}}
	out.Conversations = append(out.Conversations, all[:min(limit, len(all))]...)
	answer(w, http.StatusOK, out)
}

// one answers with a conversation and its brief.
func (a *API) one(w http.ResponseWriter, r *http.Request) {
	s, err := a.o.Desk.State(r.Context(), at(r))
	var b desk.Brief
	if err == nil {
		b, err = a.o.Desk.Brief(r.Context(), s)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	out := brief{conversation: of(s), Seq: b.Seq}
	out.Brief.Title, out.Brief.Why, out.Brief.Lines, out.Brief.Last = b.Title, b.Why, b.Lines, append([]string{}, b.Last...)
	answer(w, http.StatusOK, out)
}

// happened is a page of what happened.
type happened struct {
	Events []bot.Event `json:"events"`
}

func (a *API) events(w http.ResponseWriter, r *http.Request) {
	after, ok := number(w, r.URL.Query().Get("after"))
	if !ok {
		return
	}
	events, err := a.o.Desk.Events(r.Context(), at(r), after)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, happened{append([]bot.Event{}, events...)})
}

// number reads a count that may be left out.
func number(w http.ResponseWriter, text string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		refuse(w, http.StatusBadRequest, "bad-request", "send the number of an event")
		return 0, false
	}
	return n, true
}

// drafted is what the bot would have said; Text is "" when there is none.
type drafted struct {
	Text string `json:"text"`
}

func (a *API) draft(w http.ResponseWriter, r *http.Request) {
	text, err := a.o.Desk.Draft(r.Context(), at(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, drafted{text})
}

// step is a call that takes over, gives back or ends.
type step struct {
	Person string `json:"person"` // as the customer and colleagues see it
}

var personRule = regexp.MustCompile(`^[^\p{C}]{1,80}$`)

// person checks the name in a call.
func person(w http.ResponseWriter, name string) bool {
	if strings.TrimSpace(name) == "" || !personRule.MatchString(name) {
		refuse(w, http.StatusBadRequest, "bad-request", "person: send the name of the one who acts, at most 80 characters")
		return false
	}
	return true
}

// done answers with the conversation as it stands after a call.
func (a *API) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s, err := a.o.Desk.State(r.Context(), at(r))
	if err != nil {
		a.fail(w, r, err)
		return
	}
	answer(w, http.StatusOK, of(s))
}

func (a *API) claim(w http.ResponseWriter, r *http.Request) {
	var call step
	if read(w, r, &call) && person(w, call.Person) {
		_, err := a.o.Desk.Claim(r.Context(), at(r), call.Person)
		a.done(w, r, err)
	}
}

func (a *API) release(w http.ResponseWriter, r *http.Request) {
	var call step
	if read(w, r, &call) && person(w, call.Person) {
		a.done(w, r, a.o.Desk.GiveBack(r.Context(), at(r), call.Person))
	}
}

func (a *API) finish(w http.ResponseWriter, r *http.Request) {
	var call step
	if read(w, r, &call) && person(w, call.Person) {
		a.done(w, r, a.o.Desk.Finish(r.Context(), at(r), call.Person))
	}
}

// said is what a person says to the customer.
type said struct {
	Person string `json:"person"`
	ID     string `json:"id"`   // made by the caller; a repeat is said once
	Text   string `json:"text"` // at most 4,000 characters
	AsIs   bool   `json:"asIs"` // say it although the linter of speech holds it back
}

var idRule = regexp.MustCompile(`^[A-Za-z0-9._:-]{8,100}$`)

// write says a text to the customer. A risky sentence is answered with the hint
// and not said, unless the caller insists.
func (a *API) write(w http.ResponseWriter, r *http.Request) {
	var call said
	if !read(w, r, &call) || !person(w, call.Person) {
		return
	}
	text := strings.TrimSpace(bot.CleanText(call.Text))
	if !idRule.MatchString(call.ID) || text == "" || len([]rune(text)) > 4000 {
		refuse(w, http.StatusBadRequest, "bad-request", "send an id of 8 to 100 letters, digits and ._:-, and a text of at most 4,000 characters")
		return
	}
	if hint := a.o.Desk.Check(r.Context(), at(r), text); hint != "" && !call.AsIs {
		refuse(w, http.StatusUnprocessableEntity, "hint", hint)
		return
	}
	a.done(w, r, a.o.Desk.Write(r.Context(), at(r), call.Person, "api/"+call.ID, text))
}

// requests streams the list of those who wait, whenever it changes.
func (a *API) requests(w http.ResponseWriter, r *http.Request) {
	var last []byte
	a.follow(w, r, bot.TopicTurns, func(f *frames) error {
		all, err := a.waiting(r.Context())
		if err != nil {
			return err
		}
		body, err := json.Marshal(listed{all})
		if err == nil && !bytes.Equal(body, last) {
			last = body
			f.send("", "requests", body)
		}
		return err
	})
}

// stream streams what happens in a conversation, from the event after
// Last-Event-ID on.
func (a *API) stream(w http.ResponseWriter, r *http.Request) {
	after, ok := number(w, r.Header.Get("Last-Event-ID"))
	if !ok {
		return
	}
	a.follow(w, r, bot.TopicEvents+at(r).String(), func(f *frames) error {
		for {
			events, err := a.o.Desk.Events(r.Context(), at(r), after)
			if err != nil || len(events) == 0 {
				return err
			}
			for _, e := range events {
				body, err := json.Marshal(e)
				if err != nil {
					return err
				}
				f.send(strconv.FormatInt(e.Seq, 10), e.Kind, body)
				after = e.Seq
			}
		}
	})
}

// frames writes server-sent events; the first error ends the stream.
type frames struct {
	w   http.ResponseWriter
	rc  *http.ResponseController
	err error
}

func (f *frames) send(id, name string, body []byte) {
	if id != "" {
		id = "id: " + id + "\n"
	}
	f.raw(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", id, name, body))
}

func (f *frames) raw(text string) {
	if f.err == nil {
		_ = f.rc.SetWriteDeadline(time.Now().Add(10 * time.Second)) // a writer without deadlines still writes
		_, f.err = f.w.Write([]byte(text))
	}
}

// follow calls more after every hint and every beat until the reader goes.
func (a *API) follow(w http.ResponseWriter, r *http.Request, topic string, more func(*frames) error) {
	hint, stop := a.o.Hints.Watch(topic)
	defer stop()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	f := &frames{w: w, rc: http.NewResponseController(w)}
	beat := time.NewTicker(a.o.Beat)
	defer beat.Stop()
	for f.err == nil {
		if err := more(f); err != nil {
			return // the reader comes back, and by then the ledger may have too
		}
		if f.err == nil {
			f.err = f.rc.Flush()
		}
		select {
		case <-hint:
		case <-beat.C:
			f.raw(": beat\n\n")
		case <-r.Context().Done():
			return
		}
	}
}
