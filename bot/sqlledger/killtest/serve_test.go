package killtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger"
)

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
	visitors := make(map[string]*Visitor)
	for i := range trial.Threads {
		name := fmt.Sprintf("x%02d", i)
		visitors[name] = &Visitor{Base: "http://" + addr, Name: name, Trial: trial}
	}
	texts := []string{"세 번째 문의예요. 환불 언제 되나요 ㅠㅠ", "배송이 아직도 안 왔어요", "주문 번호는 20260101-0042 입니다", "네", "고마워요"}
	trial.Post = func(ctx context.Context, thread, id, _ string) error {
		return visitors[thread].Post(ctx, id, texts[len(id)*int(id[len(id)-1])%len(texts)])
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
		go v.Read(reading)
	}
	report, err := trial.Run(t.Context())
	stop()
	if err != nil {
		said, _ := os.ReadFile(stderr.Name())
		t.Fatalf("%v\n%.3000s", err, said)
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
