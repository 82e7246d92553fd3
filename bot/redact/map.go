package redact

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Map replaces personal data by numbered placeholders and puts it back. One
// Map belongs to one conversation: the same number gets the same placeholder
// however it is written, so that a model can tell that a customer gave it
// twice. Masking the messages of a conversation again in the same order gives
// the same placeholders. The zero value is ready; a Map belongs to one
// goroutine and is never stored.
type Map struct {
	names  map[string]string // by kind and bare value
	values map[string]string // by placeholder, as first written
	counts map[Kind]int
}

// Mask returns the text with a placeholder for each piece of personal data.
func (m *Map) Mask(s string) Text {
	return Text{replace(s, m.name)}
}

// name is the placeholder of a value.
func (m *Map) name(k Kind, value string) string {
	if m.names == nil {
		m.names, m.values, m.counts = make(map[string]string), make(map[string]string), make(map[Kind]int)
	}
	key := string(k) + bare(value)
	if name, known := m.names[key]; known {
		return name
	}
	m.counts[k]++
	name := left + string(k) + "_" + strconv.Itoa(m.counts[k]) + right
	m.names[key], m.values[name] = name, value
	return name
}

// bare is the value without what people write between its parts.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= '가' && r <= '힣', r == '@', r == '+':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, s)
}

// ErrUnknown is returned by Restore for a placeholder that stands for nothing.
var ErrUnknown = errors.New("a placeholder that stands for nothing")

// Restore puts the values back. A placeholder that this Map has not given, as a
// model may invent, or a bracket of a broken one, is an error that wraps
// ErrUnknown: such an answer must not be said.
func (m *Map) Restore(s string) (string, error) {
	var b strings.Builder
	for rest := s; ; {
		i := strings.Index(rest, left)
		if j := strings.Index(rest, right); j >= 0 && (i < 0 || j < i) {
			return "", fmt.Errorf("restore: a %s without a %s: %w", right, left, ErrUnknown)
		}
		if i < 0 {
			b.WriteString(rest)
			return b.String(), nil
		}
		j := strings.Index(rest[i:], right)
		if j < 0 {
			return "", fmt.Errorf("restore: a %s without a %s: %w", left, right, ErrUnknown)
		}
		name := rest[i : i+j+len(right)]
		value, known := m.values[name]
		if !known {
			return "", fmt.Errorf("restore: %s: %w", Mask(strings.Trim(name, left+right)), ErrUnknown)
		}
		b.WriteString(rest[:i])
		b.WriteString(value)
		rest = rest[i+len(name):]
	}
}
