package knowledge

import (
	"cmp"
	"slices"
	"time"

	"github.com/onkihq/onki/knowledge/words"
)

// An Asked is a question that nothing the brand has written answered.
type Asked struct {
	Text, Lang string
	Time       time.Time
}

// A Gap is one thing that customers asked and the brand has not written about.
type Gap struct {
	Question string    `json:"question"`         // in the words of the one who asked last
	Lang     string    `json:"lang"`             // ko or en
	Count    int       `json:"count"`            // how often it was asked
	First    time.Time `json:"first"`            // when it was asked first
	Last     time.Time `json:"last"`             // and last
	Others   []string  `json:"others,omitempty"` // other wordings, newest first, at most maxWordings
}

const (
	maxWordings = 5
	sameGap     = 0.5 // of the meaning that two questions have together, shared
	maxGaps     = 2000
)

// Gaps puts questions that ask the same, in other words or other forms of them,
// into one gap each, newest first. Beyond maxGaps different ones the oldest are
// left out.
func Gaps(asked []Asked) ([]Gap, error) {
	lexicon, err := words.New()
	if err != nil {
		return nil, err
	}
	asked = slices.Clone(asked)
	slices.SortStableFunc(asked, func(a, b Asked) int { return b.Time.Compare(a.Time) })
	type group struct {
		Gap
		terms map[uint64]bool
		texts map[string]bool
	}
	var groups []*group
	for _, q := range asked {
		terms := meaning(lexicon, q.Text)
		var to *group
		best := sameGap
		for _, g := range groups {
			if s := alike(terms, g.terms); g.Lang == q.Lang && s >= best {
				to, best = g, s
			}
		}
		if to == nil {
			if len(groups) < maxGaps {
				groups = append(groups, &group{Gap{Question: q.Text, Lang: q.Lang, Count: 1, First: q.Time, Last: q.Time}, terms, map[string]bool{q.Text: true}})
			}
			continue
		}
		to.Count++
		to.First = q.Time
		if !to.texts[q.Text] && len(to.Others) < maxWordings {
			to.texts[q.Text] = true
			to.Others = append(to.Others, q.Text)
		}
	}
	gaps := make([]Gap, len(groups))
	for i, g := range groups {
		gaps[i] = g.Gap
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return cmp.Or(b.Last.Compare(a.Last), b.Count-a.Count) })
	return gaps, nil
}

// meaning is the words and concepts of a question, without the particles and
// endings that differ from one wording to the next.
func meaning(l *words.Lexicon, text string) map[uint64]bool {
	set := map[uint64]bool{}
	for _, t := range l.Terms(text) {
		if t.Kind != words.Gram {
			set[t.Hash()] = true
		}
	}
	return set
}

// alike is the share of what both have that is the same (Jaccard 1901).
func alike(a, b map[uint64]bool) float64 {
	both := 0
	for t := range a {
		if b[t] {
			both++
		}
	}
	return share(float64(both), float64(len(a)+len(b)-both))
}
