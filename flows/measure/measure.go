package measure

import (
	"maps"
	"math"
	"slices"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/flows"
)

// A Score is how often a rule applied and held.
type Score struct {
	Rule    string `json:"rule"`
	Applied int    `json:"applied"`
	Held    int    `json:"held"`
}

// Share is the share of turns in which the rule held, 1 when it never applied.
func (s Score) Share() float64 {
	if s.Applied == 0 {
		return 1
	}
	return float64(s.Held) / float64(s.Applied)
}

// A Breach is one rule broken in one turn.
type Breach struct {
	Talk string `json:"talk"`
	Turn int    `json:"turn"` // from 1
	Rule string `json:"rule"`
	What string `json:"what"`
}

// A Result is what came of a number of conversations.
type Result struct {
	Talks    int      `json:"talks"`
	Turns    int      `json:"turns"`
	Scores   []Score  `json:"scores"`
	Breaches []Breach `json:"breaches"`

	Overlap  float64 `json:"overlap"`  // share of the customer's 4-grams that the reply takes up, mean
	Random   float64 `json:"random"`   // the same with another customer's message: what chance gives
	Letters  float64 `json:"letters"`  // of a reply, mean
	Stirred  int     `json:"stirred"`  // conversations that were heated at some point
	Calmed   int     `json:"calmed"`   // of these, ended calm
	CalmIn   float64 `json:"calm_in"`  // turns from the peak to calm, mean
	Relapses int     `json:"relapses"` // heated again after calm
	Streak   int     `json:"streak"`   // most replies in a row that only sympathised
	Entropy  float64 `json:"entropy"`  // of the strategies, in bits: how varied they are
	Degraded int     `json:"degraded"` // turns said in other words than the model's
	Refused  int     `json:"refused"`  // model texts that the guards refused
}

// A Conversation is one that is measured.
type Conversation struct {
	Name    string
	Entries []bot.Entry
	Care    *flows.Care
}

// Measure plays all rules over the conversations.
func Measure(all []Conversation) Result {
	res := Result{Talks: len(all)}
	rules := Rules()
	res.Scores = make([]Score, len(rules))
	for i, r := range rules {
		res.Scores[i].Rule = r.Name
	}
	strategies := make(map[string]int)
	var replies, other []string
	for _, c := range all {
		for i, e := range c.Entries {
			res.Turns++
			t := Turn{Entry: e, Before: c.Entries[:i], Care: c.Care}
			for k, r := range rules {
				res.take(&res.Scores[k], r, t, c.Name, i+1)
			}
			strategies[e.Plan.Acknowledge.Moment+"/"+e.Plan.Guidance]++
			res.Letters += float64(len([]rune(e.Reply.Text())))
			replies, other = append(replies, e.Reply.Text()), append(other, t.said())
			for _, n := range e.Notes {
				switch n.Stage {
				case "degraded":
					res.Degraded++
				case "refused":
					res.Refused++
				}
			}
		}
		res.course(c.Entries)
	}
	res.overlap(replies, other)
	res.Letters /= max(float64(res.Turns), 1)
	res.CalmIn /= max(float64(res.Calmed), 1)
	res.Entropy = entropy(strategies)
	return res
}

func (res *Result) take(s *Score, r Rule, t Turn, talk string, turn int) {
	applies, broke := r.Check(t)
	if !applies {
		return
	}
	s.Applied++
	if broke == "" {
		s.Held++
		return
	}
	res.Breaches = append(res.Breaches, Breach{talk, turn, r.Name, broke})
}

// heated is the negative load from which a turn counts as heated (care model 3.2).
const heated = .65

// course follows the feeling over one conversation.
func (res *Result) course(entries []bot.Entry) {
	peak, at, calm, streak := 0.0, 0, false, 0
	for i, e := range entries {
		load := 0.0
		if n := len(e.Session.Mood.Recent); n > 0 {
			load = e.Session.Mood.Recent[n-1]
		}
		if load > peak {
			peak, at = load, i
		}
		if calm && load >= .5 {
			res.Relapses++
			calm = false
		}
		if !calm && peak >= heated && e.Session.Mood.Calm {
			calm = true
			res.CalmIn += float64(i - at)
		}
		if applies, broke := sympathy(Turn{Entry: e}); applies && broke != "" {
			streak++
			res.Streak = max(res.Streak, streak)
		} else {
			streak = 0
		}
	}
	if peak >= heated {
		res.Stirred++
		if calm {
			res.Calmed++
		}
	}
}

// overlap compares what replies take up of their own message with what they
// would share with the next one.
func (res *Result) overlap(replies, messages []string) {
	n := float64(max(len(replies), 1))
	for i, r := range replies {
		res.Overlap += Alike(r, messages[i]) / n
		res.Random += Alike(r, messages[(i+len(messages)/2+1)%len(messages)]) / n
	}
}

func entropy(counts map[string]int) float64 {
	total := 0
	for _, n := range counts {
		total += n
	}
	h := 0.0
	for _, name := range slices.Sorted(maps.Keys(counts)) { // in order, so that the sum is the same to the last bit
		p := float64(counts[name]) / float64(total)
		h -= p * math.Log2(p)
	}
	return h
}
