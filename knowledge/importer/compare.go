package importer

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/bot"
	"github.com/onkihq/onki/knowledge/words"
)

// compare reports passages that say the same twice, and passages that answer
// the same question in two ways: the same question or title with other
// numbers, or the same question with another answer. What stands beside is
// compared with, and is not itself reported on.
func compare(passages []Passage, beside []bot.Passage, report *Report) {
	c := comparison{report: report, texts: map[string]*bot.Passage{}, asked: map[string][]subject{}}
	for i := range beside {
		c.add(&beside[i], false)
	}
	for i := range passages {
		c.add(&passages[i].Passage, true)
	}
}

// A comparison is what was seen so far.
type comparison struct {
	report *Report
	texts  map[string]*bot.Passage
	asked  map[string][]subject // by the last heading
}

func (c *comparison) add(p *bot.Passage, tell bool) {
	scope := p.Lang + "\x00" + p.Audience + "\x00"
	key := scope + plainText(p.Text)
	if p.Question != "" {
		key = scope + plainText(p.Question) + "\x00" + plainText(p.Answer)
	}
	if q := c.texts[key]; q != nil {
		if tell {
			c.report.notice(p.Source, "keep one of the two", "says the same as %s", q.Source)
		}
		return
	}
	c.texts[key] = p
	topic := p.Question
	if topic == "" {
		topic = p.Title
	}
	if topic == "" {
		return
	}
	topic = plainText(topic)
	key = scope + topic
	if i := strings.LastIndex(topic, "› "); i >= 0 {
		key = scope + topic[i+len("› "):]
	}
	for _, q := range c.asked[key] {
		if tell && sameTopic(q.topic, topic) && meet(p, q.passage) && differ(p, q.passage) {
			c.report.notice(p.Source, "decide which one holds and remove the other, or give both dates",
				"contradicts %s about %q", q.passage.Source, short(topic))
			return
		}
	}
	if len(c.asked[key]) < mostAlike {
		c.asked[key] = append(c.asked[key], subject{topic, p})
	}
}

// A subject is a passage with what it is about.
type subject struct {
	topic   string
	passage *bot.Passage
}

// mostAlike bounds the comparisons where thousands of pages have one heading.
const mostAlike = 8

// sameTopic reports whether two paths of headings are about one thing: they are
// alike, or one of them only leaves out what stands above.
func sameTopic(a, b string) bool {
	return a == b || strings.HasSuffix(a, "› "+b) || strings.HasSuffix(b, "› "+a)
}

// meet reports whether there is a time at which both hold.
func meet(p, q *bot.Passage) bool {
	return (q.Until.IsZero() || !p.From.After(q.Until)) && (p.Until.IsZero() || !q.From.After(p.Until))
}

// differ reports whether two passages on one topic cannot both be told: pairs
// with unlike answers, or sections whose files differ and whose numbers do.
func differ(p, q *bot.Passage) bool {
	if p.Question != "" || q.Question != "" {
		return true
	}
	file := func(s string) string { return s[:strings.LastIndexByte(s, ':')+1] }
	return file(p.Source) != file(q.Source) && !slices.Equal(numbers(p.Text), numbers(q.Text))
}

func plainText(s string) string { return strings.Join(strings.Fields(words.Normalize(s)), " ") }

// numbers returns the numbers of a text, sorted.
func numbers(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	slices.Sort(list)
	return list
}
