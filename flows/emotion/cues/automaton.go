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

// builder gathers the words of the trie before it is frozen.
type builder struct {
	words   []word
	known   map[string]int32  // atom of each word
	spelled map[string][]atom // parts of patterns that were spelled before
	atoms   []atomUse
}

type word struct {
	syms []uint16
	atom int32
}

// add gives the atom of a word: id, or the one that has the same symbols.
func (b *builder) add(syms []uint16, id int32) int32 {
	key := make([]byte, 0, 2*len(syms))
	for _, y := range syms {
		key = append(key, byte(y>>8), byte(y))
	}
	if at, ok := b.known[string(key)]; ok {
		return at
	}
	b.known[string(key)] = id
	b.words = append(b.words, word{syms, id})
	return id
}

// grow makes the trie of all words: the symbol that leads to each state, the
// state it comes from and the atom that ends there. Sorted words share their
// beginnings with the word before, and the children of a state come in order.
func (b *builder) grow() (syms []uint16, parent, out []int32) {
	slices.SortFunc(b.words, func(x, y word) int { return slices.Compare(x.syms, y.syms) })
	syms, parent, out = []uint16{0}, []int32{-1}, []int32{-1}
	path, last := []int32{0}, []uint16(nil)
	for _, w := range b.words {
		same := 0
		for same < min(len(last), len(w.syms)) && last[same] == w.syms[same] {
			same++
		}
		path = path[:same+1]
		for _, y := range w.syms[same:] {
			syms, parent, out = append(syms, y), append(parent, path[len(path)-1]), append(out, -1)
			path = append(path, int32(len(syms)-1))
		}
		out[path[len(path)-1]] = w.atom
		last = w.syms
	}
	return syms, parent, out
}

// freeze packs the edges and computes the failure links breadth first.
func (b *builder) freeze() *automaton {
	syms, parent, out := b.grow()
	n := len(syms)
	a := &automaton{
		first: make([]int32, n+1), ids: make([]uint16, n-1), next: make([]int32, n-1),
		fail: make([]int32, n), out: slices.Clone(out), more: make([]int32, n),
	}
	for _, p := range parent[1:] {
		a.first[p+1]++
	}
	for s := range n {
		a.first[s+1] += a.first[s]
	}
	free := slices.Clone(a.first)
	for s := 1; s < n; s++ {
		at := free[parent[s]]
		free[parent[s]]++
		a.ids[at], a.next[at] = syms[s], int32(s)
		if parent[s] == 0 {
			a.root[syms[s]] = int32(s)
		}
	}
	queue := make([]int32, 1, n)
	for i := 0; i < len(queue); i++ {
		s := queue[i]
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
