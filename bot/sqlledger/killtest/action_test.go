package killtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger"
)

// An office is a brand's back office that outlives every death of onki and dies
// itself now and then. What it has done it has written down: that is its
// database, and by it the trial judges.
type office struct {
	addr string

	mu      sync.Mutex
	random  *rand.Rand
	server  *http.Server
	done    map[string]string              // the order cancelled under each Idempotency-Key
	keys    map[string]map[string]struct{} // the keys under which each order was cancelled
	repeats int                            // calls under a key that was done
	lost    int                            // answers that never arrived, of things done
	crashes int
}

// ServeHTTP answers look-ups and cancels: every tenth call fails before
// anything is done, every sixth answer is lost after it was.
func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.random.IntN(10) == 0 && r.Method == http.MethodPost {
		http.Error(w, "try later", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	order, due := parts[1], time.Now().AddDate(0, 0, 3).Format(time.DateOnly)
	if r.Method == http.MethodGet {
		fmt.Fprintf(w, `{"order": %q, "item": "램프", "status": "preparing", "due": %q, "amount": 42000, "sameday": false}`, order, due)
		return
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return // the caller died while calling: nothing was asked for
	}
	key := r.Header.Get("Idempotency-Key")
	if _, again := o.done[key]; again {
		o.repeats++
	}
	o.done[key] = order
	if o.keys[order] == nil {
		o.keys[order] = make(map[string]struct{})
	}
	o.keys[order][key] = struct{}{}
	if o.random.IntN(6) == 0 {
		o.lost++
		panic(http.ErrAbortHandler)
	}
	fmt.Fprintf(w, `{"refund": 42000, "by": %q}`, due)
}

// open lets the office serve, at the address it has always had.
func (o *office) open() error {
	l, err := net.Listen("tcp", o.addr)
	if err != nil {
		return err
	}
	o.server = &http.Server{Handler: o}
	go func(s *http.Server) { _ = s.Serve(l) }(o.server)
	return nil
}

// crash cuts every connection and leaves the office dead for a while.
func (o *office) crash(t *testing.T) {
	_ = o.server.Close()
	o.mu.Lock()
	o.crashes++
	dead := time.Duration(o.random.Int64N(int64(400 * time.Millisecond)))
	o.mu.Unlock()
	time.Sleep(dead)
	if err := o.open(); err != nil {
		t.Errorf("the office does not come back: %v", err)
	}
}

// faults compares what the customers wanted with what was done.
func (o *office) faults(wanted, told map[string]int) (faults []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for order, yes := range wanted {
		switch n := len(o.keys[order]); {
		case yes > 0 && n != 1:
			faults = append(faults, fmt.Sprintf("order %s was confirmed and cancelled under %d keys", order, n))
		case yes > 0 && told[order] != 1:
			faults = append(faults, fmt.Sprintf("order %s was cancelled and its customer told %d times", order, told[order]))
		case yes == 0 && n > 0:
			faults = append(faults, fmt.Sprintf("order %s was cancelled against a no", order))
		}
	}
	for order := range o.keys {
		if _, known := wanted[order]; !known {
			faults = append(faults, fmt.Sprintf("order %s was cancelled and nobody asked for it", order))
		}
	}
	return faults
}

// A buyer cancels one order after the other over the web chat.
type buyer struct {
	*Visitor
	mu     sync.Mutex
	wanted map[string]int // 1 for a yes, 0 for a no
	shown  map[string]int // how often each kind of reply was shown, as kind and order
	told   map[string]int // how often the result of each order was shown
	sent   map[string]bool
	asked  map[string]int // how often each order was asked for in vain
	twice  int            // presses of the button after the first
}

// orderOf is the order that the n-th dialogue of a buyer is about.
func orderOf(id string) string {
	thread, n, _ := strings.Cut(strings.TrimPrefix(id, "x"), "-")
	t, _ := strconv.Atoi(thread)
	i, _ := strconv.Atoi(n)
	return strconv.Itoa(1000 + 25*t + i)
}

// see notes what the page shows.
func (b *buyer) see(id, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for order := range b.wanted {
		switch {
		case strings.Contains(text, order+"번 주문(램프)을 취소하고"):
			b.shown["proposal "+order]++
		case strings.Contains(text, order+"번 주문이 취소되었습니다"):
			b.told[order]++
			b.Trial.Heard(Receipt{Thread: b.Name, ID: id, Answers: []string{b.dialogue(order)}, Text: text, Heard: -1})
		}
	}
	if strings.Contains(text, "그대로 두겠습니다") {
		for order, yes := range b.wanted { // one dialogue at a time: the open one
			if id0 := b.dialogue(order); yes == 0 && b.shown["left "+order] == 0 {
				b.shown["left "+order]++
				b.Trial.Heard(Receipt{Thread: b.Name, ID: id, Answers: []string{id0}, Text: text, Heard: -1})
			}
		}
	}
}

// dialogue is the inverse of orderOf.
func (b *buyer) dialogue(order string) string {
	n, _ := strconv.Atoi(order)
	return fmt.Sprintf("%s-%06d", b.Name, (n-1000)%25)
}

// once sends a message whose cid was not acknowledged yet.
func (b *buyer) once(ctx context.Context, cid string, call map[string]string) error {
	b.mu.Lock()
	done := b.sent[cid]
	b.mu.Unlock()
	if done {
		return nil
	}
	if !b.begin(ctx) {
		return fmt.Errorf("no session for %s", b.Name)
	}
	call["cid"] = cid
	if status, _ := b.call(ctx, http.MethodPost, "/v1/messages", call, new(struct{})); status != http.StatusAccepted {
		return fmt.Errorf("%s: status %d", cid, status)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sent[cid] = true
	return nil
}

// await waits until f, for as long as a page would before it looks again.
func (b *buyer) await(ctx context.Context, what string, f func() bool) error {
	for ctx.Err() == nil {
		b.mu.Lock()
		ok := f()
		b.mu.Unlock()
		if ok {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("no %s yet: %w", what, ctx.Err())
}

// cancel is one dialogue: ask, see the proposal, press yes or no, see what came
// of it. Every fifth order is kept, and every fourth yes is pressed twice.
func (b *buyer) cancel(ctx context.Context, id string) error {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	order := orderOf(id)
	n, _ := strconv.Atoi(order)
	yes := min(1, n%5)
	b.mu.Lock()
	b.wanted[order] = yes
	b.mu.Unlock()
	b.mu.Lock()
	ask := fmt.Sprintf("%s-ask%d", id, b.asked[order])
	b.mu.Unlock()
	if err := b.once(ctx, ask, map[string]string{"kind": "text", "text": order + "번 주문 취소해 주세요"}); err != nil {
		return err
	}
	if err := b.await(ctx, "proposal", func() bool { return b.shown["proposal "+order] > 0 }); err != nil {
		b.mu.Lock()
		b.asked[order]++ // the office was dead while it was looked up: they were told so, and ask again
		b.mu.Unlock()
		return err
	}
	if yes == 0 {
		if err := b.once(ctx, id+"-no", map[string]string{"kind": "choice", "choice": "cancel.no", "text": "아니요"}); err != nil {
			return err
		}
		return b.await(ctx, "answer to no", func() bool { return b.shown["left "+order] > 0 })
	}
	if err := b.once(ctx, id+"-yes", map[string]string{"kind": "choice", "choice": "cancel.yes", "text": "네"}); err != nil {
		return err
	}
	if n%4 == 0 {
		if err := b.once(ctx, id+"-yes2", map[string]string{"kind": "choice", "choice": "cancel.yes", "text": "네"}); err != nil {
			return err
		}
		b.mu.Lock()
		b.twice++
		b.mu.Unlock()
	}
	return b.await(ctx, "result", func() bool { return b.told[order] > 0 })
}

// cancelShop writes the example shop with the office as its own.
func cancelShop(t *testing.T, onki, dir string) string {
	t.Helper()
	shop := filepath.Join(dir, "shop")
	if out, err := exec.CommandContext(t.Context(), onki, "init", "--brand", "shop", shop).CombinedOutput(); err != nil {
		t.Fatalf("init: %v\n%s", err, out)
	}
	file := filepath.Join(shop, "backoffice.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	with := bytes.Replace(text, []byte("backoffice.haneulmarket.example"), []byte("127.0.0.1"), 1)
	with = bytes.ReplaceAll(with, []byte("    proof: [phone]\n"), nil) // this office trusts whoever asks
	if err := os.WriteFile(file, with, 0o600); err != nil || bytes.Equal(with, text) {
		t.Fatalf("backoffice.yaml: %v", err)
	}
	return shop
}

// TestActionsKilled kills onki and the brand's back office while customers
// cancel orders: each confirmed order is cancelled once, under one key, its
// customer is told once, and nothing is cancelled that nobody confirmed.
func TestActionsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills onki for some seconds")
	}
	onki, dir := program(t), t.TempDir()
	shop, addr := cancelShop(t, onki, dir), freeAddr(t)
	seed := rand.Uint64()
	o := &office{addr: freeAddr(t), random: rand.New(rand.NewPCG(seed, 7)), done: make(map[string]string), keys: make(map[string]map[string]struct{})}
	if err := o.open(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = o.server.Close() }()
	steps := slices.DeleteFunc(sqlledger.StepNames(), func(s string) bool { return strings.HasPrefix(s, "opened.") }) // without a model nothing is opened
	trial := &Trial{Steps: steps, Rounds: 1, Random: 6, Life: 1500 * time.Millisecond, Threads: 24, Each: 12, Pace: 200 * time.Millisecond, Seed: seed}
	if long() {
		trial.Rounds, trial.Random, trial.Threads, trial.Each, trial.Pace = 6, 80, 36, 25, 2*time.Second
	}
	buyers := make(map[string]*buyer)
	for i := range trial.Threads {
		name := fmt.Sprintf("x%02d", i)
		buyers[name] = &buyer{Visitor: &Visitor{Base: "http://" + addr, Name: name, Trial: trial},
			wanted: make(map[string]int), shown: make(map[string]int), told: make(map[string]int), sent: make(map[string]bool), asked: make(map[string]int)}
	}
	trial.Post = func(ctx context.Context, thread, id, _ string) error { return buyers[thread].cancel(ctx, id) }
	trial.After = func() { o.crash(t) }
	stderr, err := os.Create(filepath.Join(dir, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	trial.Start = func(_ int, step string) *exec.Cmd {
		cmd := exec.Command(onki, "serve", "--addr", addr, "--brand", shop, "--ledger", "sqlite:"+filepath.Join(dir, "onki.db"))
		cmd.Dir, cmd.Stderr = dir, stderr
		cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "ONKI_") }) // onki refuses what it does not know
		cmd.Env = append(cmd.Env, "ONKI_FAILPOINT="+step, "HANEUL_BACKOFFICE_URL=http://"+o.addr, "HANEUL_BACKOFFICE_SECRET=kept-between-the-two-of-us")
		return cmd
	}
	patience := 2 * time.Minute
	if long() {
		patience = 30 * time.Minute
	}
	reading, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for _, b := range buyers {
		go b.Follow(reading, b.see)
	}
	report, err := trial.Run(reading)
	stop()
	if err != nil {
		said, _ := os.ReadFile(stderr.Name())
		t.Fatalf("seed %d: %v; open: %v\n%.3000s", seed, err, open(buyers), said)
	}
	judge(t, o, buyers, report, trial)
}

// open lists the dialogues that have not come to their end.
func open(buyers map[string]*buyer) (left []string) {
	for _, b := range buyers {
		b.mu.Lock()
		for order, yes := range b.wanted {
			if yes > 0 && b.told[order] == 0 || yes == 0 && b.shown["left "+order] == 0 {
				left = append(left, b.Name+" about "+order)
			}
		}
		b.mu.Unlock()
	}
	return left
}

// judge fails with everything that was done wrong, and counts what happened.
func judge(t *testing.T, o *office, buyers map[string]*buyer, report *Report, trial *Trial) {
	t.Helper()
	wanted, told, twice, kept := make(map[string]int), make(map[string]int), 0, 0
	for _, b := range buyers {
		b.mu.Lock()
		for order, yes := range b.wanted {
			wanted[order], told[order], kept = yes, b.told[order], kept+1-yes
		}
		twice += b.twice
		b.mu.Unlock()
	}
	for _, fault := range append(report.Faults, o.faults(wanted, told)...) {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.keys) == 0 || o.repeats == 0 || o.lost == 0 {
		t.Errorf("%d orders cancelled, %d repeats of a key, %d answers lost: nothing was put to the test", len(o.keys), o.repeats, o.lost)
	}
	t.Logf("%d deaths of onki at %v and %d at random, %d of the office; %d orders confirmed, %d cancelled under %d keys, %d told; %d kept; %d second presses; %d repeats of a key and %d lost answers survived; seed %d",
		report.Deaths, report.Steps, trial.Random, o.crashes, len(wanted)-kept, len(o.keys), len(o.done), len(told)-kept, kept, twice, o.repeats, o.lost, trial.Seed)
}
