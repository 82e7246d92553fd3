package telegram

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/go-telegram/bot/models"
)

// A mark is a format over bytes of a text.
type mark struct {
	from, to int
	kind     models.MessageEntityType // bold, code or text_link
	url      string                   // of a text_link
}

// rich is a text with its formats, which do not overlap.
type rich struct {
	text  string
	marks []mark // in order
}

// inline is the small Markdown of Onki within a line: **bold**, `code`,
// [label](address), and an address by itself.
var inline = regexp.MustCompile("\\*\\*([^*\\n]{1,500})\\*\\*|`([^`\\n]{1,200})`|\\[([^\\]\\n]{1,200})\\]\\(([^()\\s]{1,500})\\)|\\b(https?://[^\\s<>()\"'`]{1,500}[^\\s<>()\"'`.,!?;:])")

// bullet begins an item of a list.
var bullet = regexp.MustCompile(`(?m)^[ ]{0,3}[-*•][ \t]+`)

// read reads the small Markdown of Onki. What is no Markdown stays as it is.
func read(text string, hosts []string) rich {
	text = bullet.ReplaceAllString(printable(text), "• ")
	var r rich
	var b strings.Builder
	at := 0
	for _, m := range inline.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(text[at:m[0]])
		at = m[1]
		from := b.Len()
		switch {
		case m[2] >= 0:
			b.WriteString(text[m[2]:m[3]])
			r.add(from, b.Len(), models.MessageEntityTypeBold, "")
		case m[4] >= 0:
			b.WriteString(text[m[4]:m[5]])
			r.add(from, b.Len(), models.MessageEntityTypeCode, "")
		case m[6] >= 0:
			label, address := text[m[6]:m[7]], text[m[8]:m[9]]
			b.WriteString(label)
			if safeLink(address, hosts) {
				r.add(from, b.Len(), models.MessageEntityTypeTextLink, address)
				break
			}
			b.WriteString(" (")
			from = b.Len()
			b.WriteString(address)
			r.add(from, b.Len(), models.MessageEntityTypeCode, "")
			b.WriteString(")")
		default:
			address := text[m[10]:m[11]]
			b.WriteString(address)
			if safeLink(address, hosts) {
				r.add(from, b.Len(), models.MessageEntityTypeTextLink, address)
			} else {
				// Telegram makes a link of every address it sees, but not in code.
				r.add(from, b.Len(), models.MessageEntityTypeCode, "")
			}
		}
	}
	b.WriteString(text[at:])
	r.text = b.String()
	return r
}

func (r *rich) add(from, to int, kind models.MessageEntityType, url string) {
	if to > from {
		r.marks = append(r.marks, mark{from, to, kind, url})
	}
}

// append puts another text behind, after a gap if there is something before.
func (r *rich) append(gap string, other rich) {
	if other.text == "" {
		return
	}
	if r.text != "" {
		r.text += gap
	}
	for _, m := range other.marks {
		m.from, m.to = m.from+len(r.text), m.to+len(r.text)
		r.marks = append(r.marks, m)
	}
	r.text += other.text
}

// printable drops what Telegram refuses or would silently take out: what is not
// UTF-8 and control characters.
func printable(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r', r == 0x2028, r == 0x2029:
			return '\n'
		case r < 0x20, r >= 0x7F && r < 0xA0, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, s)
}

// safeLink reports whether a reply may link to the address: one of the brand's
// hosts, over the web.
func safeLink(address string, hosts []string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || strings.ContainsAny(address, "<>\"\\ \t\n") {
		return false
	}
	if s := strings.ToLower(u.Scheme); s != "http" && s != "https" {
		return false
	}
	host := strings.ToLower(u.Hostname())
	for _, h := range hosts {
		if h = strings.ToLower(h); h != "" && (host == h || strings.HasSuffix(host, "."+h)) {
			return true
		}
	}
	return false
}
