package fuse

import (
	"math"

	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/model"
)

// Loud is a message with the band of intensity that a reader gave it: Low to
// High are the bounds of the band, 0..1.
type Loud struct {
	Text      string
	Low, High float64
}

// asIs is how strongly the strength of a feeling stays its intensity.
const asIs = .02

// tries are the steps of the search: all of the range, then around what was found.
var tries = []struct{ reach, step float64 }{{.4, .05}, {.04, .01}}

// loudness finds how much of each feeling's strength counts as intensity, one
// feeling after the other until nothing improves: what brings the messages
// closest to the bands that a reader gave them. Weights that are surer of a
// feeling do not make it a louder one.
func loudness(w *emotion.Weights, rows []Loud, read []emotion.Options, with func(emotion.Weights) *emotion.Fusion) error {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.Text
	}
	miss := func() (float64, error) {
		cases, err := weigh(texts, read, with(*w))
		sum := 0.0
		for i, c := range cases {
			r := rows[i%len(rows)]
			sum += max(0, r.Low-c.Loud, c.Loud-r.High)
		}
		for _, v := range w.Loud {
			sum += asIs * math.Abs(v-1)
		}
		return sum, err
	}
	best, err := miss()
	for _, t := range tries {
		for better := len(rows) > 0; better && err == nil; {
			better = false
			for _, n := range model.Labels(model.Care) {
				kept := w.Loud[n]
				for v, to := kept-t.reach, kept+t.reach+t.step/2; v < to; v += t.step {
					w.Loud[n] = round(v)
					var m float64
					if m, err = miss(); m < best-1e-9 {
						best, kept, better = m, w.Loud[n], true
					}
				}
				w.Loud[n] = kept
			}
		}
	}
	return err
}
