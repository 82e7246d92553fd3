//go:build goexperiment.simd && amd64

package learn

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The vector kernels must give the bits of the plain ones, or the file would
// depend on how the trainer was built.
func TestVectorsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	a, b := draw(203), draw(203)
	c := slices.Clone(a)
	plainAxpy(a, b, 0.3)
	axpy(c, b, 0.3)
	if !slices.Equal(a, c) || plainMulSum(a, b) != dot(a, b) {
		t.Error("axpy or dot")
	}
	tokens, across := draw(9*8), draw(24*32)
	h := draw(7 * 32)
	g := slices.Clone(h)
	plainWindows(h, tokens, across, 7, 8, 24, 32)
	windows(g, tokens, across, 7, 8, 24, 32)
	if !slices.Equal(h, g) {
		t.Error("windows")
	}
	w, ids, vals := draw(10*lanes), []int32{1, 7, 3}, draw(3)
	var y, z [lanes]float32
	plainGather(&y, w, ids, vals)
	gather(&z, w, ids, vals)
	u := slices.Clone(w)
	plainScatter(w, &y, ids, vals)
	scatter(u, &z, ids, vals)
	if y != z || !slices.Equal(u, w) {
		t.Error("gather or scatter")
	}
	var s, r [lanes]float32
	plainDot(&s, w, u)
	dotLanes(&r, w, u)
	plainAdd(w, u, &s)
	v := slices.Clone(u)
	addLanes(v, u, &r)
	if s != r || !slices.Equal(v, w) {
		t.Error("lanes")
	}
}
