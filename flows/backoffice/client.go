package backoffice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/outbound"
	"github.com/onkihq/onki/flows"
	"github.com/onkihq/onki/flows/solve"
)

// answerMax is how much of an answer is read, in bytes.
const answerMax = 64 << 10

// backoff is the wait before the first further try of a look-up; it doubles.
const backoff = 50 * time.Millisecond

// A Client asks the brand's systems. It is safe for concurrent use.
type Client struct {
	office *solve.Office
	base   *url.URL
	secret []byte
	http   *http.Client
	now    func() time.Time
}

// Options are what a Client needs besides backoffice.yaml.
type Options struct {
	URL       string              // in place of the configured one, for a Transport of one's own
	Getenv    func(string) string // nil means os.Getenv
	Transport http.RoundTripper   // nil means one that goes only to the listed hosts
	Now       func() time.Time    // for signatures; nil means time.Now
}

// ErrUnset from New: backoffice.yaml refers to a variable that is not set.
var ErrUnset = errors.New("is not set")

// New returns a client of the brand's systems. It calls nobody yet.
func New(o *solve.Office, opt Options) (*Client, error) {
	if opt.Getenv == nil {
		opt.Getenv = os.Getenv
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	guard := outbound.Guard{Hosts: o.Hosts, Only: true, MaxBody: answerMax, Timeout: o.Wait()}
	c := &Client{office: o, now: opt.Now, http: guard.Client()}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if opt.Transport != nil {
		c.http.Transport = opt.Transport
	}
	address, err := resolve(o.URL, opt.Getenv)
	if opt.URL != "" {
		address, err = opt.URL, nil
	}
	if err != nil {
		return nil, fmt.Errorf("backoffice.yaml: url: %w", err)
	}
	if c.base, err = url.Parse(strings.TrimRight(address, "/")); err != nil || c.base.Host == "" || c.base.Scheme != "https" && c.base.Scheme != "http" {
		return nil, fmt.Errorf("backoffice.yaml: url %q: want https://host", address)
	}
	if err := guard.Check(c.base.String()); opt.URL == "" && err != nil {
		return nil, fmt.Errorf("backoffice.yaml: host %s is not among hosts: add it if it is the brand's own: %w", c.base.Host, err)
	}
	if o.Secret != "" && opt.URL == "" {
		secret, err := resolve(o.Secret, opt.Getenv)
		if err != nil {
			return nil, fmt.Errorf("backoffice.yaml: secret: %w", err)
		}
		c.secret = []byte(secret)
	}
	return c, nil
}

// resolve reads env:NAME, or returns what is written.
func resolve(ref string, getenv func(string) string) (string, error) {
	name, isRef := strings.CutPrefix(ref, "env:")
	if !isRef {
		return ref, nil
	}
	v := getenv(name)
	if v == "" {
		return "", fmt.Errorf("%s %w: export it where Onki runs", name, ErrUnset)
	}
	return v, nil
}

// Lookup asks the system; see flows.Lookup.
func (c *Client) Lookup(ctx context.Context, name string, args map[string]string) ([]bot.Fact, error) {
	call := c.office.LookUps[name]
	if call == nil {
		return nil, fmt.Errorf("look-up %s is not declared", name)
	}
	var err error
	for try := range c.office.Retries + 1 {
		if try > 0 {
			select {
			case <-time.After(backoff << (try - 1)):
			case <-ctx.Done():
				return nil, fmt.Errorf("look up %s: %w", name, ctx.Err())
			}
		}
		var a *answer
		a, err = c.call(ctx, http.MethodGet, call.Get, "", args, nil)
		switch {
		case err != nil:
			continue
		case a.status == http.StatusNotFound:
			return nil, fmt.Errorf("look up %s: %w", name, flows.ErrNone)
		case a.status == http.StatusOK:
			facts, err := read(call, a.body, args)
			if err != nil {
				return nil, fmt.Errorf("look up %s: %w", name, err)
			}
			return facts, nil
		case a.status < 500 && a.status != http.StatusTooManyRequests:
			return nil, fmt.Errorf("look up %s: status %d", name, a.status)
		}
		err = fmt.Errorf("status %d", a.status)
	}
	return nil, fmt.Errorf("look up %s: %w", name, err)
}

// An answer is what the system said.
type answer struct {
	status int
	body   map[string]any
}

var hole = regexp.MustCompile(`\{([^}]+)\}`)

// fill puts the arguments into a path; each stays one segment of it.
func fill(path string, args map[string]string) (string, error) {
	var err error
	out := hole.ReplaceAllStringFunc(path, func(h string) string {
		v := args[h[1:len(h)-1]]
		if v == "" || v == "." || v == ".." {
			err = fmt.Errorf("argument %s is %q", h, v)
		}
		return url.PathEscape(v)
	})
	return out, err
}

// rest is the query with what the path does not hold: who asks, and what proves
// that it may be told to them.
func rest(path string, args map[string]string) string {
	q := make(url.Values)
	for name, v := range args {
		if name != "lang" && v != "" && !strings.Contains(path, "{"+name+"}") {
			q.Set(name, v)
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// call makes one signed request and reads a JSON object.
func (c *Client) call(ctx context.Context, method, path, key string, args map[string]string, body []byte) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.office.Wait())
	defer cancel()
	target, err := fill(path, args)
	if err != nil {
		return nil, err
	}
	if method == http.MethodGet {
		target += rest(path, args)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if args["lang"] != "" {
		req.Header.Set("Accept-Language", args["lang"])
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	if len(c.secret) > 0 {
		req.Header.Set("Onki-Signature", Sign(c.secret, c.now(), method, req.URL.RequestURI(), key, body))
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &answer{status: res.StatusCode}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != "application/json" && res.StatusCode < 300 {
		return nil, fmt.Errorf("the answer is %q and not JSON", kind)
	}
	text, err := io.ReadAll(res.Body) // the guard bounds it
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &a.body); err != nil && res.StatusCode < 300 {
		return nil, fmt.Errorf("the answer is no JSON object: %w", err)
	}
	return a, nil
}

// Sign returns the Onki-Signature header of a call: the time and an HMAC-SHA256
// in hexadecimal over time, method, path with query, idempotency key and body,
// joined by line feeds. The brand's system computes the same and compares in
// constant time; it refuses times more than five minutes away.
func Sign(secret []byte, at time.Time, method, uri, key string, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, secret)
	for _, part := range []string{t, method, uri, key} {
		mac.Write([]byte(part + "\n"))
	}
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
