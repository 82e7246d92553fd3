package slack

import "sync"

// recent remembers a value for each of the last max keys it was asked for. What
// it forgets is looked up again or was only a convenience; memory stays flat.
type recent[V any] struct {
	max int

	mu    sync.Mutex
	m     map[string]*V
	order []string // oldest first
}

// at returns the value of the key, made if need be.
func (r *recent[V]) at(key string) *V {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v := r.m[key]; v != nil {
		return v
	}
	if r.m == nil {
		r.m = make(map[string]*V)
	}
	if len(r.order) >= r.max {
		delete(r.m, r.order[0])
		r.order = r.order[1:]
	}
	v := new(V)
	r.m[key] = v
	r.order = append(r.order, key)
	return v
}
