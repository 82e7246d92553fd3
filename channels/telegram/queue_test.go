package telegram

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// push puts an update into the queue of the poller.
func (w *wire) push(u map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.queue = append(w.queue, u)
	close(w.news)
	w.news = make(chan struct{})
}

// updates is getUpdates: an offset that stands just behind an update of the
// queue confirms it and all before, whatever their numbers. One that stands
// nowhere confirms every smaller number, and with it whatever has come under a
// random one since.
func (w *wire) updates(ctx context.Context, rw http.ResponseWriter, c call) {
	w.mu.Lock()
	w.calls = append(w.calls, c)
	for i, f := range w.faults {
		if f(c, rw) {
			w.faults = append(w.faults[:i], w.faults[i+1:]...)
			w.mu.Unlock()
			return
		}
	}
	if w.polls > 0 {
		w.mu.Unlock()
		refuse(rw, 409, "Conflict: terminated by other getUpdates request", nil)
		return
	}
	w.polls++
	offset, _ := strconv.ParseInt(c.form["offset"], 10, 64)
	stands := slices.IndexFunc(w.queue, func(u map[string]any) bool { return u["update_id"].(int64)+1 == offset })
	if stands >= 0 {
		w.queue = w.queue[stands+1:]
	} else if offset > 0 {
		w.queue = slices.DeleteFunc(w.queue, func(u map[string]any) bool { return u["update_id"].(int64) < offset })
	}
	seconds, _ := strconv.Atoi(c.form["timeout"])
	wait := time.Duration(seconds) * time.Second
	news := w.news
	if len(w.queue) > 0 {
		news = nil
	}
	w.mu.Unlock()
	if news != nil {
		select {
		case <-news:
		case <-ctx.Done():
		case <-time.After(max(wait, 20*time.Millisecond)):
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.polls--
	grant(rw, append([]map[string]any{}, w.queue[:min(len(w.queue), 100)]...))
}

// pending reports whether the update has not been confirmed.
func (w *wire) pending(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range w.queue {
		if u["update_id"].(int64) == id {
			return true
		}
	}
	return false
}
