package telegram

import (
	"strings"

	"github.com/go-telegram/bot/models"
	"github.com/rivo/uniseg"
)

const (
	textMax = 4096 // UTF-16 units of one message, after entities are read
	markMax = 100  // entities of one message; Telegram ignores more
)

// units counts text as Telegram does: in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// split cuts the text into messages of at most max units and markMax formats.
// It cuts at the end of a paragraph if it can, else of a line, a sentence, a
// word, else between two characters as a reader sees them, and outside formats
// while that leaves messages of a fair size. White space at a cut is dropped,
// as Telegram would drop it.
func (r rich) split(max int) []rich {
	var out []rich
	for rest := r.trimmed(); rest.text != ""; {
		end := rest.fits(max)
		if end < len(rest.text) {
			end = rest.cut(end)
		}
		if head := rest.slice(0, end).trimmed(); head.text != "" {
			out = append(out, head)
		}
		rest = rest.slice(end, len(rest.text)).trimmed()
	}
	return out
}

// fits returns how many bytes from the beginning fit into one message, at the
// end of a character as a reader sees it.
func (r rich) fits(max int) int {
	limit := len(r.text)
	if len(r.marks) > markMax {
		limit = r.marks[markMax].from
	}
	end, used, state := 0, 0, -1
	for rest := r.text; rest != "" && end < limit; {
		var cluster string
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if used += units(cluster); used > max {
			break
		}
		end += len(cluster)
	}
	if end > 0 {
		return end
	}
	used = 0
	for i, c := range r.text { // a single character longer than a message
		if used += units(string(c)); used > max && i > 0 {
			return i
		}
	}
	return len(r.text)
}

// cut moves the end of a message back to where a reader would pause.
func (r rich) cut(end int) int {
	for _, outside := range []bool{true, false} {
		for _, pause := range []string{"\n\n", "\n", ". ", "? ", "! ", " "} {
			for at := end; ; {
				i := strings.LastIndex(r.text[:at], pause)
				if i < end/2 {
					break
				}
				if to := i + len(pause); !outside || !r.within(to) {
					return to
				}
				at = i
			}
		}
		if m, in := r.around(end); outside && in && m.from >= end/2 {
			return m.from
		}
	}
	return end
}

// around returns the format that a cut at this byte would break.
func (r rich) around(at int) (mark, bool) {
	for _, m := range r.marks {
		if m.from < at && at < m.to {
			return m, true
		}
	}
	return mark{}, false
}

func (r rich) within(at int) bool {
	_, in := r.around(at)
	return in
}

// slice returns the part between two bytes; a format over its border is cut.
func (r rich) slice(from, to int) rich {
	out := rich{text: r.text[from:to]}
	for _, m := range r.marks {
		m.from, m.to = max(m.from, from)-from, min(m.to, to)-from
		out.add(m.from, m.to, m.kind, m.url)
	}
	return out
}

func (r rich) trimmed() rich {
	from := len(r.text) - len(strings.TrimLeft(r.text, " \t\n"))
	to := len(strings.TrimRight(r.text, " \t\n"))
	if from >= to {
		return rich{}
	}
	return r.slice(from, to)
}

// entities writes the formats as Telegram counts them.
func (r rich) entities() []models.MessageEntity {
	var out []models.MessageEntity
	at, used := 0, 0
	for _, m := range r.marks {
		used += units(r.text[at:m.from])
		at = m.from
		out = append(out, models.MessageEntity{Type: m.kind, Offset: used, Length: units(r.text[m.from:m.to]), URL: m.url})
	}
	return out
}
