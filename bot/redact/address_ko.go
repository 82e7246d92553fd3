package redact

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

//go:embed places.txt
var placesText string

// places are the provinces, cities, counties and districts of Korea.
var places = readPlaces(placesText)

func readPlaces(text string) map[string]bool {
	out := make(map[string]bool)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(strings.ReplaceAll(line, ":", " ")) {
			out[w] = true
			if short, ok := strings.CutSuffix(w, "시"); ok && utf8.RuneCountInString(short) > 1 {
				out[short] = true
			}
		}
	}
	return out
}

// korean recognizes the Korean address whose first number is g: a road and a
// building number ("테헤란로 152", "판교역로235번길 10"), a lot ("역삼동
// 736-24번지") or a flat ("101동 1203호"), with the places before and the
// details after it. end is 0 for anything else. Many ordinary words end like a
// road ("앞으로 3일"), so a road or a lot is believed only beside a known
// place, a detail or the word 주소.
func (f *finder) korean(g group) (start, end int) {
	wordEnd := trimSpaceLeft(f.s, g.start)
	wordStart := wordBefore(f.s, wordEnd)
	word := f.s[wordStart:wordEnd]
	start = wordStart
	var after int
	certain := false
	switch {
	case strings.HasPrefix(f.s[g.end:], "동"):
		return f.flat(g)
	case road(word):
		after, certain = roadNumber(f.s, g.end)
	case strings.HasSuffix(word, "산") && wordEnd == g.start: // 산12-3: a lot in the hills
		after = lotNumber(f.s, g.end)
		start = wordBefore(f.s, trimSpaceLeft(f.s, wordStart))
	case lot(word):
		after = lotNumber(f.s, g.end)
		certain = strings.HasPrefix(f.s[g.end:], "번지") || after-g.end > 0 && strings.Contains(f.s[g.end:after], "번지")
	default:
		return 0, 0
	}
	if after == g.end && counts(f.s[after:]) {
		return 0, 0
	}
	begin, known := extendLeft(f.s, start)
	after, detailed := extendRight(f.s, after)
	if known || certain || detailed || f.near(start) == anAddress {
		return begin, after
	}
	return 0, 0
}

// flat recognizes "101동 1203호", with the building before it.
func (f *finder) flat(g group) (start, end int) {
	rest := f.s[g.end+len("동"):]
	skipped := len(rest) - len(strings.TrimLeft(rest, " ,"))
	digits, e := digitsAt(rest, skipped)
	if digits == "" || !strings.HasPrefix(rest[e:], "호") {
		return 0, 0
	}
	start, end = g.start, g.end+len("동")+e+len("호")
	from := wordBefore(f.s, trimSpaceLeft(f.s, g.start))
	if building(strings.TrimRight(f.s[from:g.start], " ")) {
		start, _ = extendLeft(f.s, from)
	}
	return start, end
}

// road reports whether a word can be the name of a road.
func road(word string) bool {
	if !strings.HasSuffix(word, "로") && !strings.HasSuffix(word, "길") || strings.HasSuffix(word, "으로") || utf8.RuneCountInString(word) < 2 {
		return false
	}
	switch word {
	case "바로", "따로", "새로", "서로", "별로", "실제로", "추가로", "주로", "그대로", "이대로", "제대로", "대로", "진짜로", "스스로", "도로", "하루로", "통로", "카드로", "전화로", "번호로", "회로", "어디로", "여기로", "거기로", "택배로", "결제로":
		return false
	}
	return true
}

// lot reports whether a word can be the neighbourhood before a lot number.
func lot(word string) bool {
	for _, end := range [...]string{"동", "리", "가", "읍", "면"} {
		if strings.HasSuffix(word, end) && utf8.RuneCountInString(word) > 1 {
			return true
		}
	}
	return false
}

// roadNumber reads what follows the first number after a road: "-3", "번길 10",
// "길 9-1". certain is true for the forms that only roads have.
func roadNumber(s string, i int) (end int, certain bool) {
	for _, side := range [...]string{"번길", "번가길", "길"} {
		if strings.HasPrefix(s[i:], side) {
			at := i + len(side)
			from := at + len(s[at:]) - len(strings.TrimLeft(s[at:], " "))
			if _, e := digitsAt(s, from); e > from {
				return lotNumber(s, e), true
			}
			return i, false
		}
	}
	return lotNumber(s, i), false
}

// lotNumber reads "-24" and "번지" after a number.
func lotNumber(s string, i int) int {
	if i < len(s) && s[i] == '-' {
		if _, e := digitsAt(s, i+1); e > i+1 {
			i = e
		}
	}
	if strings.HasPrefix(s[i:], "번지") {
		i += len("번지")
	}
	return i
}

// counts reports whether a number goes on as a count, a date or a time.
func counts(rest string) bool {
	rest = strings.TrimPrefix(rest, " ")
	for _, unit := range [...]string{"원", "개", "시", "분", "월", "년", "명", "회", "만", "천", "백", "%", "주", "장", "박", "단계", "위", "차", "권", "벌", "켤레", "건", "통", "대", "인", "살", "세", "킬로", "km", "kg", "퍼센트", "초", "배", "점", "사이즈", ":", "번", "일", ".", ","} {
		after, found := strings.CutPrefix(rest, unit)
		switch {
		case !found:
		case unit == "번":
			return !strings.HasPrefix(after, "지") && !strings.HasPrefix(after, "길")
		case unit == "일":
			return !strings.HasPrefix(after, "반") && !strings.HasPrefix(after, "번")
		case unit == "." || unit == ",":
			if after != "" && after[0] >= '0' && after[0] <= '9' {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// extendLeft takes the words before an address into it that are places, and
// reports whether one of them is known.
func extendLeft(s string, start int) (begin int, known bool) {
	begin = start
	from := start
	for range 6 {
		end := trimSpaceLeft(s, from)
		if end == from && from > 0 && s[from-1] != ',' {
			break
		}
		from = wordBefore(s, end)
		word := s[from:end]
		switch {
		case places[word]:
			begin, known = from, true
		case utf8.RuneCountInString(word) > 1 && (lot(word) || strings.HasSuffix(word, "구") || strings.HasSuffix(word, "군") || strings.HasSuffix(word, "시") || strings.HasSuffix(word, "산")):
			// kept only if a known place stands before it
		default:
			return begin, known
		}
	}
	return begin, known
}

// extendRight takes building, floor and flat after an address into it, and
// reports whether there were any.
func extendRight(s string, end int) (after int, detailed bool) {
	after = end
	for range 8 {
		at := after
		for at < len(s) && (s[at] == ' ' || s[at] == ',' || s[at] == '\n') && at-after < 3 {
			at++
		}
		if at < len(s) && s[at] == '(' {
			close := strings.IndexByte(s[at:min(len(s), at+60)], ')')
			if close < 0 || !hangulIn(s[at:at+close]) {
				return after, detailed
			}
			after, detailed = at+close+1, true
			continue
		}
		e := wordAfter(s, at)
		word := s[at:e]
		if n := detail(word); n > 0 {
			after, detailed = at+n, true
			continue
		}
		if building(word) {
			after, detailed = e, true
			continue
		}
		if e > at && e < len(s) && s[e] == ' ' { // a name before the flat: "한빛 101동"
			next := wordAfter(s, e+1)
			if n := detail(s[e+1 : next]); n > 0 && !counts(s[at:]) && utf8.RuneCountInString(word) <= 8 && hangulIn(word) && !ordinary(word) {
				after, detailed = e+1+n, true
				continue
			}
		}
		break
	}
	return after, detailed
}

// ordinary reports whether a word ends as words of a sentence do.
func ordinary(word string) bool {
	for _, end := range [...]string{"요", "다", "까", "은", "는", "을", "를", "에", "에서", "고", "서", "께", "도"} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

// detail returns how much of a word is a flat, a floor or a building number:
// "101동", "1203호로" (without the particle), "지하1층", "B1".
func detail(word string) int {
	i := 0
	for _, p := range [...]string{"지하", "제", "B", "b"} {
		if strings.HasPrefix(word, p) {
			i = len(p)
			break
		}
	}
	if i == 0 && len(word) > 1 && letter(word[0]) { // A동, B-102호
		i = 1
		if word[i] == '-' {
			i++
		}
	}
	for _, p := range [...]string{"가동", "나동", "다동", "라동"} {
		if strings.HasPrefix(word, p) {
			return len(p)
		}
	}
	digits, e := digitsAt(word, i)
	if digits == "" {
		if i == 1 && strings.HasPrefix(word[1:], "동") {
			return 1 + len("동")
		}
		return 0
	}
	if e < len(word) && word[e] == '-' {
		if _, e2 := digitsAt(word, e+1); e2 > e+1 {
			e = e2
		}
	}
	for _, unit := range [...]string{"동", "호실", "호", "층", "단지", "차", "관", "번지"} {
		if strings.HasPrefix(word[e:], unit) {
			end := e + len(unit)
			if n := detail(word[end:]); n > 0 { // 101동1203호
				return end + n
			}
			return end
		}
	}
	return 0
}

// building reports whether a word names a building or an estate.
func building(word string) bool {
	for _, end := range [...]string{
		"아파트", "빌라", "빌딩", "타워", "오피스텔", "맨션", "주택", "하이츠", "단지", "자이", "래미안", "푸르지오", "힐스테이트", "센터", "상가", "파크", "캐슬",
		"프라자", "팰리스", "원룸", "주공", "기숙사", "고시원", "테라스", "시티", "하우스", "더샵", "아이파크", "편한세상", "리버뷰", "타운", "맨숀", "연립", "스퀘어", "플라자", "사옥", "마을",
	} {
		if strings.HasSuffix(word, end) {
			return true
		}
	}
	return false
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func hangulIn(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.Is(unicode.Hangul, r) }) >= 0
}

// trimSpaceLeft moves back over at most two spaces or commas before i.
func trimSpaceLeft(s string, i int) int {
	for n := 0; n < 2 && i > 0 && (s[i-1] == ' ' || s[i-1] == ','); n++ {
		i--
	}
	return i
}

// wordMax bounds a word that is looked at, in bytes.
const wordMax = 48

// wordBefore is where the word that ends at end begins: letters, digits and
// middle dots.
func wordBefore(s string, end int) int {
	i := end
	for i > 0 && end-i < wordMax {
		r, size := utf8.DecodeLastRuneInString(s[:i])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '·' {
			break
		}
		i -= size
	}
	return i
}

// wordAfter is where the word that begins at start ends.
func wordAfter(s string, start int) int {
	i := start
	for i < len(s) && i-start < wordMax {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '·' {
			break
		}
		i += size
	}
	return i
}
