// Package selftest repeats the central promises of Onki on the machine it runs
// on: it starts the real program with a ledger of its own, writes to it as
// customers of the web chat do, kills it again and again, and compares by a log
// of its own what was sent with what was answered. Then it looks after damage,
// backup, erasure, the audit log, redaction and the way out for people in
// danger. It needs no network and no key, and leaves nothing behind.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot/sqlledger/killtest"
)

// A Plan is what to repeat, and with which program.
type Plan struct {
	Program string                                  // path of onki
	Version string                                  // of it, for the result
	Span    time.Duration                           // how long all of it may take, about; at least 3 s
	Seed    uint64                                  // of everything random: the same seed dies at the same times
	Sync    func(dir string) (time.Duration, error) // measures one sync to the disk of a folder
}

// A Line is one promise and what was seen of it.
type Line struct {
	Promise  string `json:"promise"`
	Measured string `json:"measured"`
	Pass     bool   `json:"pass"`
}

// A Result is the page that comes of it.
type Result struct {
	Version string    `json:"version"`
	System  string    `json:"system"`
	Cores   int       `json:"cores"`
	Sync    float64   `json:"sync_ms"` // of one write to the disk
	Seed    uint64    `json:"seed"`
	At      time.Time `json:"at"`
	Took    float64   `json:"took_s"`
	Lines   []Line    `json:"lines"`
	Faults  []string  `json:"faults,omitempty"` // what was wrong with the messages, in words
}

// Passed reports whether every promise was kept.
func (r Result) Passed() bool {
	return !slices.ContainsFunc(r.Lines, func(l Line) bool { return !l.Pass })
}

// String is the result as a page of plain text.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "onki selftest: %s, %s, %d cores, one sync to disk %.2f ms, seed %d, %.0f s\n\n", r.Version, r.System, r.Cores, r.Sync, r.Seed, r.Took)
	failed := 0
	for _, l := range r.Lines {
		mark := "pass"
		if !l.Pass {
			mark = "FAIL"
			failed++
		}
		fmt.Fprintf(&b, "%s  %s\n      %s\n", mark, l.Promise, l.Measured)
	}
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "\nwrong: %s", f)
	}
	if failed > 0 {
		fmt.Fprintf(&b, "\n%d of %d promises were broken: repeat it with --seed %d\n", failed, len(r.Lines), r.Seed)
		return b.String()
	}
	fmt.Fprintf(&b, "\n%d of %d promises kept\n", len(r.Lines), len(r.Lines))
	return b.String()
}

// A bench is the folder and the program under test.
type bench struct {
	Plan
	dir    string
	addr   string
	random *rand.Rand
	report *killtest.Report
	result Result
}

// Run repeats the promises. Its error says that the test itself could not be
// done; what was broken is in the result.
func (p Plan) Run(ctx context.Context) (Result, error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "onki-selftest-")
	if err != nil {
		return Result{}, fmt.Errorf("selftest: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &bench{Plan: p, dir: dir, random: rand.New(rand.NewPCG(p.Seed, 11)), result: Result{Version: p.Version, System: runtime.GOOS + "/" + runtime.GOARCH,
		Cores: runtime.NumCPU(), Seed: p.Seed, At: began.UTC().Truncate(time.Second)}}
	sync, err := p.Sync(dir)
	if err != nil {
		return Result{}, fmt.Errorf("selftest: %w", err)
	}
	b.result.Sync = float64(sync.Microseconds()) / 1000
	if b.addr, err = freeAddr(); err != nil {
		return Result{}, err
	}
	for _, step := range []func(context.Context) error{b.kill, b.danger, b.restore, b.damage, b.erase, b.audit, b.redact} {
		if err := step(ctx); err != nil {
			return Result{}, fmt.Errorf("selftest: %w%s", err, b.said())
		}
	}
	b.result.Took = time.Since(began).Seconds()
	return b.result, nil
}

// line adds one promise to the page.
func (b *bench) line(pass bool, promise, measured string, args ...any) {
	b.result.Lines = append(b.result.Lines, Line{promise, fmt.Sprintf(measured, args...), pass})
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("selftest: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// path is a file of the test.
func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// onki is one command line of the program, away from the user's configuration.
func (b *bench) onki(args ...string) *exec.Cmd {
	c := exec.Command(b.Program, args...)
	c.Args[0] = "onki"
	c.Dir = b.dir
	c.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ONKI_") })
	c.Env = append(c.Env, "ONKI_LIMITS=off") // all customers come from one address
	return c
}

// serve is a server on the ledger of that name, whose log goes into one file.
func (b *bench) serve(ledger string, log *os.File) *exec.Cmd {
	c := b.onki("serve", "--addr", b.addr, "--brand", "shop", "--ledger", "sqlite:"+b.path(ledger), "--log-level", "debug")
	c.Stdout, c.Stderr = log, log
	return c
}

// does runs one command line to its end, which must come soon.
func (b *bench) does(ctx context.Context, args ...string) (said string, err error) {
	c := b.onki(args...)
	var out strings.Builder
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		return "", err
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err = <-ended:
		return out.String(), err
	case <-ctx.Done():
		err = ctx.Err()
	case <-time.After(30 * time.Second):
		err = errors.New("it does not end")
	}
	_ = c.Process.Kill()
	<-ended
	return out.String(), err
}

// said is the end of what the servers said, for an error.
func (b *bench) said() string {
	text, err := os.ReadFile(b.path("log"))
	if err != nil || len(text) == 0 {
		return ""
	}
	return "\n" + string(text[max(0, len(text)-1000):])
}
