package emotion

// readSarcasm weighs the signs that praise means its opposite: a smile or a
// laugh beside a bad event, praise of speed beside waiting, thanks "for
// nothing" (care model 2.11: ^^ beside a negative event, prior .6).
func (w *work) readSarcasm() {
	bad := 0.0
	for e := anger; e <= helplessness; e++ {
		if e != anxiety && e != grief && e != shame && e != helplessness {
			bad = max(bad, w.lexicon[e], w.facts[e])
		}
	}
	for e := anger; e <= helplessness; e++ {
		bad = max(bad, .8*w.trained[e])
	}
	maybe := false
	for _, h := range w.page.Ironies {
		if maybe = true; h.Name == "sure" {
			w.sarcasm = max(w.sarcasm, .75)
		}
	}
	praise := max(w.lexicon[joy], w.lexicon[gratitude], w.lexicon[amusement])
	if bad < .35 || w.lexicon[relief] >= .4 {
		return
	}
	s := w.page.Style
	if s.Smile > 0 {
		w.sarcasm = either(w.sarcasm, .6)
	}
	if s.Laugh > 0 {
		w.sarcasm = either(w.sarcasm, .4)
	}
	if (praise > .5 || maybe) && len(w.page.Past) == 0 && w.lexicon[relief] < .4 {
		w.sarcasm = either(w.sarcasm, .35)
	}
}
