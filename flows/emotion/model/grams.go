package model

// Kinds of n-grams; each has its own seed, so that the same letters as a word
// and as a piece of a word are two features.
const (
	seedWord  = 0x9e3779b9
	seedChar  = 0x7f4a7c15
	seedJamo  = 0x94d049bb
	seedStyle = 0x2545f491
)

// Shape says which n-grams are read from a text.
type Shape struct {
	Words          int // longest run of words
	CharMin, Chars int // shortest and longest run of letters
	JamoMin, Jamo  int // shortest and longest run of Korean letters (자모); 0 for none
}

// ShapeOf gives the n-grams read in a language ("ko" or "en").
func ShapeOf(lang string) Shape {
	if lang == "ko" {
		return Shape{Words: 2, CharMin: 1, Chars: 4, JamoMin: 3, Jamo: 6}
	}
	return Shape{Words: 3, CharMin: 2, Chars: 5}
}

// Grams reads the n-grams of texts. One Grams belongs to one goroutine; used
// again and again it does not allocate.
type Grams struct {
	Hashes []uint32 // one per n-gram, repeats included
	From   []int32  // first byte of each n-gram in the text; only when Spans is set
	To     []int32  // byte after its last
	Spans  bool     // whether From and To are wanted
	plain  plain
	jamo   []jamo
}

type jamo struct {
	letter rune
	rune   int32 // index of the syllable it came from
}

// Read fills Hashes (and From, To) with the n-grams of text.
func (g *Grams) Read(text string, s Shape) {
	g.Hashes, g.From, g.To = g.Hashes[:0], g.From[:0], g.To[:0]
	g.plain.read(text)
	g.readWords(s.Words)
	g.readChars(s.CharMin, s.Chars)
	if s.Jamo > 0 {
		g.readJamo(s.JamoMin, s.Jamo)
	}
	g.readStyle()
}

func (g *Grams) emit(h uint32, from, to int32) {
	g.Hashes = append(g.Hashes, h)
	if g.Spans {
		g.From = append(g.From, g.plain.at[from])
		g.To = append(g.To, g.plain.at[to])
	}
}

func (g *Grams) readWords(n int) {
	ws := g.plain.words
	for i := range ws {
		h := uint32(seedWord)
		for j := i; j < len(ws) && j < i+n; j++ {
			h = (h ^ ws[j].hash) * 0x01000193
			h = h<<13 | h>>19
			g.emit(mix(h), ws[i].from, ws[j].to)
		}
	}
}

func (g *Grams) readChars(least, most int) {
	rs := g.plain.runes
	n := len(rs)
	if n == 0 {
		return
	}
	// A space before and after: pieces at the edge of the text look as at the edge of a word.
	for i := -1; i < n; i++ {
		h := uint32(seedChar)
		for j := i; j <= n && j < i+most; j++ {
			r := rune(' ')
			if j >= 0 && j < n {
				r = rs[j]
			}
			h = (h ^ uint32(r)) * 0x01000193
			h = h<<11 | h>>21
			if j-i+1 >= least && (j > i || r != ' ') {
				g.emit(mix(h), int32(max(i, 0)), int32(min(j+1, n)))
			}
		}
	}
}

func (g *Grams) readJamo(least, most int) {
	g.jamo = g.jamo[:0]
	for i, r := range g.plain.runes {
		g.jamo = appendJamo(g.jamo, r, int32(i))
	}
	for i := range g.jamo {
		h := uint32(seedJamo)
		for j := i; j < len(g.jamo) && j < i+most; j++ {
			h = (h ^ uint32(g.jamo[j].letter)) * 0x01000193
			h = h<<11 | h>>21
			if j-i+1 >= least {
				g.emit(mix(h), g.jamo[i].rune, g.jamo[j].rune+1)
			}
		}
	}
}

// appendJamo takes a syllable apart (Unicode 3.12); initials and finals are
// different letters, so that a final is not taken for the next initial.
func appendJamo(dst []jamo, r rune, at int32) []jamo {
	if r < 0xac00 || r > 0xd7a3 {
		return append(dst, jamo{r, at})
	}
	s := r - 0xac00
	dst = append(dst, jamo{0x1100 + s/588, at}, jamo{0x1161 + s%588/28, at})
	if t := s % 28; t > 0 {
		dst = append(dst, jamo{0x11a7 + t, at})
	}
	return dst
}

// readStyle adds what case folding lost: shouting, and how long the text is.
func (g *Grams) readStyle() {
	n := int32(len(g.plain.runes))
	if n == 0 {
		return
	}
	if up := g.plain.upper; up >= 4 && up*2 > int(n) {
		g.emit(mix(seedStyle^1), 0, n)
	}
	length := uint32(0)
	for w := len(g.plain.words); w > 1; w >>= 1 {
		length++
	}
	g.emit(mix(seedStyle+16+length), 0, 0)
}
