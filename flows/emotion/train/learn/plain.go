package learn

// The kernels in plain Go. The vector ones (lanes_simd.go) add in the same
// order and do not fuse, so both give the same bits on amd64.

func plainGather(z *[lanes]float32, w []float32, ids []int32, vals []float32) {
	for e, id := range ids {
		src := (*[lanes]float32)(w[int(id)*lanes:])
		for k := range lanes {
			z[k] += vals[e] * src[k]
		}
	}
}

func plainScatter(g []float32, z *[lanes]float32, ids []int32, vals []float32) {
	for e, id := range ids {
		dst := (*[lanes]float32)(g[int(id)*lanes:])
		for k := range lanes {
			dst[k] += vals[e] * z[k]
		}
	}
}

func plainDot(sum *[lanes]float32, a, b []float32) {
	for i := 0; i < len(a); i += lanes {
		x, y := (*[lanes]float32)(a[i:]), (*[lanes]float32)(b[i:])
		for k := range lanes {
			sum[k] += x[k] * y[k]
		}
	}
}

func plainAdd(dst, src []float32, c *[lanes]float32) {
	for i := 0; i < len(dst); i += lanes {
		x, y := (*[lanes]float32)(dst[i:]), (*[lanes]float32)(src[i:])
		for k := range lanes {
			x[k] += c[k] * y[k]
		}
	}
}
