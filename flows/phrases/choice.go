package phrases

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A choice finds the text for one moment of one turn.
type choice struct {
	v       *view
	seed    uint64
	moment  string
	earlier []shape // openers already said, with what was said of this kind this turn
	why     bool    // the text names the stake, so the fact need not repeat it
}

// A candidate is a text that fits, worded for this turn.
type candidate struct {
	text string
	used []string
	like float64 // to the nearest earlier opener
	over int     // sentences above the budget
	age  int     // position in the list of used texts, -1 when never used
}

func (c *choice) openers() {
	if !isOpener(c.moment) {
		return
	}
	for _, m := range c.v.t.Session.Moves {
		if m.Opener != "" {
			c.earlier = append(c.earlier, shapeOf(m.Opener))
		}
	}
}

// best returns the words to say: of the most specific fitting texts one that is
// new here, short enough and unlike earlier openers; else of less specific
// ones; else the best of what is left, which is counted.
func (c *choice) best(all []phrase) (text string, used []string, ok bool) {
	var left []candidate
	for tier := range tiers(all, c.v) {
		for _, p := range c.shuffled(tier) {
			d, ok := c.word(p)
			if !ok {
				continue
			}
			if d.age < 0 && d.over <= 0 && d.like < similarMax {
				return d.text, d.used, true
			}
			left = append(left, d)
		}
	}
	if len(left) == 0 {
		return "", nil, false
	}
	c.v.w.fallbacks.Add(1)
	d := slices.MinFunc(left, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.age, b.age), cmp.Compare(max(a.over, 0), max(b.over, 0)), cmp.Compare(a.like, b.like))
	})
	return d.text, d.used, true
}

// tiers yields the fitting phrases of each rank, the most specific first.
func tiers(all []phrase, v *view) func(func([]*phrase) bool) {
	return func(yield func([]*phrase) bool) {
		var tier []*phrase
		for i := range all {
			p := &all[i]
			if !p.fits(v) {
				continue
			}
			if len(tier) > 0 && tier[0].rank != p.rank {
				if !yield(tier) {
					return
				}
				tier = nil
			}
			tier = append(tier, p)
		}
		if len(tier) > 0 {
			yield(tier)
		}
	}
}

// shuffled orders phrases by a hash of the seed and their names: the same turn
// gives the same order, another conversation another.
func (c *choice) shuffled(tier []*phrase) []*phrase {
	slices.SortFunc(tier, func(a, b *phrase) int { return cmp.Compare(mix(c.seed, a.id), mix(c.seed, b.id)) })
	return tier
}

func mix(seed uint64, id string) uint64 {
	h := seed ^ 0xcbf29ce484222325
	for i := 0; i < len(id); i++ {
		h = (h ^ uint64(id[i])) * 0x100000001b3
	}
	h ^= h >> 32
	return h * 0x9e3779b97f4a7c15
}

func (c *choice) word(p *phrase) (candidate, bool) {
	d := candidate{age: c.age(p.id)}
	c.why = p.names("why", "thing", "words")
	text, ok := c.render(p.nodes, &d.used, 0)
	if !ok {
		return d, false
	}
	d.text = c.finish(text)
	d.used = append(d.used, p.id)
	if isOpener(c.moment) {
		if budget := c.v.t.Plan.Acknowledge.Budget; budget > 0 {
			d.over = sentences(d.text) - budget
		}
		s := shape{}
		if len(c.earlier) > 0 {
			s = shapeOf(d.text)
		}
		for _, e := range c.earlier {
			d.like = max(d.like, s.like(e))
		}
	}
	return d, true
}

func (c *choice) age(id string) int {
	if i := slices.Index(c.v.t.After.Used, id); i >= 0 {
		return i
	}
	return slices.Index(c.v.t.Session.Used, id)
}

// render puts the pieces together. It fails when a slot has no value or no part
// fits; parts nest at most four deep.
func (c *choice) render(nodes []node, used *[]string, depth int) (string, bool) {
	var b strings.Builder
	for _, n := range nodes {
		value := n.text
		ok := true
		switch {
		case n.part != "":
			value, ok = c.part(n.part, used, depth+1)
		case n.slot != "":
			value, ok = c.slot(n.slot, used, depth+1)
		}
		if !ok {
			return "", false
		}
		b.WriteString(value)
		switch {
		case n.pair == "":
		case c.v.lang == "ko":
			b.WriteString(Particle(value, n.pair))
		default:
			b.WriteByte(' ')
			b.WriteString(c.v.words.agree(value, n.pair))
		}
	}
	return b.String(), true
}

// slotParts are the slots that the language itself can fill when the turn
// cannot: "주문하신 상품" for a delivery without the customer's noun.
var slotParts = map[string]string{"fact": "noun.fact", "event": "noun.event", "ask": "noun.ask", "promise": "noun.promise"}

func (c *choice) slot(name string, used *[]string, depth int) (string, bool) {
	if part := slotParts[name]; name == "ask" || name == "promise" {
		if text, ok := c.part(part, used, depth); ok {
			return text, true
		}
	}
	if value := c.v.slots[name]; value != "" {
		if name == "fact" && c.why {
			value = c.v.words.without(value, strings.Join([]string{c.v.slots["why"], c.v.slots["thing"], c.v.slots["words"]}, " "))
		}
		if value != "" {
			return value, true
		}
	}
	if part := slotParts[name]; part != "" {
		return c.part(part, used, depth)
	}
	return "", false
}

// part chooses a part as best chooses a text, but may repeat one. Nouns
// (part.noun.…) stay the same throughout a conversation.
func (c *choice) part(name string, used *[]string, depth int) (string, bool) {
	if depth > 4 {
		return "", false
	}
	noun := strings.HasPrefix(name, "noun.")
	var oldest string
	var oldestUsed []string
	found, age := false, 0
	for tier := range tiers(c.v.w.entries[c.v.lang+" part."+name], c.v) {
		if !noun {
			c.shuffled(tier)
		}
		for _, p := range tier {
			var inner []string
			text, ok := c.render(p.nodes, &inner, depth)
			switch {
			case !ok:
				continue
			case noun:
				return text, true
			}
			inner = append(inner, p.id)
			a := c.age(p.id)
			if a < 0 {
				*used = append(*used, inner...)
				return text, true
			}
			if !found || a < age {
				found, age, oldest, oldestUsed = true, a, text, inner
			}
		}
	}
	*used = append(*used, oldestUsed...)
	return oldest, found
}

// finish joins the pieces into clean text: single spaces and, in English,
// sentences that begin with a capital.
func (c *choice) finish(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	for _, m := range c.v.words.mend {
		text = strings.ReplaceAll(text, m[0], m[1])
	}
	if c.v.lang != "en" {
		return text
	}
	var b strings.Builder
	start := true
	for i, r := range text {
		if start && unicode.IsLetter(r) {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case strings.ContainsRune(".?!", r) && (next == ' ' || next == '\n'), r == '\n':
			start = true
		case !unicode.IsSpace(r):
			start = false
		}
	}
	return b.String()
}
