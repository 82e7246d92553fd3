package policy

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// slaMinutes is the waiting time after which waiting itself raises priority: the
// answer time of the middle tier.
const slaMinutes = 30

// Prioritise says how urgently a person should look (care model 3.5):
//
//	P = 100·(.35H + .20M + .15D + .10R + .10E + .10W) + 8·log2(1 + wait/SLA)
//
// with harm H, felt intensity M, deadline D = exp(−hours/24), churn or public
// risk R, effort E = 1 − exp(−(contacts−1)/1.5) and vulnerability W, each 0..1.
// It never falls when harm, closeness of the deadline, contacts or
// vulnerability rise, and it never looks at what a customer is worth.
func Prioritise(s Situation) bot.Priority {
	c, r := s.Case, s.Reading
	harm := harm(c)
	var felt float64
	if r.Valence < 0 {
		felt = r.Intensity * (.5 + .5*r.Arousal)
	}
	var deadline float64
	if !c.Deadline.IsZero() {
		deadline = math.Exp(-max(c.Deadline.Sub(s.Now).Hours(), 0) / 24)
	} else if hasStake(c, "deadline") {
		deadline = .5 // they said that time matters but not when
	}
	var public float64
	if r.Has("threat") || hasStake(c, "legal") {
		public = .8
	}
	effort := 1 - math.Exp(-float64(max(c.Contacts-1, 0))/1.5)
	var weak float64
	if c.Vulnerable || Group(r.Top()) == "vulnerable" {
		weak = 1
	}
	p := bot.Priority{Score: 100 * (.35*harm + .20*felt + .15*deadline + .10*public + .10*effort + .10*weak)}
	p.Score += 8 * math.Log2(1+s.Waiting.Minutes()/slaMinutes)
	p.Tier = tier(p.Score, harm, r)
	p.Reasons = reasons(s, harm, felt, deadline, public, effort, weak)
	return p
}

func harm(c bot.Case) float64 {
	h := c.Harm
	switch {
	case hasStake(c, "health") && c.Event == "health_reaction":
		h = max(h, 1)
	case c.Event == "privacy_leak":
		h = max(h, .85)
	case hasStake(c, "money"), hasStake(c, "work"):
		h = max(h, .5)
	case hasStake(c, "dignity"):
		h = max(h, .5)
	}
	return min(h, 1)
}

func tier(score, harm float64, r bot.Reading) string {
	switch {
	case r.Risk >= bot.R1 || harm >= .9:
		return "P0"
	case score >= 45:
		return "P1"
	case score >= 28:
		return "P2"
	case score >= 15:
		return "P3"
	}
	return "P4"
}

// reasons lists what raised the score, strongest first, in plain words.
func reasons(s Situation, harm, felt, deadline, public, effort, weak float64) []string {
	type part struct {
		weight float64
		text   string
	}
	parts := []part{
		{.35 * harm, "what happened hurts: " + strings.ReplaceAll(s.Case.Event, "_", " ")},
		{.20 * felt, "strong feeling: " + s.Reading.Top()},
		{.15 * deadline, "time is short"},
		{.10 * public, "they speak of leaving, the media or the law"},
		{.10 * effort, "they had to come back"},
		{.10 * weak, "they need care: " + s.Reading.Top()},
	}
	var out []string
	if s.Reading.Risk > bot.R0 {
		out = append(out, "danger to a person "+s.Reading.Risk.String())
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(b.weight, a.weight) })
	for _, q := range parts {
		if q.weight > .03 {
			out = append(out, q.text)
		}
	}
	if s.Waiting.Minutes() >= slaMinutes {
		out = append(out, "waiting for more than half an hour")
	}
	return out
}
