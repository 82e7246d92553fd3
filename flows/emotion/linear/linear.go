// Package linear reads texts by linear weights over hashed n-grams: the small
// readers beside the large model, each trained from messages labelled by hand.
// A reader is one file of a few hundred kilobytes and answers in microseconds.
package linear

import (
	"math"
	"slices"
)

// Weights are a linear reader in one language: for each label the log-odds that
// it holds, as a sum over the n-grams of a text and over further inputs, such as
// the scores of rules. A Weights is read-only and may be shared.
type Weights struct {
	Labels []string           // what each column stands for
	Inputs []string           // the further inputs
	Cuts   map[string]float64 // the probabilities from which the reader's owner decides
	Bias   []float32          // per label
	Dense  []float32          // per input and label, input-major
	Scale  []float32          // per label: what one step of grams is worth
	Soft   float64            // added to the squared length of a text, so that few known n-grams decide less
	hashes []uint32           // ascending
	idf    []float32          // inverse document frequency of each n-gram
	grams  []int8             // Labels per n-gram
	slots  []uint16           // hash table: place in hashes plus one, or 0
}

// Seen are the n-grams of a text that a Weights knows, and the length of the
// text as a vector.
type Seen struct {
	IDs  []int32 // places in the file, each once
	norm float32
}

// Look fills s with the known n-grams among the hashes, which may repeat.
func (w *Weights) Look(hashes []uint32, s *Seen) {
	s.IDs, s.norm = s.IDs[:0], 0
	for _, h := range hashes {
		if i := w.find(h); i >= 0 {
			s.IDs = append(s.IDs, i)
		}
	}
	slices.Sort(s.IDs)
	s.IDs = slices.Compact(s.IDs)
	sum := w.Soft
	for _, i := range s.IDs {
		sum += float64(w.idf[i]) * float64(w.idf[i])
	}
	s.norm = float32(math.Sqrt(max(sum, 1e-9)))
}

// Sum writes the log-odds of every label into out, which has room for them.
// Inputs are the further inputs in the order of Inputs; nil means all 0.
func (w *Weights) Sum(s *Seen, inputs []float64, out []float64) {
	n := len(w.Labels)
	clear(out[:n])
	for _, i := range s.IDs {
		v := float64(w.idf[i] / s.norm)
		row := w.grams[int(i)*n : (int(i)+1)*n]
		for k := range row {
			out[k] += v * float64(row[k])
		}
	}
	for k := range n {
		out[k] = out[k]*float64(w.Scale[k]) + float64(w.Bias[k])
	}
	for r, x := range inputs {
		if x == 0 {
			continue
		}
		for k := range n {
			out[k] += x * float64(w.Dense[r*n+k])
		}
	}
}

// Share is how much a single n-gram adds to the log-odds of a label in the text
// that s was read from; 0 for one that is not known.
func (w *Weights) Share(hash uint32, s *Seen, label int) float64 {
	i := w.find(hash)
	if i < 0 {
		return 0
	}
	n := len(w.Labels)
	return float64(w.idf[i]/s.norm) * float64(w.grams[int(i)*n+label]) * float64(w.Scale[label])
}

// Logistic turns log-odds into a probability.
func Logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// find returns the place of a hash, or -1.
func (w *Weights) find(h uint32) int32 {
	mask := uint32(len(w.slots) - 1)
	for at := h & mask; ; at = (at + 1) & mask {
		i := w.slots[at]
		if i == 0 {
			return -1
		}
		if w.hashes[i-1] == h {
			return int32(i) - 1
		}
	}
}
