package bottest

import (
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/onkihq/onki/bot"
)

// TestHints checks that hints keep what bot.Hints promises. open returns new
// hints for each case.
func TestHints(t *testing.T, open func(t *testing.T) bot.Hints) {
	for _, c := range []struct {
		name string
		run  func(t *testing.T, h bot.Hints)
	}{
		{"a watch hears a wake", func(t *testing.T, h bot.Hints) {
			hint, stop := h.Watch("a")
			defer stop()
			h.Wake("a")
			heard(t, hint)
		}},
		{"every watch hears it", func(t *testing.T, h bot.Hints) {
			for range 10 {
				hint, stop := h.Watch("a")
				defer stop()
				defer heard(t, hint)
			}
			h.Wake("a")
		}},
		{"a wake without a watch is forgotten", func(t *testing.T, h bot.Hints) {
			h.Wake("a")
			hint, stop := h.Watch("a")
			defer stop()
			silent(t, hint)
		}},
		{"topics do not mix", func(t *testing.T, h bot.Hints) {
			hint, stop := h.Watch("a")
			defer stop()
			for _, other := range []string{"b", "", "a.b", "A", "a "} {
				h.Wake(other)
			}
			silent(t, hint)
		}},
		{"hints that pile up are one hint", func(t *testing.T, h bot.Hints) {
			hint, stop := h.Watch("a")
			defer stop()
			for range 1000 {
				h.Wake("a")
			}
			heard(t, hint)
			time.Sleep(20 * time.Millisecond)
			left := 0
			for len(hint) > 0 {
				<-hint
				left++
			}
			if left > 1 {
				t.Fatalf("%d more hints; want at most one", left)
			}
		}},
		{"a wake after a hint was taken is heard", func(t *testing.T, h bot.Hints) {
			hint, stop := h.Watch("a")
			defer stop()
			for range 5 {
				h.Wake("a")
				heard(t, hint)
			}
		}},
		{"a watch that has ended hears nothing", func(t *testing.T, h bot.Hints) {
			hint, stop := h.Watch("a")
			stop()
			stop() // twice does no harm
			h.Wake("a")
			silent(t, hint)
		}},
		{"one watch ending leaves the others", func(t *testing.T, h bot.Hints) {
			_, stopOne := h.Watch("a")
			two, stopTwo := h.Watch("a")
			defer stopTwo()
			stopOne()
			h.Wake("a")
			heard(t, two)
		}},
		{"any topic can be watched", anyTopic},
		{"a wake never blocks", func(t *testing.T, h bot.Hints) {
			_, stop := h.Watch("a")
			defer stop()
			returned := make(chan bool)
			go func() {
				for range 10_000 {
					h.Wake("a")
				}
				close(returned)
			}()
			select {
			case <-returned:
			case <-time.After(10 * time.Second):
				t.Fatal("Wake blocks when nobody reads")
			}
		}},
		{"many at once", crowdedHints},
		{"watches leave nothing behind", func(t *testing.T, h bot.Hints) {
			before := runtime.NumGoroutine()
			for i := range 1000 {
				_, stop := h.Watch(fmt.Sprint(i))
				stop()
			}
			settle(t, before+2)
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

func heard(t *testing.T, hint <-chan struct{}) {
	t.Helper()
	select {
	case <-hint:
	case <-time.After(10 * time.Second):
		t.Fatal("no hint came")
	}
}

// silent gives a hint that must not come a moment to come.
func silent(t *testing.T, hint <-chan struct{}) {
	t.Helper()
	select {
	case _, open := <-hint:
		if open {
			t.Fatal("a hint came that is none of this watch's business")
		}
	case <-time.After(20 * time.Millisecond):
	}
}

func anyTopic(t *testing.T, h bot.Hints) {
	for _, name := range hostileNames() {
		topic := bot.TopicEvents + address(name).String()
		hint, stop := h.Watch(topic)
		h.Wake(topic)
		heard(t, hint)
		stop()
	}
}

func crowdedHints(t *testing.T, h bot.Hints) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				topic := fmt.Sprint((i + n) % 5)
				hint, stop := h.Watch(topic)
				h.Wake(topic)
				select {
				case <-hint:
				case <-time.After(10 * time.Second):
					t.Error("no hint came")
				}
				stop()
			}
		})
	}
	all.Wait()
}

// settle waits until at most n goroutines are left.
func settle(t *testing.T, n int) {
	t.Helper()
	for range 500 {
		if runtime.NumGoroutine() <= n {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<20)
	t.Fatalf("%d goroutines are left, want at most %d:\n%s", runtime.NumGoroutine(), n, stacks[:runtime.Stack(stacks, true)])
}
