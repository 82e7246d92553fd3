package danger

import (
	"cmp"
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/linear"
)

// partsMost is how many pieces of text are shown for one verdict.
const partsMost = 4

// explain finds the words that counted most for the tier: concepts and rules
// where they stand, and n-grams where they cover a word or more.
func (k *work) explain(w *linear.Weights, lang string, at piece, risk bot.Risk) []Part {
	column := columnDoubt
	if risk >= bot.R2 {
		column = columnGrave
	}
	p := &k.page
	p.read(lang, at)
	w.Look(p.hashes, &k.seen)
	var parts []Part
	for i, a := range p.marks {
		if a.start < at.from || a.end > at.to {
			continue
		}
		v := w.Share(a.hash, &k.seen, column)
		for j, b := range p.marks {
			if j != i && b.start >= at.from && b.end <= at.to && b.hash != a.hash && max(b.start-a.end, a.start-b.end) <= near {
				v += .5 * w.Share(both(a.hash, b.hash), &k.seen, column)
			}
		}
		parts = append(parts, Part{a.start, a.end, v})
	}
	for _, word := range p.words(at) {
		parts = append(parts, Part{word.from, word.to, k.wordShare(w, lang, word, column)})
	}
	return strongest(parts)
}

// wordShare is what the n-grams inside one word add.
func (k *work) wordShare(w *linear.Weights, lang string, word piece, column int) float64 {
	k.page.grams.Read(k.page.text[word.from:word.to], shapes[lang])
	slices.Sort(k.page.grams.Hashes)
	sum := 0.0
	for _, h := range slices.Compact(k.page.grams.Hashes) {
		sum += w.Share(h, &k.seen, column)
	}
	return sum
}

// words lists the words of a piece between blanks.
func (p *page) words(at piece) []piece {
	var out []piece
	from := -1
	for i := at.from; i <= at.to; i++ {
		blank := i == at.to || p.text[i] == ' ' || p.text[i] == '\n' || p.text[i] == '\t'
		switch {
		case blank && from >= 0:
			out, from = append(out, piece{from, i}), -1
		case !blank && from < 0:
			from = i
		}
	}
	return out
}

// strongest keeps the parts that speak for danger most, none inside another, in
// the order of the text.
func strongest(parts []Part) []Part {
	slices.SortStableFunc(parts, func(a, b Part) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End))
	})
	var out []Part
	sum := 0.0
	for _, p := range parts {
		if p.Weight <= 0 || len(out) == partsMost {
			break
		}
		if slices.ContainsFunc(out, func(o Part) bool { return p.Start < o.End && o.Start < p.End }) {
			continue
		}
		out, sum = append(out, p), sum+p.Weight
	}
	for i := range out {
		out[i].Weight /= sum
	}
	slices.SortFunc(out, func(a, b Part) int { return cmp.Compare(a.Start, b.Start) })
	return out
}
