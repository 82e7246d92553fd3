package web

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// gate holds the token buckets. They are per process: with several nodes a
// visitor gets at most that many times as much, which is still a limit.
type gate struct {
	limits Limits
	now    func() time.Time
	brand  *rate.Limiter

	mu      sync.Mutex
	buckets map[string]*bucket
	swept   time.Time
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

const (
	sweepEvery = time.Minute
	bucketIdle = time.Hour // a bucket unused for so long is full again
	bucketsMax = 100_000   // a flood of networks must not fill the memory
)

func newGate(l Limits, now func() time.Time) *gate {
	return &gate{limits: l, now: now, brand: limiter(l.Brand, l.Brand*2), buckets: make(map[string]*bucket)}
}

func limiter(perSecond, burst float64) *rate.Limiter {
	if perSecond < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(burst)))
}

// bucket returns the limiter of that name, made if need be.
func (g *gate) bucket(name string, perSecond, burst float64) *rate.Limiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if now.Sub(g.swept) > sweepEvery || len(g.buckets) > bucketsMax {
		for k, b := range g.buckets {
			if now.Sub(b.used) > bucketIdle || len(g.buckets) > bucketsMax {
				delete(g.buckets, k)
			}
		}
		g.swept = now
	}
	b := g.buckets[name]
	if b == nil {
		b = &bucket{Limiter: limiter(perSecond, burst)}
		g.buckets[name] = b
	}
	b.used = now
	return b.Limiter
}

// take uses one token of each limiter, or none and says how long to wait.
func (g *gate) take(limiters ...*rate.Limiter) time.Duration {
	now := g.now()
	taken := make([]*rate.Reservation, 0, len(limiters))
	for _, l := range limiters {
		r := l.ReserveN(now, 1)
		taken = append(taken, r)
		if wait := r.DelayFrom(now); wait > 0 {
			for _, t := range taken {
				t.CancelAt(now)
			}
			return wait
		}
	}
	return 0
}

// message says how long a visitor has to wait before their next message.
func (g *gate) message(a access) time.Duration {
	l := []*rate.Limiter{g.bucket("s:"+a.Thread, g.limits.PerSecond, 5)}
	if a.User == "" {
		l = append(l, g.bucket("h:"+a.Thread, g.limits.PerHour/3600, g.limits.PerHour))
	}
	return g.take(append(l, g.brand)...)
}

// session says how long a network has to wait before its next session.
func (g *gate) session(network string) time.Duration {
	return g.take(g.bucket("n:"+network, g.limits.Sessions/60, 3*g.limits.Sessions))
}

// upload says how long a visitor has to wait before their next file.
func (g *gate) upload(a access) time.Duration {
	return g.take(g.bucket("u:"+a.Thread, g.limits.Uploads/3600, g.limits.Uploads))
}

// light says whether a call that costs little may be made: typing, marks.
func (g *gate) light(a access) time.Duration {
	return g.take(g.bucket("t:"+a.Thread, 2, 20))
}

// network names the network a request comes from: an IPv4 /24 or an IPv6 /56,
// since one customer may hold that many addresses.
func (c *Channel) network(r *http.Request) string {
	ip := r.RemoteAddr
	if c.o.ClientIP != nil {
		ip = c.o.ClientIP(r)
	}
	if host, _, err := net.SplitHostPort(ip); err == nil {
		ip = host
	}
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	addr = addr.Unmap()
	bits := 56
	if addr.Is4() {
		bits = 24
	}
	p, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return p.String()
}

// counter counts what is open at once, by name.
type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func newCounter() *counter { return &counter{n: make(map[string]int)} }

// enter counts one more under the name unless there are limit already; a
// negative limit is none. The returned function counts it out again.
func (c *counter) enter(name string, limit int) (leave func(), ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if limit >= 0 && c.n[name] >= limit {
		return nil, false
	}
	c.n[name]++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.n[name]--; c.n[name] == 0 {
			delete(c.n, name)
		}
	}, true
}
