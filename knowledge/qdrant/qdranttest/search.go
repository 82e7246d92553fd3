package qdranttest

import (
	"cmp"
	"math"
	"slices"

	client "github.com/qdrant/go-client/qdrant"
)

// fuse joins the prefetched lists by reciprocal rank with the server's k.
func (c *collection) fuse(prefetch []*client.PrefetchQuery) []*client.ScoredPoint {
	sum := map[string]*client.ScoredPoint{}
	for _, p := range prefetch {
		list := c.nearest(p.Query, p.GetUsing(), p.Filter)
		for rank, hit := range list[:min(len(list), int(p.GetLimit()))] {
			id := hit.Id.GetUuid()
			if sum[id] == nil {
				sum[id] = &client.ScoredPoint{Id: hit.Id, Payload: hit.Payload}
			}
			sum[id].Score += 1 / float32(rank+2)
		}
	}
	var out []*client.ScoredPoint
	for _, p := range sum {
		out = append(out, p)
	}
	return best(out)
}

// nearest scores every point by the vector of this name.
func (c *collection) nearest(q *client.Query, using string, f *client.Filter) []*client.ScoredPoint {
	dense, sparse := q.GetNearest().GetDense(), q.GetNearest().GetSparse()
	weights := map[uint32]float64{}
	if sparse != nil {
		for i, index := range sparse.Indices {
			weights[index] = float64(sparse.Values[i]) * c.rarity(using, index)
		}
	}
	var out []*client.ScoredPoint
	for _, p := range c.points {
		if !passes(f, p) {
			continue
		}
		v := p.Vectors.GetVectors().GetVectors()[using]
		score := 0.0
		if sp := v.GetSparse(); sp != nil && sparse != nil {
			for i, index := range sp.Indices {
				score += weights[index] * float64(sp.Values[i])
			}
			if score == 0 {
				continue
			}
		} else if d := v.GetDense(); d != nil && dense != nil {
			score = cosine(d.Data, dense.Data)
		} else {
			continue
		}
		out = append(out, &client.ScoredPoint{Id: p.Id, Payload: p.Payload, Score: float32(score)})
	}
	return best(out)
}

// rarity is the server's IDF.
func (c *collection) rarity(using string, index uint32) float64 {
	n := 0
	for _, p := range c.points {
		if slices.Contains(p.Vectors.GetVectors().GetVectors()[using].GetSparse().GetIndices(), index) {
			n++
		}
	}
	return math.Log(1 + (float64(len(c.points)-n)+0.5)/(float64(n)+0.5))
}

func best(list []*client.ScoredPoint) []*client.ScoredPoint {
	slices.SortFunc(list, func(a, b *client.ScoredPoint) int {
		if c := cmp.Compare(b.Score, a.Score); c != 0 {
			return c
		}
		return cmp.Compare(a.Id.GetUuid(), b.Id.GetUuid())
	})
	return list
}

func cosine(a, b []float32) float64 {
	var dot, aa, bb float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return dot / math.Sqrt(aa*bb)
}

// passes applies the conditions that this package sends.
func passes(f *client.Filter, p *client.PointStruct) bool {
	for _, c := range f.GetMust() {
		field := c.GetField()
		v := p.Payload[field.GetKey()]
		switch {
		case field.GetRange() != nil:
			x, r := float64(v.GetIntegerValue()), field.GetRange()
			if r.Lte != nil && x > *r.Lte || r.Gte != nil && x < *r.Gte {
				return false
			}
		case field.GetMatch().GetKeywords() != nil:
			if !slices.Contains(field.GetMatch().GetKeywords().Strings, v.GetStringValue()) {
				return false
			}
		default:
			if v.GetStringValue() != field.GetMatch().GetKeyword() {
				return false
			}
		}
	}
	return true
}

// output is the dense vectors of a point that a caller asks for by name.
func (c *collection) output(id string, with *client.WithVectorsSelector) *client.VectorsOutput {
	named := map[string]*client.VectorOutput{}
	for _, name := range with.GetInclude().GetNames() {
		if d := c.points[id].Vectors.GetVectors().GetVectors()[name].GetDense(); d != nil {
			named[name] = &client.VectorOutput{Vector: &client.VectorOutput_Dense{Dense: d}}
		}
	}
	if len(named) == 0 {
		return nil
	}
	return &client.VectorsOutput{VectorsOptions: &client.VectorsOutput_Vectors{Vectors: &client.NamedVectorsOutput{Vectors: named}}}
}
