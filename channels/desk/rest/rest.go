// Package rest is the staff's desk as an HTTP API with event streams, for desks
// of other makers and for a console. docs/openapi.yaml describes every call; a
// test holds the two together. It adds no rule of its own: who may speak is
// decided by package desk, as for people in Slack and Telegram.
package rest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/channels/desk"
)

// The scopes of keys.
const (
	ScopeRead  = "read"  // see conversations
	ScopeWrite = "write" // take over, write, give back
)

// A Key lets a program in. It is sent as "Authorization: Bearer SECRET".
type Key struct {
	Name   string   // for the log
	Secret string   // at least 24 characters
	Scopes []string // ScopeRead, ScopeWrite
	Rate   float64  // calls a second in the long run; ten times as many at once; 0 means RateDefault
}

// RateDefault is how many calls a second a key may make: more than people at a
// desk need, and less than a program that has run wild takes.
const RateDefault = 20

// burst is how many seconds' worth of calls may come at once.
const burst = 10

// Options say what the API serves. Desk, Journal and Hints must be set.
type Options struct {
	Desk    *desk.Desk
	Journal bot.Journal
	Hints   bot.Hints        // the same that the Engine wakes
	Keys    []Key            // none lets nobody in
	Beat    time.Duration    // between signs of life on a stream, and the longest wait when every hint is lost; 0 means 3 s
	Log     *slog.Logger     // nil discards; never sees customer text
	Now     func() time.Time // nil means time.Now
}

// ErrOptions says that the Options cannot work; the message tells why.
var ErrOptions = errors.New("the API cannot start")

// API serves the calls. Make one with New.
type API struct {
	o    Options
	keys []key
}

// key is a Key by its hash, so that comparing takes the same time for all.
type key struct {
	name   string
	hash   [sha256.Size]byte
	scopes []string
	rate   *rate.Limiter
}

// New checks the options and returns the API.
func New(o Options) (*API, error) {
	if o.Desk == nil || o.Journal == nil || o.Hints == nil {
		return nil, fmt.Errorf("%w: set Desk, Journal and Hints", ErrOptions)
	}
	if o.Beat == 0 {
		o.Beat = 3 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	a := &API{o: o}
	for i, k := range o.Keys {
		switch {
		case len(k.Secret) < 24:
			return nil, fmt.Errorf("%w: key %d (%s) has %d characters, use at least 24, such as from openssl rand -hex 24", ErrOptions, i+1, k.Name, len(k.Secret))
		case len(k.Scopes) == 0:
			return nil, fmt.Errorf("%w: key %d (%s) has no scopes; use %s or %s", ErrOptions, i+1, k.Name, ScopeRead, ScopeWrite)
		}
		for _, s := range k.Scopes {
			if s != ScopeRead && s != ScopeWrite {
				return nil, fmt.Errorf("%w: key %d (%s): no scope is called %q; use %s or %s", ErrOptions, i+1, k.Name, s, ScopeRead, ScopeWrite)
			}
		}
		if k.Rate < 0 {
			return nil, fmt.Errorf("%w: key %d (%s): rate is %v calls a second; leave it out for %d", ErrOptions, i+1, k.Name, k.Rate, RateDefault)
		}
		perSecond := cmp.Or(k.Rate, RateDefault)
		limit := rate.NewLimiter(rate.Limit(perSecond), max(1, int(burst*perSecond)))
		a.keys = append(a.keys, key{k.Name, sha256.Sum256([]byte(k.Secret)), k.Scopes, limit})
	}
	return a, nil
}

// Prefix is where every call begins.
const Prefix = "/api/v1"

// A Route is one call.
type Route struct {
	Method, Path, Scope string
	serve               func(w http.ResponseWriter, r *http.Request)
}

// Routes lists every call, with the path as OpenAPI writes it.
func (a *API) Routes() []Route {
	const one = "/conversations/{channel}/{thread}"
	return []Route{
		{"GET", "/conversations", ScopeRead, a.list},
		{"GET", "/stream", ScopeRead, a.requests},
		{"GET", one, ScopeRead, a.one},
		{"GET", one + "/events", ScopeRead, a.events},
		{"GET", one + "/stream", ScopeRead, a.stream},
		{"GET", one + "/draft", ScopeRead, a.draft},
		{"POST", one + "/claim", ScopeWrite, a.claim},
		{"POST", one + "/messages", ScopeWrite, a.write},
		{"POST", one + "/release", ScopeWrite, a.release},
		{"POST", one + "/close", ScopeWrite, a.finish},
	}
}

// Handler serves the calls under Prefix.
func (a *API) Handler() http.Handler {
	m := http.NewServeMux()
	for _, route := range a.Routes() {
		m.HandleFunc(route.Method+" "+Prefix+route.Path, func(w http.ResponseWriter, r *http.Request) {
			if a.admit(w, r, route.Scope) {
				route.serve(w, r)
			}
		})
	}
	m.HandleFunc(Prefix+"/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "not-found", "there is no such call")
	})
	return m
}

// admit lets a call in whose key has the scope.
func (a *API) admit(w http.ResponseWriter, r *http.Request, scope string) bool {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	hash := sha256.Sum256([]byte(secret))
	var found *key
	for i, k := range a.keys { // all of them, whichever it is
		if subtle.ConstantTimeCompare(hash[:], k.hash[:]) == 1 {
			found = &a.keys[i]
		}
	}
	switch {
	case found == nil:
		w.Header().Set("WWW-Authenticate", "Bearer")
		refuse(w, http.StatusUnauthorized, "key", "send a key: Authorization: Bearer KEY")
	case !slices.Contains(found.scopes, scope):
		refuse(w, http.StatusForbidden, "scope", "this key has no scope "+scope)
	default:
		return a.paced(w, found)
	}
	return false
}

// paced lets a call in that comes no faster than its key may, and tells any
// other when to come again. One key that hurries slows down no other.
func (a *API) paced(w http.ResponseWriter, k *key) bool {
	now := a.o.Now()
	turn := k.rate.ReserveN(now, 1)
	wait := turn.DelayFrom(now)
	if wait == 0 {
		return true
	}
	turn.CancelAt(now)
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	refuse(w, http.StatusTooManyRequests, "rate", fmt.Sprintf("this key may make %g calls a second; try again later", float64(k.rate.Limit())))
	return false
}

// problem says what went wrong, after RFC 9457.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

func refuse(w http.ResponseWriter, status int, name, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	// The caller may be gone; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(problem{"urn:onki:problem:" + name, http.StatusText(status), status, detail})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // as above
}

// fail answers a call that could not be done.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var taken desk.Taken
	switch {
	case errors.As(err, &taken) && taken != "":
		refuse(w, http.StatusConflict, "taken", string(taken)+" has the conversation")
	case errors.As(err, &taken):
		refuse(w, http.StatusConflict, "taken", "somebody has taken over meanwhile")
	case errors.Is(err, bot.ErrBad):
		refuse(w, http.StatusBadRequest, "bad-request", "there is no such step or no such conversation")
	case r.Context().Err() != nil: // the caller has gone
	default:
		a.o.Log.Error("api call failed", "path", r.Pattern, "error", err)
		w.Header().Set("Retry-After", "2")
		refuse(w, http.StatusServiceUnavailable, "unavailable", "try again in a moment")
	}
}

const bodyMax = 64 << 10 // bytes of one call

// read decodes a JSON call and answers with a problem when it cannot.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "bad-request", "send application/json")
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyMax))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.Decode(new(struct{})) != io.EOF {
		err = errors.New("more than one value")
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "bad-request", err.Error())
	}
	return err == nil
}

// at is the conversation a call is about.
func at(r *http.Request) bot.Address {
	return bot.Address{Channel: r.PathValue("channel"), Thread: r.PathValue("thread")}
}

// waiting lists those who wait, for a call and for a stream.
func (a *API) waiting(ctx context.Context) ([]conversation, error) {
	sessions, err := a.o.Desk.Requests(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]conversation, 0, len(sessions))
	for _, s := range sessions {
		out = append(out, of(s))
	}
	return out, nil
}
