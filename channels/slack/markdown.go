package slack

import (
	"cmp"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// A span is a run of text of one kind.
type span struct {
	text string
	bold bool
	code bool
	link string // address, or ""
}

// A line is one line of a reply. kind is "" for text, "bullet" or "ordered".
type line struct {
	kind   string
	number int // of an ordered item
	spans  []span
}

var (
	inline = regexp.MustCompile("\\*\\*([^*\\n]{1,500})\\*\\*|`([^`\\n]{1,200})`|\\[([^\\]\\n]{1,200})\\]\\(([^()\\s]{1,500})\\)|\\b((?:https?://|mailto:|tel:)[^\\s<>()\"'`]{1,500}[^\\s<>()\"'`.,!?;:])")
	item   = regexp.MustCompile(`^\s{0,3}(?:([-*•])|(\d{1,2})[.)])\s+(.*)$`)
)

// parse reads the small Markdown of Onki: **bold**, `code`, lists and links.
// What is none of these is text.
func parse(text string, hosts []string) []line {
	var out []line
	for l := range strings.SplitSeq(text, "\n") {
		m := item.FindStringSubmatch(l)
		switch {
		case m == nil:
			out = append(out, line{spans: spansOf(l, hosts)})
		case m[1] != "":
			out = append(out, line{kind: "bullet", spans: spansOf(m[3], hosts)})
		default:
			n, _ := strconv.Atoi(m[2])
			out = append(out, line{kind: "ordered", number: n, spans: spansOf(m[3], hosts)})
		}
	}
	return out
}

func spansOf(text string, hosts []string) []span {
	var out []span
	add := func(s span) {
		if s.text != "" {
			out = append(out, s)
		}
	}
	at := 0
	for _, m := range inline.FindAllStringSubmatchIndex(text, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return text[m[2*i]:m[2*i+1]]
		}
		add(span{text: text[at:m[0]]})
		at = m[1]
		switch {
		case group(1) != "":
			add(span{text: group(1), bold: true})
		case group(2) != "":
			add(span{text: group(2), code: true})
		default:
			address, label := cmp.Or(group(4), group(5)), cmp.Or(group(3), group(5))
			if safeLink(address, hosts) {
				add(span{text: label, link: address})
			} else if label == address {
				add(span{text: label})
			} else {
				add(span{text: label + " (" + address + ")"})
			}
		}
	}
	add(span{text: text[at:]})
	return out
}

// safeLink reports whether a reply may link to the address: mail, telephone, or
// one of the brand's hosts over the web.
func safeLink(address string, hosts []string) bool {
	u, err := url.Parse(address)
	if err != nil || strings.ContainsAny(address, "<>|\"\\ \t\n") {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "mailto", "tel":
		return u.Opaque != ""
	case "http", "https":
	default:
		return false
	}
	host := strings.ToLower(u.Hostname())
	if host == "" || u.User != nil {
		return false
	}
	for _, h := range hosts {
		h = strings.ToLower(h)
		if host == h || strings.HasSuffix(host, "."+h) {
			return true
		}
	}
	return false
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Escape makes text safe for Slack's mrkdwn: no mention, link or command can
// come of it.
func Escape(text string) string { return escape.Replace(text) }

// Mrkdwn writes Onki's small Markdown as Slack's mrkdwn. Only links to these
// hosts, and to their subdomains, stay links; every other sign that means
// something to Slack is escaped.
func Mrkdwn(text string, hosts ...string) string {
	var b strings.Builder
	for i, l := range parse(text, hosts) {
		if i > 0 {
			b.WriteByte('\n')
		}
		switch l.kind {
		case "bullet":
			b.WriteString("• ")
		case "ordered":
			b.WriteString(strconv.Itoa(l.number) + ". ")
		}
		for _, s := range l.spans {
			switch {
			case s.link != "":
				b.WriteString("<" + Escape(s.link) + "|" + strings.ReplaceAll(Escape(s.text), "|", "¦") + ">")
			case s.bold:
				// Slack ends bold only before a space or a mark, and in Korean a
				// particle follows at once: an invisible space makes it end.
				b.WriteString("*" + Escape(s.text) + "*\u200b")
			case s.code:
				b.WriteString("`" + Escape(s.text) + "`\u200b")
			default:
				b.WriteString(Escape(s.text))
			}
		}
	}
	return b.String()
}
