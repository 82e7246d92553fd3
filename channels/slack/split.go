package slack

import (
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// units counts text as Slack does at worst: in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// split cuts text into pieces of at most max units that make the text again
// when joined. It cuts after a newline if it can, else after a space, else
// between two characters as a reader sees them; only a single character longer
// than max would be cut itself.
func split(text string, max int) []string {
	var out []string
	for units(text) > max {
		n := cutAt(text, max)
		out = append(out, text[:n])
		text = text[n:]
	}
	if text != "" || len(out) == 0 {
		out = append(out, text)
	}
	return out
}

// cutAt returns where the first piece of the text ends.
func cutAt(text string, max int) int {
	var ends []int // of the characters that fit
	end, used, state, line, word := 0, 0, -1, 0, 0
	for rest := text; rest != ""; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += units(cluster); used > max {
			break
		}
		end += len(cluster)
		ends = append(ends, end)
		switch cluster {
		case "\n", "\r\n":
			line = end
		case " ":
			word = end
		}
	}
	switch {
	case end == 0:
		return runesIn(text, max)
	case line >= end/2 && line > 0:
		end = line
	case word >= end/2 && word > 0:
		end = word
	}
	for _, m := range inline.FindAllStringIndex(text[:min(len(text), end+4000)], -1) { // longer than any link
		if m[0] < end && end < m[1] && slices.Contains(ends, m[0]) {
			return m[0] // not through a link or bold words
		}
	}
	return end
}

// runesIn returns the length of the runes of text that fit, at least one.
func runesIn(text string, max int) int {
	used := 0
	for i, r := range text {
		if used += units(string(r)); used > max && i > 0 {
			return i
		}
	}
	return len(text)
}

// clip shortens a label to max units at a character a reader sees.
func clip(text string, max int) string {
	if units(text) <= max {
		return text
	}
	return strings.TrimSpace(split(text, max-1)[0]) + "…"
}
