package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Count3 counts decisions about one label.
type Count3 struct{ TP, FP, FN int }

// F1 is the harmonic mean of precision and recall; 0 when nothing was right.
func (c Count3) F1() float64 {
	if c.TP == 0 {
		return 0
	}
	return 2 * float64(c.TP) / float64(2*c.TP+c.FP+c.FN)
}

// Precision is the share of decisions that were right.
func (c Count3) Precision() float64 { return ratio(c.TP, c.TP+c.FP) }

// Recall is the share of gold labels that were found.
func (c Count3) Recall() float64 { return ratio(c.TP, c.TP+c.FN) }

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// Tally compares decisions with gold labels, both as sets of label numbers.
func Tally(gold, got [][]int, labels int) []Count3 {
	out := make([]Count3, labels)
	for i := range gold {
		tallyRow(out, gold[i], got[i])
	}
	return out
}

func tallyRow(out []Count3, gold, got []int) {
	for _, k := range got {
		if slices.Contains(gold, k) {
			out[k].TP++
		} else {
			out[k].FP++
		}
	}
	for _, k := range gold {
		if !slices.Contains(got, k) {
			out[k].FN++
		}
	}
}

// MacroF1 is the mean F1 over labels.
func MacroF1(cs []Count3) float64 {
	var sum float64
	for _, c := range cs {
		sum += c.F1()
	}
	return sum / float64(len(cs))
}

// BestThreshold finds the logit above which a label should be decided for the
// best F1. smooth adds pseudo-counts that keep a rare label's threshold from
// following noise: F1 is computed as 2TP/(2TP+FP+FN+smooth).
func BestThreshold(logits []float32, gold []bool, smooth float64) (threshold float32, f1 float64) {
	order := make([]int, len(logits))
	positives := 0
	for i := range order {
		order[i] = i
		if gold[i] {
			positives++
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case logits[a] > logits[b]:
			return -1
		case logits[a] < logits[b]:
			return 1
		}
		return a - b
	})
	threshold = float32(math.Inf(1))
	tp := 0
	for n, i := range order {
		if gold[i] {
			tp++
		}
		if n+1 < len(order) && logits[order[n+1]] == logits[i] {
			continue
		}
		f := 2 * float64(tp) / (float64(n+1+positives) + smooth)
		if f > f1 {
			f1 = f
			threshold = logits[i]
			if n+1 < len(order) {
				threshold = (logits[i] + logits[order[n+1]]) / 2
			}
		}
	}
	return threshold, f1
}

// MicroF1 is the F1 of all decisions together.
func MicroF1(cs []Count3) float64 {
	var sum Count3
	for _, c := range cs {
		sum.TP += c.TP
		sum.FP += c.FP
		sum.FN += c.FN
	}
	return sum.F1()
}

// ECE is the expected calibration error (Guo et al. 2017) over ten equal bins:
// how far, on average, stated certainty is from the share that was right.
func ECE(sure []float32, right []bool) float64 {
	var n, hits [10]int
	var sum [10]float64
	for i, p := range sure {
		b := min(9, max(0, int(p*10)))
		n[b]++
		sum[b] += float64(p)
		if right[i] {
			hits[b]++
		}
	}
	var e float64
	for b := range n {
		if n[b] > 0 {
			e += math.Abs(sum[b]-float64(hits[b])) / float64(max(1, len(sure)))
		}
	}
	return e
}

// Intervals are 95 % bootstrap intervals, low and high.
type Intervals struct {
	Macro, Micro [2]float64
	Label        [][2]float64
}

// Bootstrap draws the rows with replacement 200 times (Efron 1979), from a fixed seed.
func Bootstrap(gold, got [][]int, labels int) Intervals {
	const draws = 200
	rng := rand.New(rand.NewPCG(7, 11))
	samples := make([][]float64, labels+2)
	for range draws {
		counts := make([]Count3, labels)
		for range gold {
			i := rng.IntN(len(gold))
			tallyRow(counts, gold[i], got[i])
		}
		for k, c := range counts {
			samples[k] = append(samples[k], c.F1())
		}
		samples[labels] = append(samples[labels], MacroF1(counts))
		samples[labels+1] = append(samples[labels+1], MicroF1(counts))
	}
	span := func(xs []float64) [2]float64 {
		slices.Sort(xs)
		return [2]float64{xs[draws*25/1000], xs[draws*975/1000]}
	}
	out := Intervals{Macro: span(samples[labels]), Micro: span(samples[labels+1])}
	for k := range labels {
		out.Label = append(out.Label, span(samples[k]))
	}
	return out
}
