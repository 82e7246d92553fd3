package bot

import "sync"

// LocalHints are Hints within one process. The zero value is ready to use.
type LocalHints struct {
	mu      sync.Mutex
	watches map[string]map[chan struct{}]bool
}

// Wake tells every watch of the topic; it never blocks.
func (h *LocalHints) Wake(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.watches[topic] {
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
		h.watches = make(map[string]map[chan struct{}]bool)
	}
	if h.watches[topic] == nil {
		h.watches[topic] = make(map[chan struct{}]bool)
	}
	h.watches[topic][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watches[topic], c)
		if len(h.watches[topic]) == 0 {
			delete(h.watches, topic)
		}
	}
}
