package emotion

import (
	"cmp"
	"math"
	"slices"

	"github.com/onkihq/onki/bot"
)

// fuse joins the channels: the logistic of a weighted sum, for each emotion on
// its own, since feelings are mixed (stacked generalization, Wolpert 1992).
func (w *work) fuse() {
	k := &alone
	if w.modeled {
		k = &beside
	}
	for e := range w.fused {
		z := k.bias[e]
		for i, x := range w.features(e) {
			z += k.weight[i] * x
		}
		w.fused[e] = either(1/(1+math.Exp(-z)), w.history[e])
	}
	if !w.modeled && len(w.page.Feelings)+len(w.page.Facts)+len(w.page.Signs) == 0 {
		w.fused[neutral] = max(w.fused[neutral], .4) // nothing was said of a feeling
	}
	if w.sarcasm >= .5 {
		w.flag("sarcasm")
	}
}

// features are what speaks for one emotion; see the comments of fusion.weight.
func (w *work) features(e int) [evidences]float64 {
	var x [evidences]float64
	if w.modeled {
		x[0] = logit(w.trained[e])
		if w.turned {
			x[0] = .4*x[0] + .6*logit(.1) // the model reads no grammar
		}
	}
	x[1], x[2], x[3], x[4] = w.lexicon[e], w.denied[e], w.facts[e], w.style[e]
	if w.sarcasm >= .5 {
		switch {
		case positive(e):
			x[5] = w.sarcasm
		case e == anger || e == frustration || e == incredulity || e == disappointment:
			x[6] = w.sarcasm
		}
	}
	for o := range w.lexicon {
		if (o < gratitude) != (e < gratitude) {
			x[7] = max(x[7], w.lexicon[o])
		}
	}
	bad := negative(e)
	calm := e == neutral || e == relief || e == expectation
	for i, seen := range []bool{w.negated, len(w.page.Past) > 0, w.borrowed} {
		if seen && bad {
			x[8+i] = 1
		}
		if seen && calm {
			x[11+i] = 1
		}
	}
	return x
}

func logit(p float64) float64 {
	p = min(max(p, .005), .995)
	return math.Log(p / (1 - p))
}

// emotions lists the feelings that are there, strongest first.
func (w *work) emotions() []bot.Emotion {
	var out []bot.Emotion
	for e, p := range w.fused {
		if p >= .08 {
			out = append(out, bot.Emotion{Name: kinds[e].name, Strength: round(min(p, .99))})
		}
	}
	if len(out) == 0 {
		out = append(out, bot.Emotion{Name: "neutral", Strength: .5})
	}
	slices.SortStableFunc(out, func(a, b bot.Emotion) int { return cmp.Compare(b.Strength, a.Strength) })
	return out
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// gauge is the mean of the priors, weighted by strength (care model 3.1).
func (w *work) gauge() (valence, arousal float64) {
	sum := 0.0
	for e, p := range w.fused {
		p *= p // a clear feeling outweighs many traces
		sum += p
		valence += p * kinds[e].v
		arousal += p * kinds[e].a
	}
	if sum == 0 {
		return 0, kinds[neutral].a
	}
	return round(valence / sum), round(arousal / sum)
}

// Gauge returns the valence and arousal that the emotions stand for: the mean
// of their priors, weighted by strength (care model 3.1).
func Gauge(emotions []bot.Emotion) (valence, arousal float64) {
	var w work
	for _, e := range emotions {
		if i, ok := index[e.Name]; ok {
			w.fused[i] = max(w.fused[i], e.Strength)
		}
	}
	return w.gauge()
}

// mixed reports whether two feelings are near in strength, or a pleasant and
// an unpleasant one are both clearly there (care model 3.1).
func mixed(es []bot.Emotion) bool {
	var pos, neg bool
	for i, e := range es {
		k := index[e.Name]
		pos = pos || positive(k) && e.Strength >= .25
		neg = neg || negative(k) && e.Strength >= .25
		if i == 1 && k != neutral && es[0].Name != "neutral" && es[0].Strength >= .3 && e.Strength >= .6*es[0].Strength {
			return true
		}
	}
	return pos && neg
}

// intensity is the noisy-OR of the words' own strength and of everything that
// raises the voice (care model 3.2).
func (w *work) intensity() float64 {
	top, good, stirred := 0.0, 0.0, 0.0
	for e, p := range w.fused {
		switch {
		case negative(e):
			top, stirred = max(top, p), max(stirred, p*(.75+.35*kinds[e].a))
		case positive(e):
			good = max(good, p)
		case e == expectation:
			good = max(good, .4*p)
		}
	}
	base := .8 * max(stirred, .7*good)
	i := base
	s := w.page.Style
	add := func(weight float64, count int, most int) {
		for range min(count, most) {
			i = either(i, weight)
		}
	}
	loud := min(1, 2*max(top, good)) // marks raise a feeling; they are none
	add(.12*loud, s.Strong, 2)
	add(.35*loud, s.Profanity, 2)
	add(.15*loud, btoi(s.Shouted), 1)
	add(.15*loud, btoi(s.Stretched), 1)
	add(.1*loud, btoi(s.Exclaims >= 2)+btoi(s.Questions >= 2), 2)
	add(.12*loud, s.Cry, 1)
	if top > good {
		add(.3, btoi(w.page.Flag("threat")), 1)
		add(.2, btoi(w.page.Has("repeat")), 1)
		add(.2, btoi(w.page.Has("deadline")), 1)
		add(.15, btoi(w.page.Has("health") || w.page.Has("loss")), 1)
		add(.1, btoi(w.page.Has("broken")), 1)
	}
	for range min(s.Weak, 2) {
		i *= .8
	}
	return round(min(i, .99))
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// confidence says how sure the first feeling is (care model 3.2), then set
// right by the table measured on labelled messages.
func (w *work) confidence(r bot.Reading) float64 {
	first, second := r.Emotions[0].Strength, 0.0
	if len(r.Emotions) > 1 {
		second = r.Emotions[1].Strength
	}
	x := 2.2*(first-second) + 2.4*first - 1.6
	x += .5 * math.Log1p(float64(min(len(w.page.Feelings), 4)))
	top := index[r.Emotions[0].Name]
	if w.modeled {
		x += .8 * math.Min(w.lexicon[top]+w.facts[top]+w.style[top], 1)
		x -= .6 * (1 - w.known)
	}
	x -= 1.2 * w.sarcasm
	if w.page.Style.Words <= 2 {
		x -= .6
	}
	if w.page.Style.Words == 0 && len(w.page.Feelings) == 0 {
		x -= 1
	}
	scale := aloneTable
	if w.modeled {
		scale = besideTable
	}
	return round(calibrate(1/(1+math.Exp(-x)), scale))
}
