package cues

import (
	"sort"
	"strings"
)

// A Hit is one match of a rule in a text.
type Hit struct {
	Rule
	Start, End int // bytes of the text
	Sentence   int // which sentence it ends in, from 0
}

// mark remembers that a part of a form with gaps was seen.
type mark struct {
	turn       uint32 // which scan, so that nothing needs clearing
	start, end int32  // symbols
	sentence   int32
}

// scanner is the working memory of one scan.
type scanner struct {
	page     page
	seen     []mark
	turn     uint32
	hits     []Hit
	sentence int32
}

// Scan finds all rules in the text: hits in the order of their start, longest
// first, without those that a mask covers and without a shorter hit of the
// same label inside a longer one. Its time grows with the length of the text.
func (s *Set) Scan(text string) []Hit {
	hits, _ := s.scan(text)
	return hits
}

// scan also says whether letters were stretched.
func (s *Set) scan(text string) (hits []Hit, stretched bool) {
	sc := s.pool.Get().(*scanner)
	defer s.pool.Put(sc)
	sc.hits = sc.hits[:0]
	s.pass(sc, text, 1)
	if stretched = sc.page.stretched; stretched {
		s.pass(sc, text, 2) // "gooood" is "good", "soooo" is "so": try both
	}
	return settle(sc.hits), stretched
}

func (s *Set) pass(sc *scanner, text string, keep int) {
	sc.page.fill(text, s.named, keep)
	sc.turn++
	sc.sentence = 0
	syms := sc.page.syms
	state := int32(0)
	for i := range syms {
		if i > 0 && endsSentence(syms, i-1) {
			sc.sentence++
		}
		state = s.auto.step(state, syms[i].id)
		at := state
		if s.auto.out[at] < 0 {
			at = s.auto.more[at]
		}
		for ; at != 0; at = s.auto.more[at] {
			s.emit(sc, s.auto.out[at], int32(i))
		}
	}
}

// endsSentence reports whether a sentence ends with symbol i.
func endsSentence(syms []symbol, i int) bool {
	switch syms[i].id {
	case symASCII + '\n':
		return true
	case symASCII + '?', symASCII + '!':
		return i+1 == len(syms) || syms[i+1].id != syms[i].id
	case symASCII + '.':
		return i+1 == len(syms) || syms[i+1].id == symSpace
	}
	return false
}

// emit handles an atom that ends at symbol last.
func (s *Set) emit(sc *scanner, id, last int32) {
	syms := sc.page.syms
	first := last - int32(s.length[id]) + 1
	if isHangul(syms[first]) && !opensSyllable(syms[first]) {
		return
	}
	leftEdge, rightEdge := wordEdges(syms, int(first), int(last))
	for _, u := range s.uses[s.first[id]:s.first[id+1]] {
		if u.left == edgeWord && !leftEdge || u.right == edgeWord && !rightEdge {
			continue
		}
		f := &s.forms[u.form]
		start := first
		if f.parts > 1 {
			slot := &sc.seen[f.slot+u.part]
			if u.part > 0 {
				before := sc.seen[f.slot+u.part-1]
				if before.turn != sc.turn || before.end >= first || first-before.end > gapMax || before.sentence != sc.sentence {
					continue
				}
				start = before.start
			}
			*slot = mark{turn: sc.turn, start: start, end: last, sentence: sc.sentence}
			if u.part+1 < f.parts {
				continue
			}
		}
		sc.hits = append(sc.hits, Hit{
			Rule: s.rules[f.rule], Start: int(syms[start].start), End: int(syms[last].end), Sentence: int(sc.sentence),
		})
	}
}

// wordEdges reports whether a word begins at first and ends at last.
func wordEdges(syms []symbol, first, last int) (left, right bool) {
	left, right = true, true
	if first > 0 {
		p := syms[first-1]
		left = !(isHangul(p) && isHangul(syms[first]) || isLatin(p) && isLatin(syms[first]))
	}
	if last+1 < len(syms) {
		n := syms[last+1]
		right = !(isHangul(n) && isHangul(syms[last]) || isLatin(n) && isLatin(syms[last]))
		if n.id == symASCII+'\'' && last+2 < len(syms) && syms[last+2].id == symASCII+'t' && isLatin(syms[last]) {
			right = false // "won't" is not "won", "can't" not "can"
		}
	}
	return left, right
}

// settle sorts the hits and removes the masked and the repeated ones.
func settle(found []Hit) []Hit {
	hits := append([]Hit(nil), found...)
	sort.Slice(hits, func(i, j int) bool {
		if hits[i].Start != hits[j].Start {
			return hits[i].Start < hits[j].Start
		}
		if hits[i].End != hits[j].End {
			return hits[i].End > hits[j].End
		}
		return hits[i].Class+hits[i].Name < hits[j].Class+hits[j].Name
	})
	var masks []Hit
	for _, h := range hits {
		if h.Class == "mask" {
			masks = append(masks, h)
		}
	}
	kept := hits[:0]
	ends := make(map[string]int, 8)
	m := 0
	for _, h := range hits {
		for m < len(masks) && masks[m].End <= h.Start {
			m++
		}
		if h.Class == "mask" || masked(h, masks[m:]) {
			continue
		}
		key := h.Class + ":" + h.Name
		if end, ok := ends[key]; ok && h.End <= end {
			continue // inside a longer hit of the same label
		}
		ends[key] = h.End
		kept = append(kept, h)
	}
	return kept
}

// masked reports whether a mask covers the hit.
func masked(h Hit, masks []Hit) bool {
	for _, m := range masks {
		if m.Start > h.Start {
			return false
		}
		if m.End >= h.End && covers(m.Name, h) {
			return true
		}
	}
	return false
}

// covers reports whether a mask of this name is meant for the hit: "" for all,
// "ask" for a class, "ask.fix" for one label.
func covers(name string, h Hit) bool {
	rest, ok := strings.CutPrefix(name, h.Class)
	return name == "" || ok && (rest == "" || rest[0] == '.' && rest[1:] == h.Name)
}
