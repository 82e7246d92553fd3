package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Docs are texts as units: every token is a few units (the word, its pieces).
type Docs struct {
	Doc   []int32 // Doc[i]..Doc[i+1] are the tokens of text i
	Token []int32 // Token[t]..Token[t+1] are the units of token t
	Unit  []int32
}

// Len is the number of texts.
func (d *Docs) Len() int { return len(d.Doc) - 1 }

// ConvShape is the size of a network.
type ConvShape struct {
	Units   int // how many units are known
	Dim     int // length of a unit's vector, a multiple of 8
	Width   int // tokens that a filter sees, odd
	Filters int // a multiple of 16
	Outputs int
}

// Conv is a small convolutional network (Kim 2014): a token is the mean of its
// units' vectors; each filter looks at Width neighbours; of every filter the
// largest value in the text counts.
type Conv struct {
	ConvShape
	Embed  []float32 // Units × Dim
	Filter []float32 // Filters × (Width·Dim)
	FBias  []float32 // Filters
	Out    []float32 // Filters × Outputs
	OBias  []float32 // Outputs
}

// Schedule says how a network is trained.
type Schedule struct {
	Epochs             int
	Batch              int
	Rate, EmbedRate    float64 // falling linearly to a tenth
	DropToken, DropOut float64 // share of tokens and of filters left out at random
	Decay              float64 // weight decay of the output layer
	Seed               uint64
}

// NewConv makes a network with random weights.
func NewConv(s ConvShape, seed uint64) *Conv {
	c := &Conv{ConvShape: s}
	in := s.Width * s.Dim
	c.Embed, c.Filter = make([]float32, s.Units*s.Dim), make([]float32, s.Filters*in)
	c.FBias, c.Out, c.OBias = make([]float32, s.Filters), make([]float32, s.Filters*s.Outputs), make([]float32, s.Outputs)
	rng := rand.New(rand.NewPCG(seed, 1))
	fill := func(x []float32, scale float64) {
		for i := range x {
			x[i] = float32((rng.Float64()*2 - 1) * scale)
		}
	}
	fill(c.Embed, 0.5)
	fill(c.Filter, math.Sqrt(3/float64(in)))
	fill(c.Out, math.Sqrt(1/float64(s.Filters)))
	return c
}

// convWork is what one goroutine needs to run a network.
type convWork struct {
	c      *Conv
	across []float32 // filters transposed: (Width·Dim) × Filters
	tokens []float32 // vectors of the text's tokens, with empty ones around
	hidden []float32 // tokens × filters
	best   []float32 // largest value of each filter
	where  []int32   // at which token; −1: nowhere above zero
	logits []float32
}

func newConvWork(c *Conv) *convWork {
	w := &convWork{c: c, across: make([]float32, len(c.Filter))}
	w.best, w.where, w.logits = make([]float32, c.Filters), make([]int32, c.Filters), make([]float32, c.Outputs)
	w.transpose()
	return w
}

func (w *convWork) transpose() {
	c, in := w.c, w.c.Width*w.c.Dim
	for f := range c.Filters {
		for i, v := range c.Filter[f*in : (f+1)*in] {
			w.across[i*c.Filters+f] = v
		}
	}
}

const longestDoc = 128 // tokens that the network reads of one text

func (w *convWork) embed(d *Docs, doc int, drop func() bool) int {
	c := w.c
	from := d.Doc[doc]
	n := int(min(d.Doc[doc+1]-from, longestDoc))
	need := (n + c.Width - 1) * c.Dim
	if cap(w.tokens) < need {
		w.tokens = make([]float32, need*2)
	}
	w.tokens = w.tokens[:need]
	clear(w.tokens)
	for t := range n {
		units := d.Unit[d.Token[from+int32(t)]:d.Token[from+int32(t)+1]]
		if len(units) == 0 || drop != nil && drop() {
			continue
		}
		at := (t + c.Width/2) * c.Dim
		scale := 1 / float32(len(units))
		for _, u := range units {
			axpy(w.tokens[at:at+c.Dim], c.Embed[int(u)*c.Dim:], scale)
		}
	}
	return n
}

// forward runs one text; drop may be nil.
func (w *convWork) forward(d *Docs, doc int, drop func() bool) {
	c := w.c
	n := w.embed(d, doc, drop)
	if cap(w.hidden) < n*c.Filters {
		w.hidden = make([]float32, 2*n*c.Filters)
	}
	w.hidden = w.hidden[:n*c.Filters]
	for t := range n {
		copy(w.hidden[t*c.Filters:(t+1)*c.Filters], c.FBias)
	}
	windows(w.hidden, w.tokens, w.across, n, c.Dim, c.Width*c.Dim, c.Filters)
	clear(w.best)
	for f := range w.where {
		w.where[f] = -1
	}
	for t := range n {
		for f, v := range w.hidden[t*c.Filters : (t+1)*c.Filters] {
			if v > w.best[f] {
				w.best[f], w.where[f] = v, int32(t)
			}
		}
	}
}

func (w *convWork) output() {
	c := w.c
	copy(w.logits, c.OBias)
	for f, v := range w.best {
		if v != 0 {
			axpy(w.logits, c.Out[f*c.Outputs:(f+1)*c.Outputs], v)
		}
	}
}

// Logits runs all texts: Outputs values each.
func (c *Conv) Logits(d *Docs) []float32 {
	w := newConvWork(c)
	out := make([]float32, 0, d.Len()*c.Outputs)
	for i := range d.Len() {
		w.forward(d, i, nil)
		w.output()
		out = append(out, w.logits...)
	}
	return out
}

// convTrain is a training run: gradients and their running squares.
type convTrain struct {
	*convWork
	s               Schedule
	rng             *rand.Rand
	gFilter, gFBias []float32
	gOut, gOBias    []float32
	mFilter, mFBias adam
	mOut, mOBias    adam
	gEmbed          map[int32][]float32
	order           []int32 // units touched in this batch
	free            [][]float32
	square          []float32 // per unit
	gBest, gTokens  []float32
	steps, total    int
	loss            float64
	d               *Docs
}

// Train fits the network to targets (Outputs per text, below 0 unknown) on the
// given texts. It uses one processor; train several networks side by side.
func (c *Conv) Train(d *Docs, rows []int, target func(row int) []float32, weight func(row int) float32, s Schedule) float64 {
	t := &convTrain{convWork: newConvWork(c), s: s, d: d, rng: rand.New(rand.NewPCG(s.Seed, 2))}
	t.gFilter, t.gFBias = make([]float32, len(c.Filter)), make([]float32, len(c.FBias))
	t.gOut, t.gOBias = make([]float32, len(c.Out)), make([]float32, len(c.OBias))
	t.mFilter, t.mFBias = newAdam(len(c.Filter)), newAdam(len(c.FBias))
	t.mOut, t.mOBias = newAdam(len(c.Out)), newAdam(len(c.OBias))
	t.gEmbed, t.square = make(map[int32][]float32), make([]float32, c.Units)
	t.gBest = make([]float32, c.Filters)
	order := append([]int(nil), rows...)
	t.total = s.Epochs * ((len(order) + s.Batch - 1) / s.Batch)
	for range s.Epochs {
		t.loss = 0
		t.rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for b := 0; b < len(order); b += s.Batch {
			batch := order[b:min(b+s.Batch, len(order))]
			for _, row := range batch {
				t.one(row, target(row), weight(row)/float32(len(batch)))
			}
			t.step()
		}
	}
	return t.loss / float64(max(1, len(order)))
}

func (t *convTrain) one(row int, y []float32, weight float32) {
	c := t.c
	t.forward(t.d, row, func() bool { return t.rng.Float64() < t.s.DropToken })
	keep := float32(1 / (1 - t.s.DropOut))
	for f := range t.best {
		if t.best[f] != 0 && t.rng.Float64() < t.s.DropOut {
			t.best[f], t.where[f] = 0, -1
		}
		t.best[f] *= keep
	}
	t.output()
	for k, z := range t.logits {
		if y[k] < 0 {
			t.logits[k] = 0
			continue
		}
		e := math.Exp(-math.Abs(float64(z)))
		p := 1 / (1 + e)
		if z < 0 {
			p = e / (1 + e)
		}
		t.loss += math.Max(float64(z), 0) + math.Log1p(e) - float64(y[k]*z)
		t.logits[k] = weight * (float32(p) - y[k])
	}
	axpy(t.gOBias, t.logits, 1)
	in := c.Width * c.Dim
	if cap(t.gTokens) < len(t.tokens) {
		t.gTokens = make([]float32, 2*len(t.tokens))
	}
	t.gTokens = t.gTokens[:len(t.tokens)]
	clear(t.gTokens)
	for f, at := range t.where {
		if at < 0 {
			continue
		}
		out := c.Out[f*c.Outputs : (f+1)*c.Outputs]
		g := dot(out, t.logits) * keep
		axpy(t.gOut[f*c.Outputs:(f+1)*c.Outputs], t.logits, t.best[f])
		t.gFBias[f] += g
		window := int(at) * c.Dim
		axpy(t.gFilter[f*in:(f+1)*in], t.tokens[window:], g)
		axpy(t.gTokens[window:window+in], c.Filter[f*in:], g)
	}
	t.spread(row)
}

// spread hands the gradient of every token to its units.
func (t *convTrain) spread(row int) {
	c, d := t.c, t.d
	from := d.Doc[row]
	n := int(min(d.Doc[row+1]-from, longestDoc))
	for i := range n {
		units := d.Unit[d.Token[from+int32(i)]:d.Token[from+int32(i)+1]]
		g := t.gTokens[(i+c.Width/2)*c.Dim : (i+c.Width/2+1)*c.Dim]
		if len(units) == 0 {
			continue
		}
		scale := 1 / float32(len(units))
		for _, u := range units {
			v, ok := t.gEmbed[u]
			if !ok {
				if n := len(t.free); n > 0 {
					v, t.free = t.free[n-1], t.free[:n-1]
					clear(v)
				} else {
					v = make([]float32, c.Dim)
				}
				t.gEmbed[u] = v
				t.order = append(t.order, u)
			}
			axpy(v, g, scale)
		}
	}
}

// step moves the weights: Adam for the dense ones, one Adagrad rate per unit.
func (t *convTrain) step() {
	c := t.c
	t.steps++
	fall := 1 - 0.9*float64(t.steps)/float64(t.total)
	for _, u := range t.order {
		g := t.gEmbed[u]
		t.square[u] += dot(g, g) / float32(c.Dim)
		rate := t.s.EmbedRate * fall / (math.Sqrt(float64(t.square[u])) + 1e-6)
		axpy(c.Embed[int(u)*c.Dim:int(u+1)*c.Dim], g, float32(-rate))
		t.free = append(t.free, g)
		delete(t.gEmbed, u)
	}
	t.order = t.order[:0]
	rate := t.s.Rate * fall
	t.mFilter.step(c.Filter, t.gFilter, rate, 0, t.steps)
	t.mFBias.step(c.FBias, t.gFBias, rate, 0, t.steps)
	t.mOut.step(c.Out, t.gOut, rate, t.s.Decay, t.steps)
	t.mOBias.step(c.OBias, t.gOBias, rate, 0, t.steps)
	t.transpose()
}

// adam is Kingma and Ba's optimizer with decoupled weight decay.
type adam struct{ m, v []float32 }

func newAdam(n int) adam { return adam{make([]float32, n), make([]float32, n)} }

func (a adam) step(w, g []float32, rate, decay float64, t int) {
	const b1, b2 = 0.9, 0.99
	scale := float32(rate / (1 - math.Pow(b1, float64(t))))
	correct := float32(1 / (1 - math.Pow(b2, float64(t))))
	shrink := float32(1 - rate*decay)
	m, v := a.m[:len(w)], a.v[:len(w)]
	g = g[:len(w)]
	for i, x := range g {
		m[i] = b1*m[i] + (1-b1)*x
		v[i] = b2*v[i] + (1-b2)*x*x
		w[i] = w[i]*shrink - scale*m[i]/(float32(math.Sqrt(float64(v[i]*correct)))+1e-8)
		g[i] = 0
	}
}

// Clone copies the network.
func (c *Conv) Clone() *Conv {
	out := *c
	out.Embed, out.Filter, out.FBias = slices.Clone(c.Embed), slices.Clone(c.Filter), slices.Clone(c.FBias)
	out.Out, out.OBias = slices.Clone(c.Out), slices.Clone(c.OBias)
	return &out
}
