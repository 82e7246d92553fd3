// Package baseline holds simple readers of polarity that the recognizer is
// compared with: whoever runs Onki on their own texts can see what it adds.
package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jonreiter/govader"
	"github.com/onkihq/onki/flows/emotion"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// The polarities that a baseline tells apart.
const (
	Negative = "negative"
	Neutral  = "neutral"
	Positive = "positive"
)

// Names are the baselines there are.
func Names() []string { return []string{"vader", "words"} }

// A Baseline reads whether a text is pleasant.
type Baseline struct {
	Name string
	read func(text string) float64
}

// Read gives a polarity and the score behind it, −1 to 1. VADER knows English
// only.
func (b *Baseline) Read(text string) (polarity string, score float64) {
	score = b.read(text)
	switch {
	case score >= .05: // the borders of Hutto & Gilbert 2014
		return Positive, score
	case score <= -.05:
		return Negative, score
	}
	return Neutral, score
}

// Parse makes the baselines of a list such as "vader,words"; none for "".
func Parse(list string) ([]*Baseline, error) {
	var out []*Baseline
	for name := range strings.SplitSeq(list, ",") {
		switch name = strings.TrimSpace(name); name {
		case "":
		case "vader":
			out = append(out, vader())
		case "words":
			b, err := words()
			if err != nil {
				return nil, err
			}
			out = append(out, b)
		default:
			return nil, fmt.Errorf("no baseline %q: there are %s", name, strings.Join(Names(), ", "))
		}
	}
	return slices.CompactFunc(out, func(a, b *Baseline) bool { return a.Name == b.Name }), nil
}

// vader is the lexicon and rules of Hutto & Gilbert (ICWSM 2014).
func vader() *Baseline {
	v := govader.NewSentimentIntensityAnalyzer()
	return &Baseline{Name: "vader", read: func(text string) float64 { return v.PolarityScores(text).Compound }}
}

// words counts Onki's own feeling words, pleasant against unpleasant, without
// looking at what stands around them.
func words() (*Baseline, error) {
	set, err := cues.Default()
	if err != nil {
		return nil, err
	}
	return &Baseline{Name: "words", read: func(text string) float64 {
		good, bad := 0.0, 0.0
		for _, h := range set.Scan(text) {
			if h.Class != "emo" {
				continue
			}
			switch emotion.Group(h.Name) {
			case "positive":
				good += h.Weight
			case "complaint", "confusion", "vulnerable":
				bad += h.Weight
			}
		}
		return (good - bad) / cmp.Or(good+bad, 1)
	}}, nil
}
