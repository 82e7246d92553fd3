package sqlledger_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// A line carries bytes between a ledger and its server until it is held: then
// it takes them and passes nothing on, as a cable that was cut.
type line struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	held     *sync.Cond
	hold     bool
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{listener: listener, to: to}
	l.held = sync.NewCond(&l.mu)
	t.Cleanup(func() { l.set(false); listener.Close() })
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				continue
			}
			go l.pass(in, out)
			go l.pass(out, in)
		}
	}()
	return l
}

func (l *line) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		l.mu.Lock()
		for l.hold {
			l.held.Wait()
		}
		l.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil && !errors.Is(err, io.EOF) || n == 0 {
			return
		}
	}
}

func (l *line) set(hold bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = hold
	l.held.Broadcast()
}

// TestServerHangs: on a line that takes bytes and answers nothing, a message is
// refused soon enough for its network to send it again, who leads lets go before
// another may begin, and everything goes on when the line is back.
func TestServerHangs(t *testing.T) {
	server := pgtest.Shared(t)
	l := newLine(t, server.Addr())
	schema := schemaOf(t, server.Schema(t))
	password := strings.ReplaceAll(url.QueryEscape(pgtest.Password), "+", "%20")
	ledger := openURL(t, fmt.Sprintf("postgres://onki:%s@%s/postgres?search_path=%s", password, l.listener.Addr(), schema), sqlledger.Options{Beat: 100 * time.Millisecond})
	other := openURL(t, server.URL(schema), sqlledger.Options{Beat: 100 * time.Millisecond})
	receive(t, ledger, "x", "a", "before")
	held, release, err := ledger.Lead(t.Context(), "telegram")
	if err != nil {
		t.Fatal(err)
	}
	l.set(true)
	begin := time.Now()
	var let, taken time.Duration
	var all sync.WaitGroup
	all.Go(func() {
		<-held.Done()
		let = time.Since(begin)
		release()
	})
	all.Go(func() {
		_, end, err := other.Lead(t.Context(), "telegram")
		if err != nil {
			t.Error(err)
			return
		}
		taken = time.Since(begin)
		end()
	})
	m := bot.Message{ID: "b", From: bot.Address{Channel: "web", Thread: "x"}, Time: time.Now()}
	err = ledger.Receive(t.Context(), m)
	if took := time.Since(begin); err == nil || took > 10*time.Second {
		t.Errorf("Receive on a dead line: %v after %v; want a refusal within two seconds or so", err, took)
	}
	t.Logf("refused after %v: %v", time.Since(begin), err)
	all.Wait()
	if let > taken {
		t.Errorf("the first let go after %v, the second began after %v", let, taken)
	}
	t.Logf("let go after %v, taken over after %v", let, taken)
	l.set(false)
	for begin := time.Now(); ledger.Receive(t.Context(), m) != nil; {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("the ledger did not come back")
		}
	}
	w := soon(t, func() (*bot.Work, error) { return ledger.Claim(t.Context()) })
	if len(w.Messages) != 2 {
		t.Errorf("%d messages; want both, each once", len(w.Messages))
	}
}
