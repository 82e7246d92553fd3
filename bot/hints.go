package bot

import (
	"slices"
	"sync"
)

// LocalHints are Hints within one process. The zero value is ready to use.
type LocalHints struct {
	mu      sync.Mutex
	watches map[string][]chan struct{}
}

// Wake tells every watch of the topic; it never blocks.
func (h *LocalHints) Wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.watches[topic] {
		select {
		case c <- struct{}{}:
		default: // one hint is waiting already
		}
	}
}

// Watch returns a channel that receives after each Wake of the topic.
func (h *LocalHints) Watch(topic string) (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watches == nil {
		h.watches = make(map[string][]chan struct{})
	}
	h.watches[topic] = append(h.watches[topic], c)
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		all := h.watches[topic]
		if i := slices.Index(all, c); i >= 0 {
			all[i] = all[len(all)-1]
			all[len(all)-1] = nil
			h.watches[topic] = all[:len(all)-1]
		}
		if len(h.watches[topic]) == 0 {
			delete(h.watches, topic)
		}
	}
}
