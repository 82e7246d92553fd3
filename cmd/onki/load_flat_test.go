package main

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// held makes up 200 samples of the three quantities.
func held(memory, goroutines, files func(i float64) float64) levels {
	h := levels{values: make(map[string][]float64)}
	for i := range 200 {
		h.at = append(h.at, float64(i)*15)
		for q, f := range map[string]func(float64) float64{"process_resident_memory_bytes": memory, "go_goroutines": goroutines, "process_open_fds": files} {
			h.values[q] = append(h.values[q], f(float64(i)))
		}
	}
	return h
}

// TestFlat: a leak is called one, noise and a start that fills its caches are not.
func TestFlat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(mean, width float64) func(float64) float64 {
		return func(float64) float64 { return mean + width*(random.Float64()-.5) }
	}
	memory, goroutines, files := noise(150<<20, 30<<20), noise(2100, 60), noise(1050, 8)
	warm := func(i float64) float64 { return min(60<<20+i*(3<<20), 240<<20) + noise(0, 10<<20)(i) }
	for name, c := range map[string]struct {
		h    levels
		want bool
	}{
		"noise":             {held(memory, goroutines, files), true},
		"warms up":          {held(warm, goroutines, files), true},
		"falls":             {held(func(i float64) float64 { return 300<<20 - i*(1<<20) }, goroutines, files), true},
		"memory leaks":      {held(func(i float64) float64 { return memory(i) + i*(400<<10) }, goroutines, files), false},
		"goroutines leak":   {held(memory, func(i float64) float64 { return goroutines(i) + 2*i }, files), false},
		"descriptors leak":  {held(memory, goroutines, func(i float64) float64 { return files(i) + i }), false},
		"nobody was asked":  {levels{}, false},
		"after a long hour": {held(memory, goroutines, func(i float64) float64 { return 1050 + max(0, i-120) }), false},
	} {
		if got := c.h.flat(); got != c.want {
			t.Errorf("%s: flat is %v\n%s", name, got, c.h)
		}
	}
}

// TestLoadFlat samples a real server: the verdict of so short a talk is chance,
// what it rests on is not.
func TestLoadFlat(t *testing.T) {
	cfg := defaults()
	cfg.Addr, cfg.Ledger, cfg.LogLevel, cfg.Limits = freeAddr(t), "sqlite:"+filepath.Join(t.TempDir(), "onki.db"), "error", "off"
	startServer(t, cfg)
	var out bytes.Buffer
	p := loadPlan{url: "http://" + cfg.Addr, key: "pk_shop", streams: 4, rate: 10, span: 3 * time.Second, flat: true}
	_ = p.run(t.Context(), streams{out: &out, err: &out})
	for _, want := range []string{"30 turns", "lost: 0", "memory, MiB", "goroutines", "open files", "samples)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
