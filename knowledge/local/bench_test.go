package local

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge"
)

// library makes n passages of about 45 words, Korean and English in turn, with
// the word frequencies of language (Zipf) and some words of customer care.
func library(n int) []bot.Passage {
	r := rand.New(rand.NewPCG(3, 4))
	zipf := rand.NewZipf(r, 1.1, 4, 60000)
	care := []string{"환불", "배송", "취소", "결제", "교환", "refund", "delivery", "cancel", "payment", "account"}
	ko := func(i uint64) string {
		return string([]rune{rune(0xac00 + (i*7919)%11172), rune(0xac00 + (i*104729+13)%11172), rune(0xac00 + (i*31+5)%11172)}[:2+i%2])
	}
	en := func(i uint64) string {
		s := ""
		for i += 26; i > 0; i /= 26 {
			s += string(rune('a'+i%26)) + string("aeiou"[i%5])
		}
		return s
	}
	josa := []string{"은", "을", "에서", "", "", "이", "하고", "으로"}
	out := make([]bot.Passage, n)
	for i := range out {
		var b strings.Builder
		for w := range 45 {
			k := zipf.Uint64()
			switch {
			case w%15 == 3:
				b.WriteString(care[r.IntN(len(care))])
			case i%2 == 0:
				b.WriteString(ko(k) + josa[r.IntN(len(josa))])
			default:
				b.WriteString(en(k))
			}
			b.WriteByte(' ')
		}
		text := strings.TrimSpace(b.String()) + "."
		words := strings.Fields(text)
		out[i] = bot.Passage{ID: fmt.Sprintf("ko/file%d.md#part-%d", i/20, i), Title: strings.Join(words[:4], " "), Text: text,
			Source: fmt.Sprintf("ko/file%d.md:%d", i/20, i), Lang: []string{"ko", "en"}[i%2], Audience: "public"}
	}
	return out
}

// BenchmarkHundredThousand measures the figures of the design at 100,000
// passages: import per second, file size, load time, memory, and the 99th
// percentile of a question, on one core.
func BenchmarkHundredThousand(b *testing.B) {
	const n = 100000
	runtime.GOMAXPROCS(1)
	passages := library(n)
	path := filepath.Join(b.TempDir(), "k")
	for b.Loop() {
		x, err := Open(path, nil)
		if err != nil {
			b.Fatal(err)
		}
		base, err := knowledge.Open(b.Context(), knowledge.Options{Index: x})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if err := base.Add(b.Context(), passages...); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(n/time.Since(start).Seconds(), "passages/s")
		x, base = nil, nil
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		start = time.Now()
		if x, err = Open(path, nil); err != nil {
			b.Fatal(err)
		}
		if base, err = knowledge.Open(b.Context(), knowledge.Options{Index: x}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(start).Seconds(), "load-s")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-memory")
		info, _ := os.Stat(path)
		b.ReportMetric(float64(info.Size())/1e6, "MB-file")
		questions := library(1000)
		var times []time.Duration
		for i, q := range questions {
			w := strings.Fields(q.Text)
			text := strings.Join(w[i%30:i%30+10], " ")
			start := time.Now()
			if _, err := base.Search(b.Context(), text, 5); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(start))
		}
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
		os.Remove(path)
	}
}
