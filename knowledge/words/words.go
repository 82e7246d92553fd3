package words

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Kind says how a [Term] was made.
type Kind uint8

// The kinds of terms.
const (
	Word    Kind = iota // a stem
	Gram                // two neighbouring syllables of a Korean word
	Concept             // a topic from the concept file: refund, delivery
	Aspect              // what about a topic, from the concept file: late, when
)

// A Term is one thing that a text is about.
type Term struct {
	Text string
	Kind Kind
}

// Hash returns a number for the term that is the same on every machine and in
// every run (FNV-1a, 64 bits): indexes store it in place of the text.
func (t Term) Hash() uint64 {
	h := uint64(14695981039346656037)
	h = (h ^ uint64(t.Kind)) * 1099511628211
	for i := range len(t.Text) {
		h = (h ^ uint64(t.Text[i])) * 1099511628211
	}
	return h ^ h>>32
}

// A Piece is one written word of a text, in order.
type Piece struct {
	Text   string // as normalized
	Stem   string // without particles, endings, plural, tense
	Body   string // Korean: without particles but with endings
	Hangul bool
	Stop   bool // says nothing about the topic (그리고, 제가, the, please)
	End    bool // a sentence ends after it
	Meant  bool // part of a phrase of the concept file; set by TermsOf
}

// Split cuts text into its words. Punctuation, emoji and lone jamo (ㅠㅠ) are
// dropped; a full stop, question mark or line break marks the end of a
// sentence on the word before it.
func (l *Lexicon) Split(text string) []Piece {
	text = Normalize(text)
	pieces := make([]Piece, 0, len(text)/5+1)
	start, kind := -1, 0
	for i, r := range text {
		k := class(r)
		if r == '\'' && kind == latin {
			k = latin // don't
		}
		if start >= 0 && k != kind {
			pieces = l.add(pieces, text[start:i], kind)
			start = -1
		}
		if start < 0 && k != 0 {
			start = i
		}
		kind = k
		if k == 0 && len(pieces) > 0 && (r == '.' || r == '?' || r == '!' || r == '\n' || r == '。' || r == '？') {
			pieces[len(pieces)-1].End = true
		}
	}
	if start >= 0 {
		pieces = l.add(pieces, text[start:], kind)
	}
	return pieces
}

// The classes of letters. Digits go with Latin: "gate 12a" is gate, 12a.
const (
	latin  = 1
	hangul = 2
	other  = 3
)

func class(r rune) int {
	switch {
	case r < 0x80:
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return latin
		}
		return 0
	case isHangul(r):
		return hangul
	case r >= 0x1100 && r <= 0x11ff:
		return 0
	case unicode.Is(unicode.Latin, r) || unicode.IsDigit(r):
		return latin
	case unicode.IsLetter(r) || unicode.IsMark(r):
		return other
	}
	return 0
}

func (l *Lexicon) add(pieces []Piece, w string, kind int) []Piece {
	switch kind {
	case hangul:
		stop := l.stopKo[w]
		s, body := w, w
		if !stop {
			s, body = l.stem(w)
			stop = l.stopKo[s]
		}
		return append(pieces, Piece{Text: w, Stem: s, Body: body, Hangul: true, Stop: stop})
	case latin:
		return l.addLatin(pieces, w)
	}
	return append(pieces, Piece{Text: w, Stem: w})
}

// addLatin resolves apostrophes: can't is can and not, customer's is customer.
func (l *Lexicon) addLatin(pieces []Piece, w string) []Piece {
	w = strings.Trim(w, "'")
	if w == "" {
		return pieces
	}
	not := false
	if i := strings.IndexByte(w, '\''); i > 0 {
		if rest, ok := strings.CutSuffix(w, "n't"); ok && rest != "" {
			w, not = rest, true
			switch w {
			case "ca":
				w = "can"
			case "wo":
				w = "will"
			}
		} else {
			w = w[:i]
		}
	} else if full, ok := l.bare[w]; ok {
		w, not = full, true // dont, cant: typed in a hurry
	}
	pieces = append(pieces, Piece{Text: w, Stem: Stem(w), Stop: l.stopEn[w]})
	if not {
		pieces = append(pieces, Piece{Text: "not", Stem: "not", Stop: true})
	}
	return pieces
}

// Terms returns the terms of text, in order and with repetitions: stems of the
// words that say something, syllable pairs of Korean words, concepts.
func (l *Lexicon) Terms(text string) []Term { return l.TermsOf(l.Split(text)) }

// TermsOf returns the terms of a text that is already split.
func (l *Lexicon) TermsOf(pieces []Piece) []Term {
	terms := make([]Term, 0, len(pieces)*2)
	for i := range pieces {
		p := &pieces[i]
		if p.Stop {
			continue
		}
		terms = append(terms, Term{p.Stem, Word})
		if p.Hangul {
			terms = grams(terms, p.Body)
		}
	}
	return l.concepts.find(terms, pieces)
}

// Topics returns what a title is about, each thing once: its topics, and those
// of its words that no topic or aspect covers.
func (l *Lexicon) Topics(text string) []Term {
	pieces := l.Split(text)
	all := l.concepts.find(nil, pieces)
	var topics []Term
	for _, t := range all {
		if t.Kind == Concept {
			topics = append(topics, t)
		}
	}
	for i := range pieces {
		if p := &pieces[i]; !p.Stop && !p.Meant {
			topics = append(topics, Term{p.Stem, Word})
		}
	}
	return topics
}

// grams appends the pairs of neighbouring syllables of a Hangul word.
func grams(terms []Term, w string) []Term {
	size := 3 // bytes of a Hangul syllable
	for i := 0; i+2*size <= len(w); i += size {
		if utf8.RuneStart(w[i]) {
			terms = append(terms, Term{w[i : i+2*size], Gram})
		}
	}
	return terms
}
