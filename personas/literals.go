package personas

import (
	"cmp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// classMax is the largest character class that is spelled out as literals.
const classMax = 8

// wordsMax is the largest set of words that is looked for one by one.
const wordsMax = 96

// literals returns words of which every match of the pattern holds at least
// one, in lower case, or nil when there are none. Looking for a word costs a
// hundredth of running the pattern, and most rules have nothing to do in most
// texts.
func literals(pattern string) []string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	words := needed(re)
	slices.Sort(words)
	return slices.Compact(words)
}

func needed(re *syntax.Regexp) []string {
	if words := exact(re); words != nil && rarity(words) > 0 {
		return words
	}
	switch re.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words := needed(sub)
			if words == nil {
				return nil
			}
			all = append(all, words...)
		}
		return all
	case syntax.OpConcat:
		return rarest(re.Sub)
	}
	return nil
}

// rarest returns the rarest words among the parts of a sequence, where parts
// in a row that are spelled out count as one.
func rarest(parts []*syntax.Regexp) []string {
	var best []string
	better := func(words []string) {
		if c := cmp.Compare(rarity(words), rarity(best)); c > 0 || c == 0 && len(words) < len(best) {
			best = words
		}
	}
	var row []string
	for _, p := range parts {
		words := exact(p)
		switch joined := product(row, words); {
		case words == nil:
			better(row)
			better(needed(p))
			row = nil
		case joined == nil:
			better(row)
			row = words
		default:
			row = joined
		}
	}
	better(row)
	return best
}

// exact returns everything the expression matches, if that is little enough.
func exact(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{strings.ToLower(string(re.Rune))}
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpCharClass:
		return spelled(re.Rune)
	case syntax.OpAlternate:
		var all []string
		for _, sub := range re.Sub {
			words := exact(sub)
			if words == nil || len(all)+len(words) > wordsMax {
				return nil
			}
			all = append(all, words...)
		}
		return all
	case syntax.OpConcat:
		all := []string{""}
		for _, sub := range re.Sub {
			if all = product(all, exact(sub)); all == nil {
				return nil
			}
		}
		return all
	}
	return nil
}

// product joins every word of a with every one of b; nil when that is too many.
func product(a, b []string) []string {
	if a == nil {
		return b
	}
	if b == nil || len(a)*len(b) > wordsMax {
		return nil
	}
	all := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			all = append(all, x+y)
		}
	}
	return all
}

// spelled returns the characters of a small class, given as ranges.
func spelled(ranges []rune) []string {
	var all []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(all) == classMax {
				return nil
			}
			all = append(all, strings.ToLower(string(r)))
		}
	}
	return all
}

// rarity is the length of the shortest word of a set, in characters: longer
// words are rarer. No words at all are everywhere.
func rarity(words []string) int {
	if len(words) == 0 {
		return 0
	}
	least := utf8.RuneCountInString(words[0])
	for _, w := range words[1:] {
		least = min(least, utf8.RuneCountInString(w))
	}
	return least
}

// mayHold reports whether the pattern could match in this text, which is in
// lower case.
func (r *rule) mayHold(lower string) bool {
	return r.words == nil || slices.ContainsFunc(r.words, func(w string) bool { return strings.Contains(lower, w) })
}
