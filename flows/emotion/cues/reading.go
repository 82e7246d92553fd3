package cues

import (
	"slices"
	"strings"
)

// A Feeling is a feeling word in its surroundings.
type Feeling struct {
	Hit
	Share float64 // how much of it holds here: 1 plainly said, 0 negated
	Turn  string  // why not all: "negated", "past", "other", "imagined", or ""
	From  int     // bytes of the text: the feeling together with the words that turn it
	To    int
}

// A Page is everything the rules see in one message.
type Page struct {
	Feelings []Feeling // emotion words, emoji and emoticons
	Facts    []Hit     // x: facts that raise a feeling, such as a deadline
	Flags    []Hit     // flag: what the message does
	Ironies  []Hit     // irony: praise that is, or may be, meant the other way round
	Risks    []Hit     // risk and sure: danger to a person
	Quiet    []Hit     // acquiesce: short answers that may be resignation
	Past     []Hit     // scope:pastnow: it was so, now it is well
	Others   []Hit     // scope:other: somebody else's feeling or words
	Then     []Hit     // scope:then: words that place something in the past
	Now      []Hit     // scope:now: words that open the present after it
	Parts    []Part    // what does not say what the writer feels now
	Signs    []Hit     // style: intensifiers, laughter, swear words
	Style    Style
}

// Read scans the text and puts every match in its place.
func (s *Set) Read(text string) Page {
	hits, stretched := s.scan(text)
	p := Page{Style: look(text)}
	p.Style.Stretched = stretched
	var scopes []Hit
	for _, h := range hits {
		switch h.Class {
		case "emo":
			p.Feelings = append(p.Feelings, Feeling{Hit: h, Share: 1, From: h.Start, To: h.End})
		case "x":
			p.Facts = append(p.Facts, h)
		case "flag":
			p.Flags = append(p.Flags, h)
		case "irony":
			p.Ironies = append(p.Ironies, h)
		case "risk", "sure":
			p.Risks = append(p.Risks, h)
		case "acquiesce":
			p.Quiet = append(p.Quiet, h)
		case "style":
			p.Signs = append(p.Signs, h)
			p.Style.count(h)
		case "scope":
			scopes = append(scopes, h)
			switch h.Name {
			case "pastnow":
				p.Past = append(p.Past, h)
			case "other":
				p.Others = append(p.Others, h)
			case "then":
				p.Then = append(p.Then, h)
			case "now":
				p.Now = append(p.Now, h)
			}
		}
	}
	turn(text, p.Feelings, scopes)
	quote(text, p.Feelings)
	p.Parts = p.apart(text)
	p.setApart()
	return p
}

func (s *Style) count(h Hit) {
	switch h.Name {
	case "cry":
		s.Cry++
	case "laugh":
		s.Laugh++
	case "smile":
		s.Smile++
	case "sweat":
		s.Sweat++
	case "profanity":
		s.Profanity++
	case "strong":
		s.Strong++
	case "weak":
		s.Weak++
	}
}

// Has reports whether a fact of this name was seen.
func (p *Page) Has(fact string) bool {
	return slices.ContainsFunc(p.Facts, func(h Hit) bool { return h.Name == fact })
}

// Flag reports whether a flag of this name was seen.
func (p *Page) Flag(name string) bool {
	return slices.ContainsFunc(p.Flags, func(h Hit) bool { return h.Name == name })
}

// turn decides for every feeling whether it is negated, over, somebody else's
// or only imagined. A window over the scope words keeps it linear.
func turn(text string, feelings []Feeling, scopes []Hit) {
	low := 0
	for i := range feelings {
		f := &feelings[i]
		for low < len(scopes) && scopes[low].Start < f.Start-reach {
			low++
		}
		var after, before, asked bool
		from, to := f.Start, f.End
		rhetoric := 0 // where the last "not only", "no wonder" ends
		for _, c := range scopes[low:] {
			if c.Start > f.End+16 {
				break
			}
			covers := c.Start <= f.Start && c.End >= f.End
			switch c.Name {
			case "after":
				if c.Start >= f.End && c.Start <= f.End+13 && !spoken(feelings, i, c) {
					after, to = true, max(to, c.End)
				}
			case "before":
				if c.End > rhetoric && negates(text, c, f.Hit) && !spoken(feelings, i, c) {
					before, from = true, min(from, c.Start)
				}
			case "asked":
				rhetoric = max(rhetoric, c.End)
				asked = asked || c.End >= f.Start && c.Start <= f.End+10
			case "pastnow":
				if covers && !pleasant(f.Name) {
					from = min(from, c.Start)
					f.settle(.15, "past")
				}
			case "pastgood":
				if covers && pleasant(f.Name) {
					from = min(from, c.Start)
					f.settle(.15, "past")
				}
			case "other":
				if covers {
					f.settle(.3, "other")
				}
			case "imagined":
				if covers || c.Start >= f.Start && c.Start < f.End {
					f.settle(.5, "imagined")
				}
			}
		}
		if (after || before) && !asked {
			f.settle(0, "negated")
		}
		f.From, f.To = from, to
	}
}

// spoken reports whether a negation belongs to the wording of a feeling beside
// feelings[i]: "don't trust" is distrust, and "trust you" in it is not denied.
func spoken(feelings []Feeling, i int, c Hit) bool {
	for _, g := range feelings[max(0, i-3):min(len(feelings), i+4)] {
		if g.Name == feelings[i].Name && c.Start >= g.Start && c.End <= g.End {
			return true
		}
	}
	return false
}

// pleasant reports whether the feeling is a good one.
func pleasant(name string) bool {
	switch name {
	case "gratitude", "joy", "relief", "amusement", "expectation", "neutral":
		return true
	}
	return false
}

// quote marks feelings inside quotation marks as somebody else's words. Quotes
// longer than quoteMax bytes are the customer's own story.
func quote(text string, feelings []Feeling) {
	for _, q := range quotes(text) {
		for i := range feelings {
			if f := &feelings[i]; f.Start >= q[0] && f.End <= q[1] {
				f.settle(.25, "other")
			}
		}
	}
}

const (
	quoteMax = 160
	quoteFew = 16 // quotes looked at
)

// quotes finds what stands between quotation marks on one line.
func quotes(text string) [][2]int {
	var out [][2]int
	open, mark := -1, rune(0)
	before := ' '
	for i, r := range text {
		switch {
		case r == '\n':
			open = -1
		case open >= 0 && (r == mark):
			if i-open <= quoteMax && len(out) < quoteFew {
				out = append(out, [2]int{open, i})
			}
			open = -1
		case open < 0 && (r == '"' || r == '“' || r == '‘' || r == '「' || r == '\'' && (before == ' ' || before == ':' || before == '(')):
			open = i
			mark = map[rune]rune{'"': '"', '“': '”', '‘': '’', '「': '」', '\'': '\''}[r]
		}
		before = r
	}
	return out
}

// reach is how far before a feeling a scope word may begin, in bytes.
const reach = 400

func (f *Feeling) settle(share float64, why string) {
	if share < f.Share {
		f.Share, f.Turn = share, why
	}
}

// negates reports whether a negation before the feeling reaches it: the next
// word in Korean, one of the next three in English, with no new clause between.
func negates(text string, n, f Hit) bool {
	if n.End > f.Start || n.Start >= f.Start {
		return false
	}
	gap := text[n.End:f.Start]
	if len(gap) > 40 || strings.ContainsAny(gap, ".,!?;:\n") {
		return false
	}
	if text[n.Start] >= 0x80 {
		return len(gap) <= 4
	}
	words := strings.Fields(gap)
	return len(words) <= 3 && !slices.Contains(words, "but") && !slices.Contains(words, "and")
}
