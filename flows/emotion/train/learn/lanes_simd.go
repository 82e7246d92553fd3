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
