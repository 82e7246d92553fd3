package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A maker makes messages that hold personal data and things that only look like
// it, and knows which is which. It shares nothing with the finder.
type maker struct{ *rand.Rand }

// A sample is one generated message with what must be found in it.
type sample struct {
	text  string
	truth []Span
}

func (g maker) pick(of ...string) string { return of[g.IntN(len(of))] }

// num is n random digits.
func (g maker) num(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + g.IntN(10))
	}
	return string(b)
}

func (g maker) between(from, to int) int { return from + g.IntN(to-from+1) }

// fill writes a template: {KIND} is personal data, [kind] only looks like it.
func (g maker) fill(template string, data, other map[string]func() string) sample {
	var out sample
	var b strings.Builder
	for template != "" {
		i := strings.IndexAny(template, "{[")
		if i < 0 {
			b.WriteString(template)
			break
		}
		b.WriteString(template[:i])
		closing := "}"
		if template[i] == '[' {
			closing = "]"
		}
		j := i + strings.Index(template[i:], closing)
		name := template[i+1 : j]
		if template[i] == '{' {
			value := data[name]()
			out.truth = append(out.truth, Span{b.Len(), b.Len() + len(value), Kind(name)})
			b.WriteString(value)
		} else {
			b.WriteString(other[name]())
		}
		template = template[j+1:]
	}
	out.text = b.String()
	return out
}

// wide writes digits as they come out of some Korean and Japanese keyboards.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return r
	}, s)
}

func (g maker) day() string {
	return fmt.Sprintf("%02d%02d%02d", g.IntN(100), g.between(1, 12), g.between(1, 28))
}

// resident: half of the numbers have a right check digit, as before October
// 2020, half have not.
func (g maker) resident(first string) string {
	d := g.day() + g.pick(strings.Split(first, "")...) + g.num(5)
	if g.IntN(2) == 0 {
		sum := 0
		for i, w := range []int{2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5} {
			sum += int(d[i]-'0') * w
		}
		d += fmt.Sprint((11 - sum%11) % 10)
	} else {
		d += g.num(1)
	}
	s := d[:6] + g.pick("-", "-", "-", " ", " - ", "", "–", "－") + d[6:]
	if g.IntN(20) == 0 {
		s = wide(s)
	}
	return s
}

func (g maker) card() string {
	var d string
	switch g.IntN(5) {
	case 0:
		d = g.pick("34", "37") + g.num(12)
	case 1:
		d = "4" + g.num(14)
	case 2:
		d = fmt.Sprint(g.between(51, 55)) + g.num(13)
	case 3:
		d = g.pick("6011", "6243", "9410", "9490") + g.num(11)
	default:
		d = fmt.Sprint(g.between(2221, 2720)) + g.num(11)
	}
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 0 {
			v = v*2/10 + v*2%10
		}
		sum += v
	}
	d += fmt.Sprint((10 - sum%10) % 10)
	sep := g.pick("-", " ", "", "-", ".")
	if len(d) == 15 {
		return d[:4] + sep + d[4:10] + sep + d[10:]
	}
	return d[:4] + sep + d[4:8] + sep + d[8:12] + sep + d[12:]
}

func (g maker) email() string {
	name := g.pick("minsu", "haneul", "sora.kim", "j_lee", "park-jh", "happy", "kim", "Dana.Reyes", "tom", "x", "a.b.c") + g.pick("", "", g.num(2), g.num(4), "+shop")
	return name + g.pick("@", "@", "@", "@", "@", "＠") + g.pick("naver.com", "hanmail.net", "gmail.com", "kakao.com", "mail.example.co.kr", "outlook.com", "univ.ac.kr", "company.example", "sub.domain.example.org")
}

var koMobileSeps = []string{"-", "-", "-", "-", "", "", " ", ".", " - ", "–", "－"}

func (g maker) koPhone() string {
	sep := g.pick(koMobileSeps...)
	tail := fmt.Sprint(g.between(2, 9)) + g.num(3)
	switch g.IntN(12) {
	case 0:
		return "02" + g.pick("-", ") ", ")", " ") + g.pick("", "2") + g.pick("3", "5", "7") + g.num(2) + "-" + g.num(4)
	case 1:
		return g.pick("031", "032", "051", "053", "042", "062", "064", "033") + g.pick("-", " ", ".") + g.pick("2", "7", "8") + g.num(2) + "-" + g.num(4)
	case 2:
		return "070-" + g.num(4) + "-" + g.num(4)
	case 3:
		return "+82" + g.pick("-", " ", "") + "10" + g.pick("-", " ") + tail + g.pick("-", " ") + g.num(4)
	case 4:
		return g.pick("011", "016", "017", "018", "019") + "-" + g.pick("2", "3", "9") + g.num(2) + "-" + g.num(4)
	case 5:
		return wide("010-" + tail + "-" + g.num(4))
	case 6:
		words := strings.NewReplacer("0", "공", "1", "일", "2", "이", "3", "삼", "4", "사", "5", "오", "6", "육", "7", "칠", "8", "팔", "9", "구")
		pause := g.pick(" ", "에 ", "-", "")
		return words.Replace("010") + pause + words.Replace(tail) + pause + words.Replace(g.num(4))
	case 7:
		return "0504-" + g.num(4) + "-" + g.num(4)
	}
	return "010" + sep + tail + sep + g.num(4)
}

func (g maker) nanp() (area, exchange string) {
	return fmt.Sprint(g.between(2, 9)) + g.num(2), fmt.Sprint(g.between(2, 9)) + g.num(2)
}

func (g maker) enPhone() string {
	a, e := g.nanp()
	line := g.num(4)
	switch g.IntN(10) {
	case 0:
		return "(" + a + ") " + e + "-" + line
	case 1:
		return "(" + a + ")" + e + "-" + line
	case 2:
		return a + "." + e + "." + line
	case 3:
		return a + " " + e + " " + line
	case 4:
		return "+1" + g.pick(" ", "-", "") + a + g.pick("-", " ") + e + g.pick("-", " ") + line
	case 5:
		return "1-" + a + "-" + e + "-" + line
	case 6:
		return "+44 " + g.pick("7", "20 ") + g.num(3) + " " + g.num(6)
	case 7:
		return g.pick("+49 30 ", "+33 1 ", "+81 90-", "+61 4", "+65 ") + g.num(4) + g.pick("-", " ") + g.num(4)
	case 8:
		words := strings.NewReplacer("0", "zero ", "1", "one ", "2", "two ", "3", "three ", "4", "four ", "5", "five ", "6", "six ", "7", "seven ", "8", "eight ", "9", "nine ")
		return strings.TrimSpace(words.Replace(a + e + line))
	}
	return a + "-" + e + "-" + line
}

func (g maker) koAccount() string {
	return g.pick(
		"110-"+g.num(3)+"-"+g.num(6), "1002-"+g.num(3)+"-"+g.num(6), g.num(6)+"-"+g.num(2)+"-"+g.num(6), "302-"+g.num(4)+"-"+g.num(4)+"-"+g.num(2),
		"3333-"+g.num(2)+"-"+g.num(7), "1000-"+g.num(4)+"-"+g.num(4), g.num(3)+"-"+g.num(6)+"-"+g.num(5), "352"+g.num(10), "110"+g.num(9), g.num(3)+" "+g.num(4)+" "+g.num(6))
}

func (g maker) iban() string {
	country, bank := g.pick("DE", "GB", "FR", "NL"), ""
	switch country {
	case "DE":
		bank = g.num(18)
	case "GB":
		bank = g.pick("NWBK", "BARC", "LOYD") + g.num(14)
	case "FR":
		bank = g.num(23)
	case "NL":
		bank = g.pick("ABNA", "INGB", "RABO") + g.num(10)
	}
	m := 0
	for _, c := range bank + country + "00" {
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	s := fmt.Sprintf("%s%02d%s", country, 98-m, bank)
	if g.IntN(2) == 0 {
		var parts []string
		for ; len(s) > 4; s = s[4:] {
			parts = append(parts, s[:4])
		}
		return strings.Join(append(parts, s), " ")
	}
	return s
}

func (g maker) koAddress() string {
	region := g.pick("서울 강남구", "서울시 마포구", "서울특별시 종로구", "경기도 성남시 분당구", "경기 수원시 영통구", "부산광역시 해운대구", "부산 수영구", "대전 유성구", "인천시 연수구", "제주특별자치도 서귀포시", "강원도 춘천시", "경북 경주시", "전남 여수시", "충북 청주시 흥덕구", "세종특별자치시", "광주광역시 북구", "울산 남구", "경남 김해시", "전북 전주시 완산구", "고양시 일산동구")
	road := g.pick("테헤란로", "세종대로", "가마산로25길", "디지털로31길", "월드컵북로", "판교역로", "해운대해변로", "중앙대로", "충장로", "첨단과기로", "불정로", "왕십리로", "성수이로7길", "동백중앙로", "새싹길", "한누리대로", "은행로")
	number := fmt.Sprint(g.between(1, 480)) + g.pick("", "", "-"+fmt.Sprint(g.between(1, 40)))
	flat := g.pick("", "", fmt.Sprintf(" %d층", g.between(1, 30)), fmt.Sprintf(", %d동 %d호", g.between(101, 130), g.between(101, 2504)), fmt.Sprintf(" %s %d동 %d호", g.pick("래미안아파트", "한빛마을", "자이", "푸르지오"), g.between(101, 130), g.between(101, 2504)), fmt.Sprintf(" (%s)", g.pick("역삼동", "정자동, 느티마을", "우동")), fmt.Sprintf(" %d호", g.between(101, 999)))
	switch g.IntN(8) {
	case 0:
		lot := g.pick("역삼동", "봉천동", "우동", "정자동", "어은동", "수곡동", "노형동")
		return region + " " + lot + " " + g.pick("", "산") + number + g.pick("", "번지") + flat
	case 1:
		return region + " " + g.pick("판교역로", "중앙로", "동문로") + g.pick("", " ") + fmt.Sprint(g.between(10, 300)) + "번길 " + number + flat
	case 2:
		return region + " " + g.pick("읍내면 ", "봉담읍 ", "오창읍 ", "애월읍 ") + g.pick("동화리", "상리", "고내리") + " " + number + g.pick("", "번지")
	case 3:
		return g.pick("래미안아파트 ", "한빛아파트 ", "") + fmt.Sprintf("%d동%s%d호", g.between(101, 130), g.pick(" ", " ", "", ", "), g.between(101, 2504))
	}
	return region + " " + road + g.pick(" ", " ", " ", "") + number + flat
}

func (g maker) enAddress() string {
	number := fmt.Sprint(g.between(1, 9899)) + g.pick("", "", "", "B")
	name := g.pick("Main", "Evergreen", "Maple", "N Lincoln", "West 42nd", "5th", "Martin Luther King", "O'Brien", "Old Mill", "Sunset", "Park", "E. 10th")
	kind := g.pick("St", "Street", "Ave", "Avenue", "Blvd", "Road", "Rd.", "Lane", "Dr", "Drive", "Court", "Way", "Terrace", "Place", "Pkwy", "Circle")
	flat := g.pick("", "", ", Apt "+fmt.Sprint(g.between(1, 40)), " Apt. 4B", ", Unit 12", " #305", ", Suite 200")
	town := g.pick("", ", Springfield, IL "+fmt.Sprint(g.between(60000, 62999)), ", Portland, OR 97201-1234", ", San Jose, California 95112", ", Austin TX", ", New York, NY 10012")
	if g.IntN(12) == 0 {
		return g.pick("PO Box ", "P.O. Box ") + g.num(4) + town
	}
	return number + " " + name + " " + kind + flat + town
}
