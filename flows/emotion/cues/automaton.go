package cues

import "slices"

// automaton is a trie with failure links. States are numbered breadth first
// and the edges of a state are sorted by symbol, so that edge e leads to state
// e+1 and need not say so: the set stays in memory as long as the program runs.
type automaton struct {
	root  [symNamed + 2048]int32 // next state from the start, by symbol
	first []int32                // first edge of each state; one more entry at the end
	ids   []uint16               // edge symbols
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

// freeze numbers the states breadth first and computes the failure links.
func (b *builder) freeze() *automaton {
	syms, parent, out := b.grow()
	n := len(syms)
	a := &automaton{
		first: make([]int32, n+1), ids: make([]uint16, n-1),
		fail: make([]int32, n), out: make([]int32, n), more: make([]int32, n),
	}
	start, child := children(parent)
	queue := make([]int32, 1, n) // the state of the trie at each number
	for s := range int32(n) {
		a.out[s], a.first[s] = out[queue[s]], int32(len(queue)-1)
		for _, c := range child[start[queue[s]]:start[queue[s]+1]] {
			a.ids[len(queue)-1] = syms[c]
			if s == 0 {
				a.root[syms[c]] = int32(len(queue))
			}
			queue = append(queue, c)
		}
	}
	a.first[n] = int32(n - 1)
	for s := range int32(n) {
		for e := a.first[s]; e < a.first[s+1]; e++ {
			t := e + 1
			if s != 0 {
				a.fail[t] = a.step(a.fail[s], a.ids[e])
			}
			if f := a.fail[t]; a.out[f] >= 0 {
				a.more[t] = f
			} else {
				a.more[t] = a.more[f]
			}
		}
	}
	return a
}

// children lists the children of every state, in their order, side by side:
// those of s are child[start[s]:start[s+1]].
func children(parent []int32) (start, child []int32) {
	start, child = make([]int32, len(parent)+1), make([]int32, len(parent)-1)
	for _, p := range parent[1:] {
		start[p+1]++
	}
	for s := range parent {
		start[s+1] += start[s]
	}
	free := slices.Clone(start)
	for s, p := range parent[1:] {
		child[free[p]] = int32(s + 1)
		free[p]++
	}
	return start, child
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
			return lo + 1
		}
		s = a.fail[s]
	}
	return a.root[y]
}
