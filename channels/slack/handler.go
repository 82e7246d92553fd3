package slack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/channels/edge"
)

// bodyMax is the longest call read.
const bodyMax = 1 << 20

// window is how far the time of a call may be from ours.
const window = 5 * time.Minute

// Handler takes what Slack posts: events, and clicks on buttons and menus, all
// at one address. It answers 200 once the message is safe, 401 to whoever does
// not hold a signing secret, and 503 when it could not be kept in time; Slack
// then sends it again. A call repeated within the five minutes its signature
// holds is the same message and changes nothing.
func (c *Channel) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyMax))
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(w, "unreadable", http.StatusBadRequest)
			return
		}
		if !c.signed(r.Header, body) {
			http.Error(w, "not signed by Slack", http.StatusUnauthorized)
			return
		}
		c.serve(w, r, body)
	})
}

// signed reports whether the call bears a signature made with one of our
// secrets, over this body, not long ago.
func (c *Channel) signed(h http.Header, body []byte) bool {
	stamp := h.Get("X-Slack-Request-Timestamp")
	sec, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || c.o.Now().Sub(time.Unix(sec, 0)).Abs() > window {
		return false
	}
	given, ok := strings.CutPrefix(h.Get("X-Slack-Signature"), "v0=")
	if !ok {
		return false
	}
	mac, err := hex.DecodeString(given)
	if err != nil {
		return false
	}
	valid := false
	for _, secret := range c.o.SigningSecrets {
		sum := hmac.New(sha256.New, []byte(secret))
		sum.Write([]byte("v0:" + stamp + ":"))
		sum.Write(body)
		valid = hmac.Equal(sum.Sum(nil), mac) || valid
	}
	return valid
}

// serve handles a call that is Slack's.
func (c *Channel) serve(w http.ResponseWriter, r *http.Request, body []byte) {
	do, payload := c.take, body
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, err := url.ParseQuery(string(body))
		if err != nil || form.Get("payload") == "" {
			w.WriteHeader(http.StatusOK) // a command or something new: nothing of ours
			return
		}
		do, payload = c.interact, []byte(form.Get("payload"))
	} else if challenge := challenged(body); challenge != "" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = io.WriteString(w, challenge)
		return
	}
	err := c.within(func(ctx context.Context) error { return do(ctx, payload) })
	switch {
	case err == nil:
		w.WriteHeader(http.StatusOK)
	case errors.Is(err, errShape):
		c.o.Log.Warn("call dropped", "channel", Name, "error", err)
		w.WriteHeader(http.StatusOK)
	default:
		c.o.Log.Warn("call not taken", "channel", Name, "retry", r.Header.Get("X-Slack-Retry-Num"), "error", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// challenged returns what Slack wants to hear back when an address is entered
// in the app's settings.
func challenged(body []byte) string {
	var o outer
	if json.Unmarshal(body, &o) != nil || o.Type != "url_verification" {
		return ""
	}
	return o.Challenge
}

// within does the job and gives up waiting when Slack is about to. The job goes
// on: if it succeeds late, the repeat is recognized by its ID.
func (c *Channel) within(do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), c.o.Answer)
	result := make(chan error, 1)
	if !c.in.Go(func() {
		defer cancel()
		result <- do(ctx)
	}) {
		cancel()
		return edge.ErrAway
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result: // both at once: the result counts
		return err
	default:
		return ctx.Err()
	}
}
