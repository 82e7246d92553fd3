package knowledge

import (
	"cmp"
	"context"
	_ "embed"
	"math"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/learn"
	"github.com/onkihq/onki/knowledge/words"
)

// outsideText is sentences that no brand answers: one more class to learn.
//
//go:embed outside.txt
var outsideText string

// When answers have several questions each, the questions are examples to
// learn from. An answer joins in with minExamples questions, and it needs
// minClasses such answers and minQuestions in all for learning to say more
// than search does.
const (
	minExamples  = 3
	minClasses   = 5
	maxClasses   = 4000
	minQuestions = 120
	fewQuestions = 2000 // up to here likeness has a say about knowing, too
)

// classes is what was learned from question–answer pairs that share answers.
type classes struct {
	shift  float64 // added to the logit of knowing, for this brand
	vote   float64 // how much the vote of similar questions counts
	model  *learn.Model
	of     map[string]int // class of each passage ID
	few    bool           // fewQuestions or less
	sample []bot.Passage  // one passage of each class, for when search finds none
}

// answerKey tells answers apart, and audiences and times of the same answer.
func answerKey(p *bot.Passage) string {
	return strings.Join([]string{p.Lang, p.Audience, p.From.UTC().String(), p.Until.UTC().String(), p.Answer}, "\x00")
}

// learnClasses trains on the pairs of the index; nil when there are too few.
func (b *Base) learnClasses(ctx context.Context, s *state) (*classes, error) {
	members := map[string][]bot.Passage{}
	for e, err := range b.index.All(ctx) {
		if err != nil {
			return nil, err
		}
		if e.Passage.Question != "" {
			key := answerKey(&e.Passage)
			members[key] = append(members[key], e.Passage)
		}
	}
	keys := make([]string, 0, len(members))
	for key, list := range members {
		if len(list) >= minExamples {
			keys = append(keys, key)
		}
	}
	if len(keys) < minClasses || len(keys) > maxClasses {
		return nil, nil
	}
	slices.Sort(keys)
	c := &classes{of: map[string]int{}, vote: voteWeight}
	var examples []learn.Example
	var ids []string
	for i, key := range keys {
		list := members[key]
		slices.SortFunc(list, func(a, b bot.Passage) int { return cmp.Compare(a.ID, b.ID) })
		c.sample = append(c.sample, list[0])
		for _, p := range list {
			c.of[p.ID] = i
			ids = append(ids, p.ID)
			examples = append(examples, learn.Example{Text: p.Question, Class: i})
		}
	}
	if len(examples) < minQuestions {
		return nil, nil
	}
	c.few = len(examples) <= fewQuestions
	if err := c.calibrate(ctx, b, s, examples, ids); err != nil {
		return nil, err
	}
	c.model = learn.Train(s.lexicon, append(examples, outside(len(keys))...), len(keys)+1, learn.Options{})
	return c, nil
}

// outside returns the everyday sentences as examples of a class.
func outside(class int) []learn.Example {
	var out []learn.Example
	for _, line := range strings.Split(outsideText, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, learn.Example{Text: line, Class: class})
		}
	}
	return out
}

// How the classifier's word and the vote of the passages found are joined;
// chosen on held-out questions of BANKING77.
const (
	marginWeight = 3.0
	voteWeight   = 0.2
	votePower    = 4.0
)

// A verdict is what the classes say about a question.
type verdict struct {
	chances []float64 // of each class, one in all
	classFeatures
}

// classFeatures is what is known about a question and the class that it seems
// to belong to.
type classFeatures [nClassFeatures]float64

const (
	cBias    = iota // always 1
	cInside         // how far the question is on the side of the best class, in margins
	cChance         // the chance of that class among all
	cUnknown        // share of the question that no passage knows, by rarity
	cForeign        // share of its topics that no passage knows
	cCover          // the score of the first search for what it could be at most
	cOutside        // how far the question is on the side of everyday sentences
	nClassFeatures
)

// judge asks the classes that allowed lets through. It is not ok when nothing
// in the question is known to them.
func (c *classes) judge(text string, asked *question, hits []Hit, allowed func(*bot.Passage) bool) (v verdict, ok bool) {
	scores, ok := c.model.Scores(text)
	if !ok {
		return v, false
	}
	outside := scores[len(scores)-1]
	scores = scores[:len(scores)-1]
	none := true
	for i := range scores {
		if !allowed(&c.sample[i]) {
			scores[i] = float32(math.Inf(-1))
			continue
		}
		none = false
	}
	if none {
		return v, false
	}
	v.chances = c.fuse(scores, hits, c.vote)
	v.classFeatures = classFeatures{cBias: 1, cInside: float64(slices.Max(scores)), cChance: slices.Max(v.chances), cOutside: float64(outside)}
	v.cover(asked, hits)
	return v, true
}

// knows is the chance that the best class answers.
func (c *classes) knows(cal *calibration, f classFeatures) float64 {
	return cal.classChance(f, c.shift)
}

// cover fills in what the words of the question say.
func (f *classFeatures) cover(asked *question, hits []Hit) {
	var all, unknown, topics, foreign, top float64
	for i := range asked.units {
		u := &asked.units[i]
		all += u.rarity
		if u.count == 0 {
			unknown += u.rarity
		}
		if u.term.Kind == words.Concept {
			topics += u.rarity
			if u.count == 0 {
				foreign += u.rarity
			}
		}
	}
	if len(hits) > 0 {
		top = hits[0].Score
	}
	f[cUnknown], f[cForeign], f[cCover] = share(unknown, all), share(foreign, topics), top/(all+1)
}

// fuse joins the classifier's scores and the votes of similar questions in one
// softmax.
func (c *classes) fuse(scores []float32, hits []Hit, weight float64) []float64 {
	votes := make([]float64, len(scores))
	all := 1e-9
	for _, h := range hits {
		if i, ok := c.of[h.Passage.ID]; ok && h.Score > 0 {
			v := math.Pow(h.Score/hits[0].Score, votePower)
			votes[i] += v
			all += v
		}
	}
	chances := make([]float64, len(scores))
	top, sum := math.Inf(-1), 0.0
	for i, s := range scores {
		chances[i] = marginWeight*float64(s) + weight*math.Log(votes[i]/all+0.01)
		top = max(top, chances[i])
	}
	for i := range chances {
		chances[i] = math.Exp(chances[i] - top)
		sum += chances[i]
	}
	for i := range chances {
		chances[i] /= sum
	}
	return chances
}

// maxAnswers is how many classes are offered at most.
const maxAnswers = 8

// answers turns a verdict into passages: for each likely class the most
// similar of its questions.
func (c *classes) answers(v verdict, known float64, asked string, hits []Hit) []bot.Passage {
	order := make([]int, len(v.chances))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v.chances[b], v.chances[a]) })
	var out []bot.Passage
	for _, i := range order[:min(maxAnswers, len(order))] {
		p := c.sample[i]
		for _, h := range hits {
			if j, ok := c.of[h.Passage.ID]; ok && j == i {
				p = h.Passage
				break
			}
		}
		p.Score = known * v.chances[i] / v.chances[order[0]]
		if p.Score < 0.01 {
			break
		}
		out = append(out, p)
	}
	if text := words.Normalize(strings.TrimSpace(asked)); len(hits) > 0 && words.Normalize(hits[0].Passage.Question) == text {
		exact := hits[0].Passage // the very question was written down
		exact.Score = 1
		out = append([]bot.Passage{exact}, out...)
	}
	return out
}
