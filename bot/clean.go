package bot

import (
	"strings"
	"time"
	"unicode/utf8"
)

// TextMax is the longest customer text kept, in bytes. Longer text is cut at a
// character; nobody reads a hundred pages in a chat, and nothing that a
// customer types may slow another customer down.
const TextMax = 16 << 10

// Clean returns the message fit for everything behind the ledger: valid UTF-8,
// no control characters but newline and tab, none of the invisible characters
// that can hide or reorder text (zero-width space, bidirectional controls, tag
// characters), at most TextMax bytes, and a time.
func Clean(m Message, now time.Time) Message {
	m.Text = CleanText(m.Text)
	if m.Time.IsZero() {
		m.Time = now
	}
	return m
}

// CleanText is what Clean does to the text.
func CleanText(s string) string {
	if len(s) > 4*TextMax {
		s = s[:4*TextMax] // bound the work before looking at every character
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r < 0x20 || r >= 0x7F && r < 0xA0, // C0, C1
			r == utf8.RuneError,
			r == 0xAD || r == 0xFEFF || r == 0x200B || r == 0x200C || r == 0x200E || r == 0x200F,
			r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x206F, // bidirectional and invisible controls
			r >= 0xE0000 && r <= 0xE007F,                             // tag characters
			r >= 0xFFF9 && r <= 0xFFFB:
			return -1
		}
		return r // zero-width joiner U+200D stays: it binds emoji
	}, strings.ToValidUTF8(s, ""))
	if len(s) > TextMax {
		end := TextMax
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	return strings.TrimSpace(s)
}
