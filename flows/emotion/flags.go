package emotion

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// plain are the flags that do not rest on tone.
var plain = []string{"thanks", "closing", "greeting", "cooperation", "bot_question", "injection", "threat", "abuse"}

// readFlags says what the message does.
func (w *work) readFlags() {
	bad := 0.0
	for e := anger; e <= helplessness; e++ {
		bad = max(bad, w.fused[e])
	}
	for _, h := range w.page.Flags {
		switch h.Name {
		case "cooperation":
			if bad >= .6 || w.page.Style.Words > 12 {
				continue // a "yes" inside a complaint is no cooperation
			}
		case "thanks":
			if w.sarcasm >= .5 {
				continue
			}
		case "new_grievance":
			if bad < .4 || w.session.Turns == 0 {
				continue
			}
		case "resigned":
			if max(w.lexicon[gratitude], w.lexicon[joy]) > .6 {
				continue
			}
		case "joke":
			if bad >= .5 {
				continue
			}
		}
		w.flag(h.Name)
	}
	if w.message.Choice != "" && w.message.Choice != bot.ChoiceHuman {
		w.flag("cooperation") // they picked what we offered
	}
	s := w.page.Style
	if last := w.session.Last(); last != nil && last.Asked != "" && bad < .6 && s.Words > 0 && s.Words <= 8 && s.Asks == 0 {
		w.flag("cooperation") // a short answer to what we asked for
	}
	if s.Shouted {
		w.flag("caps")
	}
	if s.Laugh > 0 {
		w.flag("laugh")
		if bad < .3 && w.sarcasm < .5 && !w.page.Has("loss") {
			w.flag("joke")
		}
	}
	w.readCalm()
}

// readCalm tells short acquiescence after a peak from calm (care model 3.3).
func (w *work) readCalm() {
	short := w.acquiesces()
	if !short {
		return
	}
	peak := w.session.Mood.Peak
	grateful := w.page.Flag("thanks") && max(w.lexicon[gratitude], w.lexicon[joy], w.lexicon[relief]) > .5
	if peak >= .6 && !grateful || slices.Contains(w.flags, "resigned") && w.page.Style.Words <= 4 {
		w.flag("false_calm")
	}
}

// acquiesces reports whether the whole message is no more than a short answer
// such as 됐어요 or "fine".
func (w *work) acquiesces() bool {
	if w.page.Style.Words == 0 || w.page.Style.Words > 4 || len(w.page.Quiet) == 0 {
		return false
	}
	left := len(strings.TrimSpace(w.text))
	covered := 0
	end := 0
	for _, h := range w.page.Quiet {
		covered += max(0, h.End-max(h.Start, end))
		end = max(end, h.End)
	}
	return covered*10 >= left*5
}

// withoutTone is the reading for a customer who does not want to be read.
func (w *work) withoutTone() bot.Reading {
	for _, h := range w.page.Flags {
		if slices.Contains(plain, h.Name) {
			w.flag(h.Name)
		}
	}
	r := bot.Reading{
		Emotions: []bot.Emotion{{Name: "neutral", Strength: 1}}, Arousal: kinds[neutral].a,
		Lang: w.lang,
	}
	r.Risk, r.Danger = w.risk()
	r.Flags, r.Evidence = w.flags, w.evidence
	return r
}
