package llm

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// The purposes a model may be used for.
const (
	Write     = "write"     // words a decided reply
	Recognize = "recognize" // a second opinion on what a customer feels
	Appraise  = "appraise"  // a second opinion on what happened
	Fill      = "fill"      // makes a question of its own out of a follow-up
	Summarise = "summarise" // what a person who takes over should know
	Judge     = "judge"     // judges conversations in an evaluation
)

// Purposes returns the names of all purposes.
func Purposes() []string { return []string{Write, Recognize, Appraise, Fill, Summarise, Judge} }

// A Spec is one model as it is configured.
type Spec struct {
	Use         string        `yaml:"use"`         // PROVIDER:NAME, or PROVIDER:NAME@URL; providers are openai, anthropic, googleai and ollama
	Key         string        `yaml:"key"`         // where the key is: env:NAME or file:PATH; "" for a server that needs none
	For         []string      `yaml:"for"`         // purposes; nothing means write and summarise, which no first word waits for
	Price       Price         `yaml:"price"`       // for the cost metrics and the budgets; nothing means free
	Temperature *float64      `yaml:"temperature"` // left to the provider if not set; some models accept none
	Timeout     time.Duration `yaml:"timeout"`     // of one call; 0 means what the purpose allows
}

// Price is what a million tokens cost, in the currency of the brand's bill.
type Price struct {
	In  float64 `yaml:"in"`
	Out float64 `yaml:"out"`
}

// A Budget bounds what is spent. Zero values do not bound. What was spent is
// forgotten when the process ends; days are those of UTC.
type Budget struct {
	Day          float64 `yaml:"day"`          // cost in a day
	Conversation float64 `yaml:"conversation"` // cost in a conversation
	DayTokens    int     `yaml:"day_tokens"`
	TalkTokens   int     `yaml:"conversation_tokens"`
}

// endpoint is a Spec, read.
type endpoint struct {
	Spec
	provider, name, url, key string
}

// defaults are the addresses of the providers.
func defaultURL(provider string) (string, bool) {
	u, ok := map[string]string{
		"openai":    "https://api.openai.com/v1",
		"anthropic": "https://api.anthropic.com/v1",
		"googleai":  "https://generativelanguage.googleapis.com/v1beta/openai",
		"ollama":    "http://localhost:11434",
	}[provider]
	return u, ok
}

// ErrSpec is wrapped by every fault of a configured model.
var ErrSpec = errors.New("model")

// parse reads a Spec. A key that cannot be read is an error now and not at the
// first customer.
func (s Spec) parse() (*endpoint, error) {
	fail := func(format string, args ...any) (*endpoint, error) {
		return nil, fmt.Errorf("%w %q: %s", ErrSpec, s.Use, fmt.Sprintf(format, args...))
	}
	provider, rest, ok := strings.Cut(s.Use, ":")
	base, known := defaultURL(provider)
	if !ok || !known {
		return fail("write PROVIDER:NAME or PROVIDER:NAME@URL with openai, anthropic, googleai or ollama")
	}
	name, address := rest, ""
	for _, scheme := range []string{"@https://", "@http://"} { // names may hold an @ of their own
		if i := strings.LastIndex(rest, scheme); i >= 0 {
			name, address = rest[:i], rest[i+1:]
		}
	}
	if name == "" {
		return fail("the name of the model is missing after %s:", provider)
	}
	e := &endpoint{Spec: s, provider: provider, name: name, url: base}
	if address != "" {
		e.url = strings.TrimRight(address, "/")
	}
	u, err := url.Parse(e.url)
	if err != nil || u.Host == "" || u.User != nil {
		return fail("the address %q is none; write it as https://host/path, without a password", e.url)
	}
	for _, p := range s.For {
		if !slices.Contains(Purposes(), p) {
			return fail("purpose %q is not known; there are %s", p, strings.Join(Purposes(), ", "))
		}
	}
	if e.key, err = readKey(s.Key); err != nil {
		return fail("%v", err)
	}
	if e.key == "" && address == "" && provider != "ollama" {
		return fail("a key is needed: write key: env:NAME or key: file:PATH")
	}
	if e.key != "" && u.Scheme != "https" && !private(u.Hostname()) {
		return fail("a key is not sent over http: use https, or a server on this machine or network")
	}
	return e, nil
}

// serves reports whether the model may be used for the purpose.
func (e *endpoint) serves(purpose string) bool {
	if len(e.For) == 0 {
		return purpose == Write || purpose == Summarise
	}
	return slices.Contains(e.For, purpose)
}

// label names the model in traces and metrics.
func (e *endpoint) label() string { return e.provider + ":" + e.name }

// readKey follows the reference to a key.
func readKey(ref string) (string, error) {
	kind, at, _ := strings.Cut(ref, ":")
	switch {
	case ref == "":
		return "", nil
	case kind == "env":
		key := os.Getenv(at)
		if key == "" {
			return "", fmt.Errorf("key %s: the variable is not set", ref)
		}
		return key, nil
	case kind == "file":
		text, err := os.ReadFile(at)
		if err != nil {
			return "", fmt.Errorf("key: %w", err)
		}
		key := strings.TrimSpace(string(text))
		if key == "" {
			return "", fmt.Errorf("key %s: the file is empty", ref)
		}
		return key, nil
	}
	return "", errors.New("key: write env:NAME or file:PATH, never the key itself")
}

// private reports a host on this machine or network.
func private(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback() || ip.IsPrivate()
	}
	return host == "localhost" || !strings.Contains(host, ".")
}
