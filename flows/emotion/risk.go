package emotion

import (
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/danger"
)

// risk is the danger to a person that the message speaks of (care model 2.12),
// and its kind: one of danger.Kinds. Rules and a trained reader hear it, unless
// the recognizer works by rules alone; the evidence says which words counted.
func (w *work) risk() (bot.Risk, string) {
	if w.danger == nil {
		most, kind := danger.Ruled(&w.page, false)
		w.showRules(false)
		return most, kind
	}
	v := w.danger.Hear(w.lang, w.text, &w.page)
	w.showRules(v.Calm)
	if v.Risk == bot.R0 {
		return bot.R0, ""
	}
	for _, p := range v.Parts {
		h := cues.Hit{Start: p.Start, End: p.End}
		if !w.shown(h) {
			w.show(h, "risk", v.Kind, round(p.Weight))
		}
	}
	return v.Risk, v.Kind
}

// showRules lists the risk rules that hold as evidence.
func (w *work) showRules(calm bool) {
	for _, h := range w.page.Risks {
		if _, kind, _ := strings.Cut(h.Name, "."); danger.Holds(h, &w.page, calm) {
			w.show(h, "risk", kind, 1)
		}
	}
}

// shown reports whether risk evidence already covers these words.
func (w *work) shown(h cues.Hit) bool {
	for _, e := range w.evidence {
		if e.Kind == "risk" && e.Start <= h.Start && e.End >= h.End {
			return true
		}
	}
	return false
}
