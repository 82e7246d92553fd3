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
	k := w.weights()
	for e := range w.fused {
		z := k.bias[e]
		for i, x := range w.features(e) {
			z += k.evidence[i] * x
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

// weights are those that hold with or without the trained model.
func (w *work) weights() *weighing {
	if w.modeled {
		return &w.fusion.beside
	}
	return &w.fusion.alone
}

// features are what speaks for one emotion, by kind of evidence.
func (w *work) features(e int) [evidences]float64 {
	var x [evidences]float64
	if w.modeled {
		x[evModel] = logit(w.trained[e])
		for at, apart := range w.apart {
			if apart {
				x[evRestNegated+at] = logit(w.rest[e]) - x[evModel]
			}
		}
		if w.turned && !w.resting {
			x[evModel] = .4*x[evModel] + .6*logit(.1) // the model reads no grammar
		}
	}
	x[evWords], x[evFacts], x[evStyle] = w.lexicon[e], w.facts[e], w.style[e]
	for at := range w.denied {
		x[evDenied+at] = w.denied[at][e]
	}
	if w.sarcasm >= .5 {
		switch {
		case positive(e): // praise that means its opposite is no praise
			x[evPraise] = w.sarcasm
			x[evModel] = (1-w.sarcasm)*x[evModel] + w.sarcasm*logit(.05)
			x[evWords] *= 1 - w.sarcasm
			x[evStyle] *= 1 - w.sarcasm
		case e == anger || e == frustration || e == incredulity || e == disappointment:
			x[evMockery] = w.sarcasm
		}
	}
	for o := range w.lexicon {
		if (o < gratitude) != (e < gratitude) {
			x[evOpposite] = max(x[evOpposite], w.lexicon[o])
		}
	}
	if e == neutral {
		x[evQuiet] = w.quiet()
	}
	bad := negative(e)
	calm := e == neutral || e == relief || e == expectation
	for i, seen := range []bool{w.negated, len(w.page.Past) > 0, w.borrowed} {
		if seen && bad {
			x[evNegated+i] = 1
		}
		if seen && calm {
			x[evNegatedCalm+i] = 1
		}
	}
	return x
}

// quiet is how little speaks for any feeling, 0..1.
func (w *work) quiet() float64 {
	heard := w.trained
	if w.resting {
		heard = w.rest
	}
	most := 0.0
	for e := range neutral {
		most = max(most, heard[e], w.lexicon[e], w.facts[e], w.style[e])
	}
	return 1 - most
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
		p *= w.weights().loud[e]
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

// signs are what tells how sure the first feeling is (care model 3.2).
func (w *work) signs(es []bot.Emotion) (x [sures]float64) {
	x[sureFirst], x[sureMargin] = es[0].Strength, es[0].Strength
	if len(es) > 1 {
		x[sureMargin] -= es[1].Strength
	}
	x[sureWords] = math.Log1p(float64(min(len(w.page.Feelings), 4)))
	top := index[es[0].Name]
	x[sureAgree] = math.Min(w.lexicon[top]+w.facts[top]+w.style[top], 1)
	if w.modeled {
		x[sureUnknown] = 1 - w.known
	}
	x[sureSarcasm] = w.sarcasm
	x[sureShort] = float64(btoi(w.page.Style.Words <= 2))
	x[sureBare] = float64(btoi(w.page.Style.Words == 0 && len(w.page.Feelings) == 0))
	return x
}

// confidence is how often the first feeling of such a message is right: a
// logistic regression, so it is calibrated on what it was fitted on.
func (w *work) confidence(es []bot.Emotion) float64 {
	k := w.weights()
	z := k.sure[sures]
	for i, x := range w.signs(es) {
		z += k.sure[i] * x
	}
	return round(1 / (1 + math.Exp(-z)))
}
