package importer

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/onkihq/onki/bot/outbound"
)

// meta is what the front matter of a file, or the columns of a row, say about
// its passages.
type meta struct {
	title, lang, audience, url string
	from, until                time.Time
}

// set takes one key of the front matter. Dates are those of the brand's files;
// until is the last day on which the passage holds.
func (m *meta) set(key, value string) error {
	value = strings.TrimSpace(strings.Trim(strings.TrimSpace(value), `"'`))
	switch key {
	case "title":
		m.title = value
	case "lang":
		if value != "ko" && value != "en" {
			return fmt.Errorf("lang %q is unknown; write ko or en", value)
		}
		m.lang = value
	case "audience":
		if value != "public" && value != "staff" {
			return fmt.Errorf("audience %q is unknown; write public or staff", value)
		}
		m.audience = value
	case "url":
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
			return fmt.Errorf("url %q is not a link; write one that begins with https://", value)
		}
		if !outbound.PublicName(u.Hostname()) {
			return fmt.Errorf("url %q leads to a private address; write one that customers can open", value)
		}
		m.url = value
	case "from", "until":
		t, err := date(value)
		if err != nil {
			return fmt.Errorf("%s %q is not a date; write it as 2026-12-31", key, value)
		}
		if key == "from" {
			m.from = t
		} else {
			if len(value) == len("2006-01-02") {
				t = t.AddDate(0, 0, 1).Add(-time.Second)
			}
			m.until = t
		}
	default:
		return fmt.Errorf("key %q is unknown; write title, lang, audience, url, from or until", key)
	}
	if !m.from.IsZero() && !m.until.IsZero() && m.until.Before(m.from) {
		return fmt.Errorf("until %s is before from %s; exchange them", m.until.Format("2006-01-02"), m.from.Format("2006-01-02"))
	}
	return nil
}

func date(s string) (time.Time, error) {
	if t, err := time.Parse("2006-01-02", s); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}

// front reads the front matter between two lines of --- and returns the rest
// of the lines with the number of the first.
func (d *document) front(lines []string) ([]string, int) {
	if len(lines) == 0 || strings.TrimSpace(lines[0]) != "---" {
		return lines, 1
	}
	for i := 1; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if line == "---" || line == "..." {
			return lines[i+1:], i + 2
		}
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			d.report.fault(d.at(i+1), "write it as key: value", "front matter line %q has no colon", short(line))
			continue
		}
		if err := d.meta.set(strings.TrimSpace(key), value); err != nil {
			what, remedy, _ := strings.Cut(err.Error(), "; ")
			d.report.fault(d.at(i+1), remedy, "%s", what)
		}
	}
	d.report.fault(d.at(1), "close it with a line ---", "front matter has no end")
	return nil, 1
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
