package model

import (
	"math"
	"slices"
)

// Part is a piece of a text that counted for a label.
type Part struct {
	Start, End int     // bytes in the text
	Weight     float32 // share of the evidence that speaks for the label, 0..1
}

// Explain finds the at most n words of a text that counted most for a label of
// a space, best first. It looks at the n-grams, which most of a score comes
// from, and gives each word its share of every n-gram that touches it. It is
// slower than Score: use it for the labels that are shown.
func (m *Model) Explain(lang, text string, space Space, label string, n int) []Part {
	r := m.reader(lang, text)
	out := slices.Index(labelNames[space], label)
	if out < 0 || (space != Care && space != r.space) {
		return nil
	}
	if space == Care {
		out += len(labelNames[r.space])
	}
	g := &Grams{Spans: true}
	g.Read(text, r.shape)
	return r.best(g, r.columnsFor(out), n)
}

// columnsFor gives the influence of each first-level column on one output.
func (r *reader) columnsFor(out int) []float32 {
	c := r.file.Meta.Columns
	w := make([]float32, c)
	for k := range w {
		w[k] = r.file.Mix[out*(c+1)+k] * r.file.Unit[k]
	}
	return w
}

func (r *reader) best(g *Grams, w []float32, n int) []Part {
	c := len(w)
	share := make([]float32, len(g.plain.words))
	seen := make(map[uint32]bool)
	for i, h := range g.Hashes {
		row := r.table.find(h)
		if row == 0 || seen[row] {
			continue
		}
		seen[row] = true
		var v float32
		for k, b := range r.file.Rows[int(row-1)*c : int(row)*c] {
			v += w[k] * float32(int(b)-128)
		}
		g.shareOut(share, g.From[i], g.To[i], v)
	}
	var sum float32
	var parts []Part
	for i, v := range share {
		if v > 0 {
			t := g.plain.words[i]
			parts = append(parts, Part{int(g.plain.at[t.from]), int(g.plain.at[t.to]), v})
			sum += v
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int {
		switch {
		case a.Weight > b.Weight:
			return -1
		case a.Weight < b.Weight:
			return 1
		}
		return a.Start - b.Start
	})
	parts = parts[:min(n, len(parts))]
	for i := range parts {
		parts[i].Weight = float32(math.Min(1, float64(parts[i].Weight/sum)))
	}
	return parts
}

// shareOut gives v to the words between two bytes, evenly.
func (g *Grams) shareOut(share []float32, from, to int32, v float32) {
	ws, at := g.plain.words, g.plain.at
	first, _ := slices.BinarySearchFunc(ws, from, func(t token, b int32) int {
		if at[t.to] <= b {
			return -1
		}
		return 1
	})
	last := first
	for last < len(ws) && at[ws[last].from] < to {
		last++
	}
	for i := first; i < last; i++ {
		share[i] += v / float32(last-first)
	}
}
