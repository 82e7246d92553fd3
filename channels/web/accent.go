package web

import (
	"fmt"
	"math"
	"strconv"
)

// contrastMin is what WCAG 2.2 asks for between text and its background
// (success criterion 1.4.3).
const contrastMin = 4.5

// Accent checks a brand's colour and returns it fit to carry white text: as
// it is when the contrast is at least 4.5 to 1, else darkened step by step
// until it is. An error says how a colour must be written.
func Accent(colour string) (string, error) {
	rgb, err := parseColour(colour)
	if err != nil {
		return "", err
	}
	for contrast(rgb) < contrastMin {
		for i := range rgb {
			rgb[i] = math.Floor(rgb[i] * 0.96)
		}
	}
	return fmt.Sprintf("#%02x%02x%02x", int(rgb[0]), int(rgb[1]), int(rgb[2])), nil
}

func parseColour(s string) (rgb [3]float64, err error) {
	if len(s) == 4 && s[0] == '#' {
		s = string([]byte{'#', s[1], s[1], s[2], s[2], s[3], s[3]})
	}
	n, perr := strconv.ParseUint(s[min(1, len(s)):], 16, 32)
	if len(s) != 7 || s[0] != '#' || perr != nil {
		return rgb, fmt.Errorf("colour %q: write it as six hexadecimal digits, such as #2f6f6a", s)
	}
	return [3]float64{float64(n >> 16), float64(n >> 8 & 0xff), float64(n & 0xff)}, nil
}

// contrast returns the contrast of white on the colour, 1 to 21, by the
// relative luminance of WCAG 2.2.
func contrast(rgb [3]float64) float64 {
	linear := func(v float64) float64 {
		v /= 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	l := 0.2126*linear(rgb[0]) + 0.7152*linear(rgb[1]) + 0.0722*linear(rgb[2])
	return 1.05 / (l + 0.05)
}
