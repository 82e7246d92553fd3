package simtest

import (
	"fmt"
	"hash/fnv"
	"time"
)

// A dice is thrown for one thing that happens. What it shows follows from the
// seed and from what the thing is about, never from what was thrown before.
type dice uint64

func (w *world) dice(about ...any) *dice {
	h := fnv.New64a()
	fmt.Fprint(h, w.Seed, about)
	d := dice(h.Sum64())
	return &d
}

// next is SplitMix64 (Steele, Lea and Flood 2014).
func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	x := uint64(*d)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// oneIn is true once in so many times.
func (d *dice) oneIn(n uint64) bool { return d.next()%n == 0 }

// between is a time from the first to the second.
func (d *dice) between(from, to time.Duration) time.Duration {
	return from + time.Duration(d.next()%uint64(to-from))
}

// travel is mostly short, and now and then longer than a lease.
func (d *dice) travel(lease time.Duration) time.Duration {
	switch {
	case d.oneIn(100):
		return d.between(lease, 2*lease)
	case d.oneIn(10):
		return d.between(10*time.Millisecond, 500*time.Millisecond)
	}
	return d.between(50*time.Microsecond, 5*time.Millisecond)
}
