package knowledge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// A Query is a question to a Base.
type Query struct {
	Text     string    // the question, as it was asked
	Context  []string  // what the conversation is about: nouns, the topic; counts less than the question
	Lang     string    // of the answer; "" means that of the question
	Audience string    // "" or "public", or "staff", who see both
	At       time.Time // passages must be valid then; zero means now
	N        int       // passages wanted; 0 means 5
}

// An Answer is what a Base knows about a Query.
type Answer struct {
	Known    bool          `json:"known"`             // whether the first passage answers it
	Passages []bot.Passage `json:"passages"`          // best first; empty when it does not know
	Foreign  bool          `json:"foreign,omitempty"` // the passages are in another language than asked for
	Near     []bot.Passage `json:"near,omitempty"`    // what came closest when it does not know
	Lang     string        `json:"lang,omitempty"`    // the language asked for
}

// candidates is how many passages of the first search are looked at closely.
const candidates = 24

// voters is how many similar questions have a vote about their answer.
const voters = 60

// sureForeign is the chance that a passage in another language needs: only
// concepts can lead there, so a weak match is likely to be an accident.
const sureForeign = 0.8

// Search answers a question with at most n passages, best first, none when the
// Base does not know. It is Ask for those who have only the question.
func (b *Base) Search(ctx context.Context, question string, n int) ([]bot.Passage, error) {
	a, err := b.Ask(ctx, Query{Text: question, N: n})
	return a.Passages, err
}

// Ask answers a query. Not knowing is no error.
func (b *Base) Ask(ctx context.Context, q Query) (Answer, error) {
	s := b.now.Load()
	if q.N <= 0 {
		q.N = 5
	}
	if q.At.IsZero() {
		q.At = b.clock()
	}
	a := Answer{Lang: q.Lang}
	if a.Lang == "" {
		a.Lang = words.Lang(q.Text)
	}
	ranked, err := b.rank(ctx, s, q, a.Lang)
	if err != nil {
		return a, fmt.Errorf("ask knowledge: %w", err)
	}
	if a.Lang != "" && (len(ranked) == 0 || ranked[0].Score < b.calibrate.least/2) {
		other, err := b.rank(ctx, s, q, "")
		if err != nil {
			return a, fmt.Errorf("ask knowledge: %w", err)
		}
		if len(other) > 0 && other[0].Score >= max(b.calibrate.least, sureForeign) && other[0].Lang != a.Lang {
			ranked, a.Foreign = other, true
		}
	}
	ranked = ranked[:min(q.N, len(ranked))]
	if len(ranked) > 0 && ranked[0].Score >= b.calibrate.least {
		a.Known = true
		a.Passages = cutWeak(ranked)
		return a, nil
	}
	a.Near = ranked
	return a, nil
}

// cutWeak drops passages that are far weaker than the best: a second passage
// that is not about the question is worse than none.
func cutWeak(ranked []bot.Passage) []bot.Passage {
	for i, p := range ranked {
		if p.Score < ranked[0].Score*0.3 {
			return ranked[:i]
		}
	}
	return ranked
}

// rank finds passages and orders them by their chance to answer.
func (b *Base) rank(ctx context.Context, s *state, q Query, lang string) ([]bot.Passage, error) {
	asked := b.understand(s, q.Text)
	about := b.understand(s, strings.Join(q.Context, "\n"))
	p := Probe{
		Terms:  append(asked.probe(1), about.probe(contextWeight)...),
		Filter: Filter{Lang: lang, Audiences: audiences(q.Audience), At: q.At},
		N:      max(candidates, 2*q.N),
		Vector: b.vectors.question(ctx, q.Text),
	}
	if s.classes != nil {
		p.N = max(p.N, voters)
	}
	if len(p.Terms) == 0 && len(p.Vector) == 0 {
		return nil, nil
	}
	hits, err := b.index.Search(ctx, p)
	if err != nil {
		return nil, err
	}
	ranked := b.answers(s, &asked, q.Text, hits, p.Filter)
	return distinct(ranked), nil
}

// answers orders what the first search found: by the classes for the pairs
// that they know, by likeness for everything else. Where the questions are too
// few for the classes to be sure about new words, likeness has a say about
// knowing.
func (b *Base) answers(s *state, asked *question, text string, hits []Hit, filter Filter) []bot.Passage {
	if s.classes == nil {
		return b.order(s, asked, hits)
	}
	v, ok := s.classes.judge(text, asked, hits, filter.Accepts)
	if !ok {
		return b.order(s, asked, hits)
	}
	var members, rest []Hit
	for _, h := range hits {
		if _, ok := s.classes.of[h.Passage.ID]; ok {
			members = append(members, h)
		} else {
			rest = append(rest, h)
		}
	}
	known := s.classes.knows(b.calibrate, v.classFeatures)
	if s.classes.few {
		known = max(known, b.likeness(s, asked, members, v))
	}
	ranked := append(s.classes.answers(v, known, text, hits), b.order(s, asked, rest)...)
	slices.SortStableFunc(ranked, func(x, y bot.Passage) int { return cmp.Compare(y.Score, x.Score) })
	return ranked
}

// likeness is the chance that a question like those found is answered: the best
// chance among the questions of the likeliest classes.
func (b *Base) likeness(s *state, asked *question, members []Hit, v verdict) float64 {
	best := 0.0
	top := slices.Max(v.chances)
	for i := range members {
		if v.chances[s.classes.of[members[i].Passage.ID]] >= top/2 {
			best = max(best, b.calibrate.chance(asked.compareTo(s, s.cache.get(s, &members[i].Passage))))
		}
	}
	return best
}

// order sorts hits by how well they fit the question and gives them their
// scores, which never rise from one passage to the next.
func (b *Base) order(s *state, asked *question, hits []Hit) []bot.Passage {
	type scored struct {
		passage bot.Passage
		known   float64
		rank    float64
	}
	list := make([]scored, len(hits))
	for i, h := range hits {
		f := asked.compareTo(s, s.cache.get(s, &h.Passage))
		meant := s.closeness.chance(h.Cosine)
		known := 1 - (1-b.calibrate.chance(f))*(1-b.trust*meant)
		list[i] = scored{h.Passage, known, f.dot(b.calibrate.rank) + closeOrder*meant}
	}
	slices.SortStableFunc(list, func(x, y scored) int { return cmp.Compare(y.rank, x.rank) })
	ranked := make([]bot.Passage, len(list))
	most := 1.0
	for i, x := range list {
		most = min(most, x.known)
		ranked[i] = x.passage
		ranked[i].Score = most
	}
	return ranked
}

func audiences(a string) []string {
	if a == "staff" {
		return []string{"public", "staff"}
	}
	return []string{"public"}
}

// distinct keeps the best of the passages that give the same answer.
func distinct(ranked []bot.Passage) []bot.Passage {
	seen := make(map[string]bool, len(ranked))
	kept := ranked[:0]
	for _, p := range ranked {
		key := p.Lang + "\x00" + p.Text
		if !seen[key] {
			seen[key] = true
			kept = append(kept, p)
		}
	}
	return kept
}
