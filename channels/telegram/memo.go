package telegram

import "sync"

// memo remembers a value for the keys asked for lately: at least the last max,
// at most twice as many. What it forgets can be found out again or was only a
// convenience.
type memo[V any] struct {
	max int

	mu       sync.Mutex
	now, old map[string]*V
}

// at returns the value of the key, made if need be.
func (m *memo[V]) at(key string) *V {
	m.mu.Lock()
	defer m.mu.Unlock()
	v := m.now[key]
	if v != nil {
		return v
	}
	if v = m.old[key]; v == nil {
		v = new(V)
	}
	if m.now == nil || len(m.now) >= m.max {
		m.old, m.now = m.now, make(map[string]*V)
	}
	m.now[key] = v
	return v
}
