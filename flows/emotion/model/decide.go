package model

import "math"

// Cut holds what decisions are made with: for each label the logit from which
// it is decided, and for each group of a table of mapping.txt how likely at
// least one label of the group must be before any of them is decided.
type Cut struct {
	Set    []float32            `json:"set"`
	Care   []float32            `json:"care"`
	Groups map[string][]float32 `json:"groups,omitempty"` // by table
}

// Gate holds back the labels of a group that is not likely enough.
type Gate struct {
	Of    []int     // group of each label; −1: none
	Least []float32 // probability that each group must reach
	Fill  bool      // whether a group that reaches it gets its nearest label if it has none
}

// Tables lists the groupings that decisions in a space respect.
func Tables(s Space) []string {
	switch s {
	case GoEmotions:
		return []string{"ekman", "thirteen"}
	case KOTE:
		return []string{"thirteen"}
	}
	return []string{"coarse"}
}

// Gates gives the gates of a space; a table without cuts gives none.
func (c Cut) Gates(s Space, depth Depth) []Gate {
	var out []Gate
	for i, table := range Tables(s) {
		names, of := Groups(table, s)
		if least := c.Groups[table]; len(least) == len(names) {
			// Filling was measured to pay for the first table of the public sets
			// with the network, and to cost without it and for the care labels.
			out = append(out, Gate{Of: of, Least: least, Fill: i == 0 && s != Care && depth == Full})
		}
	}
	return out
}

// labels gives the cuts of the labels of a space.
func (c Cut) labels(s Space) []float32 {
	if s == Care {
		return c.Care
	}
	return c.Set
}

// maxGroups bounds the groups of a table.
const maxGroups = 32

// likely computes for each group the probability of at least one of its labels,
// as if they were independent.
func (g Gate) likely(logits []float32) (p [maxGroups]float32) {
	for i := range p {
		p[i] = 1
	}
	for k, z := range logits {
		if o := g.Of[k]; o >= 0 {
			p[o] *= 1 - sigmoid(z)
		}
	}
	for i := range p {
		p[i] = 1 - p[i]
	}
	return p
}

// Likely is the probability of each group under the gate's grouping.
func (g Gate) Likely(logits []float32) []float32 {
	p := g.likely(logits)
	return append([]float32(nil), p[:]...)
}

// fill decides the nearest label of every group that is likely enough although
// none of its labels is: five faint kinds of joy are joy.
func (g Gate) fill(logits, cut []float32, passed []bool) {
	var has [maxGroups]bool
	var nearest [maxGroups]int
	for o := range nearest {
		nearest[o] = -1
	}
	for k, o := range g.Of {
		if o < 0 {
			continue
		}
		has[o] = has[o] || passed[k]
		if n := nearest[o]; n < 0 || logits[k]-cut[k] > logits[n]-cut[n] {
			nearest[o] = k
		}
	}
	p := g.likely(logits)
	for o, least := range g.Least {
		if !has[o] && least > 0 && p[o] >= least {
			passed[nearest[o]] = true
		}
	}
}

// Choose appends the numbers of the labels that are decided, most certain
// first: those whose logit reaches its cut and whose groups pass their gates,
// and the nearest label of a group that passes a filling gate with none of its
// own; where there are none, the label that comes nearest to its cut.
func Choose(logits, cut []float32, gates []Gate, dst []int) []int {
	var passed [128]bool
	for k := range logits {
		passed[k] = logits[k] >= cut[k]
	}
	for _, g := range gates {
		p := g.likely(logits)
		for k, o := range g.Of {
			if o >= 0 && p[o] < g.Least[o] {
				passed[k] = false
			}
		}
	}
	for _, g := range gates {
		if g.Fill {
			g.fill(logits, cut, passed[:])
		}
	}
	start, near, nearest := len(dst), 0, math.Inf(-1)
	for k, z := range logits {
		if d := float64(z - cut[k]); d > nearest {
			near, nearest = k, d
		}
		if !passed[k] {
			continue
		}
		at := len(dst)
		dst = append(dst, k)
		for ; at > start && logits[dst[at-1]] < z; at-- {
			dst[at] = dst[at-1]
		}
		dst[at] = k
	}
	if len(dst) == start {
		dst = append(dst, near)
	}
	return dst
}

// Decide names the labels that the scores are high enough for, by the
// thresholds of the training, most certain first; never none. Space is Care or
// the public set of the language that was scored; any other space gives nothing.
func (m *Model) Decide(space Space, s *Scores) []string {
	var out []string
	for _, k := range m.DecideIndex(space, s, nil) {
		out = append(out, labelNames[space][k])
	}
	return out
}

// DecideIndex is Decide with label numbers, appended to dst.
func (m *Model) DecideIndex(space Space, s *Scores, dst []int) []int {
	r := m.readers[s.Lang].reader()
	if r == nil || (space != Care && space != r.space) {
		return dst
	}
	n := len(labelNames[r.space])
	logits, which := s.out[:n], 0
	if space == Care {
		logits, which = s.out[n:n+CareLabels], 1
	}
	return Choose(logits, r.cuts[s.Depth].labels(space), r.gates[s.Depth][which], dst)
}
