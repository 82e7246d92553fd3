package learn

import (
	"cmp"
	"math"
	"slices"
)

// lanes is how many labels are solved side by side: one cache line of weights.
const lanes = 16

// Task is a multi-label problem: logistic regression of every column of
// targets on the same features.
type Task struct {
	X       *Sparse
	Dense   []float32 // further features, Wide per row, may be nil
	Wide    int
	Targets []float32 // Labels per row, each 0..1; below 0: not known
	Labels  int
	Weight  []float32 // per row; nil: 1
	C       []float32 // per label: inverse strength of the L2 penalty
	Steps   int       // most iterations
	Prior   *Linear   // the weights that the penalty pulls to; nil: zero
}

// Linear is what Solve finds: one weight per feature and label, and a bias.
type Linear struct {
	Labels int
	W      []float32 // feature-major: W[f*Labels+label]; dense features follow the sparse ones
	Bias   []float32
}

// Solve minimizes the penalized logistic loss with L-BFGS (Liu and Nocedal
// 1989), every label with its own curvature pairs and step length.
func Solve(t *Task, workers int) *Linear {
	d := t.X.Width + t.Wide
	out := &Linear{Labels: t.Labels, W: make([]float32, d*t.Labels), Bias: make([]float32, t.Labels)}
	blocks := (t.Labels + lanes - 1) / lanes
	Parallel(workers, blocks, func(b int) {
		s := newSolver(t, b*lanes)
		s.run()
		for k := 0; k < lanes && s.first+k < t.Labels; k++ {
			for f := range s.d - 1 {
				out.W[s.feature(f)*t.Labels+s.first+k] = s.w[f*lanes+k]
			}
			out.Bias[s.first+k] = s.w[(s.d-1)*lanes+k]
		}
	})
	return out
}

// Logits multiplies features with the weights: Labels values per row.
func (l *Linear) Logits(x *Sparse, dense []float32, wide, workers int) []float32 {
	n := x.Rows()
	out := make([]float32, n*l.Labels)
	const part = 1024
	Parallel(workers, (n+part-1)/part, func(p int) {
		for i := p * part; i < min(n, (p+1)*part); i++ {
			row := out[i*l.Labels : (i+1)*l.Labels]
			copy(row, l.Bias)
			for e := x.Start[i]; e < x.Start[i+1]; e++ {
				addScaled(row, l.W[int(x.ID[e])*l.Labels:], x.Value[e])
			}
			for f := range wide {
				addScaled(row, l.W[(x.Width+f)*l.Labels:], dense[i*wide+f])
			}
		}
	})
	return out
}

func addScaled(dst, src []float32, v float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += v * src[i]
	}
}

// Largest returns the most columns, ascending, that have the largest weight for
// any label, among the first width.
func (l *Linear) Largest(width, most int) []int {
	type column struct {
		id  int
		max float64
	}
	all := make([]column, width)
	for i := range all {
		all[i].id = i
		for _, w := range l.W[i*l.Labels : (i+1)*l.Labels] {
			all[i].max = max(all[i].max, math.Abs(float64(w)))
		}
	}
	slices.SortFunc(all, func(a, b column) int { return cmp.Or(cmp.Compare(b.max, a.max), cmp.Compare(a.id, b.id)) })
	keep := make([]int, min(most, len(all)))
	for i := range keep {
		keep[i] = all[i].id
	}
	slices.Sort(keep)
	return keep
}
