package fuse

import (
	"testing"

	"github.com/onkihq/onki/flows/emotion"
)

// TestLoudness: what a reader calls high makes a feeling louder than what a
// reader calls low, and a feeling that nobody judged stays as loud as it is strong.
func TestLoudness(t *testing.T) {
	const text = "I am so worried about my order"
	read := []emotion.Options{{NoModel: true}}
	with := func(w emotion.Weights) *emotion.Fusion { return &emotion.Fusion{Beside: w, Alone: w} }
	loud := make(map[string]float64)
	for band, r := range map[string]Loud{"low": {text, 0, .35}, "high": {text, .65, 1}} {
		w := blank()
		w.Evidence["words"] = 6
		for n := range w.Feeling {
			w.Feeling[n] = -3
		}
		if err := loudness(&w, []Loud{r}, read, with); err != nil {
			t.Fatal(err)
		}
		loud[band] = w.Loud["anxiety"]
		if w.Loud["grief"] != 1 {
			t.Errorf("%s: grief counts %v, want 1", band, w.Loud["grief"])
		}
	}
	if loud["high"] <= loud["low"] {
		t.Errorf("anxiety counts %v where it is high and %v where it is low", loud["high"], loud["low"])
	}
}
