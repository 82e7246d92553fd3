package model

// Units reads a text as the network does: token after token, each with the
// hashes of its units: the word, then its pieces (three and four letters long
// in English, one to three syllables and four sounds in Korean), with the
// edges of the word marked.
type Units struct {
	Hash  []uint32 // units of all tokens
	Start []int32  // Start[t]..Start[t+1] are the units of token t
	plain plain
	jamo  []jamo
}

const seedUnit = 0x51ed270b

// Read fills Hash and Start.
func (u *Units) Read(text, lang string) {
	u.plain.read(text)
	u.of(&u.plain, lang)
}

func (u *Units) of(p *plain, lang string) {
	u.Hash, u.Start = u.Hash[:0], append(u.Start[:0], 0)
	for _, w := range p.words {
		u.add(p, w, lang)
		u.Start = append(u.Start, int32(len(u.Hash)))
	}
}

// token fills Hash with the units of one token.
func (u *Units) token(p *plain, w token, lang string) {
	u.Hash = u.Hash[:0]
	u.add(p, w, lang)
}

func (u *Units) add(p *plain, w token, lang string) {
	u.Hash = append(u.Hash, mix(w.hash^seedUnit))
	letters := p.runes[w.from:w.to]
	switch {
	case class(letters[0]) != classWord:
	case lang == "ko":
		u.pieces(letters, 1, 3)
		u.sounds(letters)
	default:
		u.pieces(letters, 3, 4)
	}
}

func (u *Units) pieces(letters []rune, least, most int) {
	n := len(letters)
	for i := -1; i <= n; i++ {
		h := uint32(seedUnit + 1)
		for j := i; j <= n && j < i+most; j++ {
			r := rune('<')
			if j == n {
				r = '>'
			} else if j >= 0 {
				r = letters[j]
			}
			h = (h ^ uint32(r)) * 0x01000193
			h = h<<11 | h>>21
			if j-i+1 >= least && j-i+1 < n+2 && (least > 1 || j > i || i >= 0 && i < n) {
				u.Hash = append(u.Hash, mix(h))
			}
		}
	}
}

func (u *Units) sounds(letters []rune) {
	const most = 4
	u.jamo = u.jamo[:0]
	for i, r := range letters {
		u.jamo = appendJamo(u.jamo, r, int32(i))
	}
	for i := 0; i+most <= len(u.jamo); i++ {
		h := uint32(seedUnit + 2)
		for _, j := range u.jamo[i : i+most] {
			h = (h ^ uint32(j.letter)) * 0x01000193
			h = h<<11 | h>>21
		}
		u.Hash = append(u.Hash, mix(h))
	}
}
