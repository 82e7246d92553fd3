package model

import "math"

// Depth says how much of the model is used.
type Depth int

// Fast reads n-grams only; Full also asks the network and is more exact.
const (
	Fast Depth = iota
	Full
)

// String returns "fast" or "full".
func (d Depth) String() string { return [...]string{"fast", "full"}[d] }

// Scores is what the recognizer says of one text. Use one Scores again and
// again: after the first texts scoring does not allocate. One Scores belongs
// to one goroutine.
type Scores struct {
	Lang    string              // "ko" or "en": the model that read it
	Depth   Depth               // how it was read
	Set     []float32           // probability of each label of the language's public set
	Care    [CareLabels]float32 // calibrated probability of each care emotion; they need not add up to 1
	Valence float32             // −1 unpleasant .. 1 pleasant
	Arousal float32             // 0 calm .. 1 stirred
	Abuse   float32             // 0..1: insulting or hateful
	Acts    [7]float32          // Korean only: probability of each speech act, see Acts
	Known   float32             // 0..1: the share of the text's n-grams that the model knows

	// Words is how many words' share in the network is remembered, set before
	// the first text: 0 for the 512 that a conversation needs. Thousands make
	// Full faster over many texts, at 1.5 kB a word.
	Words int

	grams Grams
	seen  []uint32 // generation in which each row was last met
	turn  uint32
	bins  bins
	first [maxColumns + maxNet]float32 // first-level scores, network after the columns
	out   []float32                    // final logits
	net   netScratch
}

// Score reads a text in a language ("ko", "en", or "" to tell by the script)
// into s. An empty text gives the scores of a text about which nothing is known.
func (m *Model) Score(lang, text string, depth Depth, s *Scores) {
	r := m.reader(lang, text)
	if depth == Full && r.file.Net == nil {
		depth = Fast
	}
	r.score(text, depth, s)
}

func (r *reader) score(text string, depth Depth, s *Scores) {
	c := r.file.Meta.Columns
	s.Lang, s.Depth = r.file.Meta.Lang, depth
	s.grams.Read(text, r.shape)
	r.linear(s)
	inputs, mix := c, r.file.Mix
	if depth == Full {
		r.net.score(&s.grams.plain, &s.net, s.Words, s.first[c:])
		inputs, mix = c+r.file.Net.outputs(), r.file.FullMix
	}
	s.out = sized(s.out, r.outputs)
	blend(s.out, mix, s.first[:inputs])
	r.spread(s)
}

// linear adds up the rows of all n-grams of the text, each once.
func (r *reader) linear(s *Scores) {
	c := r.file.Meta.Columns
	if len(s.seen) < len(r.file.Keys)+1 {
		s.seen, s.turn = make([]uint32, len(r.file.Keys)+1), 0
	}
	if s.turn++; s.turn == 0 {
		clear(s.seen)
		s.turn = 1
	}
	s.bins.reset()
	var square float32
	for _, h := range s.grams.Hashes {
		row := r.table.find(h)
		if row == 0 || s.seen[row] == s.turn {
			continue
		}
		s.seen[row] = s.turn
		w := float32(r.file.IDF[row-1]) * (1.0 / 20)
		square += w * w
		s.bins.add(r.file.Rows[int(row-1)*c : int(row)*c])
	}
	s.bins.flush()
	scale := float32(0)
	if square > 0 {
		scale = 1 / float32(math.Sqrt(float64(square)))
	}
	zero := int32(128 * s.bins.total)
	for k := range c {
		s.first[k] = r.file.Bias[k] + scale*r.file.Unit[k]*float32(s.bins.sum[k]-zero)
	}
	s.Known = float32(s.bins.total) / float32(max(1, len(s.grams.Hashes)))
}

// blend is the second level: every output is a weighted sum of all inputs.
func blend(out, mix, in []float32) {
	n := len(in)
	for o := range out {
		row := mix[o*(n+1) : (o+1)*(n+1)]
		a, b, c, d := row[n], float32(0), float32(0), float32(0)
		i := 0
		for ; i+4 <= n; i += 4 {
			x, y := in[i:i+4:i+4], row[i:i+4:i+4]
			a += x[0] * y[0]
			b += x[1] * y[1]
			c += x[2] * y[2]
			d += x[3] * y[3]
		}
		for ; i < n; i++ {
			a += in[i] * row[i]
		}
		out[o] = a + b + c + d
	}
}

// spread turns logits into the named scores.
func (r *reader) spread(s *Scores) {
	n := len(labelNames[r.space])
	s.Set = sized(s.Set, n)
	for i := range s.Set {
		s.Set[i] = sigmoid(s.out[i])
	}
	for i := range s.Care {
		s.Care[i] = sigmoid(s.out[n+i])
	}
	rest := s.out[n+CareLabels:]
	s.Valence = 2*sigmoid(rest[atValence]) - 1
	s.Arousal = sigmoid(rest[atArousal])
	s.Abuse = sigmoid(rest[atAbuse])
	s.Acts = [7]float32{}
	if r.space == KOTE {
		for i := range s.Acts {
			s.Acts[i] = sigmoid(rest[atActs+i])
		}
	}
}

func sized(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func sigmoid(z float32) float32 {
	return float32(1 / (1 + math.Exp(-float64(z))))
}
