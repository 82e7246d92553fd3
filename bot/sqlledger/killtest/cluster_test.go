package killtest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/onkihq/onki/bot/sqlledger"
	"github.com/onkihq/onki/bot/sqlledger/pgtest"
)

// nodes is how many processes share the server in these trials.
const nodes = 3

// TestNodesKilled kills one of three nodes again and again, at every step and
// at random, while the others carry on, and now and then the database.
func TestNodesKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills programs for some seconds")
	}
	server := pgtest.Start(t)
	trial := &Trial{Nodes: nodes, Steps: sqlledger.StepNames(), Rounds: 1, Random: 4, Threads: 16, Pace: 15 * time.Millisecond, Seed: rand.Uint64()}
	if long() {
		trial.Rounds, trial.Random = 40, 500
	}
	deaths, down := 0, 0
	trial.After = func() {
		if deaths++; deaths%8 != 0 {
			return
		}
		server.Kill()
		if err := server.Up(); err != nil {
			t.Error(err)
		}
		down++
	}
	report, counts := watchAt(t, trial, server.URL(""), "-beat", "200ms")
	for _, fault := range report.Faults {
		t.Errorf("seed %d: %s", trial.Seed, fault)
	}
	for _, step := range trial.Steps {
		if report.Steps[step] < trial.Rounds {
			t.Errorf("died at %s %d times; want %d", step, report.Steps[step], trial.Rounds)
		}
	}
	t.Logf("the database was killed %d times", down)
	if counts["Buried"] == 0 || counts["Freed"] == 0 || counts["Ambiguous"] == 0 || counts["Repeats"] == 0 {
		t.Errorf("not everything was tested: %v", counts)
	}
}

// TestStaleNodes lets turns outlive short leases on three nodes, so that the
// fence really fires between processes.
func TestStaleNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("kills programs for some seconds")
	}
	server := pgtest.Shared(t)
	for try := range mutantTries {
		trial := &Trial{Nodes: nodes, Random: 3, Life: time.Second << try, Threads: 12, Pace: 20 * time.Millisecond, Seed: rand.Uint64()}
		if long() {
			trial.Random = 200
		}
		report, counts := watchAt(t, trial, server.Schema(t), "-lease", "150ms", "-slow", "400ms", "-beat", "200ms")
		for _, fault := range report.Faults {
			t.Errorf("seed %d: %s", trial.Seed, fault)
		}
		if counts["Lost"] > 0 && counts["Reclaims"] > 0 {
			return
		}
	}
	t.Error("no turn was thrown away: the fence was not tested")
}

// TestMutantNodes breaks one promise at a time on three nodes.
func TestMutantNodes(t *testing.T) {
	if testing.Short() {
		t.Skip("kills programs for some seconds")
	}
	server := pgtest.Shared(t)
	for kind, args := range mutants() {
		t.Run(kind, func(t *testing.T) {
			for try := range mutantTries {
				trial := mutantTrial(try, args)
				trial.Nodes = nodes
				report, _ := watchAt(t, trial, server.Schema(t), append(slices.Clone(args), "-beat", "200ms", "-mutant", kind)...)
				if len(report.Faults) > 0 {
					t.Logf("%d faults, such as: %s", len(report.Faults), report.Faults[0])
					return
				}
			}
			t.Fatal("nothing was noticed")
		})
	}
}
