package policy

import (
	"strconv"
	"strings"

	"github.com/onkihq/onki/bot"
)

// apologise climbs the ladder (Lewicki, Polin & Lount 2016) and then keeps the
// budget: one apology for a failure, another only with a new fact.
func apologise(s Situation, cell Cell, p *bot.Plan) int {
	level, why := Ladder(s.Case)
	if s.plain {
		return 0 // a plain question is answered, not apologised to
	}
	switch cell.Apology {
	case "ladder":
	case "+1":
		if s.Case.Contacts >= 2 && level > 0 {
			level++
			why += ", and they had to come back"
		}
	default:
		limit, _ := strconv.Atoi(cell.Apology)
		if level > limit && s.Case.Broken == 0 {
			level = limit
			why += ", held back because " + s.feeling + " asks for something else first"
		}
	}
	level = min(max(level, 0), 4)
	if level == 0 {
		return 0
	}
	last, fresh := s.Before.Last(), s.Reading.Has("new_grievance")
	switch {
	case s.Before.Waiting() && s.Before.Apology > 0 && !fresh:
		return 0 // a person is on the way: that is the act, and sorry has been said
	case last != nil && last.Apology > 0 && !fresh:
		p.Because("no second apology", "we have just apologised; a new fact or an act counts now, not more sorry", "care model 3.9")
		return 0
	case s.Before.Apology >= 2 && !fresh:
		p.Because("no further apology", "two apologies are the budget until something is solved", "care model 3.9")
		return 0
	}
	p.Because("apology "+strconv.Itoa(level), why, "care model 3.4, after Lewicki et al. 2016")
	return level
}

// Ladder returns the apology level the case calls for and why: 0 none, 1
// regret, 2 regret and impact, 3 responsibility and repair, 4 also
// non-repetition and a named owner (care model 3.4). Distress alone creates no
// fault.
func Ladder(c bot.Case) (level int, why string) {
	switch c.Event {
	case "praise", "question", "order_change", "":
		return 0, "nothing has failed"
	case "bereavement":
		return 0, "nobody failed them; condolence is not an apology"
	case "exchange", "cancellation":
		if c.Agency == "customer" || c.Agency == "unknown" {
			return 0, "they ask for a service; nothing has failed"
		}
	}
	switch c.Agency {
	case "firm", "firm_employee":
		level, why = 3, "it was our doing"
	case "firm_system":
		level, why = 2, "our system failed"
	case "third_party":
		level, why = 1, "somebody else's doing"
		if strings.HasPrefix(c.Event, "delivery_") || c.Event == "lost_item" || c.Event == "damaged_item" {
			level, why = 2, "a partner we chose failed"
		}
	case "customer":
		return 0, "nobody failed them; an apology would blame"
	default:
		level, why = 1, "whose doing it was is not known yet"
		if c.Event == "damaged_item" {
			level, why = 2, "it left us to arrive whole, whoever broke it"
		}
	}
	return aggravate(c, level, why)
}

func aggravate(c bot.Case, level int, why string) (int, string) {
	firm := strings.HasPrefix(c.Agency, "firm")
	switch {
	case c.Harm > 0 && c.Harm <= .12:
		level -= 2
		why += ", the harm is very small"
	case c.Harm > 0 && c.Harm <= .3:
		level--
		why += ", the harm is small"
	}
	if c.Event == "rude_staff" && !c.Verified {
		level--
		why += ", what happened is not verified yet: we own the experience"
	}
	if c.Broken > 0 {
		level++
		why += ", a promise was broken"
	}
	if _, health := c.Staked("health"); firm && (health || c.Event == "privacy_leak" || c.Event == "rude_staff" || hasStake(c, "safety") || hasStake(c, "dignity")) {
		level++
		why += ", and safety, privacy or dignity is hit"
	}
	return min(max(level, 0), 4), why
}

func hasStake(c bot.Case, kind string) bool {
	_, ok := c.Staked(kind)
	return ok
}
