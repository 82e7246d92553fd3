package cues

import "slices"

// automaton is a trie with failure links. The edges of a state are sorted by
// symbol and lie side by side, which keeps thirty thousand states small.
type automaton struct {
	root  [symNamed + 2048]int32 // next state from the start, by symbol
	first []int32                // first edge of each state; one more entry at the end
	ids   []uint16               // edge symbols
	next  []int32                // edge targets
	fail  []int32                // longest proper suffix that is a state
	out   []int32                // atom that ends here, or −1
	more  []int32                // next shorter state on the failure path with an atom, or 0
}

// builder grows the trie before it is frozen.
type builder struct {
	edges []map[uint16]int32
	atom  []int32
}

func (b *builder) add(syms []uint16, id int32) int32 {
	if len(b.edges) == 0 {
		b.edges, b.atom = append(b.edges, nil), append(b.atom, -1)
	}
	s := int32(0)
	for _, y := range syms {
		n, ok := b.edges[s][y]
		if !ok {
			n = int32(len(b.edges))
			b.edges, b.atom = append(b.edges, nil), append(b.atom, -1)
			if b.edges[s] == nil {
				b.edges[s] = make(map[uint16]int32, 1)
			}
			b.edges[s][y] = n
		}
		s = n
	}
	if b.atom[s] < 0 {
		b.atom[s] = id
	}
	return b.atom[s]
}

// freeze computes the failure links breadth first and packs the edges.
func (b *builder) freeze() *automaton {
	n := len(b.edges)
	a := &automaton{
		first: make([]int32, n+1), fail: make([]int32, n), out: b.atom, more: make([]int32, n),
	}
	for s := range n {
		a.first[s] = int32(len(a.ids))
		syms := make([]uint16, 0, len(b.edges[s]))
		for y := range b.edges[s] {
			syms = append(syms, y)
		}
		slices.Sort(syms)
		for _, y := range syms {
			a.ids, a.next = append(a.ids, y), append(a.next, b.edges[s][y])
			if s == 0 {
				a.root[y] = b.edges[s][y]
			}
		}
	}
	a.first[n] = int32(len(a.ids))
	queue := []int32{0}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for e := a.first[s]; e < a.first[s+1]; e++ {
			t := a.next[e]
			if s != 0 {
				a.fail[t] = a.step(a.fail[s], a.ids[e])
			}
			if f := a.fail[t]; a.out[f] >= 0 {
				a.more[t] = f
			} else {
				a.more[t] = a.more[f]
			}
			queue = append(queue, t)
		}
	}
	return a
}

// step follows one symbol from state s.
func (a *automaton) step(s int32, y uint16) int32 {
	for s != 0 {
		lo, hi := a.first[s], a.first[s+1]
		for lo < hi {
			mid := (lo + hi) / 2
			if a.ids[mid] < y {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo < a.first[s+1] && a.ids[lo] == y {
			return a.next[lo]
		}
		s = a.fail[s]
	}
	return a.root[y]
}
