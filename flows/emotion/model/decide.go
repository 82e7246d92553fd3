package model

// Decide names the labels that the scores are high enough for, by the
// thresholds of the training, most certain first. Space is Care or the public
// set of the language that was scored; any other space gives nothing.
func (m *Model) Decide(space Space, s *Scores) []string {
	var out []string
	for _, k := range m.DecideIndex(space, s, nil) {
		out = append(out, labelNames[space][k])
	}
	return out
}

// DecideIndex is Decide with label numbers, appended to dst.
func (m *Model) DecideIndex(space Space, s *Scores, dst []int) []int {
	r := m.readers[s.Lang]
	if r == nil || (space != Care && space != r.space) {
		return dst
	}
	cut, logits := r.cut(space, s)
	start := len(dst)
	for k, z := range logits {
		if z < cut[k] {
			continue
		}
		at := len(dst)
		for at > start && logits[dst[at-1]] < z {
			at--
		}
		dst = append(dst, 0)
		copy(dst[at+1:], dst[at:])
		dst[at] = k
	}
	if len(dst) > start {
		return dst
	}
	// Nothing reached its threshold: the label that came nearest.
	best := 0
	for k := range logits {
		if logits[k]-cut[k] > logits[best]-cut[best] {
			best = k
		}
	}
	return append(dst, best)
}

func (r *reader) cut(space Space, s *Scores) (cut, logits []float32) {
	n := len(labelNames[r.space])
	c := r.file.Meta.Thresholds[s.Depth.String()]
	if space == Care {
		return c.Care, s.out[n : n+CareLabels]
	}
	return c.Set, s.out[:n]
}
