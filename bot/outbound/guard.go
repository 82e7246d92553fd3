package outbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Limits of one exchange, where a Guard names none.
const (
	TimeoutDefault = 30 * time.Second
	BodyDefault    = 16 << 20 // bytes of an answer
	redirectsMax   = 5
	headerMax      = 64 << 10 // bytes of an answer's header
)

// What a refused call wraps.
var (
	// ErrPrivate: the address is inside a private network.
	ErrPrivate = errors.New("the address is inside a private network")
	// ErrRefused: the link is not one that is followed.
	ErrRefused = errors.New("the link is refused")
	// ErrTooBig: the answer is longer than allowed.
	ErrTooBig = errors.New("the answer is too big")
)

// A Guard says where a client may go. Its zero value allows the public web on
// its usual ports.
type Guard struct {
	// Hosts are the brand's own, which may be in its own network and on any
	// port: "orders.example.com", "10.0.0.5:8443", "*.svc.internal". Without a
	// port all ports are meant. Addresses from which a cloud machine learns its
	// keys stay closed.
	Hosts []string
	// Only closes everything but Hosts.
	Only bool
	// Timeout is for a whole exchange, the body included; 0 means
	// TimeoutDefault.
	Timeout time.Duration
	// MaxBody is how many bytes of an answer are read, after unpacking; 0 means
	// BodyDefault. Reading more is ErrTooBig.
	MaxBody int64
	// Resolver resolves names; nil means net.DefaultResolver.
	Resolver *net.Resolver
}

// Client returns a client that goes only where the guard allows. It uses no
// proxy from the environment, because a proxy would make the connection
// unseen.
func (g Guard) Client() *http.Client {
	timeout := cmp.Or(g.Timeout, TimeoutDefault)
	return &http.Client{
		Timeout:       timeout,
		CheckRedirect: g.redirect,
		Transport: &guarded{guard: g, next: &http.Transport{
			DialContext: g.dial, TLSHandshakeTimeout: min(timeout, 10*time.Second), ResponseHeaderTimeout: timeout,
			MaxResponseHeaderBytes: headerMax, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		}},
	}
}

// Check reports why a link would be refused before anybody is asked, or nil. An
// address behind a name is judged when the connection is made.
func (g Guard) Check(link string) error {
	u, err := url.Parse(link)
	if err != nil {
		return fmt.Errorf("%w: it is not a link", ErrRefused)
	}
	return g.check(u)
}

func (g Guard) check(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("%w: it must begin with https://", ErrRefused)
	case u.Hostname() == "":
		return fmt.Errorf("%w: it names no host", ErrRefused)
	case u.User != nil:
		return fmt.Errorf("%w: it holds a user name; give keys in a header", ErrRefused)
	}
	port := cmp.Or(u.Port(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
	switch {
	case g.own(u.Hostname(), port):
		return nil
	case g.Only:
		return fmt.Errorf("%w: %s is not among the allowed hosts", ErrRefused, u.Hostname())
	case !PublicName(u.Hostname()):
		return fmt.Errorf("%s: %w", u.Hostname(), ErrPrivate)
	case !slices.Contains([]string{"80", "443", "8080", "8443"}, port):
		return fmt.Errorf("%w: port %s of a public host", ErrRefused, port)
	}
	return nil
}

// own reports whether host and port are among Hosts.
func (g Guard) own(host, port string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range g.Hosts {
		name, only := strings.ToLower(h), ""
		if n, p, err := net.SplitHostPort(name); err == nil {
			name, only = n, p
		}
		name = strings.Trim(name, "[]")
		if only != "" && only != port {
			continue
		}
		if tail, any := strings.CutPrefix(name, "*"); name == host || any && strings.HasPrefix(tail, ".") && len(host) > len(tail) && strings.HasSuffix(host, tail) {
			return true
		}
	}
	return false
}

// dial connects, and looks at the address that is really connected to.
func (g Guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	own := g.own(host, port)
	d := net.Dialer{Timeout: 10 * time.Second, Resolver: g.Resolver, Control: func(_, to string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(to)
		if err != nil || hopeless(at.Addr()) || !own && !Public(at.Addr()) {
			return ErrPrivate
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// redirect judges where an answer sends us on. What was meant for one host, a
// body or a key in a header, is not carried to another.
func (g Guard) redirect(next *http.Request, via []*http.Request) error {
	if len(via) >= redirectsMax {
		return fmt.Errorf("%w: more than %d redirects", ErrRefused, redirectsMax)
	}
	first := via[0]
	if first.URL.Scheme == "https" && next.URL.Scheme != "https" {
		return fmt.Errorf("%w: a redirect away from https", ErrRefused)
	}
	if next.URL.Host == first.URL.Host {
		return nil
	}
	if next.Method != http.MethodGet && next.Method != http.MethodHead {
		return fmt.Errorf("%w: a redirect that carries a body to %s", ErrRefused, next.URL.Hostname())
	}
	for name := range next.Header {
		if !slices.Contains([]string{"Accept", "Accept-Language", "User-Agent"}, name) {
			next.Header.Del(name)
		}
	}
	return nil
}

// guarded is the transport of a Guard's client.
type guarded struct {
	guard Guard
	next  http.RoundTripper
}

// RoundTrip judges each request of an exchange, redirects among them, and
// bounds the answer.
func (t *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := t.guard.check(r.URL); err != nil {
		return nil, err
	}
	answer, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(t.guard.MaxBody, BodyDefault)
	if answer.ContentLength > limit {
		answer.Body.Close()
		return nil, fmt.Errorf("%s: %w: %d bytes, at most %d", r.URL.Hostname(), ErrTooBig, answer.ContentLength, limit)
	}
	answer.Body = &bounded{answer.Body, limit}
	return answer, nil
}

// bounded is a body that may be so long.
type bounded struct {
	io.ReadCloser
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n = int(b.left)
		b.left = 0
		return n, ErrTooBig
	}
	b.left -= int64(n)
	return n, err
}
