package learn

import "math"

const memory = 6

type solver struct {
	t          *Task
	first      int // first label of this block
	x          *Sparse
	rows       []int   // rows of the task that say something about this block
	columns    []int32 // features of the task that those rows have; dense ones follow
	d          int     // features and bias
	w, g       []float32
	next, ng   []float32
	s, y       [][]float32
	rho        [][lanes]float64
	loss       [lanes]float64
	nl         [lanes]float64
	lambda     [lanes]float64
	dir        []float32
	targets    []float32
	iterations int
	scale      []float32 // curvature of each weight, guessed at the start
	prior      []float32
	dense      []int32 // 0, 1, 2 …: the numbers of the dense features
}

func newSolver(t *Task, first int) *solver {
	s := &solver{t: t, first: first}
	s.compact()
	s.d = len(s.columns) + t.Wide + 1
	d := s.d
	s.w, s.g = make([]float32, d*lanes), make([]float32, d*lanes)
	s.next, s.ng, s.dir = make([]float32, d*lanes), make([]float32, d*lanes), make([]float32, d*lanes)
	s.dense = make([]int32, t.Wide)
	for f := range s.dense {
		s.dense[f] = int32(f)
	}
	s.startAt(t.Prior)
	for k := range lanes {
		s.lambda[k] = 1
		if first+k < t.Labels {
			s.lambda[k] = 1 / float64(t.C[first+k])
		}
	}
	return s
}

// guess fills scale with the diagonal of the Hessian at the labels' base rates:
// sum of x² times p(1-p), plus the penalty.
func (s *solver) guess() {
	var sum, count [lanes]float64
	for n := range s.rows {
		for k := range lanes {
			if y := s.targets[n*lanes+k]; y >= 0 {
				sum[k] += float64(y)
				count[k]++
			}
		}
	}
	square := make([]float64, s.d)
	for e, id := range s.x.ID {
		v := float64(s.x.Value[e])
		square[id] += v * v
	}
	for _, i := range s.rows {
		for f, v := range s.t.Dense[i*s.t.Wide : (i+1)*s.t.Wide] {
			square[s.x.Width+f] += float64(v) * float64(v)
		}
	}
	rows := float64(len(s.rows))
	square[s.d-1] = rows
	s.scale = make([]float32, s.d*lanes)
	for k := range lanes {
		p := (sum[k] + 1) / (count[k] + 2)
		for f, q := range square {
			s.scale[f*lanes+k] = float32(1 / (s.lambda[k] + 0.7*q*p*(1-p)*count[k]/rows))
		}
	}
}

// compact keeps the rows that say something about the block and the features they have.
func (s *solver) compact() {
	t := s.t
	number := make([]int32, t.X.Width)
	s.x = &Sparse{Start: []int32{0}}
	for i := range t.X.Rows() {
		var y [lanes]float32
		for k := range lanes {
			y[k] = -1
			if s.first+k < t.Labels {
				y[k] = t.Targets[i*t.Labels+s.first+k]
			}
		}
		if unknown(&y) {
			continue
		}
		s.rows = append(s.rows, i)
		s.targets = append(s.targets, y[:]...)
		for _, id := range t.X.ID[t.X.Start[i]:t.X.Start[i+1]] {
			if number[id] == 0 {
				s.columns = append(s.columns, id)
				number[id] = int32(len(s.columns))
			}
			s.x.ID = append(s.x.ID, number[id]-1)
		}
		s.x.Value = append(s.x.Value, t.X.Value[t.X.Start[i]:t.X.Start[i+1]]...)
		s.x.Start = append(s.x.Start, int32(len(s.x.ID)))
	}
	s.x.Width = len(s.columns)
}

// feature is the task's number of one of the solver's features; -1 for the bias.
func (s *solver) feature(f int) int {
	switch {
	case f < len(s.columns):
		return int(s.columns[f])
	case f < s.d-1:
		return s.t.X.Width + f - len(s.columns)
	}
	return -1
}

// startAt begins at the prior, which the penalty also pulls to.
func (s *solver) startAt(l *Linear) {
	if l == nil {
		return
	}
	s.prior = make([]float32, len(s.w))
	for f := range s.d - 1 {
		for k := 0; k < lanes && s.first+k < l.Labels; k++ {
			s.prior[f*lanes+k] = l.W[s.feature(f)*l.Labels+s.first+k]
		}
	}
	copy(s.w, s.prior)
	for k := 0; k < lanes && s.first+k < l.Labels; k++ {
		s.w[(s.d-1)*lanes+k] = l.Bias[s.first+k]
	}
}

func (s *solver) run() {
	if len(s.rows) == 0 {
		return // nobody says anything about these labels: all zero
	}
	s.guess()
	s.loss = s.gradient(s.w, s.g)
	for s.iterations = 0; s.iterations < s.t.Steps; s.iterations++ {
		slope := s.direction()
		step := [lanes]float64{}
		for k := range step {
			step[k] = 1
		}
		if !s.search(&step, slope) {
			return
		}
		s.remember()
		before := s.loss
		s.w, s.next = s.next, s.w
		s.g, s.ng = s.ng, s.g
		s.loss = s.nl
		if settled(before, s.loss) {
			return
		}
	}
}

func settled(before, after [lanes]float64) bool {
	for k := range before {
		if before[k]-after[k] > 1e-4*math.Abs(after[k]) {
			return false
		}
	}
	return true
}

// search shortens the step of those labels whose loss did not fall enough.
func (s *solver) search(step *[lanes]float64, slope [lanes]float64) bool {
	for range 12 {
		for i := 0; i < len(s.w); i += lanes {
			for k := range lanes {
				s.next[i+k] = s.w[i+k] + float32(step[k])*s.dir[i+k]
			}
		}
		s.nl = s.gradient(s.next, s.ng)
		good := true
		for k := range lanes {
			if s.nl[k] > s.loss[k]+1e-4*step[k]*slope[k]+1e-7*math.Abs(s.loss[k]) {
				step[k] *= 0.4
				good = false
			}
		}
		if good {
			return true
		}
	}
	return false
}

// remember keeps the newest pair of steps and gradient changes.
func (s *solver) remember() {
	var ds, dy []float32
	if len(s.s) == memory {
		ds, dy = s.s[0], s.y[0]
		s.s, s.y, s.rho = append(s.s[1:], ds), append(s.y[1:], dy), append(s.rho[1:], [lanes]float64{})
	} else {
		ds, dy = make([]float32, len(s.w)), make([]float32, len(s.w))
		s.s, s.y, s.rho = append(s.s, ds), append(s.y, dy), append(s.rho, [lanes]float64{})
	}
	for i := range s.w {
		ds[i] = s.next[i] - s.w[i]
		dy[i] = s.ng[i] - s.g[i]
	}
	rho := &s.rho[len(s.rho)-1]
	sy := laneDot(ds, dy)
	for k := range lanes {
		rho[k] = 0
		if sy[k] > 1e-12 {
			rho[k] = 1 / sy[k]
		}
	}
}

// direction is the two-loop recursion; it returns the slope along it.
func (s *solver) direction() [lanes]float64 {
	q := s.dir
	for i, v := range s.g {
		q[i] = -v
	}
	var alpha [memory][lanes]float64
	for m := len(s.s) - 1; m >= 0; m-- {
		a := laneDot(s.s[m], q)
		for k := range lanes {
			a[k] *= s.rho[m][k]
		}
		alpha[m] = a
		laneAdd(q, s.y[m], a, -1)
	}
	s.precondition(q)
	for m := range s.s {
		b := laneDot(s.y[m], q)
		for k := range lanes {
			b[k] = alpha[m][k] - b[k]*s.rho[m][k]
		}
		laneAdd(q, s.s[m], b, 1)
	}
	return laneDot(q, s.g)
}

// precondition multiplies with the guessed inverse curvature, scaled so that it
// agrees with the newest pair.
func (s *solver) precondition(q []float32) {
	for i, v := range s.scale {
		q[i] *= v
	}
	n := len(s.s)
	if n == 0 {
		return
	}
	y := s.y[n-1]
	var hyy [lanes]float64
	for i := 0; i < len(y); i += lanes {
		for k := range lanes {
			hyy[k] += float64(y[i+k]) * float64(y[i+k]) * float64(s.scale[i+k])
		}
	}
	var gamma [lanes]float32
	for k := range lanes {
		gamma[k] = 1
		if s.rho[n-1][k] > 0 && hyy[k] > 0 {
			gamma[k] = float32(1 / (s.rho[n-1][k] * hyy[k]))
		}
	}
	for i := 0; i < len(q); i += lanes {
		for k := range lanes {
			q[i+k] *= gamma[k]
		}
	}
}

func laneDot(a, b []float32) (out [lanes]float64) {
	const part = 256 * lanes
	for p := 0; p < len(a); p += part {
		var sum [lanes]float32
		dotLanes(&sum, a[p:min(p+part, len(a))], b[p:])
		for k := range lanes {
			out[k] += float64(sum[k])
		}
	}
	return out
}

func laneAdd(dst, src []float32, a [lanes]float64, sign float32) {
	var c [lanes]float32
	for k := range lanes {
		c[k] = sign * float32(a[k])
	}
	addLanes(dst, src, &c)
}

// gradient computes loss and gradient at w, penalty included, bias free.
func (s *solver) gradient(w, g []float32) (loss [lanes]float64) {
	clear(g)
	x := s.x
	bias := (s.d - 1) * lanes
	for n, i := range s.rows {
		y := (*[lanes]float32)(s.targets[n*lanes:])
		z := *(*[lanes]float32)(w[bias:])
		ids, vals := x.ID[x.Start[n]:x.Start[n+1]], x.Value[x.Start[n]:x.Start[n+1]]
		gather(&z, w, ids, vals)
		dense := s.t.Dense[i*s.t.Wide : (i+1)*s.t.Wide]
		gather(&z, w[x.Width*lanes:], s.dense, dense)
		weight := float32(1)
		if s.t.Weight != nil {
			weight = s.t.Weight[i]
		}
		s.residual(&z, y, weight, &loss)
		scatter(g, &z, ids, vals)
		scatter(g[x.Width*lanes:], &z, s.dense, dense)
		laneAxpy((*[lanes]float32)(g[bias:]), &z, 1)
	}
	s.penalize(w, g, &loss)
	return loss
}

func (s *solver) penalize(w, g []float32, loss *[lanes]float64) {
	var half [lanes]float64
	for i := 0; i < (s.d-1)*lanes; i += lanes {
		for k := range lanes {
			v := float64(w[i+k])
			if s.prior != nil {
				v -= float64(s.prior[i+k])
			}
			half[k] += v * v
			g[i+k] += float32(s.lambda[k] * v)
		}
	}
	for k := range lanes {
		loss[k] += 0.5 * s.lambda[k] * half[k]
	}
}

// residual turns logits into weighted residuals and adds up the loss.
func (s *solver) residual(z, y *[lanes]float32, weight float32, loss *[lanes]float64) {
	for k := range lanes {
		if y[k] < 0 {
			z[k] = 0
			continue
		}
		v := float64(z[k])
		e := math.Exp(-math.Abs(v))
		p := 1 / (1 + e)
		if v < 0 {
			p = e / (1 + e)
		}
		loss[k] += float64(weight) * (max(v, 0) + math.Log1p(e) - float64(y[k])*v)
		z[k] = weight * (float32(p) - y[k])
	}
}

func unknown(y *[lanes]float32) bool {
	for _, v := range y {
		if v >= 0 {
			return false
		}
	}
	return true
}

func laneAxpy(dst, src *[lanes]float32, v float32) {
	for k := range lanes {
		dst[k] += v * src[k]
	}
}
