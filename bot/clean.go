package bot

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// TextMax is the longest customer text kept, in bytes. Longer text is cut at a
// character; nobody reads a hundred pages in a chat, and nothing that a
// customer types may slow another customer down.
const TextMax = 16 << 10

// What a message may carry besides its text. A page that sends more is broken
// or hostile; the rest is dropped.
const (
	keyMax     = 1 << 10 // bytes of an ID, a thread, a user, a value of Context or Values
	contextMax = 64      // entries of Context and of Values
	filesMax   = 32
)

// Check reports whether a ledger can keep the message. It returns ErrBad unless
// ID, channel and thread are each 1 to 1,024 bytes of valid UTF-8 without NUL,
// which no database and no network has a use for.
func (m Message) Check() error {
	for _, k := range [...]struct{ name, value string }{
		{"ID", m.ID}, {"channel", m.From.Channel}, {"thread", m.From.Thread},
	} {
		switch {
		case k.value == "":
			return fmt.Errorf("message without %s: %w", k.name, ErrBad)
		case len(k.value) > keyMax:
			return fmt.Errorf("message with %s of %d bytes, at most %d: %w", k.name, len(k.value), keyMax, ErrBad)
		case !utf8.ValidString(k.value) || strings.ContainsRune(k.value, 0):
			return fmt.Errorf("message with %s %q, not plain UTF-8: %w", k.name, k.value, ErrBad)
		}
	}
	return nil
}

// userMark parts the channel from the name of the user in the ID of a customer.
const userMark = ":user:"

// Customer returns the ID under which a person who writes from this address is
// remembered: their user name on the channel, or the conversation itself when
// the channel does not know them. The two can never be the same ID, so that
// nobody becomes somebody else by naming a thread after them.
func (a Address) Customer(user string) string {
	if user == "" {
		return a.Channel + ":thread:" + a.Thread
	}
	return a.Channel + userMark + user
}

// Clean returns the message fit for everything behind the ledger: valid UTF-8,
// no control characters but newline and tab, none of the invisible characters
// that can hide or reorder text (zero-width space, bidirectional controls, tag
// characters), at most TextMax bytes, and a time that can be written down. ID
// and address stay as they are: they are names, and Check judges them.
func Clean(m Message, now time.Time) Message {
	m.Text = CleanText(m.Text)
	m.User, m.Lang, m.Zone, m.Choice = cleanKey(m.User), cleanKey(m.Lang), cleanKey(m.Zone), cleanKey(m.Choice)
	if y := m.Time.Year(); m.Time.IsZero() || y < 1 || y > 9999 {
		m.Time = now
	}
	m.Form = cleanKey(m.Form)
	m.Context, m.Values = cleanMap(m.Context), cleanMap(m.Values)
	if len(m.Files) > 0 {
		kept := make([]File, 0, min(len(m.Files), filesMax))
		for _, f := range m.Files[:min(len(m.Files), filesMax)] {
			f.Name, f.Type, f.URL, f.Text = cleanKey(f.Name), cleanKey(f.Type), cut(strings.ToValidUTF8(f.URL, ""), 2*keyMax), CleanText(f.Text)
			kept = append(kept, f)
		}
		m.Files = kept
	}
	return m
}

// cleanMap is Clean for names with their values.
func cleanMap(all map[string]string) map[string]string {
	if len(all) == 0 {
		return all
	}
	kept := make(map[string]string, min(len(all), contextMax))
	for _, k := range slices.Sorted(maps.Keys(all))[:min(len(all), contextMax)] {
		kept[cleanKey(k)] = cleanKey(all[k])
	}
	return kept
}

// cleanKey is CleanText for a name or a value: short.
func cleanKey(s string) string { return cut(CleanText(cut(s, 4*keyMax)), keyMax) }

// CleanText is what Clean does to the text.
func CleanText(s string) string {
	if len(s) > 4*TextMax {
		s = s[:4*TextMax] // bound the work before looking at every character
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
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
	return strings.TrimSpace(cut(s, TextMax))
}

// cut returns the beginning of s of at most n bytes, ending at a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
