package killtest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Receipt is one arrival of a reply at the customer's side of the network.
type Receipt struct {
	Thread    string
	ID        string   // of the reply
	Answers   []string // IDs of the messages it answers
	Text      string
	Heard     int  // how many messages of the conversation it says it has heard; −1 if it does not say
	Apology   bool // the program has given up on an answer and called a person
	Ambiguous bool // it was said that it may have come before
	Opens     bool // first words: the answer is to follow
	Opened    bool // the answer without its first words, which must have come before
}

// Heard tells the trial that a reply has arrived. Call it once for each
// arrival, repeats included, in the order of arrival within a conversation.
func (t *Trial) Heard(r Receipt) {
	if at := t.started.Swap(0); at != 0 {
		t.log.restarted(time.Since(time.UnixMicro(at)))
	}
	t.log.heard(r)
}

// A log is what the customers sent and were shown, kept apart from the program.
type log struct {
	mu       sync.Mutex
	sent     map[string][]string // per thread, messages in the order of their acknowledgement
	shown    map[string][]Receipt
	answered map[string]string    // message to the reply that answered it
	since    map[string]time.Time // message to when it was acknowledged or, for want of that, answered
	waits    []time.Duration
	repeats  int
	restarts []time.Duration
	faults   []string
	kinds    [other + 1]int // how many faults of each kind
}

// A kind of fault is which promise was broken.
type kind int

const (
	lost       kind = iota // acknowledged and never answered
	doubled                // answered or shown twice
	disordered             // out of order, or with a gap
	other
)

func (l *log) begin() {
	l.sent, l.shown, l.answered = make(map[string][]string), make(map[string][]Receipt), make(map[string]string)
	l.since = make(map[string]time.Time)
}

func (l *log) acknowledged(thread, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent[thread] = append(l.sent[thread], id)
	if l.answered[id] != "" { // the answer was quicker than the acknowledgement
		l.waits = append(l.waits, 0)
		return
	}
	l.since[id] = time.Now()
}

func (l *log) repeated() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.repeats++
}

func (l *log) restarted(after time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.restarts = append(l.restarts, after)
}

func (l *log) heard(r Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown[r.Thread] = append(l.shown[r.Thread], r)
	for _, id := range r.Answers {
		if before := l.answered[id]; before != "" && before != r.ID {
			l.fault(doubled, "%s was answered by %s and by %s", id, before, r.ID)
		}
		if at, ok := l.since[id]; ok {
			l.waits = append(l.waits, time.Since(at))
			delete(l.since, id)
		}
		l.answered[id] = r.ID
	}
}

// left counts the acknowledged messages without an answer.
func (l *log) left() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, ids := range l.sent {
		for _, id := range ids {
			if l.answered[id] == "" {
				n++
			}
		}
	}
	return n
}

// wrong is fault for those who do not hold the lock.
func (l *log) wrong(k kind, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault(k, format, args...)
}

// fault notes what is wrong; a hundred are enough to see it, all are counted.
func (l *log) fault(k kind, format string, args ...any) {
	l.kinds[k]++
	if len(l.faults) < 100 {
		l.faults = append(l.faults, fmt.Sprintf(format, args...))
	}
}

// check compares what was sent with what was shown.
func (l *log) check(report *Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for thread, sent := range l.sent {
		report.Messages += len(sent)
		l.checkThread(thread, sent, report)
	}
	slices.Sort(l.waits)
	report.Repeats, report.Restart, report.Waits, report.Faults = l.repeats, l.restarts, l.waits, l.faults
	report.Lost, report.Doubled, report.Disordered = l.kinds[lost], l.kinds[doubled], l.kinds[disordered]
}

func (l *log) checkThread(thread string, sent []string, report *Report) {
	var order []string
	first := make(map[string]Receipt)
	last, open := "", false
	for _, r := range l.shown[thread] {
		f, again := first[r.ID]
		if !again {
			first[r.ID] = r
			order = append(order, r.Answers...)
			last = r.ID
			if r.Opens && open || r.Opened != open && !r.Opens {
				l.fault(other, "%s in %s: first words and answer do not belong together", r.ID, thread)
			}
			if open = r.Opens; open {
				report.Opened++
				continue
			}
			report.Replies++
			if r.Apology {
				report.Apologies++
			}
			if r.Heard >= 0 && r.Heard != len(order) {
				l.fault(other, "%s in %s says it has heard %d messages; it was sent %d", r.ID, thread, r.Heard, len(order))
			}
			continue
		}
		report.Twice++
		if !r.Ambiguous && !f.Ambiguous { // of two copies on their way at once the flagged one may come first
			l.fault(doubled, "%s in %s came twice without saying that it may", r.ID, thread)
		}
		if r.ID != last {
			l.fault(disordered, "%s in %s came again after %s", r.ID, thread, last)
		}
		if r.Text != f.Text || !slices.Equal(r.Answers, f.Answers) {
			l.fault(other, "%s in %s came again with other words", r.ID, thread)
		}
	}
	if slices.Equal(order, sent) {
		return
	}
	if len(order) > len(sent) {
		l.fault(doubled, "%s was sent %d messages and got answers to %d", thread, len(sent), len(order))
	}
	for _, id := range sent {
		if !slices.Contains(order, id) {
			l.fault(lost, "%s in %s was acknowledged and never answered", id, thread)
		}
	}
	if sorted := slices.Sorted(slices.Values(order)); !slices.Equal(order, sorted) {
		l.fault(disordered, "%s was answered out of order: %.200s", thread, strings.Join(order, " "))
	}
}
