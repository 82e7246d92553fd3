package sqlledger

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// KillAt returns an Options.Step that kills this process, as kill -9 does, when
// the named step is reached for the count-th time: "committed.inside:3". It is
// for tests of what a crash leaves behind; an empty spec gives nil, which does
// nothing.
func KillAt(spec string) (func(name string), error) {
	if spec == "" {
		return nil, nil
	}
	step, number, _ := strings.Cut(spec, ":")
	count, err := strconv.ParseInt(number, 10, 64)
	if !slices.Contains(StepNames(), step) || err != nil || count < 1 {
		return nil, fmt.Errorf("kill at %q: want STEP:COUNT with one of the steps %s", spec, strings.Join(StepNames(), ", "))
	}
	var reached atomic.Int64
	return func(name string) {
		if name == step && reached.Add(1) == count {
			if p, err := os.FindProcess(os.Getpid()); err == nil {
				_ = p.Kill() // a kill that fails lets the test fail: the process lives
			}
			select {} // nothing is done between the kill and the death
		}
	}, nil
}
