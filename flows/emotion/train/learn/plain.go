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

func plainAxpy(dst, src []float32, v float32) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] += v * src[i]
	}
}

// plainMulSum is the dot product in eight running sums, as the vector kernel adds.
func plainMulSum(a, b []float32) float32 {
	var s [8]float32
	b = b[:len(a)]
	i := 0
	for ; i+8 <= len(a); i += 8 {
		for k := range 8 {
			s[k] += a[i+k] * b[i+k]
		}
	}
	sum := ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
	for ; i < len(a); i++ {
		sum += a[i] * b[i]
	}
	return sum
}

// plainWindows adds to every token's hidden values its window times the filters.
func plainWindows(hidden, tokens, across []float32, n, dim, in, filters int) {
	for t := range n {
		h := hidden[t*filters : (t+1)*filters]
		for i, x := range tokens[t*dim : t*dim+in] {
			plainAxpy(h, across[i*filters:], x)
		}
	}
}
