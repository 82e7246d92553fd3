package emotion

// point maps a raw confidence to the share of readings that are right there.
type point struct{ raw, right float64 }

// The tables were read off the even lines of the probe and the hard sets and
// made monotone (isotonic, Zadrozny & Elkan 2002); the tests measure the
// calibration error on the odd lines.
var (
	besideTable = []point{{0, .2}, {.05, .33}, {.2, .45}, {.3, .54}, {.4, .66}, {.55, .72}, {.7, .74}, {.78, .79}, {.88, .88}, {.97, .92}, {1, .94}}
	aloneTable  = []point{{0, .12}, {.22, .18}, {.26, .42}, {.5, .45}, {.7, .57}, {.8, .68}, {.9, .82}, {1, .88}}
)

// calibrate turns a raw confidence into the share of readings that are right
// at that confidence, by linear interpolation.
func calibrate(c float64, table []point) float64 {
	for i := 1; i < len(table); i++ {
		if a, b := table[i-1], table[i]; c <= b.raw {
			return a.right + (b.right-a.right)*(max(c, a.raw)-a.raw)/(b.raw-a.raw)
		}
	}
	return table[len(table)-1].right
}
