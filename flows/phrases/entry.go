package phrases

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A Fragment is one text with where it stands and when it fits, for tools that
// check or list the words of a brand.
type Fragment struct {
	ID     string              // stable name of the text, kept in Session.Used
	Lang   string              // "ko" or "en"
	Moment string              // the moment it words, or "part.…"
	When   map[string][]string // conditions, by name
	Text   string              // the text with its slots
	File   string              // path of the file
	Line   int                 // line of the text in it
	Brand  bool                // from the brand's own file
}

// A phrase is one text ready to be said.
type phrase struct {
	id     string
	nodes  []node
	when   []condition
	rank   int // how specific it is; the highest that fits wins
	source *Fragment
}

// names reports whether the text has one of these slots.
func (p *phrase) names(slots ...string) bool {
	return slices.ContainsFunc(p.nodes, func(n node) bool { return slices.Contains(slots, n.slot) })
}

// A condition holds when one of the values of its key is among those wanted.
type condition struct {
	key    key
	wanted []string
}

// A key names what a condition looks at.
type key int

const (
	keyEmotion key = iota
	keyFeeling
	keyGroup
	keyBand
	keyPersona
	keyEvent
	keyAgency
	keyApology
	keyRegister
	keyTone
	keyTrajectory
	keyStake
	keyHas
	keyLacks
	keyFlag
	keyAsk
	keyTurn
	keyReaction
	keyRisk
	keyCountry
	keyReason
	keyPromise
	keyForward
	keyHumour
	keyVerified
	keyLost
	keyOptions
	keyBroken
	keyAbout
	keyNamed
	keys // how many there are
)

// conditions are the names of the keys in the text files, what they weigh in
// the choice and the values they may have; nil means any. What weighs nothing
// only says where a text may stand: "involves" is "stake" and "named" is "any
// feeling" for texts that are no better than those without.
var conditions = map[string]struct {
	key    key
	weight int
	values []string
}{
	"emotion":    {keyEmotion, 1, emotions},
	"feeling":    {keyFeeling, 2, emotions},
	"group":      {keyGroup, 1, []string{"complaint", "confusion", "expectation", "vulnerable", "positive", "neutral"}},
	"band":       {keyBand, 0, []string{"L", "M", "H"}},
	"persona":    {keyPersona, 1, []string{"sensitive", "analytic", "humour", "hurried", "formal", "unknown"}},
	"event":      {keyEvent, 3, events},
	"agency":     {keyAgency, 1, []string{"firm", "firm_employee", "firm_system", "third_party", "customer", "circumstance", "unknown"}},
	"apology":    {keyApology, 1, []string{"0", "1", "2", "3", "4"}},
	"register":   {keyRegister, 0, []string{"haeyo", "hasipsio", "plain", "formal"}},
	"tone":       {keyTone, 1, nil},
	"trajectory": {keyTrajectory, 1, []string{"new", "steady", "escalating", "plateau", "easing", "stabilised", "resigned", "relapse", "positive"}},
	"stake":      {keyStake, 1, []string{"deadline", "money", "health", "safety", "privacy", "occasion", "dignity", "legal", "work", "relationship"}},
	"involves":   {keyStake, 0, []string{"deadline", "money", "health", "safety", "privacy", "occasion", "dignity", "legal", "work", "relationship"}},
	"named":      {keyNamed, 0, []string{"yes", "no"}},
	"has":        {keyHas, 3, havables},
	"lacks":      {keyLacks, 0, havables},
	"flag":       {keyFlag, 2, nil},
	"ask":        {keyAsk, 2, nil},
	"turn":       {keyTurn, 1, []string{"first", "later"}},
	"reaction":   {keyReaction, 2, []string{"eased", "same", "worse", "told", "cooperated", "resigned", "closed"}},
	"risk":       {keyRisk, 2, []string{"R0", "R1", "R2", "R3"}},
	"country":    {keyCountry, 2, []string{"KR", "US", "GB", "any", "other"}},
	"reason":     {keyReason, 2, nil},
	"promise":    {keyPromise, 2, nil},
	"forward":    {keyForward, 1, []string{"done", "doing", "will", "choice", "question", "answer", "handoff", "close"}},
	"humour":     {keyHumour, 1, []string{"yes", "no"}},
	"verified":   {keyVerified, 1, []string{"yes", "no"}},
	"lost":       {keyLost, 1, []string{"yes", "no"}},
	"about":      {keyAbout, 0, []string{"coming", "goods", "plan", "broken", "money", "person", "body", "data"}},
	"broken":     {keyBroken, 1, []string{"yes", "no"}},
	"options":    {keyOptions, 1, []string{"0", "1", "2"}},
}

// havables are what "has" and "lacks" may ask for: slots that the turn itself
// filled, "kin" when the customer's noun is somebody close to them and "pet" when
// that is an animal.
var havables = []string{"fact", "kin", "pet", "why", "thing", "words", "contacts", "name", "due", "owner", "promise", "title", "gift", "hours", "within", "ahead", "ask", "photo", "file"}

var emotions = []string{"anger", "frustration", "disappointment", "distrust", "incredulity", "anxiety", "panic",
	"confusion", "grief", "shame", "helplessness", "expectation", "gratitude", "joy", "relief", "amusement", "neutral"}

var events = []string{"delivery_late", "delivery_missing", "wrong_item", "damaged_item", "refund_delay", "double_charge",
	"price_dispute", "cancellation", "schedule_change", "outage", "bug", "account_locked", "privacy_leak", "rude_staff",
	"waiting", "misinformation", "lost_item", "health_reaction", "bereavement", "own_mistake", "question", "praise",
	"order_change", "exchange", "payment_fail", "contact_loop", "not_as_described", "unavailable", "refused",
	"safety_worry", "other", "none"}

// subjects say what kind of thing an event is about, for texts that fit several
// events: something on its way to the customer, goods, plans, things that do
// not work, money, people, the body, personal data.
var subjects = map[string][]string{
	"delivery_late": {"coming", "goods"}, "delivery_missing": {"coming", "goods"}, "refund_delay": {"coming", "money"},
	"waiting": {"coming"}, "contact_loop": {"coming"}, "wrong_item": {"goods"}, "damaged_item": {"goods"}, "exchange": {"goods"},
	"order_change": {"goods"}, "lost_item": {"goods"}, "cancellation": {"plan"}, "schedule_change": {"plan"}, "outage": {"broken"},
	"bug": {"broken"}, "account_locked": {"broken"}, "payment_fail": {"broken", "money"}, "double_charge": {"money"},
	"price_dispute": {"money"}, "not_as_described": {"goods"}, "unavailable": {"plan"}, "rude_staff": {"person"}, "health_reaction": {"body"}, "privacy_leak": {"data"},
}

// moments are what a Writer may be asked to word.
var moments = []string{
	"acknowledge.fact", "acknowledge.effort", "acknowledge.meaning", "acknowledge.worry", "acknowledge.loss",
	"acknowledge.proof", "acknowledge.self", "acknowledge.tired", "acknowledge.restate", "acknowledge.goal",
	"acknowledge.thanks", "acknowledge.joy", "acknowledge.bot", "acknowledge.change", "acknowledge.more", "acknowledge.check", "acknowledge.greeting", "acknowledge.file",
	"apology.1", "apology.2", "apology.3", "apology.4",
	"guide.lead", "guide.cite", "guide.unknown", "guide.beyond", "guide.ask", "guide.clarify", "guide.options", "guide.next",
	"guide.outside", "guide.injection", "guide.bot", "guide.compensation",
	"stabilize.certainty", "stabilize.control", "stabilize.safety", "stabilize.boundary", "stabilize.pace", "stabilize.reframe",
	"stabilize.savour", "stabilize.check", "stabilize.close", "stabilize.resigned",
	"handoff.offer", "handoff.now", "handoff.ahead", "handoff.first", "handoff.late", "handoff.closed", "handoff.waiting", "handoff.noted", "handoff.asked", "handoff.thanked", "handoff.failure",
	"flow.unreachable", "flow.limit", "flow.refused", "flow.failed", "flow.underway", "flow.dropped",
	"notice.ai", "safety.R1", "safety.R2", "safety.R3", "safety.emergency", "safety.after",
	"safety.check", "safety.other", "safety.other_now", "safety.medical", "safety.fire", "safety.fire_now",
	"safety.violence", "safety.violence_now", "safety.child", "safety.threat",
}

// brandRank lifts a brand's own words above every built-in one that fits.
const brandRank = 100

// compile makes a phrase of a fragment whose names are all known.
func compile(f *Fragment, nodes []node) phrase {
	p := phrase{id: f.ID, nodes: nodes, source: f}
	if f.Brand {
		p.rank = brandRank
	}
	for name, wanted := range f.When {
		c := conditions[name]
		p.when = append(p.when, condition{c.key, wanted})
		p.rank += c.weight
		if name == "has" {
			p.rank += c.weight * (len(wanted) - 1)
		}
	}
	slices.SortFunc(p.when, func(a, b condition) int { return cmp.Compare(a.key, b.key) })
	return p
}

// fits reports whether every condition holds in this view of the turn. All
// values of "has" must be there; of other keys one of the wanted is enough.
func (p *phrase) fits(v *view) bool {
	for _, c := range p.when {
		switch c.key {
		case keyHas:
			for _, w := range c.wanted {
				if !slices.Contains(v.of[keyHas], w) {
					return false
				}
			}
		case keyLacks:
			for _, w := range c.wanted {
				if slices.Contains(v.of[keyHas], w) {
					return false
				}
			}
		default:
			if !slices.ContainsFunc(v.of[c.key], func(s string) bool { return slices.Contains(c.wanted, s) }) {
				return false
			}
		}
	}
	return true
}

// identify names a text by what it says, so that moving it in its file keeps
// what sessions remember of it.
func identify(lang, moment, text string) string {
	h := fnv.New32a()
	h.Write([]byte(lang + "\x00" + moment + "\x00" + text))
	return moment + "." + strconv.FormatUint(uint64(h.Sum32()), 36)
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// suggest names the nearest known word, or all of them.
func suggest(word string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := edits(word, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return "did you mean " + strconv.Quote(best) + "?"
	}
	return "known are " + strings.Join(known, ", ")
}

// edits is the Levenshtein distance.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diagonal
			if x[i] != y[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(y)]
}
