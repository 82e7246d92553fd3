package phrases

import (
	"fmt"
	"strings"
)

// A node is one piece of a text: literal words, a slot or a part.
type node struct {
	text string // literal words
	slot string // name of a slot, as in {fact}
	part string // name of a part, as in {+feel.ni}
	pair string // particle (이/가) or verb (is/are) after the slot
}

// parse reads a text into its pieces.
func parse(text string) ([]node, error) {
	var nodes []node
	for text != "" {
		open := strings.IndexAny(text, "{}")
		if open < 0 {
			return append(nodes, node{text: text}), nil
		}
		if text[open] == '}' {
			return nil, fmt.Errorf("a } without a {; remove it")
		}
		if open > 0 {
			nodes = append(nodes, node{text: text[:open]})
		}
		length := strings.IndexByte(text[open:], '}')
		if length < 0 {
			return nil, fmt.Errorf("a { without a }; close it")
		}
		name, pair, _ := strings.Cut(text[open+1:open+length], ":")
		n := node{slot: name, pair: pair}
		if part, ok := strings.CutPrefix(name, "+"); ok {
			n = node{part: part, pair: pair}
		}
		nodes = append(nodes, n)
		text = text[open+length+1:]
	}
	return nodes, nil
}

// slots are the names a text may use, with what each holds.
var slots = map[string]string{
	"fact":     "the customer's own noun, else the usual noun of the event",
	"why":      "what is at stake as the reason it matters now: a time, an occasion, money (내일이 생일)",
	"thing":    "what is at stake as one thing (아기 피부), not a small sentence without its verb",
	"words":    "what is at stake, as a clause in the customer's words",
	"event":    "the event as a noun phrase",
	"contacts": "ordinal of this contact, from the second on",
	"name":     "how the customer wants to be called",
	"brand":    "name of the brand",
	"due":      "when the promise is due, in words",
	"owner":    "who keeps the promise",
	"promise":  "what is promised",
	"title":    "title of the source",
	"option1":  "label of the first option, the recommended one",
	"option2":  "label of the second option",
	"hours":    "contact hours, in words",
	"within":   "how soon a called person answers, in words",
	"ahead":    "how many others wait for a person already, in words",
	"ask":      "name of the thing asked for",
	"person":   "what a human colleague is called",
	"gift":     "what the brand offers here, in kind",
	"photo":    "the pictures the customer attached",
	"file":     "what else they attached",
}

// check returns what is wrong with the pieces of a text in this language.
func check(lang string, nodes []node) error {
	for _, n := range nodes {
		if n.slot == "" && n.part == "" {
			if n.text == "" {
				return fmt.Errorf("an empty {}; name a slot, such as {fact}")
			}
			continue
		}
		if n.slot != "" && slots[n.slot] == "" {
			return fmt.Errorf("unknown slot {%s}; %s", n.slot, suggest(n.slot, keysOf(slots)))
		}
		if n.pair == "" {
			continue
		}
		closed, open, ok := strings.Cut(n.pair, "/")
		switch {
		case !ok || closed == "" || open == "":
			return fmt.Errorf("{…:%s}: write both forms with a slash, such as 이/가", n.pair)
		case lang == "ko" && particles[open+"/"+closed]:
			return fmt.Errorf("{…:%s}: the form after a consonant comes first; write %s/%s", n.pair, open, closed)
		case lang == "ko" && !particles[n.pair] && closed != "이"+open:
			return fmt.Errorf("{…:%s}: not a pair of particles; %s", n.pair, suggest(n.pair, keysOf(particles)))
		}
	}
	return nil
}
