package main

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
)

//go:embed load.txt
var loadText string

// loadPlan is what onki load was asked to do.
type loadPlan struct {
	url, key, own, brand string
	streams              int
	rate                 float64
	span                 time.Duration
	flat                 bool // sample what the server holds, and fail when it grows
	pid                  int  // process of the server, to read its memory; 0 when it is elsewhere
}

func newLoad(s streams) *cobra.Command {
	var p loadPlan
	c := &cobra.Command{
		Use: "load", Short: "measure what a server bears: open streams, and turns a second", Args: cobra.NoArgs,
		Long: "Without --url, load starts a server of its own with a new ledger on this disk, holds streams open on it and talks on them at a\n" +
			"steady rate, whether or not the server keeps up (an open model); times count from when a message was due.",
		Example: "  onki load --streams 5000 --rate 500 --for 1m\n  onki load --url https://chat.shop.example --own chat.shop.example --key pk_shop --streams 100 --rate 5",
		RunE: func(c *cobra.Command, _ []string) error {
			return p.run(c.Context(), s)
		},
	}
	c.Flags().StringVar(&p.url, "url", "", "the server to measure; one of its own if left out")
	c.Flags().StringVar(&p.own, "own", "", "name the host of --url again to confirm that it is yours; not needed on this machine")
	c.Flags().StringVar(&p.key, "key", "pk_shop", "public key of the page")
	c.Flags().StringVar(&p.brand, "brand", "shop", "brand of the server that load starts")
	c.Flags().IntVar(&p.streams, "streams", 1000, "streams to hold open")
	c.Flags().Float64Var(&p.rate, "rate", 100, "turns a second")
	c.Flags().DurationVar(&p.span, "for", 10*time.Second, "how long to talk")
	c.Flags().BoolVar(&p.flat, "flat", false, "sample memory, goroutines and open files of the server meanwhile, and fail when one of them grows")
	return c
}

// check refuses to load what is not the user's own.
func (p *loadPlan) check() error {
	if p.streams < 1 || p.rate < 0 || p.span < 0 {
		return usagef("load: --streams must be 1 or more, --rate and --for not negative")
	}
	if p.url == "" {
		return nil
	}
	u, err := url.Parse(p.url)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return usagef("load: --url %q: write http://HOST:PORT", p.url)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) && !strings.EqualFold(p.own, u.Hostname()) {
		return usagef("load: %s is not this machine: if the host is yours, say so with --own %s", u.Hostname(), u.Hostname())
	}
	p.url = strings.TrimSuffix(p.url, "/")
	return nil
}

func (p *loadPlan) run(ctx context.Context, s streams) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.url == "" {
		stop, err := p.serveOwn(ctx, s.err)
		if err != nil {
			return err
		}
		defer stop()
	}
	result, err := p.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, result)
	if result.lost > 0 || p.flat && !result.held.flat() {
		return errSilent
	}
	return nil
}

// serveOwn starts a server as a process of its own, so that its memory is its
// own, without limits for one network, since all customers come from here.
func (p *loadPlan) serveOwn(ctx context.Context, talk io.Writer) (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	dir, err := os.MkdirTemp("", "onki-load-")
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	addr, err := freePort()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, "serve", "--addr", addr, "--brand", p.brand, "--ledger", "sqlite:"+filepath.Join(dir, "onki.db"), "--log-level", "error")
	c.Env = append(os.Environ(), "ONKI_LIMITS=off")
	c.Stderr = talk
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	p.url, p.key, p.pid = "http://"+addr, "pk_"+filepath.Base(p.brand), c.Process.Pid
	stop = func() {
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
		_ = os.RemoveAll(dir)
	}
	for range 600 {
		if conn, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			conn.Close()
			return stop, nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return nil, fmt.Errorf("load: the server at %s did not start", addr)
}

// freePort is an address of this machine at which nobody listens.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("load: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// loadResult is what was seen.
type loadResult struct {
	plan                loadPlan
	opened              time.Duration
	before, idle, after int64           // memory of the server in bytes, 0 when unknown
	took                []time.Duration // sorted
	talked              time.Duration
	lost                int
	failure             error // of one that was lost
	held                levels
}

// measure opens the streams, then talks.
func (p loadPlan) measure(ctx context.Context) (loadResult, error) {
	r := loadResult{plan: p, before: residentMemory(p.pid)}
	began := time.Now()
	visitors, err := openVisitors(ctx, p)
	if err != nil {
		return r, err
	}
	defer func() {
		for _, v := range visitors {
			v.close()
		}
	}()
	r.opened = time.Since(began)
	settle(ctx)
	r.idle = residentMemory(p.pid)
	if p.rate > 0 && p.span > 0 {
		p.talk(ctx, visitors, &r)
		settle(ctx)
		r.after = residentMemory(p.pid)
	}
	return r, ctx.Err()
}

// settle waits until what the server has just done is behind it.
func settle(ctx context.Context) {
	select {
	case <-time.After(2 * time.Second):
	case <-ctx.Done():
	}
}

// talk sends messages when they are due, each on the next stream, and waits for
// the answers beside.
func (p loadPlan) talk(ctx context.Context, visitors []*loadVisitor, r *loadResult) {
	lines := loadLines()
	var mu sync.Mutex
	var wg sync.WaitGroup
	stop := p.watch(ctx)
	began := time.Now()
	total := int(p.rate * p.span.Seconds())
	for i := range total {
		due := began.Add(time.Duration(float64(i) / p.rate * float64(time.Second)))
		time.Sleep(time.Until(due))
		if ctx.Err() != nil {
			break
		}
		v, line := visitors[i%len(visitors)], lines[i%len(lines)]
		wg.Go(func() {
			err := v.say(ctx, fmt.Sprintf("load-%08d", i), line[0], line[1])
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.lost++
				r.failure = cmp.Or(r.failure, err)
				return
			}
			r.took = append(r.took, time.Since(due))
		})
	}
	wg.Wait()
	r.held = stop()
	r.talked = time.Since(began)
	slices.Sort(r.took)
}

// loadLines are language and message of each line of load.txt.
func loadLines() (out [][2]string) {
	for line := range strings.Lines(loadText) {
		if lang, text, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			out = append(out, [2]string{lang, text})
		}
	}
	return out
}

// String is the result on a few lines.
func (r loadResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d processors, %s/%s\n", versionString(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	fmt.Fprintf(&b, "%d streams open in %.1f s\n", r.plan.streams, r.opened.Seconds())
	per := func(now int64) float64 { return float64(now-r.before) / 1024 / float64(r.plan.streams) }
	if r.before > 0 {
		fmt.Fprintf(&b, "server: %.0f MiB alone, %.0f MiB with them idle: %.1f KiB a stream\n", mebi(r.before), mebi(r.idle), per(r.idle))
	}
	if len(r.took)+r.lost == 0 {
		return b.String()
	}
	at := func(p float64) time.Duration {
		if len(r.took) == 0 {
			return 0
		}
		return r.took[int(p*float64(len(r.took)-1))].Round(100 * time.Microsecond)
	}
	fmt.Fprintf(&b, "%d turns, %.0f a second of %.0f asked: seen after p50 %v, p95 %v, p99 %v, most %v\n",
		len(r.took), float64(len(r.took))/r.talked.Seconds(), r.plan.rate, at(.5), at(.95), at(.99), at(1))
	if r.before > 0 {
		fmt.Fprintf(&b, "server after talk: %.0f MiB: %.1f KiB a stream\n", mebi(r.after), per(r.after))
	}
	fmt.Fprintf(&b, "lost: %d\n", r.lost)
	if r.failure != nil {
		fmt.Fprintf(&b, "one of the lost: %v\n", r.failure)
	}
	if r.plan.flat {
		b.WriteString(r.held.String())
	}
	return b.String()
}

func mebi(bytes int64) float64 { return float64(bytes) / (1 << 20) }
