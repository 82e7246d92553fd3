package killtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger"
)

// visitor is one customer of the web chat: a page that sends until it is told
// 202, reads the stream from the last event it has seen, and drops nothing else.
type visitor struct {
	base, name string
	trial      *Trial

	mu      sync.Mutex
	token   string
	visitor string
	last    int64
	open    []string // messages in the transcript without a reply
	faults  []string
}

// call is one request; false means that the program was not there to answer.
func (v *visitor) call(ctx context.Context, method, path string, in, out any) (status int, ok bool) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, false
	}
	r, err := http.NewRequestWithContext(ctx, method, v.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, false
	}
	v.mu.Lock()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+v.token)
	r.Header.Set("Last-Event-ID", fmt.Sprint(v.last))
	v.mu.Unlock()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, false
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusTooManyRequests {
		time.Sleep(200 * time.Millisecond)
	}
	return response.StatusCode, json.NewDecoder(response.Body).Decode(out) == nil
}

// begin opens the session, once.
func (v *visitor) begin(ctx context.Context) bool {
	v.mu.Lock()
	known := v.token != ""
	v.mu.Unlock()
	if known {
		return true
	}
	var s struct{ Token, Visitor string }
	status, ok := v.call(ctx, http.MethodPost, "/v1/session", map[string]string{"key": "pk_shop", "lang": "ko"}, &s)
	if !ok || status != http.StatusOK {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.token, v.visitor = s.Token, s.Visitor
	return true
}

func (v *visitor) post(ctx context.Context, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if !v.begin(ctx) {
		return fmt.Errorf("no session for %s", v.name)
	}
	status, _ := v.call(ctx, http.MethodPost, "/v1/messages", map[string]string{"cid": id, "kind": "text", "text": text}, new(struct{}))
	if status != http.StatusAccepted {
		return fmt.Errorf("%s: status %d", id, status)
	}
	return nil
}

// read follows the stream over every death and tells the trial what it shows.
func (v *visitor) read(ctx context.Context) {
	for ctx.Err() == nil {
		v.mu.Lock()
		ready := v.token != ""
		v.mu.Unlock()
		var page struct {
			Events []struct {
				Seq      int64
				Kind, ID string
				Parts    []struct{ Text string }
			}
		}
		if !ready {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if _, ok := v.call(ctx, http.MethodGet, "/v1/events?wait=20", nil, &page); !ok {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, e := range page.Events {
			v.mu.Lock()
			if e.Seq != v.last+1 {
				v.faults = append(v.faults, fmt.Sprintf("%s was shown event %d after %d", v.name, e.Seq, v.last))
			}
			v.last = e.Seq
			v.mu.Unlock()
			switch e.Kind {
			case "message":
				v.open = append(v.open, e.ID)
			case "reply":
				v.shown(e.ID, fmt.Sprint(e.Parts))
			}
		}
	}
}

// follow follows the stream over every death, too, and hands each reply to see.
func (v *visitor) follow(ctx context.Context, see func(id, text string)) {
	for ctx.Err() == nil {
		v.mu.Lock()
		ready := v.token != ""
		v.mu.Unlock()
		var page struct {
			Events []struct {
				Seq      int64
				Kind, ID string
				Parts    []struct{ Text string }
			}
		}
		if ready {
			_, ready = v.call(ctx, http.MethodGet, "/v1/events?wait=20", nil, &page)
		}
		if !ready {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for _, e := range page.Events {
			v.mu.Lock()
			v.last = e.Seq
			v.mu.Unlock()
			if e.Kind == "reply" {
				see(e.ID, fmt.Sprint(e.Parts))
			}
		}
	}
}

// shown finds what the reply answers: everything up to the message it is named
// after. A reply named after a message that has an answer is a second reply.
func (v *visitor) shown(id, text string) {
	to := slices.IndexFunc(v.open, func(m string) bool { return strings.HasSuffix(id, m) })
	v.trial.Heard(Receipt{Thread: v.name, ID: id, Answers: slices.Clone(v.open[:to+1]), Text: text, Heard: -1})
	if to < 0 {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.faults = append(v.faults, fmt.Sprintf("%s: reply %s answers nothing that is open", v.name, id))
	}
	v.open = v.open[to+1:]
}

// program builds onki, or takes the one named by KILLTEST_BINARY.
func program(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("KILLTEST_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "onki")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../../cmd/onki").CombinedOutput(); err != nil {
		t.Fatalf("build onki: %v\n%s", err, out)
	}
	return path
}

// TestServeKilled kills the program that people run, with the example shop and
// its real flow, under customers of its web chat.
func TestServeKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills onki for some seconds")
	}
	onki, dir := program(t), t.TempDir()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	steps := slices.DeleteFunc(sqlledger.StepNames(), func(s string) bool { return s == "again.inside" || strings.HasPrefix(s, "opened.") }) // the web needs no second try, and without a model nothing is opened
	trial := &Trial{Steps: steps, Rounds: 1, Random: 4, Life: time.Second, Threads: 32, Each: 55, Pace: 300 * time.Millisecond, Seed: rand.Uint64()}
	if long() {
		trial.Rounds, trial.Random, trial.Threads, trial.Pace = 8, 100, 64, 4*time.Second
	}
	visitors := make(map[string]*visitor)
	for i := range trial.Threads {
		name := fmt.Sprintf("x%02d", i)
		visitors[name] = &visitor{base: "http://" + addr, name: name, trial: trial}
	}
	texts := []string{"세 번째 문의예요. 환불 언제 되나요 ㅠㅠ", "배송이 아직도 안 왔어요", "주문 번호는 20260101-0042 입니다", "네", "고마워요"}
	trial.Post = func(ctx context.Context, thread, id, _ string) error {
		return visitors[thread].post(ctx, id, texts[len(id)*int(id[len(id)-1])%len(texts)])
	}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	trial.Start = func(_ int, step string) *exec.Cmd {
		cmd := exec.Command(onki, "serve", "--addr", addr, "--brand", "shop", "--ledger", "sqlite:"+filepath.Join(dir, "onki.db"))
		cmd.Dir, cmd.Stderr = dir, stderr
		cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ONKI_") }) // onki refuses what it does not know
		cmd.Env = append(cmd.Env, "ONKI_FAILPOINT="+step)
		return cmd
	}
	reading, stop := context.WithCancel(t.Context())
	defer stop()
	for _, v := range visitors {
		go v.read(reading)
	}
	report, err := trial.Run(t.Context())
	stop()
	if err != nil {
		said, _ := os.ReadFile(stderr.Name())
		t.Fatalf("%v\n%.3000s", err, said)
	}
	for _, v := range visitors {
		v.mu.Lock()
		report.Faults = append(report.Faults, v.faults...)
		v.mu.Unlock()
	}
	for _, fault := range report.Faults {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	if len(report.Restart) == 0 {
		t.Fatal("nothing was ever shown")
	}
	slices.Sort(report.Restart)
	t.Logf("%d deaths at %v and %d at random, %d messages, %d replies; restart to first reply shown p50 %v max %v", report.Deaths, report.Steps,
		trial.Random, report.Messages, report.Replies, report.Restart[len(report.Restart)/2], report.Restart[len(report.Restart)-1])
}
