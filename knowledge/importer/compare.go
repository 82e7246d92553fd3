package importer

import (
	"slices"
	"strings"

	"github.com/onkihq/onki/knowledge/words"
)

// compare reports passages that say the same twice, and passages that answer
// the same question in two ways: the same question or title with other
// numbers, or the same question with another answer.
func compare(passages []Passage, report *Report) {
	texts, asked := map[string]int{}, map[string]int{}
	for i := range passages {
		p := &passages[i]
		scope := p.Lang + "\x00" + p.Audience + "\x00"
		key := scope + plainText(p.Text)
		if p.Question != "" {
			key = scope + plainText(p.Question) + "\x00" + plainText(p.Answer)
		}
		if j, ok := texts[key]; ok {
			report.notice(p.Source, "keep one of the two", "says the same as %s", passages[j].Source)
			continue
		}
		texts[key] = i
		topic := p.Question
		if topic == "" {
			topic = p.Title
		}
		if topic == "" {
			continue
		}
		key = scope + plainText(topic)
		j, ok := asked[key]
		if !ok {
			asked[key] = i
			continue
		}
		q := &passages[j]
		if overlap(p.From.Unix(), p.Until.Unix(), p.Until.IsZero(), q.From.Unix(), q.Until.Unix(), q.Until.IsZero()) && differ(p, q) {
			report.notice(p.Source, "decide which one holds and remove the other, or give both dates",
				"contradicts %s about %q", q.Source, short(topic))
		}
	}
}

// differ reports whether two passages on one topic cannot both be told: pairs
// with unlike answers, or sections whose files differ and whose numbers do.
func differ(p, q *Passage) bool {
	if p.Question != "" || q.Question != "" {
		return true
	}
	file := func(s string) string { return s[:strings.LastIndexByte(s, ':')] }
	return file(p.Source) != file(q.Source) && !slices.Equal(numbers(p.Text), numbers(q.Text))
}

func overlap(from1, until1 int64, open1 bool, from2, until2 int64, open2 bool) bool {
	return (open2 || from1 <= until2) && (open1 || from2 <= until1)
}

func plainText(s string) string { return strings.Join(strings.Fields(words.Normalize(s)), " ") }

// numbers returns the numbers of a text, sorted.
func numbers(s string) []string {
	list := strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
	slices.Sort(list)
	return list
}
