package redact

import (
	"slices"
	"strings"
)

// The last words of street names. The weak ones are ordinary words too, so a
// street that ends in one must be written like a name or beside a flat, a state
// or a postal code.
var (
	streets     = []string{"street", "st", "avenue", "ave", "av", "boulevard", "blvd", "parkway", "pkwy", "highway", "hwy", "terrace", "ter", "lane", "ln", "road", "rd", "crescent", "broadway"}
	weakStreets = []string{"drive", "dr", "court", "ct", "way", "place", "pl", "circle", "cir", "square", "sq", "trail", "trl", "loop", "plaza", "row", "alley", "run", "path", "point", "pike"}
	directions  = []string{"n", "s", "e", "w", "ne", "nw", "se", "sw", "north", "south", "east", "west"}
	units       = []string{"apt", "apartment", "unit", "suite", "ste", "floor", "fl", "room", "rm"}
	states      = strings.Fields(`AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC`)
	stateNames  = strings.Fields(`alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont virginia washington wisconsin wyoming`)
	// unstreet are words that no street name holds but a sentence does.
	unstreet = strings.Fields(`a an the of in on at to for from by with and or but is was are were be been it its my your our their this that these those
		hour hours day days week weeks month months year years minute minutes second seconds time times item items order orders people person pair pairs box boxes piece pieces
		dollar dollars percent more less off left right down up am pm pcs size sizes step steps block blocks mile miles star stars thing things point points
		different other another same after before since until ago when where how why so very too not no yes please i you he she we they me him her us them go going went come came get got`)
)

// street recognizes the address of the form "742 Evergreen Terrace, Apt 3,
// Springfield, IL 62704" whose number is g, and "PO Box 123". end is 0 for
// anything else.
func (f *finder) street(g group) (start, end int) {
	if len(g.digits) > 6 || g.start > 0 && strings.IndexByte("$#-.", f.s[g.start-1]) >= 0 {
		return 0, 0
	}
	if before := strings.TrimRight(lower(f.s[max(0, g.start-12):g.start]), " "); strings.HasSuffix(before, "po box") || strings.HasSuffix(before, "p.o. box") || strings.HasSuffix(before, "p.o box") {
		end, _ = town(f.s, g.end)
		return max(0, g.start-12) + strings.LastIndex(before, "p"), end
	}
	at := g.end
	if at < len(f.s) && letter(f.s[at]) && (at+1 == len(f.s) || f.s[at+1] == ' ') { // 221B
		at++
	}
	if at >= len(f.s) || f.s[at] != ' ' {
		return 0, 0
	}
	end, names, weak, strong := f.streetName(at)
	if end == 0 {
		return 0, 0
	}
	end = direction(f.s, end)
	flat, hasFlat := unit(f.s, end)
	tail, hasTown := town(f.s, flat)
	switch {
	case hasTown || hasFlat || f.near(g.start) == anAddress:
	case weak && names < 1, !weak && names < 1 && !strong:
		return 0, 0
	}
	return g.start, tail
}

// streetName reads up to five words that end in a word for a street. names
// counts those written with a capital letter.
func (f *finder) streetName(at int) (end, names int, weak, strong bool) {
	for n := range 5 {
		if at >= len(f.s) || f.s[at] != ' ' {
			return 0, 0, false, false
		}
		w, e := asciiWord(f.s, at+1)
		if w == "" {
			return 0, 0, false, false
		}
		low := strings.TrimSuffix(lower(w), ".")
		capital := w[0] >= 'A' && w[0] <= 'Z'
		switch {
		case n > 0 && slices.Contains(streets, low), n == 0 && low == "broadway":
			if capital {
				names++
			}
			return e, names, false, names == 0
		case n > 0 && slices.Contains(weakStreets, low) && (capital || names == 0):
			if !capital {
				names = 0
			}
			return e, names, true, false
		case slices.Contains(unstreet, low):
			return 0, 0, false, false
		case capital, w[0] >= '0' && w[0] <= '9' && letter(w[len(w)-1]): // 42nd
			names++
		}
		if strings.HasSuffix(w, ".") && !slices.Contains(directions, low) && len(low) > 2 {
			return 0, 0, false, false // the end of a sentence
		}
		at = e
	}
	return 0, 0, false, false
}

// asciiWord reads letters, digits, apostrophes and a final dot from i on.
func asciiWord(s string, i int) (word string, end int) {
	end = i
	for end < len(s) && end-i < 24 && (letter(s[end]) || s[end] >= '0' && s[end] <= '9' || s[end] == '\'') {
		end++
	}
	if end > i && end < len(s) && s[end] == '.' {
		return s[i : end+1], end + 1
	}
	return s[i:end], end
}

// direction reads a direction after a street: "5th Ave N".
func direction(s string, end int) int {
	if end < len(s) && s[end] == ' ' {
		if w, e := asciiWord(s, end+1); slices.Contains(directions, strings.TrimSuffix(lower(w), ".")) && (len(w) <= 2 && w[0] < 'a' || w[0] < 'a') {
			return e
		}
	}
	return end
}

// unit reads flat, suite or floor after a street.
func unit(s string, end int) (after int, found bool) {
	at := end
	for at < len(s) && at-end < 3 && (s[at] == ' ' || s[at] == ',' || s[at] == '\n') {
		at++
	}
	if at < len(s) && s[at] == '#' {
		if w, e := asciiWord(s, at+1); w != "" {
			return trimDot(s, e), true
		}
	}
	w, e := asciiWord(s, at)
	if !slices.Contains(units, strings.TrimSuffix(lower(w), ".")) {
		return end, false
	}
	for e < len(s) && (s[e] == ' ' || s[e] == '#') {
		e++
	}
	number, e2 := asciiWord(s, e)
	if number == "" || len(number) > 6 {
		return end, false
	}
	return trimDot(s, e2), true
}

// town reads town, state and postal code after a street: ", Springfield, IL
// 62704". A town alone is left, since nothing tells it from other words.
func town(s string, end int) (after int, found bool) {
	at := end
	for range 5 {
		for at < len(s) && (s[at] == ' ' || s[at] == ',' || s[at] == '\n') {
			at++
		}
		w, e := asciiWord(s, at)
		w = strings.TrimSuffix(w, ".")
		if w == "" {
			break
		}
		if slices.Contains(states, w) || slices.Contains(stateNames, lower(w)) {
			return postal(s, at+len(w)), true
		}
		if digitsOnly(w) && len(w) == 5 {
			return postal(s, at), true
		}
		if w[0] < 'A' || w[0] > 'Z' && s[at-1] == '.' {
			break
		}
		at = e
	}
	return end, false
}

// postal reads a ZIP code, with its four further digits, after a state.
func postal(s string, end int) int {
	at := end
	for at < len(s) && at-end < 2 && (s[at] == ' ' || s[at] == ',') {
		at++
	}
	digits, e := digitsAt(s, at)
	if len(digits) != 5 {
		return end
	}
	if e < len(s) && s[e] == '-' {
		if four, e2 := digitsAt(s, e+1); len(four) == 4 {
			e = e2
		}
	}
	return e
}

// trimDot leaves the full stop of a sentence outside.
func trimDot(s string, end int) int {
	if end > 0 && s[end-1] == '.' {
		return end - 1
	}
	return end
}
