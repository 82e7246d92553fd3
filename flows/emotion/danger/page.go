package danger

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/onkihq/onki/flows/emotion/cues"
	"github.com/onkihq/onki/flows/emotion/model"
)

// Concepts are the compiled concept rules.
type Concepts struct{ set *cues.Set }

// LoadConcepts compiles the concepts that are part of the program.
func LoadConcepts() (*Concepts, error) {
	set, err := cues.Compile(files, "data/concepts.txt")
	if err != nil {
		return nil, fmt.Errorf("danger concepts: %w", err)
	}
	return &Concepts{set}, nil
}

// shapes are the n-grams read by language: fewer than the large model reads,
// because a few thousand messages teach no more.
var shapes = map[string]model.Shape{
	"ko": {Words: 2, CharMin: 2, Chars: 3, JamoMin: 4, Jamo: 6},
	"en": {Words: 3, CharMin: 4, Chars: 5},
}

// mark is a concept or a rule in the text.
type mark struct {
	hash       uint32
	start, end int
	rule       bool
}

// page is one text with its marks.
type page struct {
	text   string
	marks  []mark
	hashes []uint32 // of the piece that was read last
	pairs  int      // hashes from here on are of marks
	grams  model.Grams
	cut    []piece
}

const (
	marksMost = 400 // marks of one text that are looked at
	near      = 150 // how far apart two marks may stand to be a pair, in bytes
	pairsMost = 600 // pairs of one piece
)

func (p *page) fill(c *Concepts, text string, rules []cues.Hit) {
	p.text, p.marks = text, p.marks[:0]
	for _, h := range c.set.Scan(text) {
		if len(p.marks) < marksMost {
			p.marks = append(p.marks, mark{hash: hash(h.Name), start: h.Start, end: h.End})
		}
	}
	for _, h := range rules {
		p.marks = append(p.marks, mark{hash: hash("rule " + h.Name), start: h.Start, end: h.End, rule: true})
	}
}

// hash names a concept among the n-grams.
func hash(name string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte("concept " + name)) // never fails
	return h.Sum32()
}

// both names a pair; the order does not count.
func both(a, b uint32) uint32 {
	if a > b {
		a, b = b, a
	}
	h := (a*0x9e3779b1 ^ b) * 0x85ebca6b
	return h ^ h>>15
}

// read fills hashes with the n-grams, marks and pairs of a piece.
func (p *page) read(lang string, at piece) {
	p.grams.Read(p.text[at.from:at.to], shapes[lang])
	p.hashes = append(p.hashes[:0], p.grams.Hashes...)
	p.pairs = len(p.hashes)
	n := 0
	for i, a := range p.marks {
		if a.start < at.from || a.end > at.to {
			continue
		}
		p.hashes = append(p.hashes, a.hash)
		for _, b := range p.marks[i+1:] {
			if b.end > at.to || b.hash == a.hash || n == pairsMost {
				continue
			}
			if gap := max(b.start-a.end, a.start-b.end); gap <= near {
				p.hashes = append(p.hashes, both(a.hash, b.hash))
				n++
			}
		}
	}
}

// touched reports whether a piece holds any mark.
func (p *page) touched(at piece) bool {
	for _, m := range p.marks {
		if m.start >= at.from && m.end <= at.to {
			return true
		}
	}
	return false
}

// piece is a stretch of the text, in bytes.
type piece struct{ from, to int }

// How a long text is cut: at the ends of sentences where there are any.
const (
	wholeWords  = 22 // up to here a text is read whole and no other way
	sentenceMax = 16 // words after which a sentence without an end is cut
	piecesMost  = 400
)

// pieces cuts the text: first all of it, then windows of two neighbouring
// sentences and single ones, when it is long.
func (p *page) pieces() []piece {
	p.cut = append(p.cut[:0], piece{0, len(p.text)})
	if len(strings.Fields(p.text)) <= wholeWords {
		return p.cut
	}
	before := piece{-1, -1}
	for _, s := range sentences(p.text) {
		if len(p.cut) >= piecesMost {
			break
		}
		p.cut = append(p.cut, s)
		if before.from >= 0 {
			p.cut = append(p.cut, piece{before.from, s.to})
		}
		before = s
	}
	return p.cut
}

// sentences cuts a text at the ends of its sentences and lines; what goes on
// for too long without one is cut after some words.
func sentences(text string) []piece {
	var out []piece
	from, words, inside := 0, 0, false
	end := func(to int) {
		if words > 0 {
			out = append(out, piece{from, to})
		}
		from, words, inside = to, 0, false
	}
	for i, r := range text {
		space := r == ' ' || r == '\n' || r == '\t'
		if !space && !inside {
			if words == sentenceMax {
				end(i)
			}
			words++
		}
		inside = !space
		switch {
		case r == '\n':
			end(i)
		case (r == '.' || r == '!' || r == '?' || r == '…') && (i+1 >= len(text) || text[i+1] == ' '):
			end(i + len(string(r)))
		}
	}
	end(len(text))
	return out
}

// Hashes reads a whole text as the trainer sees it: its n-grams, and apart from
// them its concepts, the rules that hold and their pairs.
func (c *Concepts) Hashes(lang, text string, rules []cues.Hit) (grams, concepts []uint32) {
	var p page
	p.fill(c, text, rules)
	p.read(lang, piece{0, len(text)})
	return p.hashes[:p.pairs], p.hashes[p.pairs:]
}
