package redact

import "strings"

// card recognizes payment cards: 13 to 19 digits with the ranges and lengths
// of the issuers and a valid Luhn digit, in one piece or in the groups printed
// on cards. Where the words before say card, a wrong digit does not save it:
// people mistype.
func (f *finder) card(k int) (Kind, int) {
	if !f.loose(k) {
		return "", 0
	}
	for n := 1; n <= 5 && k+n <= len(f.groups); n++ {
		d := f.join(k, n)
		if len(d) > 19 {
			break
		}
		if len(d) < 13 || n > 1 && !printed(f.shape(k, n), n) || !f.ends(k+n-1) || !issued(d) {
			continue
		}
		h := f.near(f.groups[k].start)
		switch {
		case h == aCard && (luhn(d) || n > 1 || len(d) == 16):
			return Card, n
		case luhn(d) && (n > 1 || h != anOrder && h != anAccount && !f.counted(k)):
			return Card, n
		}
	}
	return "", 0
}

// printed reports whether the groups are those of a card: 4-4-4-4 and its
// longer and shorter kin, 4-6-5 and 4-6-4, 8-8.
func printed(shape [8]int, n int) bool {
	switch n {
	case 2:
		return shape[0] == 8 && shape[1] == 8
	case 3:
		return shape[0] == 4 && shape[1] == 6 && (shape[2] == 5 || shape[2] == 4) || shape[0] == 4 && shape[1] == 4 && shape[2] == 8 || shape[0] == 4 && shape[1] == 8 && shape[2] == 4
	}
	for _, l := range shape[:n-1] {
		if l != 4 {
			return false
		}
	}
	return shape[n-1] >= 1 && shape[n-1] <= 4
}

// issued reports whether a card with these digits can exist: American Express
// and Diners 3, Visa 4, Mastercard 5 and 2221–2720, Maestro and Discover 6,
// Korean domestic 9.
func issued(d string) bool {
	switch d[0] {
	case '3':
		return (d[1] == '4' || d[1] == '7') && len(d) == 15 || (d[1] == '0' || d[1] == '6' || d[1] == '8' || d[1] == '9') && (len(d) == 14 || len(d) == 16) || d[1] == '5' && len(d) == 16
	case '4':
		return len(d) == 13 || len(d) == 16 || len(d) == 19
	case '2':
		return len(d) == 16 && d[:4] >= "2221" && d[:4] <= "2720"
	case '5':
		return len(d) == 16
	case '6':
		return len(d) >= 16
	case '9':
		return len(d) == 16
	}
	return false
}

// luhn reports whether the check digit of ISO/IEC 7812-1 annex B is right.
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// account recognizes bank accounts. They have no check digit and every bank a
// pattern of its own, so the words around them must say it: a bank's name or a
// word such as 계좌 or account before, or a bank's name after.
func (f *finder) account(k int) (Kind, int) {
	g := f.groups[k]
	if !f.loose(k) {
		return "", 0
	}
	said := f.near(g.start) == anAccount && !day8(g.digits)
	for n := min(6, len(f.groups)-k); n >= 1; n-- {
		d := f.join(k, n)
		if len(d) < 7 || len(d) > 17 || !f.ends(k+n-1) || f.counted(k+n-1) || !f.oneSeparator(k, n) || date(f.groups[k:k+n]) {
			continue
		}
		before := said && (len(d) >= 9 || n == 1) && !f.orderAfter(f.groups[k+n-1].end)
		after := len(d) >= 10 && !day8(g.digits) && f.near(g.start) != anOrder && f.bankAfter(f.groups[k+n-1].end) && (n == 1 || len(g.digits) >= 2)
		if before || after {
			return Account, n
		}
	}
	return "", 0
}

// oneSeparator reports whether the n groups from k on are separated alike, and
// not by a new line.
func (f *finder) oneSeparator(k, n int) bool {
	for i := k + 1; i < k+n; i++ {
		if f.groups[i].sep == '\n' || f.groups[i].sep != f.groups[k+1].sep {
			return false
		}
	}
	return true
}

// date reports whether the groups begin as a date does: 2026-11-22.
func date(g []group) bool {
	if len(g) < 3 || len(g[1].digits) > 2 || len(g[2].digits) > 2 {
		return false
	}
	y := g[0].digits
	return len(y) == 4 && (y[:2] == "19" || y[:2] == "20") || len(y) <= 2 && len(g) == 3
}

// ibans are the lengths of the account numbers of ISO 13616, by country.
var ibans = map[string]int{
	"AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "EG": 29, "ES": 24,
	"FI": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
	"LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24,
	"RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
}

// iban returns where the IBAN that begins at start ends, or 0: country, two
// check digits, letters and digits in groups of four, and the remainder of
// ISO 7064 MOD 97-10.
func iban(s string, start int) (end int) {
	want := ibans[strings.ToUpper(s[start:start+2])]
	code := make([]byte, 0, 34)
	for i := start; i < len(s) && len(code) < want; i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
			code = append(code, c)
		case c >= 'a' && c <= 'z':
			code = append(code, c-'a'+'A')
		case c != ' ' || len(code)%4 != 0:
			return 0
		}
		end = i + 1
	}
	if want == 0 || len(code) < want || !mod97(code) {
		return 0
	}
	return end
}

func mod97(code []byte) bool {
	m := 0
	for i := range code {
		c := code[(i+4)%len(code)]
		if c >= 'A' {
			m = (m*100 + int(c-'A') + 10) % 97
		} else {
			m = (m*10 + int(c-'0')) % 97
		}
	}
	return m == 1
}
