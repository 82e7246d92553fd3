package emotion

import (
	"slices"

	"github.com/onkihq/onki/bot"
)

// Borders of the trajectory (care model 3.3 and 3.8).
const (
	low       = .35 // load below which a customer may be called calm; also the border of band L
	strong    = .5  // load from which a conversation is tense
	peaked    = .6  // a peak after which short acquiescence is no calm
	step      = .15 // change of load that counts
	keep      = .4  // weight of the past in the moving average
	heldTurns = 2   // turns on which all signs of calm must hold
	recentMax = 20  // turns remembered
)

// Load is the negative load of a reading, 0..1: how much of the feeling is
// unpleasant times how strong it is (care model 3.3, N = p(negative)·I).
func Load(r bot.Reading) float64 {
	bad, all := 0.0, 0.0
	for _, e := range r.Emotions {
		i, ok := index[e.Name]
		if !ok || e.Strength <= 0 {
			continue
		}
		s := min(e.Strength, 1)
		all += s * s // squared as in the valence: traces do not add up to a feeling
		if negative(i) {
			bad += s * s
		}
	}
	if all == 0 {
		return 0
	}
	return round(min(max(bad/all*r.Intensity, 0), 1))
}

// Follow returns the mood after one more message: the load, its exponentially
// weighted mean, its peak, where it is going, and whether the exit criterion
// holds (care model 3.3 and 3.8). unresolved says that the need is still open.
// Futile is carried over: the policy counts it.
//
// The trajectories, first match wins: relapse (tense again after calm),
// resigned (short acquiescence after a peak, or giving up), escalating (load
// up by .15, a new grievance or a threat), stabilised (the exit criterion),
// positive, easing (load down by .15 with cooperation or thanks), plateau (mean
// load from .5), new (first message) and steady. Calm is only ever true after
// there was something to calm: a peak of at least .35.
func Follow(before bot.Mood, r bot.Reading, c bot.Case, unresolved bool) bot.Mood {
	n := Load(r)
	m := bot.Mood{Futile: before.Futile, Valence: r.Valence, Arousal: r.Arousal}
	first := len(before.Recent) == 0
	m.Recent = append(slices.Clone(before.Recent), n)
	if len(m.Recent) > recentMax {
		m.Recent = m.Recent[len(m.Recent)-recentMax:]
	}
	m.Average = n
	if !first {
		m.Average = round((1-keep)*n + keep*before.Average)
	}
	m.Peak = max(before.Peak, n)

	resigned := isResigned(m.Peak, r, c, unresolved)
	if settled(n, m.Peak, r) && !resigned {
		m.Held = before.Held + 1
	}
	m.Calm = m.Held >= heldTurns || m.Held >= 1 && !unresolved && r.Has("closing")
	if before.Calm && n < strong && m.Held > 0 {
		m.Calm = true
	}
	m.Calm = m.Calm && m.Peak >= low
	m.Trajectory = direction(before, m, r, resigned)
	return m
}

// settled reports whether all signs of calm hold on this turn.
func settled(n, peak float64, r bot.Reading) bool {
	acts := r.Has("cooperation")
	glad := r.Has("thanks") || r.Strength("relief") >= .4 || r.Strength("gratitude") >= .4
	quiet := n <= low && n <= strong*peak
	if !quiet && !(glad && acts && n < strong) {
		return false
	}
	for _, f := range []string{"new_grievance", "threat", "caps", "abuse", "sarcasm"} {
		if r.Has(f) {
			return false
		}
	}
	return acts || glad || r.Has("closing") || task(r)
}

// task reports whether at least 70 % of the reading is about the matter and
// not about a feeling.
func task(r bot.Reading) bool {
	work, all := 0.0, 0.0
	for _, e := range r.Emotions {
		all += e.Strength
		if e.Name == "neutral" || e.Name == "expectation" || e.Name == "gratitude" || e.Name == "relief" {
			work += e.Strength
		}
	}
	return all > 0 && work >= .7*all
}

// isResigned tells giving up, and acquiescence that only sounds calm, from
// real calm: there was a peak, and the matter is open, a promise was broken or
// much is at stake.
func isResigned(peak float64, r bot.Reading, c bot.Case, unresolved bool) bool {
	if r.Has("thanks") && !r.Has("false_calm") {
		return false
	}
	open := unresolved || c.Broken > 0 || len(c.Stakes) > 1 || c.Lost
	if r.Has("resigned") && open {
		return true
	}
	return r.Has("false_calm") && peak >= peaked && open
}

// direction names the trajectory.
func direction(before, m bot.Mood, r bot.Reading, resigned bool) string {
	n := m.Recent[len(m.Recent)-1]
	slope := 0.0
	switch k := len(m.Recent); {
	case k >= 3:
		slope = n - m.Recent[k-3]
	case k == 2:
		slope = n - m.Recent[0]
	}
	glad := positive(index[r.Top()]) && n < low
	eased := r.Has("cooperation") || r.Has("thanks") || r.Strength("relief") >= .4
	switch {
	case (before.Calm || before.Trajectory == "stabilised") && n >= strong:
		return "relapse"
	case resigned:
		return "resigned"
	case len(m.Recent) > 1 && (slope > step || (r.Has("new_grievance") || r.Has("threat")) && n >= low):
		return "escalating"
	case m.Calm:
		return "stabilised"
	case glad:
		return "positive"
	case slope < -step && eased:
		return "easing"
	case len(m.Recent) == 1:
		return "new"
	case m.Average >= strong:
		return "plateau"
	}
	return "steady"
}
