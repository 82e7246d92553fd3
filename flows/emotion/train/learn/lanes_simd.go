//go:build goexperiment.simd && amd64

package learn

import "simd/archsimd"

var vectors = archsimd.X86.AVX2()

func at8(s []float32) *[8]float32 { return (*[8]float32)(s) }

func gather(z *[lanes]float32, w []float32, ids []int32, vals []float32) {
	if !vectors {
		plainGather(z, w, ids, vals)
		return
	}
	a, b := archsimd.LoadFloat32x8(at8(z[:8])), archsimd.LoadFloat32x8(at8(z[8:]))
	for e, id := range ids {
		v := archsimd.BroadcastFloat32x8(vals[e])
		src := (*[lanes]float32)(w[int(id)*lanes:])
		a = a.Add(v.Mul(archsimd.LoadFloat32x8(at8(src[:8]))))
		b = b.Add(v.Mul(archsimd.LoadFloat32x8(at8(src[8:]))))
	}
	a.Store(at8(z[:8]))
	b.Store(at8(z[8:]))
	archsimd.ClearAVXUpperBits()
}

func scatter(g []float32, z *[lanes]float32, ids []int32, vals []float32) {
	if !vectors {
		plainScatter(g, z, ids, vals)
		return
	}
	a, b := archsimd.LoadFloat32x8(at8(z[:8])), archsimd.LoadFloat32x8(at8(z[8:]))
	for e, id := range ids {
		v := archsimd.BroadcastFloat32x8(vals[e])
		dst := (*[lanes]float32)(g[int(id)*lanes:])
		archsimd.LoadFloat32x8(at8(dst[:8])).Add(v.Mul(a)).Store(at8(dst[:8]))
		archsimd.LoadFloat32x8(at8(dst[8:])).Add(v.Mul(b)).Store(at8(dst[8:]))
	}
	archsimd.ClearAVXUpperBits()
}

func dotLanes(sum *[lanes]float32, x, y []float32) {
	if !vectors {
		plainDot(sum, x, y)
		return
	}
	a, b := archsimd.LoadFloat32x8(at8(sum[:8])), archsimd.LoadFloat32x8(at8(sum[8:]))
	for i := 0; i < len(x); i += lanes {
		p, q := (*[lanes]float32)(x[i:]), (*[lanes]float32)(y[i:])
		a = a.Add(archsimd.LoadFloat32x8(at8(p[:8])).Mul(archsimd.LoadFloat32x8(at8(q[:8]))))
		b = b.Add(archsimd.LoadFloat32x8(at8(p[8:])).Mul(archsimd.LoadFloat32x8(at8(q[8:]))))
	}
	a.Store(at8(sum[:8]))
	b.Store(at8(sum[8:]))
	archsimd.ClearAVXUpperBits()
}

func addLanes(dst, src []float32, c *[lanes]float32) {
	if !vectors {
		plainAdd(dst, src, c)
		return
	}
	a, b := archsimd.LoadFloat32x8(at8(c[:8])), archsimd.LoadFloat32x8(at8(c[8:]))
	for i := 0; i < len(dst); i += lanes {
		p, q := (*[lanes]float32)(dst[i:]), (*[lanes]float32)(src[i:])
		archsimd.LoadFloat32x8(at8(p[:8])).Add(a.Mul(archsimd.LoadFloat32x8(at8(q[:8])))).Store(at8(p[:8]))
		archsimd.LoadFloat32x8(at8(p[8:])).Add(b.Mul(archsimd.LoadFloat32x8(at8(q[8:])))).Store(at8(p[8:]))
	}
	archsimd.ClearAVXUpperBits()
}

func axpy(dst, src []float32, v float32) {
	if !vectors {
		plainAxpy(dst, src, v)
		return
	}
	x := archsimd.BroadcastFloat32x8(v)
	src = src[:len(dst)]
	for len(dst) >= 8 {
		archsimd.LoadFloat32x8(at8(dst)).Add(x.Mul(archsimd.LoadFloat32x8(at8(src)))).Store(at8(dst))
		dst, src = dst[8:], src[8:]
	}
	archsimd.ClearAVXUpperBits()
	for i := range dst {
		dst[i] += v * src[i]
	}
}

func dot(a, b []float32) float32 {
	if !vectors {
		return plainMulSum(a, b)
	}
	var s [8]float32
	b = b[:len(a)]
	sum := archsimd.LoadFloat32x8(&s)
	for len(a) >= 8 {
		sum = sum.Add(archsimd.LoadFloat32x8(at8(a)).Mul(archsimd.LoadFloat32x8(at8(b))))
		a, b = a[8:], b[8:]
	}
	sum.Store(&s)
	archsimd.ClearAVXUpperBits()
	out := ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]))
	for i := range a {
		out += a[i] * b[i]
	}
	return out
}

// windows works on four tokens and sixteen filters at a time; every sum is
// taken in the same order as in plainWindows.
func windows(hidden, tokens, across []float32, n, dim, in, filters int) {
	if !vectors {
		plainWindows(hidden, tokens, across, n, dim, in, filters)
		return
	}
	t := 0
	for ; t+4 <= n; t += 4 {
		for f := 0; f < filters; f += 16 {
			four(hidden[t*filters+f:], tokens[t*dim:], across[f:], dim, in, filters)
		}
	}
	archsimd.ClearAVXUpperBits()
	if t < n {
		plainOrAxpy(hidden[t*filters:], tokens[t*dim:], across, n-t, dim, in, filters)
	}
}

func plainOrAxpy(hidden, tokens, across []float32, n, dim, in, filters int) {
	for t := range n {
		h := hidden[t*filters : (t+1)*filters]
		for i, x := range tokens[t*dim : t*dim+in] {
			axpy(h, across[i*filters:(i+1)*filters], x)
		}
	}
}

func four(hidden, tokens, across []float32, dim, in, filters int) {
	h0, h1, h2, h3 := hidden, hidden[filters:], hidden[2*filters:], hidden[3*filters:]
	a0, a1 := archsimd.LoadFloat32x8(at8(h0)), archsimd.LoadFloat32x8(at8(h0[8:]))
	b0, b1 := archsimd.LoadFloat32x8(at8(h1)), archsimd.LoadFloat32x8(at8(h1[8:]))
	c0, c1 := archsimd.LoadFloat32x8(at8(h2)), archsimd.LoadFloat32x8(at8(h2[8:]))
	d0, d1 := archsimd.LoadFloat32x8(at8(h3)), archsimd.LoadFloat32x8(at8(h3[8:]))
	t0, t1, t2, t3 := tokens[:in], tokens[dim:dim+in], tokens[2*dim:2*dim+in], tokens[3*dim:3*dim+in]
	for i := range in {
		row := across[i*filters:]
		w0, w1 := archsimd.LoadFloat32x8(at8(row)), archsimd.LoadFloat32x8(at8(row[8:]))
		x := archsimd.BroadcastFloat32x8(t0[i])
		a0, a1 = a0.Add(x.Mul(w0)), a1.Add(x.Mul(w1))
		x = archsimd.BroadcastFloat32x8(t1[i])
		b0, b1 = b0.Add(x.Mul(w0)), b1.Add(x.Mul(w1))
		x = archsimd.BroadcastFloat32x8(t2[i])
		c0, c1 = c0.Add(x.Mul(w0)), c1.Add(x.Mul(w1))
		x = archsimd.BroadcastFloat32x8(t3[i])
		d0, d1 = d0.Add(x.Mul(w0)), d1.Add(x.Mul(w1))
	}
	a0.Store(at8(h0))
	a1.Store(at8(h0[8:]))
	b0.Store(at8(h1))
	b1.Store(at8(h1[8:]))
	c0.Store(at8(h2))
	c1.Store(at8(h2[8:]))
	d0.Store(at8(h3))
	d1.Store(at8(h3[8:]))
}
