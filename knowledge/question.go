package knowledge

import (
	"slices"

	"github.com/onkihq/onki/knowledge/words"
)

// A unit is one thing that a question speaks of: a word or a concept.
type unit struct {
	term     words.Term
	hash     uint64
	grams    []words.Term
	near     []string // what the word may have been meant to be
	rarity   float64
	count    int // how many passages know it
	sentence int
}

// A question is a text taken apart.
type question struct {
	units     []unit
	sentences int
}

// maxUnits bounds the work for a long message: the rarest are kept.
const maxUnits = 48

// How much the kinds of terms count in the first search.
const (
	wordWeight    = 1.0
	gramWeight    = 0.35
	conceptWeight = 1.3
	aspectWeight  = 0.6
	nearWeight    = 0.7
	contextWeight = 0.4
)

// understand takes a text apart and looks up how rare its parts are.
func (b *Base) understand(s *state, text string) question {
	var q question
	seen := map[uint64]bool{}
	pieces := s.lexicon.Split(text)
	start := 0
	for i := range pieces {
		if !pieces[i].End && i+1 < len(pieces) {
			continue
		}
		b.addUnits(s, &q, seen, pieces[start:i+1])
		start = i + 1
		q.sentences++
	}
	if len(q.units) > maxUnits {
		slices.SortStableFunc(q.units, func(a, b unit) int {
			switch {
			case a.rarity > b.rarity:
				return -1
			case a.rarity < b.rarity:
				return 1
			}
			return 0
		})
		q.units = q.units[:maxUnits]
	}
	return q
}

func (b *Base) addUnits(s *state, q *question, seen map[uint64]bool, pieces []words.Piece) {
	terms := s.lexicon.TermsOf(pieces)
	for i := 0; i < len(terms); i++ {
		t := terms[i]
		u := unit{term: t, hash: t.Hash(), sentence: q.sentences}
		for t.Kind == words.Word && i+1 < len(terms) && terms[i+1].Kind == words.Gram {
			i++
			u.grams = append(u.grams, terms[i])
		}
		if seen[u.hash] {
			continue
		}
		seen[u.hash] = true
		b.weigh(s, &u)
		q.units = append(q.units, u)
	}
}

// weigh finds how rare a unit is. A Korean word that is unknown as it stands
// may be a compound, or written without a space: then its rarest known pair of
// syllables speaks for it. Any other unknown word may be misspelled.
func (b *Base) weigh(s *state, u *unit) {
	u.count = s.counter.Count(u.term)
	all := s.counter.Len()
	if u.count == 0 && u.term.Kind == words.Word {
		for _, g := range u.grams {
			if n := s.counter.Count(g); n > 0 && (u.count == 0 || n < u.count) {
				u.count = n
			}
		}
		if u.count == 0 {
			u.near = s.counter.Near(u.term.Text, 3)
			for _, w := range u.near {
				u.count = max(u.count, s.counter.Count(words.Term{Text: w, Kind: words.Word}))
			}
		}
	}
	u.rarity = Rarity(max(u.count, 1), max(all, 1))
}

// probe lists the terms of a question for the index.
func (q *question) probe(scale float64) []Weighted {
	var out []Weighted
	for _, u := range q.units {
		switch u.term.Kind {
		case words.Aspect:
			out = append(out, Weighted{u.term, aspectWeight * scale})
		case words.Concept:
			out = append(out, Weighted{u.term, conceptWeight * scale})
		case words.Word:
			out = append(out, Weighted{u.term, wordWeight * scale})
			for _, g := range u.grams {
				out = append(out, Weighted{g, gramWeight * scale})
			}
			for _, w := range u.near {
				out = append(out, Weighted{words.Term{Text: w, Kind: words.Word}, nearWeight * scale})
			}
		}
	}
	return out
}
