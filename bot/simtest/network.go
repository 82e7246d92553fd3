package simtest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// A network stands between nodes and customers and keeps a log of its own of
// what was sent and what was shown.
type network struct {
	w        *world
	sent     map[string][]string // per thread, in the order of acknowledgement
	shown    map[string][]receipt
	answered map[string]string // message to the reply that answered it
	finished int               // customers who have sent all
	fired    map[string]int
	faults   []string
}

// A receipt is one arrival of a reply.
type receipt struct {
	id, text  string
	answers   []string
	ambiguous bool
}

func newNetwork(w *world) *network {
	return &network{w: w, sent: make(map[string][]string), shown: make(map[string][]receipt), answered: make(map[string]string), fired: make(map[string]int)}
}

// customer writes the messages of one conversation, each until it is
// acknowledged, and some again later.
func (w *world) customer(thread string) {
	for i := range w.Messages {
		id := fmt.Sprintf("%s-%d", thread, i)
		m := bot.Message{ID: id, From: bot.Address{Channel: channel, Thread: thread}, Text: "message " + id, Time: time.Now()}
		for try := 0; ; try++ {
			if w.stop.Err() != nil {
				return
			}
			time.Sleep(w.dice("post", id, try).between(time.Millisecond, 300*time.Millisecond))
			if w.post(m, id, try) == nil {
				break
			}
		}
		w.mu.Lock()
		w.net.sent[thread] = append(w.net.sent[thread], id)
		w.mu.Unlock()
		d := w.dice("after", id)
		if d.oneIn(3) { // the network did not hear the acknowledgement
			later := d.between(time.Millisecond, 20*time.Second)
			w.side.Go(func() {
				time.Sleep(later)
				w.happened("repeat", id)
				_ = w.post(m, id, "again")
			})
		}
		time.Sleep(d.between(time.Millisecond, 4*time.Second))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.net.finished++
}

// post hands the message to some node.
func (w *world) post(m bot.Message, key ...any) error {
	n := w.reach(m.ID, key)
	if n == nil {
		return errCrashed
	}
	n.mu.Lock()
	deliver := n.deliver
	n.mu.Unlock()
	if deliver == nil {
		return errCrashed
	}
	return deliver(context.Background(), m)
}

// all reports whether every message has been answered.
func (net *network) all() bool {
	for _, ids := range net.sent {
		for _, id := range ids {
			if net.answered[id] == "" {
				return false
			}
		}
	}
	return net.finished == net.w.Threads
}

// done is all under the lock.
func (w *world) done() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.net.all()
}

// Name, Listen, Send and Resend are the channel of a node.

func (n *node) Name() string { return channel }

func (n *node) Listen(ctx context.Context, deliver func(context.Context, bot.Message) error) error {
	n.mu.Lock()
	n.deliver = deliver
	n.mu.Unlock()
	<-ctx.Done()
	n.mu.Lock()
	n.deliver = nil
	n.mu.Unlock()
	return nil
}

func (n *node) Send(ctx context.Context, r bot.Reply) error   { return n.post(ctx, r, false) }
func (n *node) Resend(ctx context.Context, r bot.Reply) error { return n.post(ctx, r, true) }

// post is a reply on its way to the customer.
func (n *node) post(ctx context.Context, r bot.Reply, ambiguous bool) error {
	return n.call("send", func() error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		n.w.net.arrive(r, ambiguous)
		return nil
	}, r.ID, n.nth("send"+r.ID))
}

func (net *network) arrive(r bot.Reply, ambiguous bool) {
	net.w.mu.Lock()
	defer net.w.mu.Unlock()
	thread := r.To.Thread
	net.shown[thread] = append(net.shown[thread], receipt{r.ID, r.Text(), r.Answers, ambiguous})
	for _, id := range r.Answers {
		if before := net.answered[id]; before != "" && before != r.ID {
			net.fault("%s was answered by %s and by %s", id, before, r.ID)
		}
		net.answered[id] = r.ID
	}
}

func (net *network) fault(format string, args ...any) {
	net.faults = append(net.faults, fmt.Sprintf(format, args...))
}

// check compares what was sent with what was shown.
func (net *network) check() []string {
	for thread, sent := range net.sent {
		var order []string
		first := make(map[string]receipt)
		for _, r := range net.shown[thread] {
			if f, again := first[r.id]; again {
				if !r.ambiguous && !f.ambiguous {
					net.fault("%s came twice without saying that it may", r.id)
				}
				if r.text != f.text {
					net.fault("%s came again with other words", r.id)
				}
				continue
			}
			first[r.id] = r
			order = append(order, r.answers...)
			if heard := counted(r.text); heard >= 0 && heard != len(order) {
				net.fault("%s says that it has heard %d messages; it was sent %d", r.id, heard, len(order))
			}
		}
		if !slices.Equal(order, sent) {
			net.fault("%s sent %q and was answered in the order %q", thread, sent, order)
		}
	}
	return net.faults
}

// counted is the number that a reply says, −1 for one that only opens.
func counted(text string) int {
	last := text[strings.LastIndexAny(text, " \n")+1:]
	n, err := strconv.Atoi(last)
	if err != nil {
		return -1
	}
	return n
}
