package slack

import (
	"hash/fnv"
	"sync"
)

// lanes run jobs side by side, those of one key one after the other in the
// order they came: messages of a conversation must not overtake each other,
// and a slow one must not hold up the others.
type lanes struct {
	mu  sync.RWMutex
	in  []chan func()
	off bool
}

const laneCount = 16

// start lets jobs in and returns a function that lets no more in, finishes
// those it has and returns.
func (l *lanes) start() (stop func()) {
	l.mu.Lock()
	l.in, l.off = make([]chan func(), laneCount), false
	var all sync.WaitGroup
	for i := range l.in {
		in := make(chan func(), 256)
		l.in[i] = in
		all.Go(func() {
			for job := range in {
				job()
			}
		})
	}
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		l.off = true
		for _, in := range l.in {
			close(in)
		}
		l.mu.Unlock()
		all.Wait()
	}
}

// add runs the job after those of the same key, and reports whether it will. A
// full lane makes the caller wait, which is the reader of a socket: Slack then
// sends to another.
func (l *lanes) add(key string, job func()) bool {
	h := fnv.New32a()
	h.Write([]byte(key))
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.off || len(l.in) == 0 {
		return false
	}
	l.in[h.Sum32()%laneCount] <- job
	return true
}
