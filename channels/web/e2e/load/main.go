// Command load holds many idle streams open on a chat server and talks on some
// of them, to learn what a stream costs and how fast an answer is seen. It is
// for loopback: it opens as many connections as it is told to.
//
//	go run ./channels/web/e2e/server -addr 127.0.0.1:8950 -beat 15s &
//	go run ./channels/web/e2e/load -url http://127.0.0.1:8950 -pid $! -streams 10000 -rate 500
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

func main() {
	target := flag.String("url", "http://127.0.0.1:8950", "the server; loopback only")
	key := flag.String("key", "pk_test", "public key")
	streams := flag.Int("streams", 1000, "streams to hold open")
	pid := flag.Int("pid", 0, "process of the server, to read its memory")
	rate := flag.Int("rate", 100, "turns per second while the streams are open")
	span := flag.Duration("for", 10*time.Second, "how long to talk")
	flag.Parse()
	if err := run(*target, *key, *streams, *pid, *rate, *span); err != nil {
		log.Fatal(err)
	}
}

func run(target, key string, streams, pid, rate int, span time.Duration) error {
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("%s is not a loopback address: this tool is for one's own machine", u.Host)
	}
	before := memory(pid)
	began := time.Now()
	visitors := make([]*visitor, streams)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 64)
	var failed error
	var once sync.Once
	for i := range visitors {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			v, err := open(u, key)
			if err != nil {
				once.Do(func() { failed = err })
				return
			}
			visitors[i] = v
		})
	}
	wg.Wait()
	if failed != nil {
		return fmt.Errorf("open streams: %w", failed)
	}
	time.Sleep(2 * time.Second)
	after := memory(pid)
	fmt.Printf("%d streams open in %.1f s\n", streams, time.Since(began).Seconds()-2)
	if pid > 0 {
		fmt.Printf("server: %.1f MiB before, %.1f MiB with them: %.1f KiB a stream\n", mib(before), mib(after), float64(after-before)/1024/float64(streams))
	}
	return talk(u, visitors, rate, span)
}

// talk sends messages at the rate, each on another stream, and waits for the
// answer to be seen there.
func talk(u *url.URL, visitors []*visitor, rate int, span time.Duration) error {
	var mu sync.Mutex
	var took []time.Duration
	var lost int
	var wg sync.WaitGroup
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	end := time.After(span)
	began := time.Now()
	for i := 0; ; i++ {
		select {
		case <-tick.C:
		case <-end:
			wg.Wait()
			slices.Sort(took)
			if len(took) == 0 {
				return fmt.Errorf("no answer of %d was seen", lost)
			}
			at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))].Round(100 * time.Microsecond) }
			fmt.Printf("%d turns, %.0f a second: seen after p50 %v, p95 %v, p99 %v, most %v; %d lost\n", len(took), float64(len(took))/time.Since(began).Seconds(), at(.5), at(.95), at(.99), at(1), lost)
			return nil
		}
		v := visitors[i%len(visitors)]
		wg.Go(func() {
			d, err := v.say(client, u, i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				lost++
				return
			}
			took = append(took, d)
		})
	}
}

// visitor is one browser: a token and a stream.
type visitor struct {
	token   string
	replies chan struct{}
}

func open(u *url.URL, key string) (*visitor, error) {
	var s struct{ Token string }
	resp, err := http.Post(u.String()+"/v1/session", "application/json", strings.NewReader(`{"key":`+strconv.Quote(key)+`}`))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&s); err != nil || s.Token == "" {
		return nil, fmt.Errorf("session answered %s: %v", resp.Status, err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(conn, "GET /v1/events HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nAccept: text/event-stream\r\n\r\n", u.Host, s.Token)
	v := &visitor{s.Token, make(chan struct{}, 16)}
	ready := make(chan error, 1)
	go v.read(conn, ready)
	return v, <-ready
}

func (v *visitor) read(conn net.Conn, ready chan<- error) {
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 512)
	for {
		line, err := r.ReadSlice('\n')
		if err != nil && err != bufio.ErrBufferFull {
			select {
			case ready <- err:
			default:
			}
			return
		}
		switch {
		case bytes.HasPrefix(line, []byte("event: hello")):
			ready <- nil
		case bytes.HasPrefix(line, []byte("event: reply")):
			v.replies <- struct{}{}
		}
	}
}

func (v *visitor) say(client *http.Client, u *url.URL, i int) (time.Duration, error) {
	began := time.Now()
	req, err := http.NewRequest("POST", u.String()+"/v1/messages", strings.NewReader(fmt.Sprintf(`{"cid":"load-%08d","kind":"text","text":"hello %d"}`, i, i)))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+v.token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusAccepted {
		return 0, fmt.Errorf("%s %v", resp.Status, err)
	}
	select {
	case <-v.replies:
		return time.Since(began), nil
	case <-time.After(10 * time.Second):
		return 0, fmt.Errorf("no answer")
	}
}

// memory returns the resident memory of a process in bytes, 0 when unknown.
func memory(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
