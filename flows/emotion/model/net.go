package model

import (
	"bytes"
	"fmt"
	"math"
)

// maxNet bounds the outputs of the network.
const maxNet = 256

// Net is the second reader: a convolutional network over words (Kim 2014).
// A token is the mean of its units' vectors, each filter sees Width neighbours,
// and of every filter the largest value in the text counts.
type Net struct {
	Dim, Width, Filters, Outputs int
	Keys                         []uint32  // hashes of the units, ascending
	Scale                        []float32 // per unit: the value of one step
	Embed                        []byte    // Dim per unit, 128 being zero
	Filter                       []float32 // Filters × (Width·Dim)
	FilterBias                   []float32
	Out                          []float32 // Filters × Outputs
	OutBias                      []float32
}

func (n *Net) encode() []byte {
	if n == nil {
		return nil
	}
	var b bytes.Buffer
	section(&b, words([]uint32{uint32(n.Dim), uint32(n.Width), uint32(n.Filters), uint32(n.Outputs)}))
	section(&b, words(n.Keys))
	section(&b, floats(n.Scale))
	section(&b, n.Embed)
	for _, x := range [][]float32{n.Filter, n.FilterBias, n.Out, n.OutBias} {
		section(&b, floats(x))
	}
	return b.Bytes()
}

func decodeNet(data []byte) (*Net, error) {
	if len(data) == 0 {
		return nil, nil
	}
	r := &sections{rest: data}
	size := toWords(r.next())
	if len(size) != 4 || size[0] > 512 || size[0]%4 != 0 || size[1] > 9 || size[1]%2 == 0 || size[2] > 1024 || size[3] > maxNet {
		return nil, fmt.Errorf("%w: the size of its network", ErrFormat)
	}
	n := &Net{Dim: int(size[0]), Width: int(size[1]), Filters: int(size[2]), Outputs: int(size[3])}
	n.Keys, n.Scale = toWords(r.next()), toFloats(r.next())
	n.Embed = r.next()
	n.Filter, n.FilterBias = toFloats(r.next()), toFloats(r.next())
	n.Out, n.OutBias = toFloats(r.next()), toFloats(r.next())
	if r.short || len(n.Scale) != len(n.Keys) || len(n.Embed) != len(n.Keys)*n.Dim ||
		len(n.Filter) != n.Filters*n.Width*n.Dim || len(n.FilterBias) != n.Filters ||
		len(n.Out) != n.Filters*n.Outputs || len(n.OutBias) != n.Outputs {
		return nil, fmt.Errorf("%w: the parts of its network do not fit together", ErrFormat)
	}
	return n, nil
}

func (n *Net) outputs() int {
	if n == nil {
		return 0
	}
	return n.Outputs
}

// net is a Net made ready: what a token adds to the filters at each place of
// their window is computed once per word and remembered.
type net struct {
	*Net
	table  *table
	across []float32 // Dim × (Width·Filters)
	wide   int       // Width·Filters
	lang   string
}

func newNet(n *Net, lang string) *net {
	if n == nil {
		return nil
	}
	out := &net{Net: n, table: newTable(n.Keys), wide: n.Width * n.Filters, lang: lang}
	out.across = make([]float32, n.Dim*out.wide)
	for f := range n.Filters {
		for p := range n.Width {
			for i := range n.Dim {
				out.across[i*out.wide+p*n.Filters+f] = n.Filter[(f*n.Width+p)*n.Dim+i]
			}
		}
	}
	return out
}

const (
	longestNet = 128 // tokens that the network reads of one text
	remembered = 512 // words whose projection one Scores remembers unless told otherwise: the common ones, in under a megabyte
)

type netScratch struct {
	owner  *net
	units  Units
	vector []float32
	memory []float32 // words × wide
	words  []uint32  // hash of the word that each place remembers
	filled []bool
	extra  []float32 // projections of words whose place is taken by an earlier word of the same text
	places [longestNet][]float32
	best   []float32
}

func (s *netScratch) ready(n *net, words int) {
	if s.owner == n {
		return
	}
	s.owner = n
	s.vector, s.best = make([]float32, n.Dim), make([]float32, n.Filters)
	words = max(words, remembered)
	s.memory, s.words, s.filled = make([]float32, words*n.wide), make([]uint32, words), make([]bool, words)
	s.extra = make([]float32, longestNet*n.wide)
}

// score writes the outputs of the network for a text.
func (n *net) score(p *plain, s *netScratch, words int, out []float32) {
	s.ready(n, words)
	count := min(len(p.words), longestNet)
	for t := range count {
		s.places[t] = n.project(p, t, s)
	}
	n.pool(s, count)
	out = out[:n.Outputs]
	copy(out, n.OutBias)
	for f, v := range s.best {
		if v > 0 {
			row := n.Out[f*n.Outputs : (f+1)*n.Outputs]
			for k := range out {
				out[k] += v * row[k]
			}
		}
	}
}

// project gives what one token adds to all filters at all places.
func (n *net) project(p *plain, t int, s *netScratch) []float32 {
	hash := p.words[t].hash
	at := int(mix(hash) % uint32(len(s.words)))
	if s.filled[at] && s.words[at] == hash {
		return s.memory[at*n.wide : (at+1)*n.wide]
	}
	to := s.memory[at*n.wide : (at+1)*n.wide]
	taken := false
	for i := range t {
		taken = taken || &s.places[i][0] == &to[0]
	}
	if taken {
		to = s.extra[t*n.wide : (t+1)*n.wide]
	} else {
		s.filled[at], s.words[at] = true, hash
	}
	n.embed(p, t, s)
	clear(to)
	for i := 0; i+4 <= n.Dim; i += 4 {
		n.addFour(to, i, s.vector[i:i+4:i+4])
	}
	return to
}

// addFour adds four values times their rows at once, which reads and writes to a quarter as often.
func (n *net) addFour(to []float32, i int, v []float32) {
	a, b := n.across[i*n.wide:(i+1)*n.wide], n.across[(i+1)*n.wide:(i+2)*n.wide]
	c, d := n.across[(i+2)*n.wide:(i+3)*n.wide], n.across[(i+3)*n.wide:(i+4)*n.wide]
	a, b, c, d = a[:len(to)], b[:len(to)], c[:len(to)], d[:len(to)]
	v0, v1, v2, v3 := v[0], v[1], v[2], v[3]
	for k := range to {
		to[k] += (v0*a[k] + v1*b[k]) + (v2*c[k] + v3*d[k])
	}
}

// embed writes the mean of the token's units into vector.
func (n *net) embed(p *plain, t int, s *netScratch) {
	clear(s.vector)
	s.units.token(p, p.words[t], n.lang)
	known := float32(0)
	for _, h := range s.units.Hash {
		row := n.table.find(h)
		if row == 0 {
			continue
		}
		known++
		u := n.Scale[row-1]
		for i, b := range n.Embed[int(row-1)*n.Dim : int(row)*n.Dim] {
			s.vector[i] += u * float32(int(b)-128)
		}
	}
	if known > 0 {
		for i := range s.vector {
			s.vector[i] /= known
		}
	}
}

// pool finds the largest value of every filter, none below zero.
func (n *net) pool(s *netScratch, count int) {
	clear(s.best)
	half := n.Width / 2
	var h [1024]float32
	for t := range count {
		sum := h[:n.Filters]
		copy(sum, n.FilterBias)
		for p := range n.Width {
			at := t + p - half
			if at < 0 || at >= count {
				continue
			}
			part := s.places[at][p*n.Filters : (p+1)*n.Filters]
			for f := range sum {
				sum[f] += part[f]
			}
		}
		for f, v := range sum {
			if v > s.best[f] {
				s.best[f] = v
			}
		}
	}
}

// Quantize makes a Net of trained weights: embed is Dim values per key.
func Quantize(n Net, embed []float32) *Net {
	n.Embed, n.Scale = make([]byte, len(embed)), make([]float32, len(n.Keys))
	for u := range n.Keys {
		row := embed[u*n.Dim : (u+1)*n.Dim]
		top := float64(0)
		for _, v := range row {
			top = math.Max(top, math.Abs(float64(v)))
		}
		n.Scale[u] = float32(math.Max(top, 1e-9) / 127)
		for i, v := range row {
			n.Embed[u*n.Dim+i] = byte(128 + int(math.Round(float64(v/n.Scale[u]))))
		}
	}
	return &n
}
