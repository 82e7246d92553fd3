package importer

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/unicode"
)

// decode returns the text of a file as UTF-8 with plain line ends. It knows
// UTF-8 and UTF-16 by their marks, and takes what is not UTF-8 for CP949, the
// encoding of older Korean office files, when that gives Korean letters.
func decode(data []byte, ext string) (string, error) {
	var text string
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", errors.New("is damaged UTF-16")
		}
		text = string(out)
	case utf8.Valid(data):
		text = strings.TrimPrefix(string(data), "\ufeff")
	default:
		out, err := korean.EUCKR.NewDecoder().Bytes(data) // the decoder covers CP949
		if err != nil || !isKorean(out) {
			return "", errors.New("is neither UTF-8 nor CP949 text")
		}
		text = string(out)
	}
	if strings.ContainsRune(text, 0) {
		return "", errors.New("holds zero bytes: it is not a text file")
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), nil
}

// isKorean reports whether a decoded text looks like Korean and not like some
// other bytes: few replacement characters, and Hangul among the rest.
func isKorean(text []byte) bool {
	bad, hangul, wide := 0, 0, 0
	for _, r := range string(text) {
		switch {
		case r == utf8.RuneError:
			bad++
		case r >= 0xac00 && r <= 0xd7a3:
			hangul++
			wide++
		case r >= 0x80:
			wide++
		}
	}
	return hangul > 0 && hangul*2 >= wide && bad*50 <= hangul
}
