package web

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// Options say how the chat works. Ledger, Hints, Brand and at least one key
// must be set; everything else has a default.
type Options struct {
	Ledger bot.Transcript // where events are read; also asked whether it is a bot.Journal, an Eraser, a Rater or a Keeper
	Hints  bot.Hints      // the same that the Engine wakes
	Brand  Brand
	Keys   []Key

	// Secrets sign what the browser holds: the first signs, all verify, so
	// that a secret can be replaced without cutting anyone off. Each has at
	// least 32 bytes. With none, one is made up, and every visitor starts
	// anew when the process does.
	Secrets [][]byte

	Files    Store                                                           // where uploads go; nil refuses them
	Scan     func(context.Context, []byte) error                             // looks at an upload before it is kept; an error refuses it
	Continue func(ctx context.Context, token string) (url string, err error) // the deep link by which a customer goes on elsewhere; nil, or a ledger that is no Linker, does not offer it
	App      string                                                          // what customers call where Continue leads, such as Telegram
	Banner   func(lang string) string                                        // a notice above the chat, or ""; wake TopicBanner when it changes
	Context  []string                                                        // keys a page may tell us about; nil means page, order and product
	Limits   Limits
	ClientIP func(*http.Request) string // behind a proxy: how to tell who calls; nil means RemoteAddr
	Beat     time.Duration              // between signs of life on a stream, and the longest wait when every hint is lost; 0 means 15 s
	Log      *slog.Logger               // nil discards; never sees customer text
	Now      func() time.Time           // nil means time.Now
}

// A Brand is what the chat shows of the brand. Texts are by language: "ko",
// "en" and any other the brand brings words for.
type Brand struct {
	Slug     string                       // names the page /chat/<slug>: small letters, digits, hyphens
	Name     map[string]string            // "하늘마켓", "Haneul Market"
	Accent   string                       // such as "#2f6f6a"; darkened where white text on it would be hard to read
	Person   map[string]string            // what a human colleague is called: "상담원"; a built-in word if absent
	Hours    map[string]string            // when people answer, in words
	Greeting map[string]string            // the first line of an empty chat; a built-in one if absent
	Notice   map[string]string            // that an AI answers and looks at tone; a built-in one if absent
	Privacy  string                       // address of the privacy page, or ""
	Starters map[string][]bot.Choice      // questions to begin with; one without an ID is sent as text
	Links    []string                     // hosts a reply may link to; other addresses are shown as plain text
	Words    map[string]map[string]string // words of the widget in further languages, or other ones for ko and en
}

// A Key is a public key that a page embeds. It opens nothing by itself: it
// says which pages may use the chat and how their customers are known.
type Key struct {
	ID       string   // "pk_…"; visible to everyone
	Origins  []string // pages that may use it, such as "https://shop.example"; "*" is any, for trying out
	Identity Identity
}

// An Identity says how a page proves who its customer is.
type Identity struct {
	Mode     string            // "off" or "": everyone is anonymous; "verify": proof is checked when given; "require": nobody without proof gets in
	Audience string            // what "aud" of a JWT must be; "" means the key's ID
	HS256    []byte            // secret shared with the brand's server, at least 32 bytes
	EdDSA    ed25519.PublicKey // public key of the brand's server
	HMAC     []byte            // secret for the easy start, a hex HMAC-SHA256 of the user's name; it never expires, so prefer a JWT
}

// Limits keep one visitor from slowing the others down. A zero field means its
// default, a negative one no limit.
type Limits struct {
	PerSecond float64 // messages of one visitor, burst of five; 1
	PerHour   float64 // messages of one anonymous visitor; 60
	Sessions  float64 // sessions per minute from one network, burst of three times as many; 30
	Brand     float64 // messages per second of all visitors together; 500
	Uploads   float64 // files per hour of one visitor; 10
	Streams   int     // streams at once for one conversation; 8
	Network   int     // streams at once from one network; 200
	Text      int     // characters in one message; 2000
	FileSize  int64   // bytes in one file; 10 MiB
}

// ErrOptions says that the Options cannot work; the message tells why.
var ErrOptions = errors.New("web chat cannot start")

var slugRule = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$`)

// check reports the first thing wrong with the options.
func (o *Options) check() error {
	switch {
	case o.Ledger == nil:
		return fmt.Errorf("%w: set Ledger, which holds the conversations", ErrOptions)
	case o.Hints == nil:
		return fmt.Errorf("%w: set Hints, the same as the engine's", ErrOptions)
	case len(o.Keys) == 0:
		return fmt.Errorf("%w: set at least one Key", ErrOptions)
	case !slugRule.MatchString(o.Brand.Slug):
		return fmt.Errorf("%w: brand slug %q: use small letters, digits and hyphens", ErrOptions, o.Brand.Slug)
	case o.Brand.Name["ko"] == "" && o.Brand.Name["en"] == "":
		return fmt.Errorf("%w: brand %s needs a name in ko or en", ErrOptions, o.Brand.Slug)
	}
	if o.Brand.Accent != "" {
		if _, err := Accent(o.Brand.Accent); err != nil {
			return fmt.Errorf("%w: %v", ErrOptions, err)
		}
	}
	for i, s := range o.Secrets {
		if len(s) < 32 {
			return fmt.Errorf("%w: secret %d has %d bytes, use at least 32", ErrOptions, i+1, len(s))
		}
	}
	seen := make(map[string]bool)
	for _, k := range o.Keys {
		if seen[k.ID] {
			return fmt.Errorf("%w: key %q is there twice", ErrOptions, k.ID)
		}
		seen[k.ID] = true
		if err := k.check(); err != nil {
			return err
		}
	}
	return nil
}

func (k Key) check() error {
	if k.ID == "" || strings.ContainsAny(k.ID, " \t\n\"'<>") {
		return fmt.Errorf("%w: key %q: use letters, digits and _", ErrOptions, k.ID)
	}
	for _, origin := range k.Origins {
		if origin == "*" {
			continue
		}
		u, err := url.Parse(origin)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return fmt.Errorf("%w: key %s: origin %q must look like https://shop.example, without a path", ErrOptions, k.ID, origin)
		}
	}
	id := k.Identity
	switch id.Mode {
	case "", "off":
		return nil
	case "verify", "require":
	default:
		return fmt.Errorf("%w: key %s: identity mode %q is none of off, verify, require", ErrOptions, k.ID, id.Mode)
	}
	if len(id.HS256) == 0 && len(id.EdDSA) == 0 && len(id.HMAC) == 0 {
		return fmt.Errorf("%w: key %s: identity %q needs HS256, EdDSA or HMAC", ErrOptions, k.ID, id.Mode)
	}
	if n := len(id.HS256); n > 0 && n < 32 {
		return fmt.Errorf("%w: key %s: HS256 secret has %d bytes, use at least 32", ErrOptions, k.ID, n)
	}
	if n := len(id.HMAC); n > 0 && n < 16 {
		return fmt.Errorf("%w: key %s: HMAC secret has %d bytes, use at least 16", ErrOptions, k.ID, n)
	}
	if n := len(id.EdDSA); n > 0 && n != ed25519.PublicKeySize {
		return fmt.Errorf("%w: key %s: EdDSA key has %d bytes, want %d", ErrOptions, k.ID, n, ed25519.PublicKeySize)
	}
	return nil
}

// defaults fills in what was left out.
func (o *Options) defaults() {
	l := &o.Limits
	orFloat(&l.PerSecond, 1)
	orFloat(&l.PerHour, 60)
	orFloat(&l.Sessions, 30)
	orFloat(&l.Brand, 500)
	orFloat(&l.Uploads, 10)
	if l.Streams == 0 {
		l.Streams = 8
	}
	if l.Network == 0 {
		l.Network = 200
	}
	if l.Text == 0 {
		l.Text = 2000
	}
	if l.FileSize == 0 {
		l.FileSize = 10 << 20
	}
	if o.Context == nil {
		o.Context = []string{"page", "order", "product"}
	}
	if o.Beat == 0 {
		o.Beat = 15 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}

func orFloat(f *float64, otherwise float64) {
	if *f == 0 {
		*f = otherwise
	}
}
