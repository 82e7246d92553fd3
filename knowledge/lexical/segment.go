package lexical

import (
	"slices"
	"unsafe"

	"github.com/onkihq/onki/knowledge/words"
)

// A Segment is an immutable index. Any number of goroutines may search it.
type Segment struct {
	docs     int
	terms    []uint64 // sorted hashes
	starts   []uint32 // of each term in postings, and the end
	postings []uint32 // document<<8 | impact
	names    []byte   // the words, one after another, for Near
	ends     []uint32 // of each word in names
	marks    []uint64 // which letters each word has
}

// Docs returns how many documents the segment holds.
func (s *Segment) Docs() int { return s.docs }

// Size returns the bytes that the segment takes in memory.
func (s *Segment) Size() int {
	return 8*len(s.terms) + 4*len(s.starts) + 4*len(s.postings) + len(s.names) + 4*len(s.ends) + 8*len(s.marks)
}

// Postings returns the postings of a term: document<<8 | impact, by document.
// The caller must not change them.
func (s *Segment) Postings(hash uint64) []uint32 {
	i, ok := slices.BinarySearch(s.terms, hash)
	if !ok {
		return nil
	}
	return s.postings[s.starts[i]:s.starts[i+1]]
}

// Count returns how many documents hold the term.
func (s *Segment) Count(hash uint64) int { return len(s.Postings(hash)) }

func (s *Segment) setNames(names map[uint64]string) {
	list := make([]string, 0, len(names))
	for _, n := range names {
		list = append(list, n)
	}
	slices.Sort(list)
	for _, n := range list {
		s.names = append(s.names, n...)
		s.ends = append(s.ends, uint32(len(s.names)))
		s.marks = append(s.marks, letters(words.Jamo(n)))
	}
}

func (s *Segment) name(i int) string {
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	b := s.names[start:s.ends[i]]
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// Merge returns one segment with the documents of all segments that keep says
// to keep, numbered in order. keep is asked once per document, in order.
func Merge(segments []*Segment, keep func(segment int, doc uint32) bool) *Segment {
	out := &Segment{}
	moved := make([][]uint32, len(segments)) // new number + 1, or 0
	for i, s := range segments {
		moved[i] = make([]uint32, s.docs)
		for d := range uint32(s.docs) {
			if keep(i, d) {
				out.docs++
				moved[i][d] = uint32(out.docs)
			}
		}
	}
	for _, s := range segments {
		out.terms = append(out.terms, s.terms...)
	}
	slices.Sort(out.terms)
	out.terms = slices.Compact(out.terms)
	terms := out.terms[:0]
	for _, h := range out.terms {
		start := len(out.postings)
		for i, s := range segments {
			for _, p := range s.Postings(h) {
				if n := moved[i][p>>8]; n > 0 {
					out.postings = append(out.postings, (n-1)<<8|p&255)
				}
			}
		}
		if len(out.postings) > start {
			terms = append(terms, h)
			out.starts = append(out.starts, uint32(start))
		}
	}
	out.terms = terms
	out.starts = append(out.starts, uint32(len(out.postings)))
	names := map[uint64]string{}
	for _, s := range segments {
		for i := range s.ends {
			t := words.Term{Text: s.name(i), Kind: words.Word}
			if h := t.Hash(); out.Count(h) > 0 {
				names[h] = t.Text
			}
		}
	}
	out.setNames(names)
	return out
}
