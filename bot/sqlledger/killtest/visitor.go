package killtest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Visitor is one customer of onki's web chat, as its page behaves: it sends
// until it is told 202, reads the stream from the last event it has seen, and
// drops nothing else. Base and Name must be set, and Trial for Read.
type Visitor struct {
	Base  string // of the server, such as http://127.0.0.1:8080
	Name  string // the conversation's name in the trial
	Lang  string // ko or en; empty means ko
	Key   string // public key of the page; empty means that of the example shop
	Trial *Trial

	mu    sync.Mutex
	token string
	last  int64
	open  []string // messages in the transcript without a reply
}

// call is one request; false means that the program was not there to answer.
func (v *Visitor) call(ctx context.Context, method, path string, in, out any) (status int, ok bool) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, false
	}
	r, err := http.NewRequestWithContext(ctx, method, v.Base+path, bytes.NewReader(body))
	if err != nil {
		return 0, false
	}
	v.mu.Lock()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+v.token)
	r.Header.Set("Last-Event-ID", fmt.Sprint(v.last))
	v.mu.Unlock()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusTooManyRequests {
		time.Sleep(200 * time.Millisecond)
	}
	return response.StatusCode, json.NewDecoder(response.Body).Decode(out) == nil
}

// begin opens the session, once.
func (v *Visitor) begin(ctx context.Context) bool {
	v.mu.Lock()
	known := v.token != ""
	v.mu.Unlock()
	if known {
		return true
	}
	var s struct{ Token string }
	status, ok := v.call(ctx, http.MethodPost, "/v1/session", map[string]string{"key": cmp.Or(v.Key, "pk_shop"), "lang": cmp.Or(v.Lang, "ko")}, &s)
	if !ok || status != http.StatusOK {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.token = s.Token
	return true
}

// Post sends a message under its client ID; nil means that it was acknowledged.
func (v *Visitor) Post(ctx context.Context, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if !v.begin(ctx) {
		return fmt.Errorf("no session for %s", v.Name)
	}
	status, _ := v.call(ctx, http.MethodPost, "/v1/messages", map[string]string{"cid": id, "kind": "text", "text": text}, new(struct{}))
	if status != http.StatusAccepted {
		return fmt.Errorf("%s: status %d", id, status)
	}
	return nil
}

// An event is one line of the stream.
type event struct {
	Seq      int64
	Kind, ID string
	Parts    []struct{ Text string }
}

// Read follows the stream over every death and tells the trial what it shows.
func (v *Visitor) Read(ctx context.Context) {
	v.stream(ctx, func(e event, last int64) {
		if e.Seq != last+1 {
			v.Trial.log.wrong(disordered, "%s was shown event %d after %d", v.Name, e.Seq, last)
		}
		switch e.Kind {
		case "message":
			v.open = append(v.open, e.ID)
		case "reply":
			v.shown(e.ID, fmt.Sprint(e.Parts))
		}
	})
}

// Follow follows the stream over every death, as Read does, and hands each reply
// to see instead of telling a trial.
func (v *Visitor) Follow(ctx context.Context, see func(id, text string)) {
	v.stream(ctx, func(e event, _ int64) {
		if e.Kind == "reply" {
			see(e.ID, fmt.Sprint(e.Parts))
		}
	})
}

// stream hands over each event, and the number of the one before it, until ctx
// ends.
func (v *Visitor) stream(ctx context.Context, each func(e event, last int64)) {
	for ctx.Err() == nil {
		v.mu.Lock()
		ready := v.token != ""
		v.mu.Unlock()
		var page struct{ Events []event }
		if ready {
			_, ready = v.call(ctx, http.MethodGet, "/v1/events?wait=20", nil, &page)
		}
		if !ready {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, e := range page.Events {
			v.mu.Lock()
			last := v.last
			v.last = e.Seq
			v.mu.Unlock()
			each(e, last)
		}
	}
}

// shown finds what the reply answers: everything up to the message it is named
// after. A reply named after a message that has an answer is a second reply.
func (v *Visitor) shown(id, text string) {
	to := slices.IndexFunc(v.open, func(m string) bool { return strings.HasSuffix(id, m) })
	v.Trial.Heard(Receipt{Thread: v.Name, ID: id, Answers: slices.Clone(v.open[:to+1]), Text: text, Heard: -1})
	if to < 0 {
		v.Trial.log.wrong(doubled, "%s: reply %s answers nothing that is open", v.Name, id)
	}
	v.open = v.open[to+1:]
}
