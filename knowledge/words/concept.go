package words

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// concepts finds the phrases of the concept file in a split text.
type concepts struct {
	korean  map[string][]pattern // by the first two syllables, or the only one
	english map[string][]pattern // by the first stem
}

// A pattern is one phrase and the concepts it stands for.
type pattern struct {
	parts  []string // further words; in Korean the first continues the key
	inside bool     // may begin inside a Korean word (compounds: 당일배송)
	gap    bool     // other words may stand between (시켰는데 .. 왔)
	means  []Term
}

// How many words may stand between two words of a phrase: "has not [my order]
// arrived"; in Korean only where the phrase says so.
const (
	englishGap = 3
	koreanGap  = 2
)

// find appends the concepts of pieces to terms.
func (c *concepts) find(terms []Term, pieces []Piece) []Term {
	end := -1   // of the English phrases so far
	taken := -1 // the last Korean word that is part of a phrase of several
	for i := range pieces {
		if pieces[i].Hangul {
			terms, taken = c.findKorean(terms, pieces, i, taken)
			continue
		}
		longest := end
		for _, p := range c.english[pieces[i].Stem] {
			to := p.follows(pieces, i, englishGap)
			if to < 0 || to <= end && to > i {
				continue // not there, or the rest of a longer one: "not arrive" in "code not arrive"
			}
			longest = max(longest, to)
			for j := i; j <= to; j++ {
				if j == i || slices.Contains(p.parts, pieces[j].Stem) {
					pieces[j].Meant = true
				}
			}
			terms = append(terms, p.means...)
		}
		end = longest
	}
	return terms
}

// findKorean finds the phrases that begin in a Korean word. Where one lies
// within a longer one (할인 in 할인코드, 바꿔 in 상담원 바꿔), only the longer one
// counts. taken is the last word that a phrase of several words has used.
func (c *concepts) findKorean(terms []Term, pieces []Piece, i, taken int) ([]Term, int) {
	w := pieces[i].Text
	end := 0 // of the longest phrase inside this word so far
	used := i <= taken
	for at := 0; at < len(w); at += 3 {
		longest := 0
		for _, size := range [...]int{6, 3} {
			if at+size > len(w) {
				continue
			}
			for _, p := range c.korean[w[at:at+size]] {
				if at > 0 && !p.inside || at == 0 && used && len(p.parts) == 1 {
					continue
				}
				last := p.continues(pieces, i, at+size)
				to := at + size + len(p.parts[0])
				if last < 0 || to <= end || to < longest && len(p.parts) == 1 {
					continue
				}
				if len(p.parts) == 1 {
					longest = to
				}
				if last > i {
					taken = max(taken, last)
				}
				pieces[i].Meant, pieces[last].Meant = true, true
				terms = append(terms, p.means...)
			}
		}
		end = max(end, longest)
	}
	return terms, taken
}

// continues finds the rest of a Korean pattern from byte at of piece i on, and
// returns the piece in which it ends, -1 when it is not there. A space in the
// pattern may be missing in the text.
func (p pattern) continues(pieces []Piece, i, at int) int {
	for n, part := range p.parts {
		if n == 0 {
			if !strings.HasPrefix(pieces[i].Text[at:], part) {
				return -1
			}
			at += len(part)
			continue
		}
		if at < len(pieces[i].Text) && strings.HasPrefix(pieces[i].Text[at:], part) && !p.gap {
			at += len(part)
			continue
		}
		if i = p.next(pieces, i, part); i < 0 {
			return -1
		}
		at = len(part)
	}
	return i
}

// next returns the piece after i that begins with part, -1 when it is not near
// enough.
func (p pattern) next(pieces []Piece, i int, part string) int {
	last := i + 1
	if p.gap {
		last += koreanGap
	}
	for j := i + 1; j <= last && j < len(pieces) && !pieces[j-1].End; j++ {
		if pieces[j].Hangul && strings.HasPrefix(pieces[j].Text, part) {
			return j
		}
	}
	return -1
}

// follows finds the further stems of an English pattern after piece i, in
// order, with at most gap words between two of them and no end of a sentence.
// It returns the last piece of the phrase, -1 when it is not there.
func (p pattern) follows(pieces []Piece, i, gap int) int {
	for _, part := range p.parts {
		found := false
		for skip := 0; skip <= gap && i+1 < len(pieces) && !pieces[i].End; skip++ {
			i++
			if pieces[i].Stem == part {
				found = true
				break
			}
		}
		if !found {
			return -1
		}
	}
	return i
}

// add compiles one phrase of the concept file.
func (c *concepts) add(phrase string, means []Term) {
	start := strings.HasPrefix(phrase, "=")
	phrase = strings.TrimPrefix(phrase, "=")
	fields := strings.Fields(phrase)
	if len(fields) == 0 {
		return
	}
	if r, _ := utf8.DecodeRuneInString(fields[0]); isHangul(r) {
		key := fields[0]
		if len(key) > 6 {
			key = key[:6]
		}
		parts := []string{fields[0][len(key):]}
		gap := false
		for _, f := range fields[1:] {
			if f == ".." {
				gap = true
				continue
			}
			parts = append(parts, f)
		}
		c.korean[key] = append(c.korean[key], pattern{
			parts: parts, means: means, gap: gap,
			inside: !start && len(fields) == 1 && utf8.RuneCountInString(fields[0]) >= 2,
		})
		return
	}
	stems := make([]string, len(fields))
	for i, f := range fields {
		stems[i] = Stem(f)
	}
	c.english[stems[0]] = append(c.english[stems[0]], pattern{parts: stems[1:], means: means})
}
