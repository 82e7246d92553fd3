package simtest

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"
)

var (
	seed  = flag.Uint64("seed", 0, "play this seed alone")
	seeds = flag.Int("seeds", 10_000, "how many seeds to play")
)

// halves plays the seeds on two processors, each from first on.
func halves(t *testing.T, n int, play func(t *testing.T, seed uint64)) {
	for half := range 2 {
		t.Run(fmt.Sprint("half ", half+1), func(t *testing.T) {
			t.Parallel()
			for i := half; i < n && !t.Failed(); i += 2 {
				play(t, uint64(i)+1)
			}
		})
	}
}

func report(t *testing.T, s uint64, o *Outcome) {
	t.Helper()
	for _, f := range o.Faults {
		t.Errorf("seed %d: %s", s, f)
	}
	if len(o.Faults) > 0 {
		t.Logf("replay it with: go test ./bot/simtest -run TestSeeds -seed %d -v", s)
	}
}

// TestSeeds plays whole clusters. Everything that may go wrong must have.
func TestSeeds(t *testing.T) {
	if *seed > 0 {
		o := World{Seed: *seed}.Play(t)
		report(t, *seed, o)
		t.Logf("%v of virtual time, trace %x, %v", o.Took, o.Trace, o.Fired)
		return
	}
	n := *seeds
	if testing.Short() {
		n = min(n, 300)
	}
	fired := make(chan map[string]int, n)
	t.Run("play", func(t *testing.T) {
		halves(t, n, func(t *testing.T, s uint64) {
			o := World{Seed: s}.Play(t)
			report(t, s, o)
			o.Fired["virtual seconds"] = int(o.Took.Seconds())
			fired <- o.Fired
		})
	})
	close(fired)
	sum := make(map[string]int)
	for f := range fired {
		for what, n := range f {
			sum[what] += n
		}
	}
	t.Logf("%d seeds: %v", n, sum)
	for _, what := range []string{"crash", "request lost", "answer lost", "repeat", "claimed again", "fence", "ambiguous", "open"} {
		if sum[what] < 100 {
			t.Errorf("%q happened %d times: it was hardly tested", what, sum[what])
		}
	}
}

// TestReplay: the same seed does the same things at the same times.
func TestReplay(t *testing.T) {
	halves(t, 60, func(t *testing.T, s uint64) {
		one, two := World{Seed: s}.Play(t), World{Seed: s}.Play(t)
		if one.Trace != two.Trace || !maps.Equal(one.Fired, two.Fired) {
			t.Errorf("seed %d: traces %x and %x, %v and %v", s, one.Trace, two.Trace, one.Fired, two.Fired)
		}
	})
}

// TestMutants: each broken promise is noticed within a few seeds.
func TestMutants(t *testing.T) {
	for _, m := range Mutants() {
		t.Run(m, func(t *testing.T) {
			t.Parallel()
			for s := uint64(1); s <= 300; s++ {
				if o := (World{Seed: s, Mutant: m}).Play(t); len(o.Faults) > 0 {
					slices.Sort(o.Faults)
					t.Logf("seed %d: %s", s, o.Faults[0])
					return
				}
			}
			t.Error("nothing was noticed")
		})
	}
}
