package sqlledger

import (
	"context"
	"strings"
	"sync"

	"github.com/onkihq/onki/bot"
)

// lookMax is how many conversations are asked for at once.
const lookMax = 1000

// A lookout wakes readers of conversations that another process has changed, by
// looking into the database now and then: whoever waits for a hint that never
// comes waits no longer than this.
type lookout struct {
	bot.Hints
	mu      sync.Mutex
	watched map[bot.Address]*watched
}

type watched struct {
	readers int
	last    int64 // event seen last; −1 before the first look
}

// Hints returns hints that also tell what other processes on the same server
// did, looked up once in so many beats. With SQLite they are inner.
func (l *Ledger) Hints(inner bot.Hints, beats int) bot.Hints {
	if l.node == nil {
		return inner
	}
	o := &lookout{Hints: inner, watched: make(map[bot.Address]*watched)}
	l.node.mu.Lock()
	defer l.node.mu.Unlock()
	l.node.look, l.node.lookEvery = o, max(beats, 1)
	return o
}

// Watch is that of inner; what is watched is looked up, too.
func (o *lookout) Watch(topic string) (hint <-chan struct{}, stop func()) {
	hint, stop = o.Hints.Watch(topic)
	name, ok := strings.CutPrefix(topic, bot.TopicEvents)
	channel, thread, cut := strings.Cut(name, ":")
	if !ok || !cut {
		return hint, stop
	}
	a := bot.Address{Channel: channel, Thread: thread}
	o.mu.Lock()
	defer o.mu.Unlock()
	w := o.watched[a]
	if w == nil {
		w = &watched{last: -1}
		o.watched[a] = w
	}
	w.readers++
	return hint, sync.OnceFunc(func() {
		stop()
		o.mu.Lock()
		defer o.mu.Unlock()
		if w.readers--; w.readers == 0 {
			delete(o.watched, a)
		}
	})
}

// round looks at everything watched once.
func (o *lookout) round(ctx context.Context, s *server) error {
	o.mu.Lock()
	threads := make(map[string][]string)
	for a := range o.watched {
		threads[a.Channel] = append(threads[a.Channel], a.Thread)
	}
	o.mu.Unlock()
	for channel, all := range threads {
		for len(all) > 0 {
			some := all[:min(lookMax, len(all))]
			all = all[len(some):]
			if err := o.ask(ctx, s, channel, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *lookout) ask(ctx context.Context, s *server, channel string, threads []string) error {
	rows, err := s.pool.QueryContext(ctx, `SELECT thread, last_event FROM conversation WHERE channel = $1 AND thread = ANY($2)`, channel, threads)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		a := bot.Address{Channel: channel}
		var last int64
		if err := rows.Scan(&a.Thread, &last); err != nil {
			return err
		}
		o.mu.Lock()
		w := o.watched[a]
		news := w != nil && w.last < last
		if news {
			w.last = last
		}
		o.mu.Unlock()
		if news {
			o.Hints.Wake(bot.TopicEvents + a.String())
		}
	}
	return rows.Err()
}
