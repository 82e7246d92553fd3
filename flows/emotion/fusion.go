package emotion

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"sync"
)

// A Fusion says how much each kind of evidence counts. It is fitted by the
// trainer on labelled messages (make model) and kept in fusion.json.
type Fusion struct {
	Beside Weights `json:"beside"` // with the trained model
	Alone  Weights `json:"alone"`  // rules only
}

// Weights are two logistic regressions: of every feeling on what speaks for
// it, and of "the first feeling is right" on the signs of certainty.
type Weights struct {
	Evidence map[string]float64 `json:"evidence"` // by EvidenceNames
	Feeling  map[string]float64 `json:"feeling"`  // the bias of each care emotion
	Sure     map[string]float64 `json:"sure"`     // by SureNames; "bias" is the rest
	Loud     map[string]float64 `json:"loud"`     // how much of the strength of each care emotion counts as intensity
}

// The kinds of evidence that speak for one feeling, by their place.
const (
	evModel        = iota // the trained model's logit
	evWords               // feeling words
	evDenied              // feeling words that are negated
	evOver                // … that are over
	evTheirs              // … that are somebody else's
	evFacts               // appraisal rules
	evStyle               // marks and emoji
	evPraise              // sarcasm, on pleasant feelings
	evMockery             // sarcasm, on complaints
	evOpposite            // the strongest word of the other sign
	evNegated             // a feeling is negated: on unpleasant feelings
	evPast                // … is over
	evBorrowed            // … is somebody else's
	evNegatedCalm         // a feeling is negated: on neutral, relief and expectation
	evPastCalm            // … is over
	evBorrowedCalm        // … is somebody else's
	evRestNegated         // how much more the model hears in the text without denied feelings
	evRestPast            // … without what is over
	evRestOther           // … without what others feel or say
	evQuiet               // how little speaks for any other feeling: on neutral
	evidences             // how many there are
)

// The signs of certainty about the first feeling, by their place.
const (
	sureMargin  = iota // distance to the second feeling
	sureFirst          // strength of the first
	sureWords          // how many feeling words there are
	sureAgree          // words, facts and marks that say the same
	sureUnknown        // share of the text that the model does not know
	sureSarcasm        // how likely the words mean their opposite
	sureShort          // one or two words
	sureBare           // no words at all
	sures              // how many there are
)

// EvidenceNames are the kinds of evidence in fusion.json, in the order of
// Case.Evidence.
func EvidenceNames() []string {
	return []string{"model", "words", "denied", "over", "somebody else's", "facts", "style", "sarcastic praise", "sarcastic complaint", "opposite words",
		"negated", "past", "borrowed", "negated: calm", "past: calm", "borrowed: calm",
		"without negated", "without past", "without borrowed", "quiet"}
}

// SureNames are the signs of certainty in fusion.json, in the order of Case.Sure.
func SureNames() []string {
	return []string{"margin", "first", "words", "agreement", "unknown text", "sarcasm", "short", "bare"}
}

// weighing is Weights by place.
type weighing struct {
	evidence [evidences]float64
	bias     [labels]float64
	sure     [sures + 1]float64 // the bias last
	loud     [labels]float64
}

func (w Weights) weighing() (out weighing, err error) {
	names := make([]string, labels)
	for i, k := range kinds {
		names[i] = k.name
	}
	for _, part := range []struct {
		name  string
		from  map[string]float64
		names []string
		to    []float64
	}{
		{"evidence", w.Evidence, EvidenceNames(), out.evidence[:]},
		{"feeling", w.Feeling, names, out.bias[:]},
		{"sure", w.Sure, append(SureNames(), "bias"), out.sure[:]},
		{"loud", w.Loud, names, out.loud[:]},
	} {
		for i, n := range part.names {
			v, ok := part.from[n]
			if !ok || math.IsNaN(v) || math.IsInf(v, 0) {
				return out, fmt.Errorf("fusion: no %s weight for %q: fit it again with make model", part.name, n)
			}
			part.to[i] = v
		}
	}
	return out, nil
}

// fused are the weights of a Fusion by place.
type fused struct{ beside, alone weighing }

func (f Fusion) places() (out fused, err error) {
	if out.beside, err = f.Beside.weighing(); err == nil {
		out.alone, err = f.Alone.weighing()
	}
	return out, err
}

//go:embed fusion.json
var fusionFile []byte

// fitted are the weights that are part of the program.
var fitted = sync.OnceValues(func() (fused, error) {
	var f Fusion
	if err := json.Unmarshal(fusionFile, &f); err != nil {
		return fused{}, fmt.Errorf("fusion.json: %w", err)
	}
	return f.places()
})
