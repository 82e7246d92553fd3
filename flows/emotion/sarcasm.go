package emotion

// readSarcasm weighs the signs that praise means its opposite: a smile or a
// laugh beside a bad event, praise of speed beside waiting, thanks "for
// nothing" (care model 2.11: ^^ beside a negative event, prior .6).
func (w *work) readSarcasm() {
	bad := 0.0
	for e := anger; e <= helplessness; e++ {
		if e != anxiety && e != grief && e != shame {
			bad = max(bad, w.lexicon[e], w.facts[e])
		}
	}
	if w.page.Flag("sarcasm") {
		w.sarcasm = either(w.sarcasm, .75)
	}
	praise := max(w.lexicon[joy], w.lexicon[gratitude], w.lexicon[amusement])
	if bad < .35 {
		return
	}
	s := w.page.Style
	if s.Smile > 0 {
		w.sarcasm = either(w.sarcasm, .6)
	}
	if s.Laugh > 0 {
		w.sarcasm = either(w.sarcasm, .4)
	}
	if praise > .5 && len(w.page.Past) == 0 && w.lexicon[relief] < .4 {
		w.sarcasm = either(w.sarcasm, .35)
	}
}

// fuseSarcasm turns pleasant feelings into what is meant.
func (w *work) fuseSarcasm() {
	if w.sarcasm < .5 {
		return
	}
	turned := 0.0
	for e := gratitude; e <= amusement; e++ {
		turned = max(turned, w.fused[e])
		w.fused[e] *= 1 - w.sarcasm
	}
	w.fused[anger] = either(w.fused[anger], .35*w.sarcasm)
	w.fused[frustration] = either(w.fused[frustration], .35*w.sarcasm)
	w.fused[incredulity] = either(w.fused[incredulity], .3*w.sarcasm)
	w.fused[disappointment] = either(w.fused[disappointment], .25*turned*w.sarcasm)
	w.fused[neutral] *= 1 - w.sarcasm
	w.flag("sarcasm")
}
