package phrases

import (
	"bufio"
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/onkihq/onki/bot"
)

// A vocabulary is what a language needs besides sentences: how times and
// ordinals are said, how the customer's "my" becomes our "your", and by what
// one tells a noun from a clause. It is read from text/LANG/words.txt.
type vocabulary struct {
	lang string
	one  map[string]string   // single words and patterns: today, am, "time.full" …
	many map[string][]string // lists: weekdays, ordinals, clause endings …
	turn [][2]string         // the customer's words and how we say them
	mend [][2]string         // joints of composed sentences that need smoothing
}

// readVocabulary reads lines of "name: value", "name: a | b | c" and
// "turn: theirs > ours"; lines starting with # are remarks.
func readVocabulary(lang string, data []byte) (*vocabulary, error) {
	v := &vocabulary{lang: lang, one: map[string]string{}, many: map[string][]string{}}
	s := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; s.Scan(); n++ {
		text := strings.TrimSpace(s.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(text, ":")
		value = strings.TrimSpace(value)
		theirs, ours, turns := strings.Cut(value, " > ")
		switch {
		case !ok:
			return nil, fmt.Errorf("text/%s/words.txt:%d: want \"name: value\"", lang, n)
		case name == "turn" && turns:
			v.turn = append(v.turn, [2]string{theirs, ours})
		case name == "mend" && turns:
			v.mend = append(v.mend, [2]string{theirs, ours})
		case strings.Contains(value, "|"):
			for item := range strings.SplitSeq(value, "|") {
				v.many[name] = append(v.many[name], strings.TrimSpace(item))
			}
		default:
			v.one[name] = value
		}
	}
	return v, s.Err()
}

// ordinal says how many times: "두 번째", "second".
func (v *vocabulary) ordinal(n int) string {
	if list := v.many["ordinals"]; n >= 1 && n <= len(list) {
		return list[n-1]
	}
	return strings.ReplaceAll(v.one["ordinal"], "#", strconv.Itoa(n))
}

// span says a duration: "30분", "2 hours".
func (v *vocabulary) span(d time.Duration) string {
	if d >= time.Hour && d%time.Hour == 0 {
		return v.count("hour", int(d.Hours()))
	}
	return v.count("minute", int(d.Round(time.Minute).Minutes()))
}

// people says how many others wait: "두 분", "Two people are". Nobody counts
// more than ten.
func (v *vocabulary) people(n int) string {
	list := v.many["people"]
	if n < 1 || len(list) == 0 {
		return ""
	}
	return list[min(n, len(list))-1]
}

// fileName is a name of a file that is worth saying back.
var fileName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,38}[\p{L}\p{N})]$`)

// files says what was attached: "photo" or "사진 두 장" when all of it is pictures,
// else "file" or the name of the one file. The name of a picture is a camera's
// and says nothing.
func (v *vocabulary) files(all []bot.File) (photo, file string) {
	nth := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return list[min(len(all), len(list))-1]
	}
	switch {
	case len(all) == 0:
		return "", ""
	case !slices.ContainsFunc(all, func(f bot.File) bool { return !strings.HasPrefix(f.Type, "image/") }):
		return nth(v.many["photo"]), ""
	case len(all) == 1 && fileName.MatchString(all[0].Name):
		return "", all[0].Name
	}
	return "", nth(v.many["file"])
}

func (v *vocabulary) count(unit string, n int) string {
	if n != 1 {
		unit += "s"
	}
	return strings.ReplaceAll(v.one[unit], "#", strconv.Itoa(n))
}

// due says when something is due, both times in the brand's zone: "오늘 오후
// 6시", "6 pm today". Far ones are rounded down to five minutes, which keeps
// the spoken promise no later than the kept one.
func (v *vocabulary) due(at, now time.Time) string {
	if at.Sub(now) > 15*time.Minute {
		at = at.Add(-time.Duration(at.Minute()%5) * time.Minute)
	}
	hour, half := at.Hour()%12, "am"
	if hour == 0 {
		hour = 12
	}
	if at.Hour() >= 12 {
		half = "pm"
	}
	clock := "clock"
	if at.Minute() > 0 {
		clock = "clock.minutes"
	}
	spoken := strings.NewReplacer("half", v.one[half], "hour", strconv.Itoa(hour),
		"minute", fmt.Sprintf(v.one["minute.format"], at.Minute())).Replace(v.one[clock])
	days := int(midnight(at).Sub(midnight(now)).Hours()+12) / 24
	pattern := "day." + strconv.Itoa(days)
	if v.one[pattern] == "" {
		pattern = "day.date"
	}
	return strings.NewReplacer("TIME", spoken, "WEEKDAY", v.many["weekdays"][at.Weekday()],
		"MONTH", v.many["months"][at.Month()-1], "DAY", strconv.Itoa(at.Day())).Replace(v.one[pattern])
}

func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// plain reports whether customer words can stand inside a sentence of ours: not
// empty, at most limit characters, one line, nothing but words.
func (v *vocabulary) plain(s string, limit int) bool {
	if s == "" || utf8.RuneCountInString(s) > limit || strings.ContainsAny(s, "\n\t{}[]<>*_`|\\@^~") || strings.Contains(s, "://") {
		return false
	}
	for _, bad := range v.many["unfit"] {
		if strings.Contains(strings.ToLower(s), bad) {
			return false
		}
	}
	return strings.IndexFunc(s, unicode.IsLetter) >= 0
}

// noun returns the customer's words as a noun phrase of ours ("my suitcase" as
// "your suitcase", "우리 딸 생일 선물" as "따님 생일 선물"), or "" when they are
// a clause or unfit to be repeated.
func (v *vocabulary) noun(s string) string {
	s = v.bare(trimmed(s))
	if !v.plain(s, 45) || v.isClause(s) || v.saysNothing(s) {
		return ""
	}
	if v.lang == "en" {
		return v.article(v.turned(v.lowered(s)))
	}
	return v.turned(s)
}

// lowered writes a determiner small that began the customer's sentence: "The
// dress" is "the dress" inside one of ours.
func (v *vocabulary) lowered(s string) string {
	first, rest, ok := strings.Cut(s, " ")
	if small := strings.ToLower(first); ok && (slices.Contains(v.many["determiners"], small) || small == "a" || small == "an") {
		return small + " " + rest
	}
	return s
}

// bare takes the particle off a day that was heard with it: 내일이, 오늘은.
func (v *vocabulary) bare(s string) string {
	for _, p := range v.many["day.particle"] {
		if stem, ok := strings.CutSuffix(s, p); ok && slices.ContainsFunc(v.many["days"], func(d string) bool { return strings.HasSuffix(stem, d) }) {
			return stem
		}
	}
	return s
}

// saysNothing reports whether a noun is no thing of the customer's: "문의",
// "problem", or a word that only looks like a noun.
func (v *vocabulary) saysNothing(s string) bool {
	s = strings.ToLower(s)
	words := strings.Fields(s)
	if len(words) > 1 && slices.Contains(v.many["determiners"], words[0]) {
		words = words[1:]
	}
	s = strings.Join(words, " ")
	if len(words) > 1 && slices.Contains(v.many["empty.last"], words[len(words)-1]) {
		return true // 주문한 거
	}
	return slices.Contains(v.many["empty"], s) ||
		len(words) == 1 && slices.ContainsFunc(v.many["empty.ending"], func(e string) bool { return strings.HasSuffix(s, e) })
}

// clause returns the customer's words as a clause of ours, or "".
func (v *vocabulary) clause(s string) string {
	s = trimmed(s)
	if !v.plain(s, 60) || !v.isClause(s) {
		return ""
	}
	if v.lang == "en" {
		return v.turned(s)
	}
	return v.one["open quote"] + s + v.one["close quote"] // word for word in Korean
}

// endsIn reports whether the last word of a noun of ours is in a list: "kin"
// holds those close to the customer, "pets" the animals among them.
func (v *vocabulary) endsIn(list, noun string) bool {
	words := strings.Fields(noun)
	return len(words) > 0 && slices.Contains(v.many[list], words[len(words)-1])
}

// begins reports whether the words, as we say them, begin with one of a list.
func (v *vocabulary) begins(list, s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(v.turned(trimmed(s))), " ")
	return slices.Contains(v.many[list], first)
}

// isDealing reports a noun of ours that names a dealing with the brand, such as
// an order or a refund, with or without its "your".
func (v *vocabulary) isDealing(noun string) bool {
	noun = strings.ToLower(noun)
	if first, rest, ok := strings.Cut(noun, " "); ok && slices.Contains(v.many["determiners"], first) {
		noun = rest
	}
	return slices.Contains(v.many["dealings"], noun)
}

// isThing reports whether what is at stake is one thing (따님 생일), to which any
// particle can be put, and not a small sentence without its verb (내일이 따님
// 생일). English noun phrases always are.
func (v *vocabulary) isThing(noun string) bool {
	words := strings.Fields(noun)
	for i, w := range words {
		if i == len(words)-1 || slices.Contains(v.many["particle.not"], w) {
			continue
		}
		if slices.ContainsFunc(v.many["particle"], func(p string) bool { return strings.HasSuffix(w, p) }) {
			return false
		}
	}
	return len(words) > 0
}

// spoken returns a name that is fit to be said as it is: one written in the
// language and not an identifier.
func (v *vocabulary) spoken(s string) string {
	hangul := strings.IndexFunc(s, func(r rune) bool { return r >= 0xAC00 && r <= 0xD7A3 }) >= 0
	if s == "" || hangul != (v.lang == "ko") || v.lang == "en" && !strings.Contains(s, " ") || !v.plain(s, 60) {
		return ""
	}
	return s
}

func trimmed(s string) string {
	return strings.TrimRightFunc(strings.TrimSpace(s), func(r rune) bool {
		return !readable(r) && !readableMark(r) && !strings.ContainsRune(")”’」』'\"", r)
	})
}

// endsInPast reports a Korean ending like that of 됐어 or 왔어: 어 after a
// syllable closed by ㅆ.
func endsInPast(s string) bool {
	stem, ok := strings.CutSuffix(s, "어")
	r, _ := utf8.DecodeLastRuneInString(stem)
	return ok && r >= 0xAC00 && r <= 0xD7A3 && (r-0xAC00)%28 == 20
}

// isClause tells a clause from a noun phrase: by its ending in Korean, by a
// finite verb in English. When in doubt it is a clause, which is quoted rather
// than built into a sentence.
func (v *vocabulary) isClause(s string) bool {
	if v.lang == "ko" {
		for _, e := range v.many["clause.not"] {
			if strings.HasSuffix(s, e) {
				return false
			}
		}
		return endsInPast(s) || slices.ContainsFunc(v.many["clause"], func(e string) bool { return strings.HasSuffix(s, e) })
	}
	words := strings.Fields(strings.ToLower(s))
	for i, w := range words {
		w = strings.Trim(w, ",.;:!?")
		past := len(w) > 4 && strings.HasSuffix(w, "ed") && len(words) > 2
		if slices.Contains(v.many["clause.any"], w) || i > 0 && (past || slices.Contains(v.many["clause"], w)) {
			return true
		}
	}
	return len(words) > 6 // nobody's noun is that long
}
