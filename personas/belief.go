package personas

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// The belief in a persona is a Beta distribution that starts at Beta(1, 3) and
// moves with every message (care model 3.6: neutral until two cues).
const (
	priorFor     = 1.0
	priorAgainst = 3.0
	cueMax       = 2.0  // the most that one message can speak for a persona
	silence      = 0.25 // what a message without a cue speaks against it
	memoryMax    = 12.0 // how much evidence is kept, so that people may change
	believed     = 0.45 // the mean from which a persona is answered as such
	cuesNeeded   = 2.0  // and the evidence for it that has to be there
)

// Observe updates what is believed about the customer with the cues of one
// message. A message too short to show anything changes nothing.
func (m *Manuals) Observe(text, lang string, c *bot.Customer) {
	if c == nil || len(strings.TrimSpace(text)) < 2 {
		return
	}
	if c.Cues == nil {
		c.Cues = map[string]bot.Belief{}
	}
	if c.Personas == nil {
		c.Personas = map[string]float64{}
	}
	for _, name := range names() {
		if len(m.all[name].Cues) == 0 {
			continue
		}
		b := c.Cues[name]
		if found := m.heard(name, text, lang); found > 0 {
			b.For += found
		} else if b.For > 0 {
			b.Against += silence // nothing is held against a persona that was never seen
		}
		if sum := b.For + b.Against; sum > memoryMax {
			b.For, b.Against = b.For*memoryMax/sum, b.Against*memoryMax/sum
		}
		if b == (bot.Belief{}) {
			continue
		}
		c.Cues[name] = b
		c.Personas[name] = mean(b)
	}
}

// heard returns how much a message speaks for a persona: the weights of its
// different cues, each once.
func (m *Manuals) heard(name, text, lang string) float64 {
	var sum float64
	for _, cue := range m.all[name].Cues {
		if (cue.Lang == "" || cue.Lang == lang) && cue.re != nil && cue.re.MatchString(text) {
			sum += cue.Weight
		}
	}
	return min(sum, cueMax)
}

func mean(b bot.Belief) float64 {
	return (priorFor + b.For) / (priorFor + priorAgainst + b.For + b.Against)
}

// Pick returns the persona to answer the customer as: the one believed most if
// there is evidence enough, else "unknown".
func (m *Manuals) Pick(c *bot.Customer) string {
	if c == nil {
		return "unknown"
	}
	best, most := "unknown", believed
	for _, name := range names() {
		b, ok := c.Cues[name]
		if ok && b.For >= cuesNeeded && mean(b) > most {
			best, most = name, mean(b)
		}
	}
	return best
}

// Observe is Manuals.Observe with the built-in manuals.
func Observe(text, lang string, c *bot.Customer) { defaults().Observe(text, lang, c) }

// Pick is Manuals.Pick with the built-in manuals.
func Pick(c *bot.Customer) string { return defaults().Pick(c) }

// Names returns the names of the personas, in order.
func Names() []string { return slices.Clone(names()) }
