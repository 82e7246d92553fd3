package eval

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// methods are what is compared.
func methods() []method {
	return []method{
		{"plain BM25", plainBM25},
		{"TF-IDF nearest", func(_ context.Context, p []bot.Passage) (func(string, string) []bot.Passage, error) {
			return nearest(p, 1), nil
		}},
		{"TF-IDF vote of 20", func(_ context.Context, p []bot.Passage) (func(string, string) []bot.Passage, error) {
			return nearest(p, 20), nil
		}},
		{"dense", dense},
		{"plain BM25 + dense", hybrid},
		{"onki", onki},
		{"onki + dense", meaning},
	}
}

// text is what the plain methods search: everything that the passage says.
func text(p *bot.Passage) string {
	if p.Question != "" {
		return p.Question
	}
	return p.Title + " " + p.Text
}

// posting is a document and the weight of a term in it.
type posting struct {
	doc    int
	weight float64
}

// plainBM25 is BM25 (k1 1.2, b 0.75) over words as they are written.
func plainBM25(_ context.Context, passages []bot.Passage) (func(string, string) []bot.Passage, error) {
	index := map[string][]posting{}
	lengths := make([]float64, len(passages))
	average := 0.0
	for i := range passages {
		counts := map[string]float64{}
		for _, w := range strings.FieldsFunc(words.Normalize(text(&passages[i])), separator) {
			counts[w]++
			lengths[i]++
		}
		average += lengths[i] / float64(len(passages))
		for w, n := range counts {
			index[w] = append(index[w], posting{i, n})
		}
	}
	all := float64(len(passages))
	return func(question, lang string) []bot.Passage {
		scores := map[int]float64{}
		for _, w := range strings.FieldsFunc(words.Normalize(question), separator) {
			n := float64(len(index[w]))
			idf := math.Log(1 + (all-n+0.5)/(n+0.5))
			for _, p := range index[w] {
				scores[p.doc] += idf * p.weight * 2.2 / (p.weight + 1.2*(0.25+0.75*lengths[p.doc]/average))
			}
		}
		return top(passages, scores, lang, 1)
	}, nil
}

func separator(r rune) bool {
	return strings.ContainsRune(" \n\t.,!?;:\"'()[]{}…~·-/", r)
}

// nearest finds passages by the cosine of TF-IDF vectors of words and of
// letter sequences in words (two to four), and lets the votes nearest decide
// which answer comes first.
func nearest(passages []bot.Passage, votes int) func(string, string) []bot.Passage {
	documents := map[string]int{}
	counts := make([]map[string]float64, len(passages))
	for i := range passages {
		counts[i] = grams(text(&passages[i]))
		for g := range counts[i] {
			documents[g]++
		}
	}
	weigh := func(c map[string]float64) map[string]float64 {
		sum := 0.0
		for g, n := range c {
			c[g] = (1 + math.Log(n)) * (1 + math.Log(float64(1+len(passages))/float64(1+documents[g])))
			sum += c[g] * c[g]
		}
		for g := range c {
			c[g] /= math.Sqrt(sum)
		}
		return c
	}
	index := map[string][]posting{}
	for i, c := range counts {
		for g, w := range weigh(c) {
			index[g] = append(index[g], posting{i, w})
		}
	}
	return func(question, lang string) []bot.Passage {
		scores := map[int]float64{}
		for g, w := range weigh(grams(question)) {
			for _, p := range index[g] {
				scores[p.doc] += w * p.weight
			}
		}
		return top(passages, scores, lang, votes)
	}
}

func grams(s string) map[string]float64 {
	out := map[string]float64{}
	for _, w := range strings.FieldsFunc(words.Normalize(s), separator) {
		out[w]++
		letters := []rune("_" + w + "_")
		for i := range letters {
			for n := 2; n <= 4 && i+n <= len(letters); n++ {
				out["~"+string(letters[i:i+n])]++
			}
		}
	}
	return out
}

// top orders passages by score. With several votes, the answers come in the
// order of their summed scores among the best.
func top(passages []bot.Passage, scores map[int]float64, lang string, votes int) []bot.Passage {
	docs := make([]int, 0, len(scores))
	for d := range scores {
		if lang == "" || passages[d].Lang == lang {
			docs = append(docs, d)
		}
	}
	slices.SortFunc(docs, func(a, b int) int {
		if c := cmp.Compare(scores[b], scores[a]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	sums := map[string]float64{}
	best := docs[:min(len(docs), max(votes, 5))]
	if votes > 1 {
		for _, d := range best {
			sums[passages[d].Text] += scores[d]
		}
		slices.SortStableFunc(best, func(a, b int) int { return cmp.Compare(sums[passages[b].Text], sums[passages[a].Text]) })
	}
	out := make([]bot.Passage, 0, len(best))
	for _, d := range best {
		out = append(out, passages[d])
	}
	return out
}
