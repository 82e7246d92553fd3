package learn

import (
	"math"
	"slices"

	"github.com/onkihq/onki/knowledge/words"
)

// A feature is one dimension of a vector.
type feature struct {
	id    uint32
	value float32
}

// The kinds of features, hashed with them and normalized apart, so that the
// many letter sequences do not drown the few words.
const (
	wordKind = iota
	letterKind
	kinds
)

const (
	minLetters = 2
	maxLetters = 5
)

// raw counts the features of a text by hash, by kind.
type raw [kinds]map[uint64]float32

func newRaw() raw {
	var r raw
	for i := range r {
		r[i] = map[uint64]float32{}
	}
	return r
}

// read counts the features of a text.
func (r raw) read(l *words.Lexicon, text string) {
	for i := range r {
		clear(r[i])
	}
	pieces := l.Split(text)
	before := uint64(1)
	for i := range pieces {
		w := pieces[i].Text
		h := hash(0x77, w)
		r[wordKind][h]++
		if pieces[i].Stem != w {
			r[wordKind][hash(0x73, pieces[i].Stem)]++
		}
		r[wordKind][(before^h)*0x9e3779b97f4a7c15]++
		before = h * 31
		r.letters(w)
	}
	for _, t := range l.TermsOf(pieces) {
		if t.Kind == words.Concept {
			r[wordKind][hash(0x63, t.Text)]++
		}
	}
}

// letters counts the letter sequences of a word with its edges.
func (r raw) letters(w string) {
	edged := append([]rune{'_'}, []rune(w)...)
	edged = append(edged, '_')
	for i := range edged {
		h := uint64(14695981039346656037)
		for n := 1; n <= maxLetters && i+n <= len(edged); n++ {
			h = (h ^ uint64(edged[i+n-1])) * 1099511628211
			if n >= minLetters {
				r[letterKind][h^uint64(n)<<56]++
			}
		}
	}
}

func hash(seed uint64, s string) uint64 {
	h := uint64(14695981039346656037) ^ seed
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// A vocabulary maps hashes to dimensions with their IDF.
type vocabulary struct {
	ids map[uint64]uint32
	idf []float32
}

// vector makes the features of a counted text: sublinear TF times IDF, length
// one per kind.
func (v *vocabulary) vector(r raw, out []feature) []feature {
	out = out[:0]
	for kind := range r {
		start := len(out)
		var sum float64
		for h, tf := range r[kind] {
			id, ok := v.ids[h]
			if !ok {
				continue
			}
			x := float32(1+math.Log(float64(tf))) * v.idf[id]
			sum += float64(x) * float64(x)
			out = append(out, feature{id, x})
		}
		if sum > 0 {
			scale := float32(kindScale(kind) / math.Sqrt(sum))
			for i := start; i < len(out); i++ {
				out[i].value *= scale
			}
		}
	}
	slices.SortFunc(out, func(a, b feature) int { return int(a.id) - int(b.id) })
	return out
}

// kindScale is how much the kinds weigh against each other; chosen on held-out
// questions.
func kindScale(kind int) float64 {
	if kind == wordKind {
		return 0.75
	}
	return 0.66
}
