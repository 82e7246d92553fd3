package knowledge

import (
	"context"
	"math"
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/learn"
)

// How a brand's own questions are used to find out how much its classes know.
const (
	heldEvery  = 6    // every sixth question is held back
	heldMost   = 600  // but no more than these
	heldLeast  = 20   // with fewer than these nothing is concluded
	heldRefuse = 0.02 // the share of them that may be refused
	maxTighter = -2   // how far the trials may tighten what is known
)

// A trial is a question that was held back.
type trial struct {
	asked  question
	text   string
	hits   []Hit
	scores []float32
	class  int
}

// calibrate trains once without some of the questions, asks them, and learns
// from the answers how much the vote of similar questions should count, and
// from where on this brand's questions are known. Brands differ: what is small
// talk to a bank is the business of another.
func (c *classes) calibrate(ctx context.Context, b *Base, s *state, examples []learn.Example, ids []string) error {
	var known []learn.Example
	var held []int
	step := max(heldEvery, len(examples)/heldMost)
	for i, e := range examples {
		if i%step == step-1 {
			held = append(held, i)
			continue
		}
		known = append(known, e)
	}
	if len(held) < heldLeast {
		return nil
	}
	classes := len(c.sample)
	model := learn.Train(s.lexicon, append(known, outside(classes)...), classes+1, learn.Options{Rounds: 8})
	trials := make([]trial, 0, len(held))
	for _, i := range held {
		t := trial{asked: b.understand(s, examples[i].Text), text: examples[i].Text, class: examples[i].Class}
		for j := range t.asked.units {
			t.asked.units[j].count-- // the question itself is in the index
		}
		hits, err := b.index.Search(ctx, Probe{Terms: t.asked.probe(1), N: voters + 1})
		if err != nil {
			return err
		}
		t.hits = slices.DeleteFunc(hits, func(h Hit) bool { return h.Passage.ID == ids[i] })
		t.scores, _ = model.Scores(t.text)
		trials = append(trials, t)
	}
	c.vote = c.bestVote(trials)
	full := c.model
	c.model = model
	c.shift = c.findShift(b.calibrate, trials)
	c.model = full
	return nil
}

// bestVote returns the weight of the vote with which most trials come out
// right; between equals the one nearest to the usual.
func (c *classes) bestVote(trials []trial) float64 {
	best, most := voteWeight, -1
	for _, w := range []float64{voteWeight, 0, 0.1, 0.4, 0.8, 1.5, 3} {
		right := 0
		for _, t := range trials {
			chances := c.fuse(t.scores[:len(c.sample)], t.hits, w)
			if chances[t.class] == slices.Max(chances) {
				right++
			}
		}
		if right > most {
			best, most = w, right
		}
	}
	return best
}

// findShift returns what must be added so that hardly any trial is refused:
// less than zero where the trials are sure and more may be asked of a question.
func (c *classes) findShift(cal *calibration, trials []trial) float64 {
	logits := make([]float64, 0, len(trials))
	for _, t := range trials {
		v, ok := c.judge(t.text, &t.asked, t.hits, func(*bot.Passage) bool { return true })
		if !ok {
			continue
		}
		p := cal.classChance(v.classFeatures, 0)
		logits = append(logits, math.Log(p/(1-p)))
	}
	if len(logits) == 0 {
		return 0
	}
	slices.Sort(logits)
	least := math.Log(cal.least / (1 - cal.least))
	return max(maxTighter, least-logits[int(float64(len(logits))*heldRefuse)])
}
