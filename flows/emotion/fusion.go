package emotion

// evidences is how many kinds of evidence speak for one emotion.
const evidences = 14

// fusion says how much each kind of evidence counts.
type fusion struct {
	// weight: 0 trained model (logit), 1 feeling words, 2 feelings denied,
	// 3 facts, 4 style, 5 sarcasm on pleasant feelings, 6 sarcasm on complaint,
	// 7 the strongest word of the other sign, 8–10 negation, past and borrowed
	// words on unpleasant feelings, 11–13 the same on neutral, relief, expectation.
	weight [evidences]float64
	bias   [labels]float64
}

// The weights were fitted by logistic regression on every second line of the
// probe and of the hard sets; the other lines, which no weight has seen, are
// those that the tests measure.
var (
	beside = fusion{ // with the trained model
		weight: [evidences]float64{.86, 1.76, -1.08, .83, 1.28, -2.2, 2.73, .16, -.51, -.3, .72, 1.64, 1.81, .86},
		bias:   [labels]float64{-.57, -.82, -.88, -1.27, -1.11, -1.06, -1.56, -1.36, -1.47, -1.55, -1.34, -1.22, -1.43, -.79, -1.11, -1.26, -.90},
	}
	alone = fusion{ // rules only
		weight: [evidences]float64{0, 3.53, -.29, 1.14, 3.02, -1.6, 2.76, -.7, -.48, -.45, .54, 1.13, 1.32, .14},
		bias:   [labels]float64{-1.74, -1.84, -1.97, -2.48, -2.23, -2.23, -2.76, -2.6, -2.74, -2.66, -2.5, -2.6, -2.66, -2.06, -2.25, -2.47, -2.12},
	}
)
