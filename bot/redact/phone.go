package redact

import "strings"

// phone recognizes telephone numbers of Korea and North America however they
// are grouped, and of other countries with a plus or in groups that begin with
// a zero.
func (f *finder) phone(k int) (Kind, int) {
	if f.plus(k) || strings.HasPrefix(f.groups[k].digits, "00") && len(f.groups[k].digits) <= 5 && f.near(f.groups[k].start) == aPhone {
		if n := f.international(k); n > 0 {
			return Phone, n
		}
	}
	first := f.groups[k].digits[0]
	if start := f.groups[k].start; !f.loose(k) && !(k == 0 && start > 0 && letter(f.s[start-1]) && strings.HasPrefix(f.groups[k].digits, "01")) {
		return "", 0 // HP010-… is a number, ORD-010-… is not
	}
	for n := min(11, len(f.groups)-k); n >= 1; n-- {
		d := f.join(k, n)
		if len(d) < 7 || len(d) > 12 || !f.ends(k+n-1) && !mobile(d) {
			continue
		}
		if f.dials(k, n, d, f.shape(k, n), first) {
			return Phone, n
		}
	}
	return "", 0
}

// dials reports whether n groups with these digits are a domestic number.
func (f *finder) dials(k, n int, d string, shape [8]int, first byte) bool {
	start, last := f.groups[k].start, len(f.groups[k+n-1].digits)
	switch {
	case mobile(d) && (n <= 4 || single(f.groups[k:k+n])) && (n > 1 || f.near(start) != anOrder && !f.counted(k) && (d[2] == '0' || !f.orderAfter(f.groups[k].end))):
		return true
	case n == 1:
		said := f.near(start) == aPhone
		return said && !f.counted(k) && (landline(d) || nanp(d) || len(d) == 8 && first == '1' || len(d) == 7)
	case n <= 3 && last == 4 && landline(d) && shape[0] <= 5 && f.near(start) != anOrder:
		return true
	case n == 2 && shape[0] == 4 && shape[1] == 4:
		service := f.groups[k+1].sep == '-' && (first == '1' && strings.IndexByte("568", d[1]) >= 0) && !years(d)
		return (service && f.near(start) != anOrder || f.near(start) == aPhone) && !f.counted(k+1)
	case n == 2 && shape[0] == 3 && shape[1] == 4:
		return f.near(start) == aPhone && !f.counted(k+1)
	case nanp(d) && last == 4 && northAmerican(shape, n):
		return f.near(start) != anOrder && f.near(start) != anAccount
	case n >= 2 && n <= 4 && first == '0' && shape[0] >= 2 && shape[0] <= 5 && len(d) >= 9 && len(d) <= 11 && f.oneSeparator(k, n) && !date(f.groups[k:k+n]):
		h := f.near(start)
		return h == aPhone || h != anOrder && h != anAccount && shape[n-1] >= 3
	}
	return false
}

// mobile reports whether d is a Korean mobile number.
func mobile(d string) bool {
	if len(d) < 10 || len(d) > 11 || d[:2] != "01" {
		return false
	}
	return d[2] == '0' && len(d) == 11 || strings.IndexByte("016789", d[2]) >= 0
}

// landline reports whether d is a Korean number of a place or a service: Seoul
// 02, the provinces 031 to 064, internet 070, personal 050x, toll-free 080.
func landline(d string) bool {
	if d[0] != '0' || len(d) < 9 {
		return false
	}
	switch {
	case d[1] == '2':
		return (len(d) == 9 || len(d) == 10) && d[2] >= '2'
	case d[1] >= '3' && d[1] <= '6' && d[2] >= '1' && d[2] <= '5':
		return len(d) == 10 || len(d) == 11
	case d[:3] == "070", d[:3] == "080", d[:3] == "060", d[:3] == "030":
		return len(d) == 10 || len(d) == 11
	case d[:3] == "050":
		return len(d) == 11 || len(d) == 12
	}
	return false
}

// nanp reports whether d is a number of the North American numbering plan.
func nanp(d string) bool {
	if len(d) == 11 && d[0] == '1' {
		d = d[1:]
	}
	return len(d) == 10 && d[0] >= '2' && d[3] >= '2'
}

// northAmerican reports whether the groups are 3-3-4, with or without the 1.
func northAmerican(shape [8]int, n int) bool {
	switch n {
	case 2:
		return shape[0] == 3 || shape[0] == 6
	case 3:
		return shape[0] == 3 && shape[1] == 3
	case 4:
		return shape[0] == 1 && shape[1] == 3 && shape[2] == 3
	}
	return false
}

// international returns how many groups from k on are a number with a country
// code, or 0.
func (f *finder) international(k int) int {
	d := strings.TrimPrefix(f.groups[k].digits, "00")
	if d == "" || d[0] == '0' {
		return 0
	}
	want := 15
	switch {
	case d[0] == '1':
		want = 11
	case strings.HasPrefix(d, "82"):
		want = 13 // with the zero in parentheses
	}
	best, sum := 0, len(d)
	for n := 1; ; n++ {
		if sum > want {
			break
		}
		if sum >= 8 && f.ends(k+n-1) && (want != 11 || sum == 11) {
			best = n
		}
		if k+n >= len(f.groups) || f.groups[k+n].sep == '\n' {
			break
		}
		sum += len(f.groups[k+n].digits)
	}
	return best
}

// single reports whether every group is one digit.
func single(g []group) bool {
	for _, g := range g {
		if len(g.digits) != 1 {
			return false
		}
	}
	return true
}

// years reports whether eight digits are two years or two round numbers: 1588
// and 1600 are services, 1500–1800 is a range.
func years(d string) bool { return d[2:4] == "00" && d[6:8] == "00" }

// mail recognizes the e-mail address around the at sign in s[at:after].
func (f *finder) mail(at, after int) {
	start := at
	for start > 0 && (letter(f.s[start-1]) || f.s[start-1] >= '0' && f.s[start-1] <= '9' || strings.IndexByte("._%+-", f.s[start-1]) >= 0) {
		start--
	}
	for start < at && strings.IndexByte(".-%+", f.s[start]) >= 0 {
		start++
	}
	end, dot := after, 0
	for end < len(f.s) && (letter(f.s[end]) || f.s[end] >= '0' && f.s[end] <= '9' || f.s[end] == '.' || f.s[end] == '-') {
		if f.s[end] == '.' {
			dot = end
		}
		end++
	}
	for end > after && (f.s[end-1] == '.' || f.s[end-1] == '-') { // the end of a sentence
		end--
		if f.s[end] == '.' {
			dot = after + max(strings.LastIndexByte(f.s[after:end], '.'), 0)
		}
	}
	if start == at || dot <= after || end-dot < 3 || !letter(f.s[dot+1]) {
		return
	}
	f.add(start, end, Email)
}
