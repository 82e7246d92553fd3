package knowledge

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
)

//go:embed calibration.txt
var calibrationText string

// calibration is how features become a score, and from where on it is enough.
type calibration struct {
	rank  features      // orders the passages of one question
	known features      // the logit of the chance that the best one answers it
	least float64       // below this chance the Base does not know
	class classFeatures // the logit of the chance that the best class answers
}

// featureNames are the names in the calibration file, in the order of the
// features.
func featureNames() [nFeatures]string {
	return [nFeatures]string{
		"bias", "topic_title", "topic_body", "aspect_title", "aspect_body", "word_title", "word_body", "named",
		"named_aspect", "mass", "sentence", "unknown", "foreign", "topic", "thin", "rare", "agree", "loose", "strong", "trouble",
	}
}

func classFeatureNames() [nClassFeatures]string {
	return [nClassFeatures]string{"class_bias", "class_inside", "class_chance", "class_unknown", "class_foreign", "class_cover", "class_outside"}
}

// parseCalibration reads lines of a feature with its two weights, and the
// threshold.
func parseCalibration(text string) (*calibration, error) {
	c := &calibration{}
	class := map[string]int{}
	for i, name := range classFeatureNames() {
		class[name] = i
	}
	index := map[string]int{}
	for i, name := range featureNames() {
		index[name] = i
	}
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		var v [2]float64
		for i, s := range f[1:min(len(f), 3)] {
			var err error
			if v[i], err = strconv.ParseFloat(s, 64); err != nil {
				return nil, fmt.Errorf("calibration.txt:%d: %q is not a number", n+1, s)
			}
		}
		i, ok := index[f[0]]
		j, isClass := class[f[0]]
		switch {
		case isClass && len(f) == 2:
			c.class[j] = v[0]
			delete(class, f[0])
		case ok && len(f) == 3:
			c.rank[i], c.known[i] = v[0], v[1]
			delete(index, f[0])
		case f[0] == "least" && len(f) == 2:
			c.least = v[0]
		default:
			return nil, fmt.Errorf("calibration.txt:%d: %q is not a feature and its two weights", n+1, line)
		}
	}
	for name := range class {
		index[name] = 0
	}
	for name := range index {
		return nil, fmt.Errorf("calibration.txt: the weights of %s are missing", name)
	}
	return c, nil
}

func (f features) dot(w features) float64 {
	x := 0.0
	for i, v := range f {
		x += w[i] * v
	}
	return x
}

// chance is the calibrated chance that a passage with these features answers.
func (c *calibration) chance(f features) float64 {
	return 1 / (1 + math.Exp(-f.dot(c.known)))
}

// classChance is the calibrated chance that the best class answers; shift is
// what the brand's own questions say about it.
func (c *calibration) classChance(f classFeatures, shift float64) float64 {
	x := shift
	for i, v := range f {
		x += c.class[i] * v
	}
	return 1 / (1 + math.Exp(-x))
}
