package appraise

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a piece of the text in bytes.
type span struct{ from, to int }

// sentences cuts the text at full stops, marks and lines. "3.5" stays whole.
func sentences(text string) []span {
	var out []span
	from := 0
	cut := func(to int) {
		if s := trim(text, span{from, to}); s.from < s.to {
			out = append(out, s)
		}
		from = to
	}
	for i, r := range text {
		n := i + utf8.RuneLen(r)
		if r == utf8.RuneError {
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[n:])
		switch r {
		case '\n':
			cut(n)
		case '.', '!', '?', '…', '~', '。', '？', '！':
			if next != r && !strings.ContainsRune(".!?…~\"')", next) && (r != '.' && r != '~' || next == utf8.RuneError || unicode.IsSpace(next)) {
				cut(n)
			}
		}
	}
	cut(len(text))
	return out
}

func trim(text string, s span) span {
	for s.from < s.to {
		r, n := utf8.DecodeRuneInString(text[s.from:s.to])
		if !unicode.IsSpace(r) {
			break
		}
		s.from += n
	}
	for s.from < s.to {
		r, n := utf8.DecodeLastRuneInString(text[s.from:s.to])
		if !unicode.IsSpace(r) {
			break
		}
		s.to -= n
	}
	return s
}

// words cuts a piece of the text at spaces, commas and brackets.
func words(text string, in span) []span {
	var out []span
	from := -1
	for i, r := range text[in.from:in.to] {
		i += in.from
		if unicode.IsSpace(r) || strings.ContainsRune(",()[]\"“”!?…;:~、·", r) {
			if from >= 0 {
				out = append(out, span{from, i})
				from = -1
			}
			continue
		}
		if from < 0 {
			from = i
		}
	}
	if from >= 0 {
		out = append(out, span{from, in.to})
	}
	for i, w := range out {
		for w.to > w.from && strings.HasSuffix(text[w.from:w.to], ".") {
			w.to--
		}
		out[i] = w
	}
	return out
}

// sentenceAt returns the sentence that holds the byte.
func (p *page) sentenceAt(at int) span {
	for _, s := range p.parts {
		if at < s.to {
			return s
		}
	}
	return span{0, len(p.text)}
}
