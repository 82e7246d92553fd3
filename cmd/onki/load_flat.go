package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A quantity is one thing that a server holds and gives back, and how much of it
// may come and go without a leak behind it.
type quantity struct {
	metric, name string
	unit, slack  float64
}

func quantities() []quantity {
	return []quantity{
		{"process_resident_memory_bytes", "memory, MiB", 1 << 20, 16 << 20},
		{"go_goroutines", "goroutines", 1, 32},
		{"process_open_fds", "open files", 1, 16},
	}
}

// levels are what a server held while it was talked to.
type levels struct {
	at     []float64            // seconds
	values map[string][]float64 // by metric
}

// watch samples the server's metrics, some hundred times, until stop is called.
func (p loadPlan) watch(ctx context.Context) (stop func() levels) {
	h := levels{values: make(map[string][]float64)}
	if !p.flat {
		return func() levels { return h }
	}
	ctx, cancel := context.WithCancel(ctx)
	client := p.client() // one, or its connections would count as the server's files
	began, every := time.Now(), min(max(p.span/300, 100*time.Millisecond), 15*time.Second)
	var done sync.WaitGroup
	done.Go(func() {
		for ctx.Err() == nil {
			if now, err := p.metrics(ctx, client); err == nil {
				h.at = append(h.at, time.Since(began).Seconds())
				for _, q := range quantities() {
					h.values[q.metric] = append(h.values[q.metric], now[q.metric])
				}
			}
			select {
			case <-time.After(every):
			case <-ctx.Done():
			}
		}
	})
	return func() levels {
		cancel()
		done.Wait()
		return h
	}
}

// metrics reads what the server says of itself.
func (p loadPlan) metrics(ctx context.Context, client *http.Client) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	out := make(map[string]float64)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok {
			if v, err := strconv.ParseFloat(value, 64); err == nil {
				out[name] = v
			}
		}
	}
	for _, q := range quantities() {
		if _, ok := out[q.metric]; !ok {
			return nil, fmt.Errorf("load: the server does not tell its %s", q.name)
		}
	}
	return out, lines.Err()
}

// samples is how many are needed to speak of a trend.
const samples = 20

// trend fits a straight line to what was held after the first third, in which a
// server fills its caches: how much it rose along that line, with its standard
// error, and the mean.
func (h levels) trend(metric string) (rise, deviation, mean float64) {
	at, v := h.at[len(h.at)/3:], h.values[metric][len(h.at)/3:]
	n := float64(len(at))
	var t, m float64
	for i := range at {
		t, m = t+at[i]/n, m+v[i]/n
	}
	var tt, tv, rest float64
	for i := range at {
		tt, tv = tt+(at[i]-t)*(at[i]-t), tv+(at[i]-t)*(v[i]-m)
	}
	slope := tv / tt
	for i := range at {
		off := v[i] - m - slope*(at[i]-t)
		rest += off * off
	}
	span := at[len(at)-1] - at[0]
	return slope * span, span * math.Sqrt(rest/(n-2)/tt), m
}

// grows reports whether the line rises beyond chance, by more than a twentieth
// of the mean and by more than comes and goes anyway.
func (h levels) grows(q quantity) bool {
	rise, deviation, mean := h.trend(q.metric)
	return rise > 3*deviation && rise > mean/20 && rise > q.slack
}

// flat reports whether nothing grows. Too few samples prove nothing.
func (h levels) flat() bool {
	for _, q := range quantities() {
		if len(h.at) < samples || h.grows(q) {
			return false
		}
	}
	return true
}

// String says what was held, one quantity a line.
func (h levels) String() string {
	if len(h.at) < samples {
		return fmt.Sprintf("not flat: %d samples, at least %d are needed: talk for longer, to a server that serves /metrics\n", len(h.at), samples)
	}
	var b strings.Builder
	for _, q := range quantities() {
		rise, deviation, mean := h.trend(q.metric)
		verdict := "flat"
		if h.grows(q) {
			verdict = "GROWS"
		}
		all := h.values[q.metric]
		fmt.Fprintf(&b, "%-12s %s: mean %.1f, from %.1f to %.1f; after the first third the line rises by %.1f ± %.1f (%d samples)\n",
			q.name, verdict, mean/q.unit, all[0]/q.unit, all[len(all)-1]/q.unit, rise/q.unit, deviation/q.unit, len(all))
	}
	return b.String()
}
