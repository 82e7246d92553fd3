// Package hook tells other programs about hand-overs, signed after the Standard
// Webhooks scheme (standardwebhooks.com). A call carries who has the
// conversation and how urgent it is, and no word of what was said; who may know
// more asks the API.
//
// What has been told is kept in the ledger, so that a restart neither loses nor
// forgets: each change of owner is told at least once and in order, under an ID
// by which the other end drops a repeat. A program that does not answer is tried
// again for a day.
package hook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// The types of calls.
const (
	Requested = "handoff.requested"   // a person has been called
	Changed   = "owner.changed"       // somebody else has the conversation now
	Closed    = "conversation.closed" // it is over
	since     = 24 * time.Hour        // how long a program is tried
	idHeader  = "webhook-id"          // the headers of the scheme
	atHeader  = "webhook-timestamp"   // seconds since 1970
	signature = "webhook-signature"   // "v1," and the base64 of the HMAC, one for each secret
	secretIs  = "whsec_"              // begins a secret
	slowest   = 10 * time.Minute      // longest wait after failures
	again     = time.Second / 2       // wait before a failed call is tried the first time again; it doubles while nothing is heard
	every     = 2 * time.Second       // between looks
	timeout   = 15 * time.Second      // of one call
)

// Places remember how far each conversation has been told. A ledger may be one.
type Places interface {
	KeepPlace(ctx context.Context, desk, thread string, a bot.Address, seq, epoch int64) error
	Places(ctx context.Context, desk string, each func(thread string, a bot.Address, seq, epoch int64)) error
}

// A Hook tells one program. All fields but Log and Now must be set.
type Hook struct {
	URL     string
	Secrets []string     // "whsec_" and base64 of 24 to 64 bytes; a call is signed with each, so that one can be replaced
	Client  *http.Client // must refuse what the server alone can reach, as package outbound does
	Journal bot.Journal
	Past    bot.Transcript
	Places  Places
	Log     *slog.Logger
	Now     func() time.Time

	keys  [][]byte
	told  map[bot.Address]int64 // last event told
	fails int
}

// ErrOptions says that a hook cannot work; the message tells why.
var ErrOptions = errors.New("the webhook cannot start")

// call is the body of a call.
type call struct {
	Type string    `json:"type"`
	Time time.Time `json:"timestamp"`
	Data struct {
		Channel  string `json:"channel"`
		Thread   string `json:"thread"`
		Owner    string `json:"owner"`
		Seq      int64  `json:"seq"`
		Priority string `json:"priority,omitempty"`
		Called   string `json:"called,omitempty"`
	} `json:"data"`
}

// Run tells until ctx ends.
func (h *Hook) Run(ctx context.Context) error {
	if err := h.prepare(ctx); err != nil {
		return err
	}
	for {
		wait := every
		if err := h.round(ctx); err != nil && ctx.Err() == nil {
			h.fails++
			wait = min(again<<min(h.fails, 12), slowest)
			if h.Log != nil {
				h.Log.Warn("webhook", "host", host(h.URL), "failures", h.fails, "wait", wait, "error", err)
			}
		} else {
			h.fails = 0
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// host is the part of an address that may be logged: the rest may hold keys.
func host(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	name, _, _ := strings.Cut(rest, "/")
	return name[strings.LastIndex(name, "@")+1:]
}

// name is what the hook is called among the Places.
func (h *Hook) name() string {
	sum := sha256.Sum256([]byte(h.URL))
	return "hook/" + base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Check reports what is wrong with address and secrets, before anything starts.
func (h *Hook) Check() error {
	if !strings.HasPrefix(h.URL, "https://") && !strings.HasPrefix(h.URL, "http://") {
		return fmt.Errorf("%w: the address of %s must begin with https://", ErrOptions, host(h.URL))
	}
	if len(h.Secrets) == 0 {
		return fmt.Errorf("%w: %s needs a secret: whsec_ and the output of openssl rand -base64 32", ErrOptions, host(h.URL))
	}
	h.keys = nil
	for _, s := range h.Secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, secretIs))
		if err != nil || !strings.HasPrefix(s, secretIs) || len(key) < 24 || len(key) > 64 {
			return fmt.Errorf("%w: a secret of %s is not whsec_ and base64 of 24 to 64 bytes; make one with openssl rand -base64 32", ErrOptions, host(h.URL))
		}
		h.keys = append(h.keys, key)
	}
	return nil
}

func (h *Hook) prepare(ctx context.Context) error {
	if err := h.Check(); err != nil {
		return err
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	h.told = make(map[bot.Address]int64)
	return h.Places.Places(ctx, h.name(), func(_ string, a bot.Address, seq, _ int64) { h.told[a] = seq })
}

// round tells what has not been told yet. It stops at the first call that fails,
// so that nothing overtakes it.
func (h *Hook) round(ctx context.Context) error {
	all, err := h.Journal.Conversations(ctx, h.Now().Add(-since), 1000)
	if err != nil {
		return fmt.Errorf("read conversations: %w", err)
	}
	for _, s := range all {
		for {
			events, err := h.Past.Events(ctx, s.Address, h.told[s.Address], 200)
			if err != nil {
				return fmt.Errorf("read conversation: %w", err)
			}
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				if e.Kind != "owner" {
					continue
				}
				if err := h.tell(ctx, s, e); err != nil {
					return err
				}
				h.fails = 0 // they hear us: what fails now is tried again soon
				if err := h.keep(ctx, s.Address, e.Seq); err != nil {
					return err
				}
			}
			h.told[s.Address] = events[len(events)-1].Seq
		}
	}
	return nil
}

func (h *Hook) keep(ctx context.Context, a bot.Address, seq int64) error {
	h.told[a] = seq
	if err := h.Places.KeepPlace(ctx, h.name(), "", a, seq, 0); err != nil {
		return fmt.Errorf("keep how far %s was told: %w", a, err)
	}
	return nil
}

// tell makes one call. What is older than a day is passed over.
func (h *Hook) tell(ctx context.Context, s bot.Session, e bot.Event) error {
	if h.Now().Sub(e.Time) > since {
		return nil
	}
	c := call{Type: Changed, Time: e.Time.UTC()}
	switch e.Owner {
	case bot.OwnerWaiting:
		c.Type = Requested
	case bot.OwnerClosed:
		c.Type = Closed
	}
	c.Data.Channel, c.Data.Thread, c.Data.Owner, c.Data.Seq = s.Address.Channel, s.Address.Thread, e.Owner, e.Seq
	c.Data.Priority, c.Data.Called = s.Priority.Tier, s.Called
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call %s: bad address", host(h.URL))
	}
	id := "evt_" + short(s.Address.String()+"#"+strconv.FormatInt(e.Seq, 10))
	at := strconv.FormatInt(h.Now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "onki")
	r.Header.Set(idHeader, id)
	r.Header.Set(atHeader, at)
	r.Header.Set(signature, sign(h.keys, id, at, body))
	resp, err := h.Client.Do(r)
	if err != nil {
		return fmt.Errorf("call %s: %w", host(h.URL), hide(err))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("call %s: %s", host(h.URL), cmp.Or(resp.Status, "no status"))
	}
	return nil
}

// hide takes the address out of an error: it may hold keys.
func hide(err error) error {
	var wrapped interface{ Unwrap() error }
	if errors.As(err, &wrapped) && wrapped.Unwrap() != nil {
		return wrapped.Unwrap()
	}
	return err
}

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// sign signs a call with each key, as the scheme wants it.
func sign(keys [][]byte, id, at string, body []byte) string {
	var all []string
	for _, key := range keys {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(id + "." + at + "."))
		m.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	}
	return strings.Join(all, " ")
}
