package main

import (
	"math"
	"slices"

	"github.com/onkihq/onki/flows/emotion/model"
	"github.com/onkihq/onki/flows/emotion/train/learn"
)

// reader2 is the second reader in training: texts as units, and the outputs
// it learns: the labels, the care labels, and the heads of the first level.
type reader2 struct {
	*job
	keys   []uint32 // hash of each unit, ascending
	docs   *learn.Docs
	rows   []int // rows that are in a fold
	others []int // rows of no fold
	rests  []int // rows that are only scored
	shape  learn.ConvShape
}

// size of the network, found by trying on the English development split.
const (
	netDim     = 64
	netWidth   = 3
	netFilters = 128
)

func (j *job) reader2() *reader2 {
	r := &reader2{job: j}
	for i, row := range j.rows {
		switch {
		case row.rest:
			r.rests = append(r.rests, i)
		case row.fold >= 0:
			r.rows = append(r.rows, i)
		default:
			r.others = append(r.others, i)
		}
	}
	r.keys = j.unitKeys(r.rows, 3, nil)
	r.keys = j.unitKeys(r.others, 15, r.keys)
	r.docs = j.units(texts(j.rows), r.keys)
	r.shape = learn.ConvShape{Units: len(r.keys), Dim: netDim, Width: netWidth, Filters: netFilters, Outputs: j.columns}
	return r
}

// unitKeys adds to known the units found in at least least of the rows.
func (j *job) unitKeys(rows []int, least int, known []uint32) []uint32 {
	df := make(map[uint32]int)
	var u model.Units
	var seen []uint32
	for _, i := range rows {
		u.Read(j.rows[i].text, j.lang)
		seen = append(seen[:0], u.Hash...)
		slices.Sort(seen)
		for _, h := range slices.Compact(seen) {
			df[h]++
		}
	}
	for h, n := range df {
		if n >= least {
			known = append(known, h)
		}
	}
	slices.Sort(known)
	return slices.Compact(known)
}

func (j *job) units(texts []string, keys []uint32) *learn.Docs {
	d := &learn.Docs{Doc: []int32{0}, Token: []int32{0}}
	index := make(map[uint32]int32, len(keys))
	for i, h := range keys {
		index[h] = int32(i)
	}
	var u model.Units
	for _, t := range texts {
		u.Read(t, j.lang)
		for k := range len(u.Start) - 1 {
			for _, h := range u.Hash[u.Start[k]:u.Start[k+1]] {
				if id, ok := index[h]; ok {
					d.Unit = append(d.Unit, id)
				}
			}
			d.Token = append(d.Token, int32(len(d.Unit)))
		}
		d.Doc = append(d.Doc, int32(len(d.Token)-1))
	}
	return d
}

func (r *reader2) train(c *learn.Conv, rows []int, s learn.Schedule) {
	r.log("  network: %d rows, loss %.4f", len(rows), c.Train(r.docs, rows,
		func(i int) []float32 { return r.job.rows[i].target },
		func(i int) float32 { return float32(math.Sqrt(float64(r.job.rows[i].weight))) }, s))
}

// schedules: English learns everything at once; Korean first reads the many
// rows of the other sets, then the few of its own.
func (r *reader2) schedules() (before, main learn.Schedule) {
	main = learn.Schedule{Epochs: 8, Batch: 32, Rate: 2e-3, EmbedRate: 0.3, DropToken: 0.1, DropOut: 0.4, Decay: 0.01, Seed: r.seed}
	if r.lang == "ko" {
		before = main
		before.Epochs = 2
		main.Rate, main.EmbedRate, main.Epochs = 1e-3, 0.2, 14
	}
	return before, main
}

// run trains a network for the fold sets and one on everything; held are the
// logits of every fold row by the network that has not seen it.
func (r *reader2) run() (whole *learn.Conv, held []float32) {
	before, main := r.schedules()
	start := learn.NewConv(r.shape, r.seed)
	if before.Epochs > 0 {
		r.train(start, r.others, before)
	}
	held = make([]float32, len(r.job.rows)*r.columns)
	learn.Parallel(r.workers, r.folds+1, func(n int) {
		f := n - 1 // the whole first: it takes longest
		var in, out []int
		for _, i := range r.rows {
			if r.job.rows[i].fold == f {
				out = append(out, i)
			} else {
				in = append(in, i)
			}
		}
		if before.Epochs == 0 {
			in = append(in, r.others...)
		}
		c := start.Clone()
		r.train(c, in, main)
		if f < 0 {
			whole = c
			return
		}
		for _, i := range r.rests {
			if r.job.rows[i].fold == f {
				out = append(out, i)
			}
		}
		z := c.Logits(r.units(texts(pick(r.job.rows, out)), r.keys))
		for k, i := range out {
			copy(held[i*r.columns:(i+1)*r.columns], z[k*r.columns:(k+1)*r.columns])
		}
	})
	return whole, held
}

// pack makes the network's part of the file; only units that were met count.
func (r *reader2) pack(c *learn.Conv) *model.Net {
	used := r.used()
	return model.Quantize(model.Net{
		Dim: c.Dim, Width: c.Width, Filters: c.Filters, Outputs: len(used), Keys: r.keys,
		Filter: c.Filter, FilterBias: c.FBias, Out: only(c.Out, c.Outputs, used), OutBias: only(c.OBias, c.Outputs, used),
	}, c.Embed)
}
