package telegram

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// A Token is the secret of a bot, as BotFather gives it. It does not print
// itself: every way to write it out gives "[token]".
type Token string

// String returns "[token]".
func (Token) String() string { return "[token]" }

// GoString returns "[token]".
func (Token) GoString() string { return "[token]" }

// MarshalText returns "[token]", for JSON and logs.
func (Token) MarshalText() ([]byte, error) { return []byte("[token]"), nil }

// LogValue returns "[token]".
func (Token) LogValue() slog.Value { return slog.StringValue("[token]") }

// Format writes "[token]" whatever the verb.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[token]") }

// Options say how the channel reaches Telegram. Token must be set; everything
// else has a default.
type Options struct {
	Token   Token    // of the bot, "123456:…"
	Secrets []string // webhook secrets, 16 to 256 letters, digits, _ and -; the first is given to Telegram, all are accepted; none means long polling
	Keys    [][]byte // sign buttons, at least 32 bytes each; the first signs, all are accepted; none derives one from the token

	// Leader waits until this process may poll the bot and returns a context
	// that ends when it no longer may, with a function that gives the right
	// back. Nil means that this is the only process. Not used with Secrets.
	Leader func(ctx context.Context) (held context.Context, release func(), err error)

	// Transcribe turns a voice message into text. It has 20 s, while the
	// message waits; after an error the message arrives without a text. Nil
	// leaves voice as a file.
	Transcribe func(ctx context.Context, f bot.File, sound io.Reader) (string, error)

	Ledger     bot.Transcript               // source of /export; nil does not offer it. An Eraser offers /delete, a Keeper keeps /stop
	Desk       bot.Desk                     // is told when the owner of a business account writes to a customer; nil ignores that
	Links      []string                     // hosts a reply may link to, subdomains included; other addresses are shown as plain text
	Words      map[string]map[string]string // the brand's texts by language and name, over those of words/*.txt
	Lang       string                       // language of the channel's own texts before the customer's is known; "" means "ko"
	AtMostOnce bool                         // rather lose a message than send it twice

	Answer time.Duration    // the longest time a webhook call may take before Telegram is told to come again; 0 means 25 s
	Wait   time.Duration    // how long one call of long polling waits for news; 0 means 50 s
	Server string           // address of the Bot API; "" is Telegram's own
	HTTP   *http.Client     // for calls to Telegram; nil is one with a time limit of 15 s
	Log    *slog.Logger     // nil discards; never sees customer text
	Now    func() time.Time // nil means time.Now
}

// An Eraser is a ledger that can forget a conversation and everything kept
// because of it.
type Eraser interface {
	Erase(ctx context.Context, a bot.Address) error
}

// A Keeper is a ledger that keeps a record of consent given and withdrawn.
type Keeper interface {
	Consent(ctx context.Context, a bot.Address, what string, given bool, version string, at time.Time) error
}

// ErrOptions says that the Options cannot work; the message tells why.
var ErrOptions = errors.New("telegram cannot start")

var (
	tokenRule  = regexp.MustCompile(`^[0-9]{1,19}:[A-Za-z0-9_-]{20,}$`)
	secretRule = regexp.MustCompile(`^[A-Za-z0-9_-]{16,256}$`)
)

// check reports the first thing wrong with the options.
func (o *Options) check() error {
	switch {
	case o.Token == "":
		return fmt.Errorf("%w: set Token, the one BotFather gave for the bot", ErrOptions)
	case !tokenRule.MatchString(string(o.Token)):
		return fmt.Errorf("%w: Token does not look like 123456:ABC…; copy it from BotFather again", ErrOptions)
	case o.Answer < 0 || o.Answer > 55*time.Second:
		return fmt.Errorf("%w: answer time %s; Telegram waits 60 s, use at most 55 s", ErrOptions, o.Answer)
	case o.Wait < 0 || o.Wait > 50*time.Second:
		return fmt.Errorf("%w: waiting %s for news; Telegram allows at most 50 s", ErrOptions, o.Wait)
	}
	for i, s := range o.Secrets {
		if !secretRule.MatchString(s) {
			return fmt.Errorf("%w: webhook secret %d needs 16 to 256 letters, digits, _ or -", ErrOptions, i+1)
		}
	}
	for i, k := range o.Keys {
		if len(k) < 32 {
			return fmt.Errorf("%w: key %d has %d bytes, use at least 32", ErrOptions, i+1, len(k))
		}
	}
	if u, err := url.Parse(o.Server); o.Server != "" && (err != nil || u.Host == "") {
		return fmt.Errorf("%w: server %q is not an address like https://bots.example", ErrOptions, o.Server)
	}
	return nil
}

// defaults fills in what was left out.
func (o *Options) defaults() {
	if len(o.Keys) == 0 {
		h := hmac.New(sha256.New, []byte(o.Token))
		h.Write([]byte("onki telegram buttons"))
		o.Keys = [][]byte{h.Sum(nil)} // the same after a restart and on every node
	}
	if o.Lang == "" {
		o.Lang = "ko"
	}
	if o.Answer == 0 {
		o.Answer = 25 * time.Second
	}
	if o.Wait == 0 {
		o.Wait = 50 * time.Second
	}
	if o.Server == "" {
		o.Server = "https://api.telegram.org"
	}
	o.Server = strings.TrimRight(o.Server, "/")
	if o.HTTP == nil {
		o.HTTP = &http.Client{Timeout: 15 * time.Second}
		if t, ok := http.DefaultTransport.(*http.Transport); ok {
			o.HTTP.Transport = t.Clone() // connections of our own, to close at the end
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
}
