package emotion

// calibrate turns a raw confidence into the share of readings that are right
// at that confidence.
func calibrate(c float64) float64 { return c }
