package lexical

import (
	"fmt"
	"math"
	"slices"

	"github.com/onkihq/onki/knowledge/words"
)

// MaxDocs is how many documents one segment can hold.
const MaxDocs = 1 << 24

// The constants of BM25F. Lengths are in terms; averages are those of
// customer-care passages, and fixed (see the package comment).
const (
	k1        = 1.2
	titleTerm = 2.2 // a term in the title counts as much as 2.2 in the text
	titleB    = 0.4
	titleAvg  = 8
	bodyB     = 0.6
	bodyAvg   = 80
)

// A Doc is the terms of one document.
type Doc struct{ Title, Body []words.Term }

// A Builder collects documents and makes a [Segment] of them.
type Builder struct {
	postings map[uint64][]uint32
	names    map[uint64]string // of words, for Near
	docs     int
	counts   map[uint64]float32
}

// NewBuilder returns an empty builder.
func NewBuilder() *Builder {
	return &Builder{postings: map[uint64][]uint32{}, names: map[uint64]string{}, counts: map[uint64]float32{}}
}

// Add appends a document and returns its number, counted from 0.
func (b *Builder) Add(d Doc) (uint32, error) {
	if b.docs >= MaxDocs {
		return 0, fmt.Errorf("add document: a segment holds at most %d", MaxDocs)
	}
	clear(b.counts)
	b.count(d.Title, titleTerm, titleB, titleAvg)
	b.count(d.Body, 1, bodyB, bodyAvg)
	doc := uint32(b.docs)
	for h, tf := range b.counts {
		b.postings[h] = append(b.postings[h], doc<<8|uint32(quantize(tf)))
	}
	b.docs++
	return doc, nil
}

func (b *Builder) count(terms []words.Term, weight, slope, avg float64) {
	if len(terms) == 0 {
		return
	}
	per := float32(weight / (1 - slope + slope*float64(len(terms))/avg))
	for _, t := range terms {
		h := t.Hash()
		b.counts[h] += per
		if t.Kind == words.Word && b.names[h] == "" {
			b.names[h] = string(append([]byte(nil), t.Text...)) // not to keep the whole text alive
		}
	}
}

// quantize maps a weighted term frequency to 1..255: the saturated part
// tf/(tf+k1), which is in 0..1.
func quantize(tf float32) uint8 {
	v := math.Round(float64(tf) / (float64(tf) + k1) * 255)
	return uint8(min(max(v, 1), 255))
}

// Segment returns what was added as a Segment. The builder is empty then.
func (b *Builder) Segment() *Segment {
	s := &Segment{docs: b.docs}
	s.terms = make([]uint64, 0, len(b.postings))
	total := 0
	for h, p := range b.postings {
		s.terms = append(s.terms, h)
		total += len(p)
	}
	slices.Sort(s.terms)
	s.starts = make([]uint32, 0, len(s.terms)+1)
	s.postings = make([]uint32, 0, total)
	for _, h := range s.terms {
		s.starts = append(s.starts, uint32(len(s.postings)))
		s.postings = append(s.postings, b.postings[h]...)
		delete(b.postings, h)
	}
	s.starts = append(s.starts, uint32(len(s.postings)))
	s.setNames(b.names)
	*b = *NewBuilder()
	return s
}

// Impacts returns how strongly each term stands in a document, 0..1 and
// without its rarity: what other engines need to rank as this package does.
func Impacts(d Doc) map[uint64]float32 {
	b := NewBuilder()
	b.count(d.Title, titleTerm, titleB, titleAvg)
	b.count(d.Body, 1, bodyB, bodyAvg)
	for h, tf := range b.counts {
		b.counts[h] = float32(quantize(tf)) / 255
	}
	return b.counts
}
