package killtest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// network is the far side of the victim's wire. It loses every fortieth
// acknowledgement of a reply on the way back.
type network struct {
	trial  *Trial
	in     []string // URLs of the victims
	client *http.Client

	mu     sync.Mutex
	random *rand.Rand
	counts map[string]int64
}

func (n *network) post(ctx context.Context, thread, id, text string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	n.mu.Lock()
	at := n.in[n.random.IntN(len(n.in))]
	n.mu.Unlock()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/in/%s/%s?%s", at, thread, id, "text"), nil)
	if err != nil {
		return err
	}
	response, err := n.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", text, response.Status)
	}
	return nil
}

// ServeHTTP takes a reply.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var reply bot.Reply
	if err := json.NewDecoder(r.Body).Decode(&reply); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest) // the victim died while writing
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	opens := reply.Text() == "heard"
	number, sorry := strings.CutPrefix(strings.TrimPrefix(reply.Text(), "heard\n\n"), "sorry ")
	number, opened := strings.CutPrefix(number, "after ")
	heard, err := strconv.Atoi(number)
	switch {
	case opens:
		heard = -1
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n.trial.Heard(Receipt{Thread: reply.To.Thread, ID: reply.ID, Answers: reply.Answers, Text: reply.Text(), Heard: heard, Apology: sorry, Opens: opens, Opened: opened,
		Ambiguous: r.URL.Query().Get("ambiguous") == "true"})
	if n.random.IntN(40) == 0 {
		panic(http.ErrAbortHandler) // the connection breaks after the reply was taken
	}
}

// remember adds up how often the victim's mechanisms have fired before it dies.
func (n *network) remember(node int) {
	response, err := n.client.Get(n.in[node] + "/counts")
	if err != nil {
		return // it is just dying
	}
	defer response.Body.Close()
	var counts map[string]int64
	if json.NewDecoder(response.Body).Decode(&counts) != nil {
		return
	}
	for name, count := range counts {
		n.counts[name] += count
		if name == "GroupMax" {
			n.counts[name] = max(n.counts[name]-count, count)
		}
	}
}

// built is the victim, built once for all tests.
var built struct {
	sync.Once
	dir string
	err error
}

func TestMain(m *testing.M) {
	code := pgtest.Run(m)
	os.RemoveAll(built.dir)
	os.Exit(code)
}

// victim returns the path of the program.
func victim(t *testing.T) string {
	t.Helper()
	built.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "onki-victim-"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.dir, "./victim").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "victim")
}

// play runs the trial on the victim and fails with everything that was wrong.
func play(t *testing.T, trial *Trial, args ...string) (*Report, map[string]int64) {
	t.Helper()
	report, counts := watch(t, trial, args...)
	for _, fault := range report.Faults {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	return report, counts
}

// watch runs the trial on the victim.
func watch(t *testing.T, trial *Trial, args ...string) (*Report, map[string]int64) {
	t.Helper()
	return watchAt(t, trial, "sqlite:"+filepath.Join(t.TempDir(), "onki.db"), args...)
}

// watchAt runs the trial on victims that share the ledger.
func watchAt(t *testing.T, trial *Trial, ledger string, args ...string) (*Report, map[string]int64) {
	t.Helper()
	program := victim(t)
	n := &network{trial: trial, random: rand.New(rand.NewPCG(trial.Seed, 3)), counts: make(map[string]int64),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for range max(trial.Nodes, 1) {
		n.in = append(n.in, "http://"+freeAddr(t))
	}
	server := httptest.NewServer(n)
	t.Cleanup(server.Close)
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	trial.Post, trial.Before = n.post, n.remember
	trial.Start = func(node int, step string) *exec.Cmd {
		cmd := exec.Command(program, append([]string{"-ledger", ledger, "-addr", strings.TrimPrefix(n.in[node], "http://"), "-out", server.URL}, args...)...)
		cmd.Env = append(os.Environ(), "ONKI_FAILPOINT="+step)
		cmd.Stderr = stderr
		return cmd
	}
	report, err := trial.Run(t.Context())
	if err != nil {
		said, _ := os.ReadFile(stderr.Name())
		t.Fatalf("%v\n%.2000s", err, said)
	}
	slices.Sort(report.Restart)
	t.Logf("%d deaths, %d messages, %d repeats, %d replies, %d of them after first words, %d twice, %d apologies; restart to next reply p50 %v max %v; answered after p50 %v p99 %v max %v; seed %d; fired %v",
		report.Deaths, report.Messages, report.Repeats, report.Replies, report.Opened, report.Twice, report.Apologies,
		at(report.Restart, 0.5), at(report.Restart, 1), at(report.Waits, 0.5), at(report.Waits, 0.99), at(report.Waits, 1), trial.Seed, n.counts)
	l, err := sqlledger.Open(t.Context(), ledger, sqlledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Check(t.Context()); err != nil {
		t.Error(err)
	}
	return report, n.counts
}

// at is a quantile of sorted times.
func at(times []time.Duration, q float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	return times[int(q*float64(len(times)-1))].Round(time.Millisecond)
}

func freeAddr(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	return free.Addr().String()
}

// long reports whether the long trials were asked for, with ONKI_SOAK=1.
func long() bool { return os.Getenv("ONKI_SOAK") != "" }

func TestKilledAtEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a program for some seconds")
	}
	trial := &Trial{Steps: sqlledger.StepNames(), Rounds: 1, Random: 6, Threads: 16, Seed: rand.Uint64()}
	if long() {
		trial.Rounds, trial.Random = 40, 500
	}
	report, _ := play(t, trial)
	for _, step := range trial.Steps {
		if report.Steps[step] < trial.Rounds {
			t.Errorf("died at %s %d times; want %d", step, report.Steps[step], trial.Rounds)
		}
	}
}

// TestStaleTurns runs with short leases and turns that outlive them, so that
// the fence really fires.
func TestStaleTurns(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a program for some seconds")
	}
	for try := range mutantTries {
		trial := &Trial{Random: 4, Life: time.Second << try, Threads: 12, Pace: 20 * time.Millisecond, Seed: rand.Uint64()}
		if long() {
			trial.Random = 200
		}
		_, counts := play(t, trial, "-lease", "150ms", "-slow", "400ms")
		if counts["Lost"] > 0 && counts["Reclaims"] > 0 {
			return
		}
		t.Logf("fired %v", counts)
	}
	t.Error("no turn was thrown away: the fence was not tested")
}

// mutantTries is how often a mutant may escape before the trial counts as blind.
const mutantTries = 4

// mutants are the broken promises, with what it takes to see them break.
func mutants() map[string][]string {
	return map[string][]string{
		"no dedupe":                 nil,
		"acknowledge before commit": nil,
		"send before commit":        nil,
		"no head of line":           nil,
		"no fence":                  {"-lease", "100ms", "-slow", "250ms"},
	}
}

// mutantTrial is the trial for the n-th try, from 0. A loaded machine gets so
// little done between two deaths that the broken promise may not come up at
// once: live longer, then.
func mutantTrial(try int, args []string) *Trial {
	trial := &Trial{Steps: []string{"received.inside", "committed.inside"}, Rounds: 1, Random: 2 + try, Threads: 12,
		Life: 200 * time.Millisecond << try, Pace: 8 * time.Millisecond, Patience: 500 * time.Millisecond, Seed: rand.Uint64()}
	if args != nil { // stale turns need time to become stale
		trial.Steps, trial.Life, trial.Pace = nil, 2*time.Second<<try, 20*time.Millisecond
	}
	return trial
}

// TestMutants breaks one promise of the ledger at a time; the trial must notice.
func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a program for some seconds")
	}
	for kind, args := range mutants() {
		t.Run(kind, func(t *testing.T) {
			for try := range mutantTries {
				report, _ := watch(t, mutantTrial(try, args), append(slices.Clone(args), "-mutant", kind)...)
				if len(report.Faults) > 0 {
					t.Logf("%d faults, such as: %s", len(report.Faults), report.Faults[0])
					return
				}
			}
			t.Fatal("nothing was noticed")
		})
	}
}
