package redact

import (
	"log/slog"
	"slices"
	"strings"
)

// A Kind says what a piece of personal data is. It is the word in its
// placeholder.
type Kind string

// The kinds that Find tells apart.
const (
	Resident  Kind = "RRN"      // Korean resident registration number
	Foreigner Kind = "FRN"      // Korean foreigner registration number
	SSN       Kind = "SSN"      // United States social security number
	Licence   Kind = "LICENCE"  // Korean driving licence
	Passport  Kind = "PASSPORT" // of Korea, the United States and others in context
	Card      Kind = "CARD"     // payment card
	Account   Kind = "ACCOUNT"  // bank account in context, IBAN
	Phone     Kind = "PHONE"    // telephone number
	Email     Kind = "EMAIL"    // e-mail address
	Address   Kind = "ADDRESS"  // postal address
)

// A Span is where personal data stands in a text: s[Start:End].
type Span struct {
	Start, End int // bytes
	Kind       Kind
}

// A Text is text without personal data, or text of our own. Its zero value is
// empty. Outside this package only Mask, Map.Mask, Const and Join make one.
type Text struct{ s string }

// String returns the text.
func (t Text) String() string { return t.s }

// LogValue lets a Text into a log as it is.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.s) }

// constant cannot be named by other packages, so that only a constant of the
// source code converts to it.
type constant string

// Const is a Text of words that stand in the source code. Nothing that was
// read at run time can be passed to it.
func Const(words constant) Text { return Text{string(words)} }

// Join puts texts one after the other with a constant between them.
func Join(between constant, texts ...Text) Text {
	all := make([]string, len(texts))
	for i, t := range texts {
		all[i] = t.s
	}
	return Text{strings.Join(all, string(between))}
}

// Mask returns the text with each piece of personal data replaced by its kind,
// as in ⟦PHONE⟧. It cannot be undone.
func Mask(s string) Text {
	return Text{replace(s, func(k Kind, _ string) string { return left + string(k) + right })}
}

// The brackets of a placeholder. They hardly occur in what people write; where
// they do, they are replaced by ordinary ones, so that nobody can write a
// placeholder.
const (
	left  = "⟦"
	right = "⟧"
)

// replace puts words in place of each piece of personal data.
func replace(s string, words func(Kind, string) string) string {
	found := Find(s)
	if len(found) == 0 {
		return plainBrackets(s)
	}
	var b strings.Builder
	at := 0
	for _, p := range found {
		b.WriteString(plainBrackets(s[at:p.Start]))
		b.WriteString(words(p.Kind, s[p.Start:p.End]))
		at = p.End
	}
	b.WriteString(plainBrackets(s[at:]))
	return b.String()
}

func plainBrackets(s string) string {
	if !strings.Contains(s, left) && !strings.Contains(s, right) {
		return s
	}
	return strings.NewReplacer(left, "[", right, "]").Replace(s)
}

// Find returns where personal data stands in the text, in order and without
// overlaps. It reads UTF-8, full-width digits and digits that are spelled out
// ("공일공 일이삼사 오육칠팔", "four one five …"); it takes time proportional
// to the length of the text.
func Find(s string) []Span {
	f := finder{s: s}
	f.scan()
	f.spoken()
	return merge(f.found)
}

// merge joins spans that overlap or go on; the longer one names the kind.
func merge(found []Span) []Span {
	if len(found) < 2 {
		return found
	}
	slices.SortFunc(found, func(a, b Span) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.End - a.End
	})
	out := found[:1]
	for _, p := range found[1:] {
		last := &out[len(out)-1]
		if p.Start > last.End || p.Start == last.End && p.Kind != last.Kind {
			out = append(out, p)
			continue
		}
		if p.End-p.Start > last.End-last.Start {
			last.Kind = p.Kind
		}
		last.End = max(last.End, p.End)
	}
	return out
}
