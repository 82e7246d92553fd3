package solve

import (
	"net/url"
	"slices"

	"github.com/onkihq/onki/bot"
)

// A Card is how a look-up shows what it found, at a glance.
type Card struct {
	Title Text  `yaml:"title"`
	Rows  []Row `yaml:"rows"`
	Link  *Link `yaml:"link"` // to the brand's own page about it
}

// A Row is one line of a card. It is left out when the fact is not known.
type Row struct {
	Label Text            `yaml:"label"`
	Fact  string          `yaml:"fact"`  // of the look-up
	Words map[string]Text `yaml:"words"` // for a list of words or a flag: how each is said
}

// A Link leads from a card to a page.
type Link struct {
	Label Text   `yaml:"label"`
	URL   string `yaml:"url"` // with {slots} and {look_up.facts}
}

// card shows what the look-up has found in the journey, nil when it shows
// nothing.
func (b *Book) card(j bot.Journey, in Input, name string) *bot.Card {
	call, f := b.Office.LookUps[name], b.Flow(j.Flow)
	if call == nil || call.Card == nil || f == nil {
		return nil
	}
	r := &run{book: b, flow: f, j: j, in: in}
	title, ok := r.fill(call.Card.Title, 0)
	if !ok || r.fact(name) != "ok" {
		return nil
	}
	c := &bot.Card{Title: title}
	for _, row := range call.Card.Rows {
		v := r.fact(name + "." + row.Fact)
		if said := row.Words[v]; said != nil {
			v = r.text(said, 0)
		} else if row.Words != nil {
			continue // a word that the brand has no words for is not for customers
		} else {
			v = sayFact(v, call.Facts[row.Fact], in.Lang)
		}
		if v != "" {
			c.Rows = append(c.Rows, bot.Row{Label: r.text(row.Label, 0), Value: v})
		}
	}
	if l := call.Card.Link; l != nil {
		if address, ok := r.address(l.URL); ok {
			c.Choices = []bot.Choice{{Label: r.text(l.Label, 0), URL: address}}
		}
	}
	return c
}

// address fills the holes of an address; false when something is not known.
func (r *run) address(text string) (string, bool) {
	ok := true
	out := placeholder.ReplaceAllStringFunc(text, func(hole string) string {
		name := placeholder.FindStringSubmatch(hole)[1]
		v := r.j.Slots[name]
		if v == "" {
			v = r.fact(name)
		}
		ok = ok && v != ""
		return url.QueryEscape(v)
	})
	return out, ok
}

// card checks how a look-up is shown.
func (c *checker) card(at, name string, call *Call) {
	k := call.Card
	if k == nil {
		return
	}
	known := map[string]string{"today": kindDate}
	for _, arg := range call.With {
		known[arg] = kindText
	}
	for field, kind := range call.Facts {
		known[name+"."+field] = kind.Name
	}
	c.words(at+".title", "the card of "+name, k.Title, known)
	if len(k.Rows) == 0 {
		c.fault(at, "a card needs rows, each with label: and fact:")
	}
	for i, row := range k.Rows {
		here := at + ".rows" + stepAt(i)[len("$.steps"):]
		kind, ok := call.Facts[row.Fact]
		if !ok {
			c.fault(here, "%q is no fact of %s: %s", row.Fact, name, oneOf(call.Facts))
			continue
		}
		c.words(here+".label", "the label of "+row.Fact, row.Label, nil)
		values := kind.Words
		if kind.Name == kindFlag {
			values = []string{"true", "false"}
		}
		if kind.Name == kindWord && row.Words == nil {
			c.fault(here, "%s is one of several words: say under words: how customers read each of them", row.Fact)
		}
		for _, v := range sortedKeys(row.Words) {
			if !slices.Contains(values, v) {
				c.fault(here+".words."+v, "%s is never %q", row.Fact, v)
			}
			c.words(here+".words."+v, v+" of "+row.Fact, row.Words[v], nil)
		}
	}
	if k.Link == nil {
		return
	}
	c.words(at+".link.label", "the link of the card", k.Link.Label, nil)
	c.words(at+".link.url", "the address of the link", c.everywhere(k.Link.URL), known)
}

// everywhere is the same words in every language.
func (c *checker) everywhere(text string) Text {
	t := make(Text)
	for _, l := range c.o.Languages {
		t[l] = Lines{text}
	}
	return t
}
