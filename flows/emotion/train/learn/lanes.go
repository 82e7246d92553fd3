//go:build !goexperiment.simd || !amd64

package learn

func gather(z *[lanes]float32, w []float32, ids []int32, vals []float32) {
	plainGather(z, w, ids, vals)
}

func scatter(g []float32, z *[lanes]float32, ids []int32, vals []float32) {
	plainScatter(g, z, ids, vals)
}

func dotLanes(sum *[lanes]float32, a, b []float32) { plainDot(sum, a, b) }

func addLanes(dst, src []float32, c *[lanes]float32) { plainAdd(dst, src, c) }

func axpy(dst, src []float32, v float32) { plainAxpy(dst, src, v) }

func dot(a, b []float32) float32 { return plainMulSum(a, b) }

func windows(hidden, tokens, across []float32, n, dim, in, filters int) {
	plainWindows(hidden, tokens, across, n, dim, in, filters)
}
