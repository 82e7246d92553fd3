package solve

import (
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// An index compares a message with the example sentences of all flows: cosine
// over pieces of words, weighed by how rare each piece is among the examples
// (Salton & Buckley 1988). Pieces are pairs of syllables in Korean and triples
// of letters in English, so that particles, endings and slips cost little.
type index struct {
	idf      map[string]float64
	examples []example
}

type example struct {
	flow *Flow
	not  bool
	v    map[string]float64 // of length 1
}

func newIndex(flows []*Flow) *index {
	x := &index{idf: make(map[string]float64)}
	var texts []string
	for _, f := range flows {
		for _, group := range []struct {
			says map[string][]string
			not  bool
		}{{f.When.Says, false}, {f.When.Not, true}} {
			for _, l := range sortedKeys(group.says) {
				for _, s := range group.says[l] {
					texts = append(texts, s)
					x.examples = append(x.examples, example{flow: f, not: group.not})
				}
			}
		}
	}
	count := make(map[string]float64)
	for _, t := range texts {
		for p := range pieces(t) {
			count[p]++
		}
	}
	for p, n := range count {
		x.idf[p] = math.Log(1 + float64(len(texts))/n)
	}
	for i, t := range texts {
		x.examples[i].v = x.vector(t)
	}
	return x
}

// pieces counts the pieces of a text.
func pieces(text string) map[string]float64 {
	out := make(map[string]float64)
	for _, w := range strings.Fields(plain(text)) {
		if strings.ContainsAny(w, "0123456789") {
			continue // a number says which one, not what about
		}
		runes := []rune(w)
		n := 3
		if unicode.Is(unicode.Hangul, runes[0]) {
			n = 2
		} else {
			runes = []rune("^" + w + "$")
		}
		if len(runes) <= n {
			out[string(runes)]++
			continue
		}
		for i := 0; i+n <= len(runes); i++ {
			out[string(runes[i:i+n])]++
		}
	}
	return out
}

func (x *index) vector(text string) map[string]float64 {
	v := pieces(text)
	var sum float64
	for p, n := range v {
		w := x.idf[p]
		if w == 0 {
			w = math.Log(1 + float64(len(x.examples))) // never seen: as rare as can be
		}
		v[p] = (1 + math.Log(n)) * w
		sum += v[p] * v[p]
	}
	for p := range v {
		v[p] /= math.Sqrt(sum)
	}
	return v
}

// alike returns how close the text is to the nearest example of each flow, 0..1;
// and to the nearest of its counter-examples.
//
// Each sentence is compared for itself and the message as a whole, because the
// rest of a message says nothing against what one sentence of it says.
func (x *index) alike(text string) (yes, no map[*Flow]float64) {
	yes, no = make(map[*Flow]float64), make(map[*Flow]float64)
	texts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".?!,~\n。？！", r) })
	if len(texts) > 1 {
		texts = append(texts[:min(len(texts), sentencesMax)], text)
	}
	for _, t := range texts {
		v := x.vector(t)
		for _, e := range x.examples {
			var dot float64
			for p, w := range e.v {
				dot += w * v[p]
			}
			if e.not {
				no[e.flow] = max(no[e.flow], dot)
			} else {
				yes[e.flow] = max(yes[e.flow], dot)
			}
		}
	}
	return yes, no
}

// names returns how surely the words of the problem name it, 0 when none of them
// is there: one of several words names it also in a question, which knowledge
// might answer, a single word does not. A word is found at the beginning of
// an English word, or anywhere in Korean, whose words are written together as
// often as not.
func (w *When) names(text string) float64 {
	var sure float64
	text = " " + plain(text)
	joined := strings.ReplaceAll(text, " ", "")
	for _, l := range sortedKeys(w.Words) {
		for _, line := range w.Words[l] {
			all := true
			for part := range strings.SplitSeq(line, "+") {
				part = plain(part)
				if ascii(part) {
					all = all && strings.Contains(text, " "+part)
				} else {
					all = all && strings.Contains(joined, strings.ReplaceAll(part, " ", ""))
				}
			}
			switch {
			case all && strings.ContainsAny(strings.TrimSpace(line), "+ "):
				return sureByLine
			case all:
				sure = sureByWord
			}
		}
	}
	return sure
}

// How sure a match must be. A flow whose event was heard needs less of its
// sentences; one that only the sentences speak for needs more. A plain question
// that tells of no trouble needs most, because knowledge answers it as well.
const (
	sureByWords    = .5
	sureByQuestion = .62
	bonusEvent     = .35
	bonusName      = .3
	sureByWord     = .6  // of a word that names the problem by itself, unless a counter-example is as near as sureByWords
	sureByLine     = .65 // of several that do
)

// sentencesMax bounds the work on one message.
const sentencesMax = 12

// Match returns the flow that a message calls for, with how sure that is, 0..1
// and a little more, or nil. fresh says that the event was told in this message.
func (b *Book) Match(in Input, fresh bool) (*Flow, float64) {
	if b.match == nil || strings.TrimSpace(in.Text) == "" {
		return nil, 0
	}
	text := clip(in.Text)
	env := map[string]any{"event": in.Event, "asks": in.Asks, "lang": in.Lang, "channel": in.Channel}
	yes, no := b.match.alike(text)
	var best *Flow
	var most float64
	for _, f := range b.Flows {
		named := f.When.names(text)
		if env["named"] = named > 0; !f.holds.holds(env) {
			continue
		}
		score := yes[f]
		if no[f] >= score {
			score = 0
		}
		if named == sureByWord && means(text, "general") {
			named = 0
		}
		if named > 0 && no[f] < sureByWords {
			score = max(score, named)
			if named == sureByLine {
				score += bonusName
			}
		}
		enough := sureByWords
		if in.Plain {
			enough = sureByQuestion
		}
		if fresh && slices.Contains(f.When.Events, in.Event) && in.Questions < 2 {
			score += bonusEvent
			if !in.Plain {
				enough = bonusEvent // what happened is enough; the words only choose between flows
			}
		}
		if score >= enough && score > most {
			best, most = f, score
		}
	}
	return best, most
}

// clip bounds the work on one message.
func clip(text string) string {
	r := []rune(text)
	return string(r[:min(len(r), 600)])
}
