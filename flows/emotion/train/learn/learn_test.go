package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/onkihq/onki/flows/emotion/model"
)

// With no feature that tells rows apart the best logit is that of the share of
// positives.
func TestSolveBias(t *testing.T) {
	x := &Sparse{Start: make([]int32, 101), Width: 1}
	y := make([]float32, 100)
	for i := range 20 {
		y[i] = 1
	}
	l := Solve(&Task{X: x, Targets: y, Labels: 1, C: []float32{1}, Steps: 50}, 1)
	if want := math.Log(0.2 / 0.8); math.Abs(float64(l.Bias[0])-want) > 0.01 {
		t.Errorf("bias %.3f, want %.3f", l.Bias[0], want)
	}
}

// At the optimum the gradient is zero: for one feature of value 1 in half of
// the rows, weight·λ must equal the sum of its residuals.
func TestSolveOptimum(t *testing.T) {
	const n, c = 200, 2.0
	x := &Sparse{Start: []int32{0}, Width: 1}
	y := make([]float32, 2*n)
	for i := range n {
		if i%2 == 0 {
			x.ID, x.Value = append(x.ID, 0), append(x.Value, 1)
		}
		x.Start = append(x.Start, int32(len(x.ID)))
		if i%2 == 0 && i%10 != 0 || i%25 == 1 {
			y[2*i] = 1
		}
		y[2*i+1] = -1
		if i < n/2 {
			y[2*i+1] = y[2*i]
		}
	}
	l := Solve(&Task{X: x, Targets: y, Labels: 2, C: []float32{c, c}, Steps: 100}, 2)
	for k := range 2 {
		var sum float64
		for i := range n {
			if v := y[2*i+k]; v >= 0 && i%2 == 0 {
				z := float64(l.Bias[k] + l.W[k])
				sum += float64(v) - 1/(1+math.Exp(-z))
			}
		}
		if want := float64(l.W[k]) / c; math.Abs(sum-want) > 0.02*math.Abs(want)+0.02 {
			t.Errorf("label %d: residuals %.3f, penalty %.3f", k, sum, want)
		}
	}
}

func TestSolvePrior(t *testing.T) {
	x := &Sparse{Start: make([]int32, 3)}
	prior := &Linear{Labels: 1, W: []float32{3}, Bias: []float32{0}}
	l := Solve(&Task{X: x, Dense: []float32{1, -1}, Wide: 1, Targets: []float32{1, 0}, Labels: 1, C: []float32{1e-4}, Steps: 30, Prior: prior}, 1)
	if math.Abs(float64(l.W[0]-3)) > 0.01 {
		t.Errorf("weight %.3f left the prior under a strong penalty", l.W[0])
	}
}

func TestConvLearnsOrder(t *testing.T) {
	// "0 1" is a hit, "1 0" is not: only a reader of neighbours can tell.
	d := &Docs{Doc: []int32{0}, Token: []int32{0}}
	rng := rand.New(rand.NewPCG(1, 1))
	var y []float32
	for i := range 400 {
		doc := []int32{2, 3, 2, 3, 2, 3}
		at := rng.IntN(5)
		doc[at], doc[at+1] = int32(i%2), int32(1-i%2)
		for _, u := range doc {
			d.Unit = append(d.Unit, u)
			d.Token = append(d.Token, int32(len(d.Unit)))
		}
		d.Doc = append(d.Doc, int32(len(d.Token)-1))
		y = append(y, float32(1-i%2))
	}
	rows := make([]int, 300)
	for i := range rows {
		rows[i] = i
	}
	train := func() *Conv {
		c := NewConv(ConvShape{Units: 4, Dim: 8, Width: 3, Filters: 16, Outputs: 1}, 3)
		c.Train(d, rows, func(i int) []float32 { return y[i : i+1] }, func(int) float32 { return 1 },
			Schedule{Epochs: 15, Batch: 8, Rate: 5e-3, EmbedRate: 0.1, DropOut: 0.1, Seed: 4})
		return c
	}
	c := train()
	wrong := 0
	for i, z := range c.Logits(d)[300:] {
		if (z > 0) != (y[300+i] == 1) {
			wrong++
		}
	}
	if wrong > 5 {
		t.Errorf("%d of 100 wrong", wrong)
	}
	if again := train(); !slices.Equal(c.Out, again.Out) || !slices.Equal(c.Embed, again.Embed) {
		t.Error("two runs, two networks")
	}
}

func TestThresholdAndMeasures(t *testing.T) {
	th, f := BestThreshold([]float32{3, 2, 1, 0}, []bool{true, true, false, false}, 0)
	if f != 1 || th != 1.5 {
		t.Errorf("threshold %g, F1 %g", th, f)
	}
	c := Tally([][]int{{0}, {1}, {0, 1}}, [][]int{{0}, {0}, {0}}, 2)
	if c[0] != (Count3{TP: 2, FP: 1}) || c[1] != (Count3{FN: 2}) {
		t.Errorf("%+v", c)
	}
	if m := MacroF1(c); math.Abs(m-0.4) > 1e-9 {
		t.Errorf("macro %g", m)
	}
	if e := ECE([]float32{0.95, 0.95}, []bool{true, false}); math.Abs(e-0.45) > 1e-6 {
		t.Errorf("calibration error %g", e)
	}
	b := Bootstrap([][]int{{0}, {1}}, [][]int{{0}, {1}}, 2)
	if b.Macro[1] != 1 {
		t.Errorf("bootstrap of perfect decisions: %v", b.Macro)
	}
}

func TestVocabulary(t *testing.T) {
	shape := model.ShapeOf("en")
	v := Count([]string{"good day", "good night", "bad day"}, shape, 2)
	x := v.Matrix([]string{"good day", "unseen"}, shape)
	if x.Rows() != 2 || x.Start[1] == 0 {
		t.Fatalf("matrix %+v", x)
	}
	var sum float64
	for _, w := range x.Value[:x.Start[1]] {
		sum += float64(w) * float64(w)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("row of length %g", sum)
	}
	if got := v.Join(v); !slices.Equal(got.Hashes, v.Hashes) {
		t.Error("a vocabulary joined with itself changes")
	}
}
