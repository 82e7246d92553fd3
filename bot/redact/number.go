package redact

import (
	"strings"
	"unicode/utf8"
)

// A group is a run of digits.
type group struct {
	start, end int    // bytes of the text
	digits     string // ASCII
	sep        byte   // what stands before it: 0 for the first, '-', '.', ' ', '(' or '\n'
	at         int    // where its digits begin among those of the chain
}

// A finder collects what it recognizes in one text. Personal data is nearly
// always made of digits or stands around an at sign, so the text is walked once
// for these and only what is near them is looked at.
type finder struct {
	s      string
	groups []group // the chain being looked at: groups with nothing but separators between them
	digits string  // of the chain, all groups
	buffer []byte
	hint   hint // what the words before the chain say, once asked
	hinted int  // the position hint was asked for, plus one
	found  []Span
}

func (f *finder) add(start, end int, k Kind) { f.found = append(f.found, Span{start, end, k}) }

func (f *finder) scan() {
	s := f.s
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			i = f.chain(i)
		case c < 0x80:
			if c == '@' {
				f.mail(i, i+1)
			}
			i++
		case c == 0xEF && wideDigit(s, i):
			i = f.chain(i)
		case c == 0xEF && strings.HasPrefix(s[i:], "＠"):
			f.mail(i, i+len("＠"))
			i += len("＠")
		case c == 0xEA && strings.HasPrefix(s[i:], "골뱅이"):
			f.mail(i, i+len("골뱅이"))
			i += len("골뱅이")
		default:
			i++
		}
	}
}

// wideDigit reports whether a full-width digit stands at i.
func wideDigit(s string, i int) bool {
	return len(s) >= i+3 && s[i] == 0xEF && s[i+1] == 0xBC && s[i+2] >= 0x90 && s[i+2] <= 0x99
}

// digitsAt reads the digits that begin at i.
func digitsAt(s string, i int) (digits string, end int) {
	end = i
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if !wideDigit(s, end) {
		return s[i:end], end
	}
	b := []byte(s[i:end])
	for end < len(s) {
		switch {
		case s[end] >= '0' && s[end] <= '9':
			b = append(b, s[end])
			end++
		case wideDigit(s, end):
			b = append(b, s[end+2]-0x90+'0')
			end += 3
		default:
			return string(b), end
		}
	}
	return string(b), end
}

// separator reads what may stand between two groups of one number, and says
// what it mainly is. The digit that must follow is for the caller to see.
func separator(s string, i int) (class byte, end int) {
	end = i
	for n := 0; n < 4 && end < len(s); n++ {
		r, size := utf8.DecodeRuneInString(s[end:])
		var c byte
		switch r {
		case '-', '‐', '‑', '–', '—', '−', '－', 'ㅡ':
			c = '-'
		case '.', '·', '．':
			c = '.'
		case '(', ')', '（', '）':
			c = '('
		case '\n':
			c = '\n'
		case ' ', '\t', '\u00a0', '\u3000':
			c = ' '
		default:
			return class, end
		}
		if class == 0 || class == ' ' || c == '\n' {
			class = c
		}
		end += size
	}
	return class, end
}

// chainMax bounds the groups of one chain; nobody writes a number in more.
const chainMax = 24

// chain reads the chain that begins at i, recognizes what is in it and returns
// where it ends.
func (f *finder) chain(i int) int {
	f.groups, f.buffer, f.hinted = f.groups[:0], f.buffer[:0], 0
	digits, end := digitsAt(f.s, i)
	f.groups = append(f.groups, group{i, end, digits, 0, 0})
	f.buffer = append(f.buffer, digits...)
	for len(f.groups) < chainMax {
		class, next := separator(f.s, end)
		if class == 0 || next >= len(f.s) || !(f.s[next] >= '0' && f.s[next] <= '9' || wideDigit(f.s, next)) {
			break
		}
		more, e := digitsAt(f.s, next)
		f.groups = append(f.groups, group{next, e, more, class, len(f.buffer)})
		f.buffer = append(f.buffer, more...)
		end = e
	}
	f.digits = digits
	if len(f.groups) > 1 {
		f.digits = string(f.buffer)
	}
	for k := 0; k < len(f.groups); {
		k += f.at(k)
	}
	return end
}

// at recognizes what begins with group k and returns how many groups it took,
// at least 1.
func (f *finder) at(k int) int {
	g := f.groups[k]
	if k == 0 && g.start > 0 && letter(f.s[g.start-1]) {
		if start, end, kind := f.coded(g); kind != "" {
			f.add(start, end, kind)
			return f.within(k, end)
		}
	}
	if len(f.digits) >= 7 {
		for _, m := range [...]func(*finder, int) (Kind, int){
			(*finder).licence, (*finder).resident, (*finder).card, (*finder).social, (*finder).passport, (*finder).phone, (*finder).account,
		} {
			if kind, n := m(f, k); n > 0 {
				f.add(f.begin(k), f.groups[k+n-1].end, kind)
				return n
			}
		}
	}
	if start, end := f.korean(g); end > 0 {
		f.add(start, end, Address)
		return f.within(k, end)
	}
	if k == 0 || f.groups[k].sep == ' ' || f.groups[k].sep == '\n' {
		if start, end := f.street(g); end > 0 {
			f.add(start, end, Address)
			return f.within(k, end)
		}
	}
	return 1
}

// within counts the groups from k on that begin before end.
func (f *finder) within(k, end int) int {
	n := 1
	for k+n < len(f.groups) && f.groups[k+n].start < end {
		n++
	}
	return n
}

// begin is where the number of group k begins, with its plus or parenthesis.
func (f *finder) begin(k int) int {
	start := f.groups[k].start
	for start > 0 && (f.s[start-1] == '+' || f.s[start-1] == '(') {
		start--
	}
	if strings.HasSuffix(f.s[:start], "＋") {
		start -= len("＋")
	}
	return start
}

// plus reports whether an international number begins with group k.
func (f *finder) plus(k int) bool {
	before := strings.TrimRight(f.s[:f.groups[k].start], "( ")
	return strings.HasSuffix(before, "+") || strings.HasSuffix(before, "＋")
}

// join is the digits of n groups from k on.
func (f *finder) join(k, n int) string {
	last := f.groups[k+n-1]
	return f.digits[f.groups[k].at : last.at+len(last.digits)]
}

// shape is how long each of n groups from k on is, as far as the eighth.
func (f *finder) shape(k, n int) (shape [8]int) {
	for i, g := range f.groups[k : k+min(n, 8)] {
		shape[i] = len(g.digits)
	}
	return shape
}

// loose reports whether group k begins a number of its own: it is not the tail
// of a longer code such as ORD-2024-010.
func (f *finder) loose(k int) bool {
	if k > 0 {
		return f.groups[k].sep != '-' && f.groups[k].sep != '.'
	}
	start := f.groups[k].start
	if start == 0 {
		return true
	}
	c := f.s[start-1]
	if c == '-' || c == '_' || c == '#' {
		return start < 2 || !letter(f.s[start-2]) && c != '#'
	}
	return !letter(c)
}

// ends reports whether a number ends with group k: no further group hangs on
// it, no letter and no unit.
func (f *finder) ends(k int) bool {
	if k+1 < len(f.groups) && (f.groups[k+1].sep == '-' || f.groups[k+1].sep == '.') {
		return false
	}
	rest := f.s[f.groups[k].end:]
	return rest == "" || !letter(rest[0]) && rest[0] != '%' && rest[0] != '_'
}

// counted reports whether the number that ends with group k counts something.
func (f *finder) counted(k int) bool {
	rest := f.s[f.groups[k].end:]
	for _, unit := range [...]string{"원", "개", "만", "천", "명", "포인트", "점", "회", "년", "월", "일", "시", "분", "번째", "%", ",", "억"} {
		if strings.HasPrefix(rest, unit) && (unit != "," || len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9') {
			return true
		}
	}
	return false
}

// letter reports whether c is an ASCII letter.
func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
