package redact

import "strings"

// resident recognizes Korean registration numbers: six digits of birth and
// seven that begin with one for century and sex, 1 to 4 for citizens, 5 to 8
// for foreigners, 9 and 0 for those born before 1900. Only the date is checked:
// the check digit is random since October 2020. The beginning alone, with the
// rest starred out, says birth and sex and is taken too.
func (f *finder) resident(k int) (Kind, int) {
	g := f.groups[k]
	if !f.loose(k) {
		return "", 0
	}
	switch {
	case len(g.digits) == 13 && birth(g.digits) && f.ends(k):
		sex := g.digits[6]
		if sex == '0' || sex == '9' {
			return "", 0
		}
		if h := f.near(g.start); h == aResident || h != anOrder && !f.counted(k) {
			return registration(sex), 1
		}
	case len(g.digits) == 6 && birth(g.digits) && k+1 < len(f.groups):
		next := f.groups[k+1]
		switch {
		case len(next.digits) == 7 && f.ends(k+1):
			if next.sep != '.' && (next.sep == '-' || f.near(g.start) != anOrder) {
				return registration(next.digits[0]), 2
			}
		case len(next.digits) == 1 && next.sep == '-' && next.digits[0] >= '1' && next.digits[0] <= '8' && f.ends(k+1) && f.near(g.start) != anOrder:
			f.stars(next.end)
			return registration(next.digits[0]), 2
		}
	}
	return "", 0
}

// stars takes the starred rest of a number into the span.
func (f *finder) stars(from int) {
	end := from
	for end < len(f.s) && (f.s[end] == '*' || f.s[end]|0x20 == 'x') {
		end++
	}
	if end > from {
		f.add(from, end, Resident)
	}
}

func registration(sex byte) Kind {
	if sex >= '5' && sex <= '8' {
		return Foreigner
	}
	return Resident
}

// birth reports whether six digits, YYMMDD, are a day of the calendar.
func birth(d string) bool {
	month, day := two(d[2:]), two(d[4:])
	switch {
	case month < 1 || month > 12 || day < 1:
		return false
	case month == 2:
		return day <= 29
	case month == 4 || month == 6 || month == 9 || month == 11:
		return day <= 30
	}
	return day <= 31
}

// day8 reports whether the digits are a day of our time, YYYYMMDD.
func day8(d string) bool {
	return len(d) == 8 && (d[:2] == "20" || d[:2] == "19") && birth(d[2:])
}

func two(d string) int { return int(d[0]-'0')*10 + int(d[1]-'0') }

// social recognizes social security and individual taxpayer numbers: 3-2-4 with
// hyphens or spaces, or nine digits where the words say so.
func (f *finder) social(k int) (Kind, int) {
	if !f.loose(k) {
		return "", 0
	}
	g := f.groups[k]
	if len(g.digits) == 9 && f.ends(k) && f.near(g.start) == aSocial {
		return SSN, 1
	}
	if len(g.digits) != 3 || k+2 >= len(f.groups) || len(f.groups[k+1].digits) != 2 || len(f.groups[k+2].digits) != 4 || !f.ends(k+2) {
		return "", 0
	}
	if g.digits == "000" || g.digits == "666" || f.groups[k+1].digits == "00" || f.groups[k+2].digits == "0000" {
		return "", 0 // never given out
	}
	h := f.near(g.start)
	hyphens := f.groups[k+1].sep == '-' && f.groups[k+2].sep == '-'
	if h == aSocial || hyphens && h != anOrder && h != aPhone && h != anAccount {
		return SSN, 3
	}
	return "", 0
}

// licence recognizes Korean driving licences, 2-2-6-2: region, year, number,
// check.
func (f *finder) licence(k int) (Kind, int) {
	if !f.loose(k) {
		return "", 0
	}
	g := f.groups[k]
	if h := f.near(g.start); h == aLicence && f.ends(k) && (len(g.digits) == 12 || len(g.digits) == 10) {
		return Licence, 1
	}
	if len(g.digits) == 2 && k+3 < len(f.groups) && len(f.groups[k+1].digits) == 2 && len(f.groups[k+2].digits) == 6 &&
		len(f.groups[k+3].digits) == 2 && f.groups[k+2].sep == '-' && f.ends(k+3) && f.near(g.start) != anOrder {
		return Licence, 4
	}
	return "", 0
}

// passport recognizes nine digits where the words say passport. Those that
// begin with a letter are coded.
func (f *finder) passport(k int) (Kind, int) {
	g := f.groups[k]
	if n := len(g.digits); n >= 7 && n <= 9 && f.loose(k) && f.ends(k) && !day8(g.digits) && f.near(g.start) == aPassport {
		return Passport, 1
	}
	return "", 0
}

// coded recognizes what begins with letters directly before the digits of g:
// passports and IBANs. kind is "" for anything else.
func (f *finder) coded(g group) (start, end int, kind Kind) {
	start = g.start
	for start > 0 && letter(f.s[start-1]) {
		start--
	}
	if start > 0 && (f.s[start-1] >= '0' && f.s[start-1] <= '9' || f.s[start-1] == '_') {
		return 0, 0, ""
	}
	if g.start-start == 2 {
		if end := iban(f.s, start); end > 0 {
			return start, end, Account
		}
	}
	if g.start-start > 2 {
		return 0, 0, ""
	}
	end = g.end
	n := len(g.digits)
	if n == 3 && len(f.s) > end && letter(f.s[end]) { // Korean since December 2021: M123A4567
		tail, e := digitsAt(f.s, end+1)
		if len(tail) != 4 {
			return 0, 0, ""
		}
		end, n = e, 8
	}
	if len(f.s) > end && letter(f.s[end]) {
		return 0, 0, ""
	}
	h := f.near(start)
	korean := n == 8 && g.start-start == 1 && strings.IndexByte("MSRODmsrod", f.s[start]) >= 0
	if h == aPassport && n >= 6 && n <= 9 || korean && h != anOrder {
		return start, end, Passport
	}
	return 0, 0, ""
}
