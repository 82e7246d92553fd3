package appraise

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/onkihq/onki/bot"
)

// Times in digits: "3시간 뒤", "in 2 hours", "5시까지", "at 4:30 pm".
var (
	duration = regexp.MustCompile(`(?i)(\d{1,3})\s?(시간|분|일|주|hours?|hrs?|minutes?|mins?|min|days?|weeks?)(?:[^a-z]|$)`)
	clock    = regexp.MustCompile(`(?i)(?:(오전|오후|아침|저녁|밤|새벽|낮)\s?)?(\d{1,2})시(?:[^간]|$)(?:\s?(\d{1,2})분|(반))?|(?:at|by|before|until)\s(\d{1,2})(?::(\d{2}))?\s?(am|pm)?\b|(\d{1,2})(?::(\d{2}))?\s?(am|pm)\b|(\d{1,2}):(\d{2})`)
)

const digits = "0123456789"

// deadline is the closest time that matters to the customer, resolved against
// the time of the message in its own zone, or zero. A day without an hour ends
// at 23:59.
func (p *page) deadline(stakes []bot.Stake) time.Time {
	now := p.m.Time
	if now.IsZero() {
		return time.Time{}
	}
	var best time.Time
	take := func(t time.Time) {
		if t.After(now) && (best.IsZero() || t.Before(best)) {
			best = t
		}
	}
	urgent := false
	for _, s := range stakes {
		urgent = urgent || s.Kind == "deadline" || s.Kind == "occasion"
	}
	for i, s := range p.parts {
		if i == 40 {
			break
		}
		p.sentenceTimes(s, now, urgent, take)
	}
	return best
}

// sentenceTimes finds the times of one sentence.
func (p *page) sentenceTimes(s span, now time.Time, urgent bool, take func(time.Time)) {
	var days []int
	var past, after, in bool
	hours := 0
	for _, h := range p.hits["time"] {
		if h.Start < s.from || h.End > s.to {
			continue
		}
		kind, value, _ := strings.Cut(h.Name, ".")
		n, _ := strconv.Atoi(value)
		switch kind {
		case "day":
			days = append(days, n)
		case "week":
			days = append(days, weekday(now, n))
		case "past":
			past = true
		case "after":
			after = true
		case "in":
			in = true
		case "number":
			hours = n
		}
	}
	text := p.text[s.from:s.to]
	if d, ok := spell(text); ok && (after || in) && !strings.Contains(text, "째") {
		take(now.Add(d))
		return
	}
	if hours > 0 && (after || in) {
		take(now.Add(time.Duration(hours) * time.Hour))
		return
	}
	if past && len(days) == 0 || !urgent {
		return
	}
	at, timed := clockOf(text, now)
	switch {
	case len(days) > 0 && !past:
		for _, d := range days {
			take(onDay(now, d, at, timed))
		}
	case timed:
		if t := onDay(now, 0, at, true); t.After(now) {
			take(t)
		}
	}
}

// onDay is d days on, at the time of day or at its end.
func onDay(now time.Time, d int, at time.Duration, timed bool) time.Time {
	if !timed {
		at = 24*time.Hour - time.Minute
	}
	y, m, day := now.Date()
	return time.Date(y, m, day+d, 0, 0, 0, 0, now.Location()).Add(at)
}

// weekday is in how many days the weekday comes, today included.
func weekday(now time.Time, n int) int {
	return (n%7 - int(now.Weekday()) + 7) % 7
}

// spell reads a duration in digits.
func spell(text string) (time.Duration, bool) {
	if !strings.ContainsAny(text, digits) {
		return 0, false
	}
	m := duration.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, _ := strconv.Atoi(m[1])
	unit := time.Hour
	switch u := strings.ToLower(m[2]); {
	case u == "분" || strings.HasPrefix(u, "min"):
		unit = time.Minute
	case u == "일" || strings.HasPrefix(u, "day"):
		unit = 24 * time.Hour
	case u == "주" || strings.HasPrefix(u, "week"):
		unit = 7 * 24 * time.Hour
	}
	return time.Duration(n) * unit, true
}

// clockOf reads a time of day. An hour from 1 to 7 without more is meant for
// the afternoon, and so is one that has passed today.
func clockOf(text string, now time.Time) (time.Duration, bool) {
	if !strings.ContainsAny(text, digits) {
		return 0, false
	}
	m := clock.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	hour, minute, part := 0, 0, ""
	switch {
	case m[2] != "":
		hour, _ = strconv.Atoi(m[2])
		minute, _ = strconv.Atoi(m[3])
		part = m[1]
		if m[4] != "" {
			minute = 30
		}
	case m[5] != "":
		hour, _ = strconv.Atoi(m[5])
		minute, _ = strconv.Atoi(m[6])
		part = strings.ToLower(m[7])
	case m[8] != "":
		hour, _ = strconv.Atoi(m[8])
		minute, _ = strconv.Atoi(m[9])
		part = strings.ToLower(m[10])
	default:
		hour, _ = strconv.Atoi(m[11])
		minute, _ = strconv.Atoi(m[12])
	}
	if hour > 24 || minute > 59 {
		return 0, false
	}
	switch part {
	case "오후", "저녁", "밤", "pm", "낮":
		if hour < 12 {
			hour += 12
		}
	case "":
		if hour >= 1 && hour <= 7 || hour < 12 && hour <= now.Hour() {
			hour += 12
		}
	}
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute, true
}
