package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/onkihq/onki/knowledge/words"
)

// An Example is a question and the class it belongs to.
type Example struct {
	Text  string
	Class int
}

// Options of training. The zero value is good.
type Options struct {
	Cost   float64 // how much a mistake costs against a big weight; 0 means 2
	Rounds int     // over all examples; 0 means 25
	MinDoc int     // a feature needs this many examples; 0 means 1
	Limit  int     // of features times classes; 0 means 24 million (96 MB)
	Seed   uint64  // the order of examples
}

// A Model tells classes apart. It is read-only and may be used by many
// goroutines.
type Model struct {
	Classes int
	words   *words.Lexicon
	vocab   vocabulary
	weights []float32 // of feature 0 for all classes, of feature 1 …
	bias    []float32
}

// Train learns from examples whose classes are 0..classes-1.
func Train(l *words.Lexicon, examples []Example, classes int, o Options) *Model {
	if o.Cost == 0 {
		o.Cost = 2
	}
	if o.Rounds == 0 {
		o.Rounds = 25
	}
	if o.MinDoc == 0 {
		o.MinDoc = 1
	}
	if o.Limit == 0 {
		o.Limit = 24 << 20
	}
	m := &Model{Classes: classes, words: l}
	vectors := m.read(examples, o)
	m.weights = make([]float32, len(m.vocab.idf)*classes)
	m.bias = make([]float32, classes)
	norms := make([]float32, len(vectors))
	for i, v := range vectors {
		norms[i] = 1 // the bias feature
		for _, f := range v {
			norms[i] += f.value * f.value
		}
	}
	var wg sync.WaitGroup
	for part := range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := make([]float32, len(m.vocab.idf)+1)
			for c := part; c < classes; c += 2 {
				separate(vectors, norms, examples, c, w, o)
				for f := range m.vocab.idf {
					m.weights[f*classes+c] = w[f]
				}
				m.bias[c] = w[len(w)-1]
			}
		}()
	}
	wg.Wait()
	return m
}

// read builds the vocabulary and the vectors of the examples.
func (m *Model) read(examples []Example, o Options) [][]feature {
	docs := map[uint64]uint32{}
	r := newRaw()
	for _, e := range examples {
		r.read(m.words, e.Text)
		for kind := range r {
			for h := range r[kind] {
				docs[h]++
			}
		}
	}
	least := uint32(o.MinDoc)
	for {
		n := 0
		for _, c := range docs {
			if c >= least {
				n++
			}
		}
		if n*m.Classes <= o.Limit {
			break
		}
		least++
	}
	var kept []uint64
	for h, n := range docs {
		if n >= least {
			kept = append(kept, h)
		}
	}
	slices.Sort(kept) // so that training twice gives the same model
	m.vocab.ids = make(map[uint64]uint32, len(kept))
	m.vocab.idf = make([]float32, len(kept))
	for i, h := range kept {
		m.vocab.ids[h] = uint32(i)
		m.vocab.idf[i] = float32(1 + math.Log(float64(1+len(examples))/float64(1+docs[h])))
	}
	vectors := make([][]feature, len(examples))
	for i, e := range examples {
		r.read(m.words, e.Text)
		vectors[i] = slices.Clone(m.vocab.vector(r, nil))
	}
	return vectors
}

// separate learns one class against the rest by dual coordinate descent for
// the L2-loss support vector machine, leaving out examples that are far on
// their right side (shrinking).
func separate(vectors [][]feature, norms []float32, examples []Example, class int, w []float32, o Options) {
	clear(w)
	last := len(w) - 1
	alpha := make([]float32, len(vectors))
	diagonal := float32(0.5 / o.Cost)
	active := make([]int32, len(vectors))
	for i := range active {
		active[i] = int32(i)
	}
	random := rand.New(rand.NewPCG(o.Seed, uint64(class)))
	for round := range o.Rounds {
		random.Shuffle(len(active), func(i, j int) { active[i], active[j] = active[j], active[i] })
		var worst float32
		kept := active[:0]
		for _, i := range active {
			y := float32(-1)
			if examples[i].Class == class {
				y = 1
			}
			sum := w[last]
			for _, f := range vectors[i] {
				sum += w[f.id] * f.value
			}
			gradient := y*sum - 1 + diagonal*alpha[i]
			if alpha[i] == 0 && gradient > 0 {
				if gradient < 0.3 || round == 0 {
					kept = append(kept, i)
				}
				continue
			}
			kept = append(kept, i)
			worst = max(worst, float32(math.Abs(float64(gradient))))
			old := alpha[i]
			alpha[i] = max(old-gradient/(norms[i]+diagonal), 0)
			step := (alpha[i] - old) * y
			if step == 0 {
				continue
			}
			for _, f := range vectors[i] {
				w[f.id] += step * f.value
			}
			w[last] += step
		}
		active = kept
		if worst < 0.05 {
			return
		}
	}
}

// Scores returns how far the text is on the side of each class; above 0 is
// inside. The text has no known feature when ok is false.
func (m *Model) Scores(text string) (scores []float32, ok bool) {
	r := newRaw()
	r.read(m.words, text)
	v := m.vocab.vector(r, nil)
	scores = slices.Clone(m.bias)
	for _, f := range v {
		row := m.weights[int(f.id)*m.Classes:][:m.Classes]
		for c, w := range row {
			scores[c] += w * f.value
		}
	}
	return scores, len(v) > 0
}
