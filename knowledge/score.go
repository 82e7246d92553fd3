package knowledge

import (
	"math"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// A content is the terms of a passage, as sorted hashes.
type content struct {
	title, all []uint64
	topics     []uint64 // words and topics of the title
	aspects    []uint64 // aspects of the title
}

func (s *state) content(p *bot.Passage) *content {
	title, body := s.terms(p)
	c := &content{}
	for _, t := range title {
		h := t.Hash()
		c.title = append(c.title, h)
		if t.Kind == words.Aspect {
			c.aspects = append(c.aspects, h)
		}
	}
	for _, t := range s.lexicon.Topics(lastHeading(p)) {
		c.topics = append(c.topics, t.Hash())
	}
	c.all = append(c.all, c.title...)
	for _, t := range body {
		c.all = append(c.all, t.Hash())
	}
	for _, list := range []*[]uint64{&c.title, &c.all, &c.topics, &c.aspects} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c
}

// lastHeading is the part of the title that is the passage's own: the question
// of a pair, or the heading it stands under.
func lastHeading(p *bot.Passage) string {
	if p.Question != "" {
		return p.Question
	}
	return p.Title[strings.LastIndex(p.Title, "›")+1:]
}

// match says how well a set of terms holds a unit, 0..1.
func (u *unit) match(set []uint64) float64 {
	if has(set, u.hash) {
		return 1
	}
	if u.term.Kind != words.Word {
		return 0
	}
	for _, w := range u.near {
		if has(set, (words.Term{Text: w, Kind: words.Word}).Hash()) {
			return 0.85
		}
	}
	if len(u.grams) == 0 {
		return 0
	}
	n := 0
	for _, g := range u.grams {
		if has(set, g.Hash()) {
			n++
		}
	}
	return 0.8 * float64(n) / float64(len(u.grams))
}

func has(set []uint64, h uint64) bool {
	_, ok := slices.BinarySearch(set, h)
	return ok
}

// features is what is known about a question and a passage that may answer it.
// All are 0..1 or close to it.
type features [nFeatures]float64

// The features. Shares are weighted by rarity.
const (
	fBias        = iota // always 1
	fTopicTitle         // share of the question's topics that the title has
	fTopicBody          // share of them that only the text has
	fAspectTitle        // the same for aspects (late, when)
	fAspectBody         //
	fWordTitle          // the same for words
	fWordBody           //
	fNamed              // share of the title's topics and words that the question names
	fNamedAspect        // share of the title's aspects that the question names
	fMass               // how much rarity is shared at all
	fSentence           // the best share within one sentence of the question
	fUnknown            // share of the question that are words no passage has
	fForeign            // share of the question's topics that no passage has
	fTopic              // 1 when the question has a topic
	fThin               // 1 when nothing but aspects is shared
	fRare               // the rarest word shared with the title
	fAgree              // both name each other
	fLoose              // unknown words where the title does not hold the rest
	fStrong             // the rarest thing shared with the title, against the rarest possible
	fTrouble            // 1 when the title is about a trouble that the question does not name
	nFeatures
)

// troubles are the aspects that make a passage one about something gone wrong:
// who asks for a refund does not ask about a refund that is late.
func troubles() [3]string { return [3]string{"late", "exception", "notatwork"} }

// A tally adds up rarities.
type tally struct{ all, title, body, unknown float64 }

// compareTo computes the features of a question and a passage.
func (q *question) compareTo(s *state, c *content) features {
	var f features
	var topic, aspect, word tally
	sums := make([]struct{ hit, all float64 }, q.sentences+1)
	named := make([]uint64, 0, len(q.units))
	for i := range q.units {
		u := &q.units[i]
		t, m := u.match(c.title), u.match(c.all)
		sum := &word
		switch u.term.Kind {
		case words.Concept:
			sum = &topic
		case words.Aspect:
			sum = &aspect
		}
		sum.all += u.rarity
		sum.title += t * u.rarity
		sum.body += (m - t) * u.rarity
		if u.count == 0 {
			sum.unknown += u.rarity
		}
		sums[u.sentence].hit += m * u.rarity
		sums[u.sentence].all += u.rarity
		if t > 0 {
			named = append(named, u.hash)
			for _, w := range u.near {
				named = append(named, (words.Term{Text: w, Kind: words.Word}).Hash())
			}
			if u.term.Kind != words.Aspect {
				f[fStrong] = max(f[fStrong], t*u.rarity/Rarity(1, max(s.counter.Len(), 2)))
			}
			if u.term.Kind == words.Word {
				f[fRare] = max(f[fRare], t*u.rarity/5)
			}
		}
	}
	f.fill(topic, aspect, word)
	for _, x := range sums {
		f[fSentence] = max(f[fSentence], share(x.hit, x.all+1))
	}
	f[fNamed] = s.named(c.topics, named)
	f[fNamedAspect] = 1
	if len(c.aspects) > 0 {
		f[fNamedAspect] = s.named(c.aspects, named)
	}
	for _, h := range s.troubles {
		if has(c.aspects, h) && !has(named, h) {
			f[fTrouble] = 1
		}
	}
	f[fAgree] = f[fNamed] * max(f[fTopicTitle], f[fWordTitle])
	return f
}

// fill computes what follows from the tallies.
func (f *features) fill(topic, aspect, word tally) {
	f[fBias] = 1
	f[fTopicTitle], f[fTopicBody] = share(topic.title, topic.all), share(topic.body, topic.all)
	f[fAspectTitle], f[fAspectBody] = share(aspect.title, aspect.all), share(aspect.body, aspect.all)
	f[fWordTitle], f[fWordBody] = share(word.title, word.all), share(word.body, word.all)
	f[fMass] = math.Log1p(topic.title+topic.body+word.title+word.body+(aspect.title+aspect.body)/2) / 3
	f[fUnknown] = share(word.unknown, word.all+topic.all+aspect.all)
	f[fForeign] = share(topic.unknown, topic.all)
	if topic.all > 0 {
		f[fTopic] = 1
	}
	if topic.title+topic.body+word.title+word.body == 0 {
		f[fThin] = 1
	}
	f[fLoose] = f[fUnknown] * (1 - max(f[fTopicTitle], f[fWordTitle]))
}

// named returns how much of some terms of the title the question names, by
// rarity.
func (s *state) named(terms, named []uint64) float64 {
	slices.Sort(named)
	var all, hit float64
	n := s.counter.Len()
	for _, h := range terms {
		r := Rarity(max(s.countHash(h), 1), max(n, 1))
		all += r
		if has(named, h) {
			hit += r
		}
	}
	return share(hit, all)
}

func share(part, all float64) float64 {
	if all == 0 {
		return 0
	}
	return part / all
}
