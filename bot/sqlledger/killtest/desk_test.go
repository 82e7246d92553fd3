package killtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
)

const deskKey = "desk_sk_0123456789abcdef0123"

// A crm is a program of the brand that is told of hand-overs. It refuses every
// sixteenth call and loses the answer to as many.
type crm struct {
	mu     sync.Mutex
	random *rand.Rand
	calls  int
	told   map[string][]int64          // by conversation, the events in the order they were first told
	ids    map[string]map[int64]string // by conversation, the ID under which each was told
	faults []string
}

// ServeHTTP takes a call.
func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Data struct {
			Thread, Owner string
			Seq           int64
		}
	}
	if json.NewDecoder(r.Body).Decode(&call) != nil {
		return // the caller died while calling
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	luck := c.random.IntN(16)
	if luck == 0 {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	thread, id := call.Data.Thread, r.Header.Get("webhook-id")
	if c.ids[thread] == nil {
		c.ids[thread] = make(map[int64]string)
	}
	switch before, again := c.ids[thread][call.Data.Seq]; {
	case again && before != id:
		c.faults = append(c.faults, fmt.Sprintf("event %d of %s was told under %s and %s", call.Data.Seq, thread, before, id))
	case !again:
		c.ids[thread][call.Data.Seq] = id
		c.told[thread] = append(c.told[thread], call.Data.Seq)
	}
	if luck == 1 {
		panic(http.ErrAbortHandler)
	}
}

// A caller asks for a person again and again; two clerks want to be it.
type caller struct {
	*Visitor
	mu    sync.Mutex
	seen  map[string]int // how often what a clerk said in each dialogue was shown
	wrong []string
}

// desk makes a call of the staff's API; ok says that onki was there to answer.
func (c *caller) desk(ctx context.Context, method, path string, in any) (status int, owner string, ok bool) {
	body, _ := json.Marshal(in)
	v := c.Visitor
	v.mu.Lock()
	thread := threadOf(v.token)
	v.mu.Unlock()
	r, err := http.NewRequestWithContext(ctx, method, c.Base+"/api/v1/conversations/web/"+thread+path, bytes.NewReader(body))
	if err != nil {
		return 0, "", false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+deskKey)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", false
	}
	defer response.Body.Close()
	var s struct{ Owner string }
	err = json.NewDecoder(response.Body).Decode(&s)
	return response.StatusCode, s.Owner, err == nil && response.StatusCode != http.StatusServiceUnavailable
}

// insist repeats a call until it is answered.
func (c *caller) insist(ctx context.Context, method, path string, in any) (status int, owner string) {
	for ctx.Err() == nil {
		if status, owner, ok := c.desk(ctx, method, path, in); ok {
			return status, owner
		}
		time.Sleep(10 * time.Millisecond)
	}
	return 0, ""
}

// dialogue is one hand-over from the call to the goodbye.
func (c *caller) dialogue(ctx context.Context, id string) error {
	c.mu.Lock()
	done := c.seen[id] > 0
	c.mu.Unlock()
	if done {
		return nil
	}
	if !c.begin(ctx) {
		return fmt.Errorf("no session for %s", c.Name)
	}
	for status := 0; status != http.StatusAccepted; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		status, _ = c.call(ctx, http.MethodPost, "/v1/messages", map[string]string{"cid": id, "kind": "choice", "choice": "human", "text": "상담원 연결"}, new(struct{}))
	}
	for owner := ""; owner != "waiting" && owner != "queued"; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(10 * time.Millisecond)
		_, owner = c.insist(ctx, http.MethodGet, "", nil)
	}
	clerks, won := []string{"Mina", "Jun"}, make([]bool, 2)
	var both sync.WaitGroup
	for i, name := range clerks {
		both.Go(func() {
			status, _ := c.insist(ctx, http.MethodPost, "/claim", map[string]string{"person": name})
			won[i] = status == http.StatusOK
		})
	}
	both.Wait()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if won[0] == won[1] {
		c.fault("%s: both took over, or none: %v", id, won)
		return nil
	}
	winner, loser := clerks[slices.Index(won, true)], clerks[slices.Index(won, false)]
	say := func(who, tag string) int {
		status, _ := c.insist(ctx, http.MethodPost, "/messages", map[string]string{"person": who, "id": "say-" + tag + "-" + id, "text": "안녕하세요, " + tag + " " + id + " 건을 보고 있습니다."})
		return status
	}
	if status := say(loser, "loser"); status != http.StatusConflict && ctx.Err() == nil {
		c.fault("%s: %s talked over %s: %d", id, loser, winner, status)
	}
	if status := say(winner, "winner"); status != http.StatusOK && ctx.Err() == nil {
		c.fault("%s: %s could not write: %d", id, winner, status)
	}
	c.insist(ctx, http.MethodPost, "/release", map[string]string{"person": winner})
	for ctx.Err() == nil {
		c.mu.Lock()
		shown := c.seen[id]
		c.mu.Unlock()
		if shown > 0 {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}

func (c *caller) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// see notes what a clerk said to the customer.
func (c *caller) see(id, text string) {
	if strings.Contains(text, "loser ") {
		c.fault("the customer was shown %s", text)
	}
	_, of, ok := strings.Cut(text, "winner ")
	if !ok {
		return
	}
	dialogue := strings.Fields(of)[0]
	c.mu.Lock()
	c.seen[dialogue]++
	again := c.seen[dialogue] > 1
	c.mu.Unlock()
	if again {
		c.fault("%s was said twice", dialogue)
		return
	}
	c.Trial.Heard(Receipt{Thread: c.Name, ID: id, Answers: []string{dialogue}, Text: text, Heard: -1})
}

// threadOf reads the conversation from a page's token, which is signed and not
// encrypted.
func threadOf(token string) string {
	var a struct {
		Thread string `json:"t"`
	}
	text, _, _ := strings.Cut(token, ".")
	if body, err := base64.RawURLEncoding.DecodeString(text); err == nil {
		_ = json.Unmarshal(body, &a)
	}
	return a.Thread
}

// owners lists each conversation's changes of owner.
func owners(t *testing.T, path string) map[string][]bot.Event {
	t.Helper()
	l, err := sqlledger.Open(t.Context(), "sqlite:"+path, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	all, err := l.Conversations(t.Context(), time.Time{}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	changes := make(map[string][]bot.Event)
	for _, s := range all {
		for after := int64(0); ; {
			events, err := l.Events(t.Context(), s.Address, after, 200)
			if err != nil {
				t.Fatal(err)
			}
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				if e.Kind == "owner" {
					changes[s.Address.Thread] = append(changes[s.Address.Thread], e)
				}
			}
			after = events[len(events)-1].Seq
		}
	}
	return changes
}

// settle lets onki tell what it has not told yet.
func (c *crm) settle(t *testing.T, trial *Trial, ledger string) {
	t.Helper()
	want := 0
	for _, changes := range owners(t, ledger) {
		want += len(changes)
	}
	cmd := trial.Start(0, "")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		c.mu.Lock()
		told := 0
		for _, events := range c.told {
			told += len(events)
		}
		c.mu.Unlock()
		if told >= want {
			return
		}
	}
}

// judge compares what happened with what was told.
func (c *crm) judge(t *testing.T, ledger string) (changes int, faults []string) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	faults = c.faults
	for thread, events := range owners(t, ledger) {
		var seqs []int64
		person := ""
		for _, e := range events {
			seqs = append(seqs, e.Seq)
			who, is := strings.CutPrefix(e.Owner, "person:")
			if is && person != "" && who != person {
				faults = append(faults, fmt.Sprintf("%s went from %s to %s", thread, person, who))
			}
			if person = ""; is {
				person = who
			}
		}
		changes += len(seqs)
		if !slices.Equal(seqs, c.told[thread]) {
			faults = append(faults, fmt.Sprintf("of %s %v happened and %v was told", thread, seqs, c.told[thread]))
		}
	}
	return changes, faults
}

// TestDeskKilled kills onki while two clerks at another desk reach for each
// conversation: one has it and nobody talks over them, what they say is shown
// once, and the brand's program is told of each change of owner, in order, a
// repeat under the same ID.
func TestDeskKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills onki for some seconds")
	}
	onki, dir, addr := program(t), t.TempDir(), freeAddr(t)
	trial := &Trial{Random: 10, Life: 2 * time.Second, Threads: 8, Each: 8, Pace: 100 * time.Millisecond, Seed: rand.Uint64()}
	if long() {
		trial.Random, trial.Each = 150, 60
	}
	far := &crm{random: rand.New(rand.NewPCG(trial.Seed, 5)), told: make(map[string][]int64), ids: make(map[string]map[int64]string)}
	server := httptest.NewServer(far)
	defer server.Close()
	settings := "api_keys:\n  - {name: crm, key: " + deskKey + ", scopes: [read, write], rate: 1000}\nwebhooks:\n  - {url: \"" + server.URL + "\", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr], inside: true}\n"
	if err := os.WriteFile(filepath.Join(dir, "onki.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	ledger := filepath.Join(dir, "onki.db")
	trial.Start = func(_ int, step string) *exec.Cmd {
		cmd := exec.Command(onki, "serve", "--addr", addr, "--brand", "shop", "--ledger", "sqlite:"+ledger)
		cmd.Dir, cmd.Stderr = dir, stderr
		cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ONKI_") }) // onki refuses what it does not know
		cmd.Env = append(cmd.Env, "ONKI_FAILPOINT="+step)
		return cmd
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
	defer stop()
	callers := make(map[string]*caller)
	for i := range trial.Threads {
		name := fmt.Sprintf("x%02d", i)
		c := &caller{Visitor: &Visitor{Base: "http://" + addr, Name: name, Trial: trial}, seen: make(map[string]int)}
		callers[name] = c
		go c.Follow(ctx, c.see)
	}
	trial.Post = func(ctx context.Context, thread, id, _ string) error { return callers[thread].dialogue(ctx, id) }
	report, err := trial.Run(ctx)
	if err != nil {
		said, _ := os.ReadFile(stderr.Name())
		t.Fatalf("%v\n%.3000s", err, said)
	}
	far.settle(t, trial, ledger)
	stop()
	for _, c := range callers {
		c.mu.Lock()
		report.Faults = append(report.Faults, c.wrong...)
		c.mu.Unlock()
	}
	changes, faults := far.judge(t, ledger)
	for _, fault := range append(report.Faults, faults...) {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	t.Logf("%d hand-overs through %d deaths: %d changes of owner, told in %d calls; seed %d", report.Messages, report.Deaths, changes, far.calls, trial.Seed)
}
