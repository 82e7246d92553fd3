package flows

import (
	"regexp"
	"strconv"
	"strings"
)

// A quantity is a number with what it counts: "3일", "사흘" and "three days" are
// the same. Unit "" is a bare number.
type quantity struct {
	value float64
	unit  string
	text  string
	at    int // byte offset
}

// units sorts what stands after a number.
var units = []struct {
	unit    string
	pattern *regexp.Regexp
}{
	{"percent", regexp.MustCompile(`^\s?(%|퍼센트|프로|percent)`)},
	{"money", regexp.MustCompile(`(?i)^\s?(원|won\b|krw|usd|dollars?|달러|유로|eur|euros?|pounds?)`)},
	{"hour", regexp.MustCompile(`(?i)^[\s-]?(시간|hours?\b|hrs?\b|h\b)`)},
	{"minute", regexp.MustCompile(`(?i)^[\s-]?(분|minutes?\b|mins?\b)`)},
	{"clock", regexp.MustCompile(`(?i)^\s?(시|o'?clock|a\.?m\b|p\.?m\b)`)},
	{"day", regexp.MustCompile(`(?i)^[\s-]?(영업일|일|days?\b|business days?\b|working days?\b|calendar days?\b)`)},
	{"week", regexp.MustCompile(`(?i)^[\s-]?(주일?|weeks?\b)`)},
	{"month", regexp.MustCompile(`(?i)^[\s-]?(개월|달|월|months?\b)`)},
	{"year", regexp.MustCompile(`(?i)^[\s-]?(년|years?\b)`)},
	{"weight", regexp.MustCompile(`(?i)^\s?(kg|킬로|kilos?\b|g\b|그램|lbs?\b)`)},
}

// Words that are a number and its unit in one, or a number before a unit.
var (
	koreanSpans = map[string]quantity{
		"하루": {value: 1, unit: "day"}, "이틀": {value: 2, unit: "day"}, "사흘": {value: 3, unit: "day"}, "나흘": {value: 4, unit: "day"},
		"닷새": {value: 5, unit: "day"}, "엿새": {value: 6, unit: "day"}, "이레": {value: 7, unit: "day"}, "열흘": {value: 10, unit: "day"},
		"보름": {value: 15, unit: "day"}, "일주일": {value: 1, unit: "week"}, "한나절": {value: .5, unit: "day"}, "반나절": {value: .5, unit: "day"},
		"절반": {value: 50, unit: "percent"},
	}
	spanPattern   = regexp.MustCompile(`하루|이틀|사흘|나흘|닷새|엿새|열흘|보름|일주일|한나절|반나절|절반`)
	nativePattern = regexp.MustCompile(`(한|두|세|네|다섯|여섯|일곱|여덟|아홉|열|스무|서른|마흔|쉰)\s?(시간|시|달|주|배|분)`)
	nativeNumbers = map[string]float64{"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9, "열": 10, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50}
	// "이 원칙" and "이 시간" hold no numbers, so that a lone digit counts only before what nothing else begins with.
	sinoPattern    = regexp.MustCompile(`([일이삼사오육칠팔구]?[십백천만][일이삼사오육칠팔구십백천만]*)\s?(원|시간)|([일이삼사오육칠팔구십]+)(퍼센트|프로|개월|영업일)`)
	rangePattern   = regexp.MustCompile(`^\s?(?:to|or|and|–|-|~|∼|에서|또는)\s?([0-9][0-9,.]*)`)
	clockPattern   = regexp.MustCompile(`\b([0-9]{1,2}):([0-9]{2})\b`)
	englishPattern = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|half)[\s-](percent|%|won|dollars?|hours?|minutes?|business days?|working days?|calendar days?|days?|weeks?|months?|years?|hundred|thousand)\b`)
	englishRange   = regexp.MustCompile(`(?i)\b(one|two|three|four|five|six|seven|eight|nine|ten|twelve)\s(?:to|or|and)\s[a-z]+[\s-]((?:business |working )?(?:days?|hours?|weeks?|months?|minutes?))\b`)
	englishNumbers = map[string]float64{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12,
		"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "half": .5}
	digitsPattern = regexp.MustCompile(`[0-9][0-9,.]*`)
	manPattern    = regexp.MustCompile(`^\s?(억|만|천)\s?([0-9]*)(천|백)?`)
)

// quantities finds the numbers of a text, written in digits or in words.
func quantities(text string) []quantity {
	var out []quantity
	for _, at := range clockPattern.FindAllStringSubmatchIndex(text, -1) {
		h, _ := strconv.ParseFloat(text[at[2]:at[3]], 64) // digits by the pattern
		m, _ := strconv.ParseFloat(text[at[4]:at[5]], 64)
		out = append(out, quantity{value: h + m/60, unit: "clock", text: text[at[0]:at[1]], at: at[0]})
	}
	text = clockPattern.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("_", len(s)) })
	read := 0
	for _, at := range digitsPattern.FindAllStringIndex(text, -1) {
		if at[0] < read {
			continue // the 5 of 1만5천
		}
		raw := strings.TrimRight(text[at[0]:at[1]], ",.")
		value, err := strconv.ParseFloat(strings.ReplaceAll(raw, ",", ""), 64)
		if err != nil {
			value = -1 // "1.2.3": a name rather than a number; known only letter by letter
		}
		rest := text[at[0]+len(raw):]
		if m := manPattern.FindStringSubmatch(rest); m != nil {
			value *= map[string]float64{"억": 1e8, "만": 1e4, "천": 1e3}[m[1]]
			if tail, err := strconv.ParseFloat(m[2], 64); err == nil {
				value += tail * map[string]float64{"천": 1e3, "백": 100, "": 1}[m[3]]
			}
			rest = rest[len(m[0]):]
			read = len(text) - len(rest)
		}
		q := quantity{value: value, unit: unitOf(rest), text: raw, at: at[0]}
		if m := rangePattern.FindStringSubmatch(rest); m != nil { // in "3 to 5 days" both count days
			q.unit = unitOf(rest[len(m[0]):])
		}
		if before := strings.TrimRight(text[:at[0]], " "); q.unit == "" && strings.HasSuffix(before, "$") {
			q.unit = "money"
		}
		out = append(out, q)
	}
	for _, at := range spanPattern.FindAllStringIndex(text, -1) {
		q := koreanSpans[text[at[0]:at[1]]]
		q.text, q.at = text[at[0]:at[1]], at[0]
		out = append(out, q)
	}
	out = append(out, worded(text, nativePattern, nativeNumbers)...)
	out = append(out, worded(text, englishPattern, englishNumbers)...)
	out = append(out, worded(text, englishRange, englishNumbers)...)
	out = append(out, sinoNumbers(text)...)
	for i, q := range out {
		if q.unit == "week" { // a week is seven days
			out[i].value, out[i].unit = 7*q.value, "day"
		}
	}
	return out
}

// sinoNumbers finds numbers written in Sino-Korean words before a unit.
func sinoNumbers(text string) []quantity {
	var out []quantity
	for _, at := range sinoPattern.FindAllStringSubmatchIndex(text, -1) {
		if before := strings.TrimRight(text[:at[0]], " "); before != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9' {
			continue // 3만 is read with its digits
		}
		from, to, unit := at[2], at[3], at[4]
		if from < 0 {
			from, to, unit = at[6], at[7], at[8]
		}
		out = append(out, quantity{value: sino(text[from:to]), unit: unitOf(text[unit:]), text: text[at[0]:at[1]], at: at[0]})
	}
	return out
}

// worded finds numbers written as a word before a unit.
func worded(text string, p *regexp.Regexp, numbers map[string]float64) []quantity {
	var out []quantity
	for _, at := range p.FindAllStringSubmatchIndex(text, -1) {
		n := numbers[strings.ToLower(text[at[2]:at[3]])]
		switch strings.ToLower(text[at[4]:at[5]]) {
		case "hundred":
			n *= 100
		case "thousand":
			n *= 1000
		}
		out = append(out, quantity{value: n, unit: unitOf(text[at[4]:]), text: text[at[0]:at[1]], at: at[0]})
	}
	return out
}

// sino reads a number written in Sino-Korean digits: 삼만오천 is 35000.
func sino(s string) float64 {
	digits := map[rune]float64{'일': 1, '이': 2, '삼': 3, '사': 4, '오': 5, '육': 6, '칠': 7, '팔': 8, '구': 9}
	tens := map[rune]float64{'십': 10, '백': 100, '천': 1000}
	var total, part, digit float64
	for _, r := range s {
		switch {
		case digits[r] > 0:
			digit = digits[r]
		case tens[r] > 0:
			part, digit = part+max(digit, 1)*tens[r], 0
		default: // 만
			total, part, digit = total+max(part+digit, 1)*1e4, 0, 0
		}
	}
	return total + part + digit
}

func unitOf(rest string) string {
	for _, u := range units {
		if u.pattern.MatchString(rest) {
			return u.unit
		}
	}
	return ""
}

// among reports whether the quantity is one of the known: the same number of
// the same thing. A bare number is known by its value, whatever it counted.
func (q quantity) among(known []quantity) bool {
	for _, k := range known {
		same := k.value == q.value && (q.value >= 0 || k.text == q.text)
		if same && (k.unit == q.unit || q.unit == "" || k.unit == "") {
			return true
		}
	}
	return false
}
