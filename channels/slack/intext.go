package slack

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// markup is one of Slack's angle brackets: a mention, a link, a date, a command.
var markup = regexp.MustCompile(`<([^<>\n]*)>`)

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plain turns what a person wrote on Slack into what they meant: mentions of
// the bot are dropped, those of others become @name, links their label or
// address, emoji codes the emoji themselves where the blocks say which.
func plain(text, self string, emoji map[string]string) string {
	var b strings.Builder
	at := 0
	for _, m := range markup.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(unescape.Replace(codes(text[at:m[0]], emoji)))
		b.WriteString(unescape.Replace(meant(text[m[2]:m[3]], self)))
		at = m[1]
	}
	b.WriteString(unescape.Replace(codes(text[at:], emoji)))
	return strings.TrimSpace(b.String())
}

// meant is what stands for the inside of angle brackets.
func meant(inside, self string) string {
	target, label, labelled := strings.Cut(inside, "|")
	if target == "" {
		return "<" + inside + ">"
	}
	name := func(kind string) string {
		if labelled && label != "" {
			return kind + strings.TrimPrefix(label, kind)
		}
		return kind + target[1:]
	}
	switch target[0] {
	case '@':
		if target[1:] == self {
			return ""
		}
		return name("@")
	case '#':
		return name("#")
	case '!':
		if strings.HasPrefix(target, "!date^") {
			return label
		}
		if strings.HasPrefix(target, "!subteam^") && !labelled {
			return "@" + strings.TrimPrefix(target, "!subteam^")
		}
		return name("@")
	}
	address := strings.TrimPrefix(target, "mailto:")
	address = strings.TrimPrefix(address, "tel:")
	if !labelled || label == "" || strings.Contains(address, label) {
		return address
	}
	return label + " (" + address + ")"
}

var code = regexp.MustCompile(`:([a-z0-9_+'\-]+):(?::skin-tone-[2-6]:)?`)

// codes replaces :sob: by 😭 for the emoji the blocks name; other colons, as in
// a time of day, stay.
func codes(text string, emoji map[string]string) string {
	if len(emoji) == 0 || !strings.Contains(text, ":") {
		return text
	}
	return code.ReplaceAllStringFunc(text, func(s string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(s, ":"), ":")
		if sign := emoji[name]; sign != "" {
			return sign
		}
		return s
	})
}

// node is as much of a rich text block as tells which emoji it holds.
type node struct {
	Type     string `json:"type"`
	Name     string `json:"name"`
	Unicode  string `json:"unicode"`
	Elements []node `json:"elements"`
}

// emojis returns the emoji of the blocks by name. Blocks in a shape we do not
// know have none.
func emojis(blocks json.RawMessage) map[string]string {
	if !strings.Contains(string(blocks), `"unicode"`) {
		return nil
	}
	var all []node
	if json.Unmarshal(blocks, &all) != nil {
		return nil
	}
	found := make(map[string]string)
	var walk func([]node, int)
	walk = func(nodes []node, deep int) {
		for _, n := range nodes {
			if n.Type == "emoji" {
				if sign := fromPoints(n.Unicode); sign != "" {
					found[n.Name] = sign
				}
			}
			if deep < 8 { // Slack nests four deep
				walk(n.Elements, deep+1)
			}
		}
	}
	walk(all, 0)
	return found
}

// fromPoints reads "1f44d-1f3fb".
func fromPoints(s string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(s, "-") {
		n, err := strconv.ParseUint(part, 16, 21)
		if err != nil || n < 0x20 || n > 0x10FFFF || n >= 0xD800 && n < 0xE000 {
			return ""
		}
		b.WriteRune(rune(n))
	}
	return b.String()
}
