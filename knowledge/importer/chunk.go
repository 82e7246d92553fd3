package importer

import (
	"strings"
	"unicode/utf8"
)

// A span is some text and the line that it begins on.
type span struct {
	text string
	line int
}

// cut divides blocks (paragraphs, lists, tables) into passages of at most max
// letters. Blocks stay together while they fit; a longer block is cut between
// sentences, a longer sentence between words.
func cut(blocks []span, max int) []span {
	var out []span
	size := 0
	for _, b := range blocks {
		n := utf8.RuneCountInString(b.text)
		if len(out) > 0 && size+n+2 <= max {
			out[len(out)-1].text += "\n\n" + b.text
			size += n + 2
			continue
		}
		if n <= max {
			out = append(out, b)
			size = n
			continue
		}
		for _, s := range cutBlock(b, max) {
			out = append(out, s)
			size = utf8.RuneCountInString(s.text)
		}
	}
	return out
}

func cutBlock(b span, max int) []span {
	var out []span
	line := b.line
	var cur strings.Builder
	size := 0
	flush := func() {
		if t := strings.TrimSpace(cur.String()); t != "" {
			out = append(out, span{t, line})
		}
		line += strings.Count(cur.String(), "\n")
		cur.Reset()
		size = 0
	}
	for _, s := range Sentences(b.text) {
		n := utf8.RuneCountInString(s)
		if size > 0 && size+n > max {
			flush()
		}
		for n > max {
			head := cutWords(s, max)
			cur.WriteString(head)
			flush()
			s = s[len(head):]
			n = utf8.RuneCountInString(s)
		}
		cur.WriteString(s)
		size += n
	}
	flush()
	return out
}

// cutWords returns the longest start of s that has at most max letters and
// ends between words, or max letters when there is no such place.
func cutWords(s string, max int) string {
	n, space := 0, 0
	for i, r := range s {
		if n == max {
			if space > 0 {
				return s[:space]
			}
			return s[:i]
		}
		if r == ' ' || r == '\n' {
			space = i + 1
		}
		n++
	}
	return s
}

// Sentences divides a text into its sentences; joined they are the text again.
// A sentence ends with . ! ? … or 。 and the space after it, or with a line
// break before an empty line or a list item. A full stop after a number or a
// single letter (3. , e.g.) ends none. Korean needs no other rule: its
// sentences end in 다. 요. 까? and the like.
func Sentences(text string) []string {
	var out []string
	start := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if r == '\n' && i < len(text) && breaks(text[i:]) || ends(r) && followed(text[i:]) && !abbreviated(text[start:i-size], r) {
			for i < len(text) && strings.IndexByte(" \n\"')]", text[i]) >= 0 {
				i++
			}
			out = append(out, text[start:i])
			start = i
		}
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

func ends(r rune) bool {
	return r == '.' || r == '!' || r == '?' || r == '…' || r == '。' || r == '？' || r == '！'
}

// followed reports whether a sentence may end here: before a space, a quote or
// the end.
func followed(rest string) bool {
	return rest == "" || strings.IndexByte(" \n\"')]", rest[0]) >= 0
}

func breaks(rest string) bool {
	return rest[0] == '\n' || strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "* ") || rest[0] == '|'
}

// abbreviated reports whether a full stop after s belongs to a number or a
// short form and ends no sentence.
func abbreviated(s string, r rune) bool {
	if r != '.' {
		return false
	}
	w := s[strings.LastIndexAny(s, " \n(")+1:]
	switch strings.ToLower(w) {
	case "mr", "mrs", "ms", "dr", "no", "e.g", "i.e", "etc", "vs", "st", "approx", "incl":
		return true
	}
	if w == "" {
		return false
	}
	for i := range len(w) {
		if w[i] < '0' || w[i] > '9' {
			return len(w) == 1 && w[0] < 0x80
		}
	}
	return true
}
