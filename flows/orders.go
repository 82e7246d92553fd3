package flows

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
)

// withoutOrders leaves out of a passage the sentences that give orders to a
// machine: whoever wrote them in, a brand does not tell them to its customers,
// and what they name is nothing that the brand offers.
func withoutOrders(t *bot.Turn, p bot.Passage) bot.Passage {
	for _, text := range []*string{&p.Text, &p.Answer} {
		sentences := splitSentences(*text)
		kept := slices.DeleteFunc(slices.Clone(sentences), order)
		if len(kept) == len(sentences) {
			continue
		}
		t.Note("order", p.ID+" ("+p.Source+"): a sentence gives orders to a machine and is left out; mend the page")
		for _, s := range sentences {
			if order(s) {
				*text = strings.TrimSpace(strings.Replace(*text, s, "", 1))
			}
		}
	}
	return p
}

// sayable leaves out of a case the words that are not said back to anybody:
// addresses, orders to a machine, and claims that something was done.
func sayable(c bot.Case) bot.Case {
	plain := func(words string) string {
		done := slices.ContainsFunc([]string{"ko", "en"}, func(l string) bool { return guardPatterns()[l].re["done"].MatchString(words) })
		if done || order(words) || hostPattern.MatchString(words) || mailPattern.MatchString(words) || markupPattern.MatchString(words) {
			return ""
		}
		return words
	}
	c.Noun, c.Others = plain(c.Noun), plain(c.Others)
	c.Stakes = slices.Clone(c.Stakes)
	for i := range c.Stakes {
		c.Stakes[i].Words = plain(c.Stakes[i].Words)
	}
	return c
}

// order reports a sentence that gives orders to a machine.
func order(sentence string) bool {
	for _, g := range guardPatterns() {
		if g.re["order"].MatchString(sentence) {
			return true
		}
	}
	return false
}
