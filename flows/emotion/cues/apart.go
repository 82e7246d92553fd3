package cues

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Part of a message that does not say what its writer feels now.
type Part struct {
	Start, End int    // bytes of the text
	Why        string // "negated", "past" or "other"
}

// apart lists these parts in the order of the text, without overlaps: quoted
// and reported words, what was so before it changed, and denied feelings.
func (p *Page) apart(text string) []Part {
	var parts []Part
	for _, q := range quotes(text) {
		parts = append(parts, Part{q[0], q[1] + 1, "other"})
	}
	for _, h := range p.Others {
		parts = append(parts, Part{h.Start, wordEnd(text, h.End), "other"})
	}
	for _, f := range p.Feelings {
		if f.Turn == "negated" || f.Turn == "past" {
			parts = append(parts, Part{f.From, wordEnd(text, f.To), f.Turn})
		}
	}
	parts = append(parts, p.before(text)...)
	slices.SortStableFunc(parts, func(a, b Part) int { return a.Start - b.Start })
	kept := parts[:0]
	for _, x := range parts {
		if n := len(kept); n > 0 && x.Start < kept[n-1].End {
			kept[n-1].End = max(kept[n-1].End, x.End)
			continue
		}
		kept = append(kept, x)
	}
	return kept
}

// setApart lets a feeling word that stands in a part hold only as far as what
// is over, or somebody else's, can.
func (p *Page) setApart() {
	for i := range p.Feelings {
		f := &p.Feelings[i]
		for _, x := range p.Parts {
			if f.Start < x.Start || f.End > x.End {
				continue
			}
			switch x.Why {
			case "past":
				f.settle(.15, "past")
			case "other":
				f.settle(.25, "other")
			}
		}
	}
}

// before finds what was so before a word that opens the present: from the
// beginning of its sentence to that word.
func (p *Page) before(text string) (out []Part) {
	for _, now := range p.Now {
		for _, then := range p.Then {
			if then.Start >= now.Start || now.Start-then.Start > turnMax {
				continue
			}
			out = append(out, Part{sentenceStart(text, then.Start), now.Start, "past"})
			break
		}
	}
	return out
}

// turnMax is how far, in bytes, the present may be from the past it ends.
const turnMax = 240

func sentenceStart(text string, at int) int {
	return strings.LastIndexAny(text[:at], ".!?\n") + 1
}

// wordEnd is the end of the word that reaches past at: a Hangul word carries
// its endings with it.
func wordEnd(text string, at int) int {
	for at < len(text) {
		r, n := utf8.DecodeRuneInString(text[at:])
		if r < 0xac00 || r > 0xd7a3 {
			break
		}
		at += n
	}
	return at
}

// Rest is the text without the parts that are set apart; empty where nothing
// is set apart or no words are left.
func (p *Page) Rest(text string) string {
	parts := p.Parts
	if len(parts) == 0 {
		return ""
	}
	var b strings.Builder
	at := 0
	for _, x := range parts {
		b.WriteString(text[at:x.Start])
		b.WriteByte(' ')
		at = x.End
	}
	b.WriteString(text[at:])
	rest := strings.TrimSpace(b.String())
	if look(rest).Words == 0 {
		return ""
	}
	return rest
}
