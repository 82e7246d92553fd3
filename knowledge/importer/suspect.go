package importer

import (
	_ "embed"
	"strings"
	"unicode"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// markers are phrases that speak to a machine, one a line.
//
//go:embed markers.txt
var markers string

// suspect looks for text that is not meant for customers: instructions to a
// model, and letters that people cannot see. It flags, it does not judge: a
// passage about such tricks may be honest.
func (d *document) suspect(line int, p bot.Passage) {
	text := strings.Join(strings.Fields(words.Normalize(p.Title+" "+p.Question+" "+p.Text)), " ")
	for _, m := range strings.Split(markers, "\n") {
		m = strings.TrimSpace(m)
		if m == "" || strings.HasPrefix(m, "#") || !strings.Contains(text, m) {
			continue
		}
		d.report.notice(d.at(line), "remove it if you did not write it for a reader",
			"speaks to a machine: %q", m)
		break
	}
	if n := hiddenLetters(p.Text); n > 0 {
		d.report.notice(d.at(line), "remove them; copy the text through a plain editor",
			"%d invisible characters", n)
	}
}

// hiddenLetters counts characters that hide text: tags, marks of direction,
// zero-width spaces. The joiners that emoji need are not counted.
func hiddenLetters(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Cf, r) && r != 0x200d && r != 0xad && r != 0x200c && r != 0xfeff {
			n++
		}
	}
	return n
}
