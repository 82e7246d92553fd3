package emotion

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows/emotion/cues"
)

// evidenceMax bounds the spans of one reading.
const evidenceMax = 40

// either joins two independent pieces of evidence (noisy-OR, Pearl 1988).
func either(p, q float64) float64 { return 1 - (1-p)*(1-q) }

func (w *work) show(h cues.Hit, kind, says string, value float64) {
	if len(w.evidence) < evidenceMax {
		w.evidence = append(w.evidence, bot.Span{
			Start: h.Start, End: h.End, Text: w.text[h.Start:h.End], Kind: kind, Says: says, Value: value,
		})
	}
}

// showSeen records evidence outside the text.
func (w *work) showSeen(what, kind, says string, value float64) {
	if len(w.evidence) < evidenceMax {
		w.evidence = append(w.evidence, bot.Span{Start: -1, End: -1, Text: what, Kind: kind, Says: says, Value: value})
	}
}

// turns are the places of the reasons why a feeling that is named is not felt.
var turns = map[string]int{"negated": 0, "past": 1, "other": 2}

// readWords gathers the feeling words, each as far as it holds here.
func (w *work) readWords() {
	for _, f := range w.page.Feelings {
		e, ok := index[f.Name]
		if !ok {
			continue
		}
		held := f.Weight * f.Share
		w.lexicon[e] = either(w.lexicon[e], held)
		if at, ok := turns[f.Turn]; ok {
			w.denied[at][e] = max(w.denied[at][e], 1-f.Share)
		}
		w.negated = w.negated || f.Turn == "negated" && negative(e)
		w.turned = w.turned || f.Turn == "negated" || f.Turn == "past"
		w.borrowed = w.borrowed || f.Turn == "other"
		switch {
		case f.Share == 1 && f.Weight == 0: // it counts only when it is denied
		case f.Share >= .5:
			w.show(f.Hit, wordKind(w.text[f.Start:f.End]), f.Name, held)
		case f.Turn == "negated" && positive(e):
			// "안 좋아요", "not happy": a good feeling that is missing hurts.
			w.lexicon[disappointment] = either(w.lexicon[disappointment], .8)
			w.lexicon[frustration] = either(w.lexicon[frustration], .4)
			w.lexicon[anger] = either(w.lexicon[anger], .3)
			w.show(f.Hit, "negated", "disappointment", .8)
		case f.Turn == "past" && negative(e):
			w.lexicon[relief] = either(w.lexicon[relief], .5)
			w.show(f.Hit, f.Turn, f.Name, held-f.Weight)
		default:
			w.show(f.Hit, f.Turn, f.Name, held-f.Weight)
		}
		if f.Turn == "negated" && negative(e) {
			w.lexicon[neutral] = either(w.lexicon[neutral], .7)
			w.lexicon[relief] = either(w.lexicon[relief], .3)
			w.lexicon[expectation] = either(w.lexicon[expectation], .3)
		}
	}
	for i, h := range w.page.Past {
		if i == 0 {
			for e := anger; e <= helplessness; e++ {
				w.denied[turns["past"]][e] = max(w.denied[turns["past"]][e], .85)
			}
		}
		w.lexicon[relief] = either(w.lexicon[relief], .6)
		w.show(h, "past", "relief", .6)
	}
}

func wordKind(text string) string {
	for _, r := range text {
		if r > 0x2190 && (r < 0x3000 || r > 0xd7a3) {
			return "emoji"
		}
	}
	if strings.IndexFunc(text, isWordRune) < 0 {
		return "mark"
	}
	return "word"
}

func isWordRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xac00 && r <= 0xd7a3 || r >= 0x3131 && r <= 0x318e
}

// raise is one appraisal rule: when all facts are there, the feeling is raised.
type raise struct {
	facts []string
	e     int
	by    float64
}

// raises are the appraisal rules (care model 2.6): which pattern of facts
// raises which feeling. They catch worry, confusion and grief that is told
// without a feeling word.
var raises = []raise{
	{[]string{"deadline"}, anxiety, .3},
	{[]string{"deadline", "unknown"}, anxiety, .4},
	{[]string{"deadline", "occasion"}, anxiety, .25},
	{[]string{"unknown", "occasion"}, anxiety, .3},
	{[]string{"deadline", "repeat"}, frustration, .2},
	{[]string{"health"}, anxiety, .35},
	{[]string{"health", "child"}, anxiety, .4},
	{[]string{"loss"}, grief, .75},
	{[]string{"irrevocable", "occasion"}, disappointment, .5},
	{[]string{"irrevocable"}, disappointment, .3},
	{[]string{"irrevocable"}, grief, .15},
	{[]string{"repeat"}, frustration, .5},
	{[]string{"repeat", "broken"}, anger, .35},
	{[]string{"broken"}, distrust, .4},
	{[]string{"broken"}, anger, .25},
	{[]string{"broken"}, disappointment, .15},
	{[]string{"privacy"}, anxiety, .4},
	{[]string{"privacy"}, distrust, .2},
	{[]string{"money", "unknown"}, anxiety, .3},
	{[]string{"unknown"}, anxiety, .15},
	{[]string{"unknown"}, confusion, .2},
	{[]string{"danger"}, panicked, .5},
	{[]string{"danger"}, anxiety, .4},
	{[]string{"self"}, shame, .5},
}

// readFacts applies the appraisal rules. Facts weigh nothing in a message that
// only looks back or says thanks.
func (w *work) readFacts() {
	good := max(w.lexicon[gratitude], w.lexicon[joy], w.lexicon[relief])
	for _, r := range raises {
		has := true
		for _, f := range r.facts {
			has = has && w.page.Has(f)
		}
		if has {
			w.facts[r.e] = either(w.facts[r.e], r.by*(1-.8*good))
		}
	}
	for i, h := range w.page.Facts {
		if i < 12 {
			w.show(h, "fact", h.Name, h.Weight*(1-good))
		}
	}
}

// readStyle reads marks in their surroundings: the same ㅠㅠ is sorrow beside a
// loss, worry beside a deadline and joy beside thanks.
func (w *work) readStyle() {
	s := w.page.Style
	good := max(w.lexicon[gratitude], w.lexicon[joy], w.lexicon[relief])
	bad := 0.0
	for e := anger; e <= helplessness; e++ {
		bad = max(bad, w.lexicon[e], w.facts[e], w.trained[e])
	}
	if s.Cry > 0 && good < .6 {
		w.style[disappointment] = either(w.style[disappointment], .3)
		w.style[anxiety] = either(w.style[anxiety], .2)
		w.style[grief] = either(w.style[grief], .1)
	} else if s.Cry > 0 {
		w.style[gratitude] = either(w.style[gratitude], .2)
	}
	if s.Laugh > 0 && bad < .45 {
		w.style[amusement] = either(w.style[amusement], .5)
	}
	if s.Smile > 0 && bad < .3 {
		w.style[joy] = either(w.style[joy], .3)
	}
	if s.Sweat > 0 {
		w.style[confusion] = either(w.style[confusion], .25)
		w.style[incredulity] = either(w.style[incredulity], .2)
	}
	if s.Profanity > 0 && good < .5 {
		w.style[anger] = either(w.style[anger], .5)
		w.style[frustration] = either(w.style[frustration], .3)
	}
	if s.Shouted && good < .5 {
		w.style[anger] = either(w.style[anger], .3)
		w.style[frustration] = either(w.style[frustration], .2)
	}
	if s.Exclaims >= 2 && bad > .3 && good < .5 {
		w.style[anger] = either(w.style[anger], .25)
	}
	if s.Questions >= 2 {
		w.style[confusion] = either(w.style[confusion], .25)
		w.style[incredulity] = either(w.style[incredulity], .2)
	}
	if s.Asks > 0 && s.Questions < 2 {
		w.style[expectation] = either(w.style[expectation], .3)
	}
	if s.Dots > 0 && good < .4 {
		w.style[helplessness] = either(w.style[helplessness], .08)
		w.style[disappointment] = either(w.style[disappointment], .08)
	}
	for i, h := range w.page.Signs {
		if i < 10 {
			w.show(h, signKind(h.Name), h.Name, h.Weight)
		}
	}
}

func signKind(name string) string {
	switch name {
	case "strong", "weak":
		return "intensifier"
	case "profanity":
		return "profanity"
	}
	return "mark"
}

// readHistory brings in what the conversation and the channel saw.
func (w *work) readHistory() {
	s, g := w.session, w.message.Signals
	add := func(e int, by float64, what string) {
		w.history[e] = either(w.history[e], by)
		w.showSeen(what, "history", kinds[e].name, by)
	}
	if s.Case.Contacts >= 2 {
		add(frustration, min(.15*float64(s.Case.Contacts-1), .4), "contacts")
	}
	if s.Case.Broken > 0 {
		add(distrust, .25, "broken promise")
	}
	if g.Repeats >= 2 {
		add(frustration, min(.12*float64(g.Repeats), .4), "repeated send")
	}
	if g.Waiting >= 10*time.Minute {
		add(frustration, min(.1*math.Log2(g.Waiting.Minutes()/5), .4), "waiting")
	}
	if g.Clicks >= 3 {
		add(frustration, .2, "repeated clicks")
	}
	for _, f := range g.Feeling {
		if e, ok := index[f.Name]; ok && f.Strength > 0 {
			add(e, .5*min(f.Strength, 1), "external recognizer")
		}
	}
}

func (w *work) flag(name string) {
	if !slices.Contains(w.flags, name) {
		w.flags = append(w.flags, name)
	}
}
