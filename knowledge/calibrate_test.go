package knowledge

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

// An asked is a question of a test set with the passages that were found.
type asked struct {
	labelled
	found []features
	right []bool
}

// TestCalibrate learns the weights of calibration.txt from the brands under
// eval/sets that UPDATE names: UPDATE="shop air" go test -run Calibrate
func TestCalibrate(t *testing.T) {
	if os.Getenv("UPDATE") == "" {
		t.Skip("name brands in UPDATE to learn calibration.txt anew")
	}
	var all []asked
	for _, brand := range strings.Fields(os.Getenv("UPDATE")) {
		for _, lang := range []string{"ko", "en"} {
			all = append(all, collect(t, brand, lang)...)
		}
	}
	c := &calibration{}
	c.rank = learnRank(all)
	c.known = learnKnown(c, all)
	c.least = threshold(c, all)
	var b strings.Builder
	b.WriteString("# feature, weight for the order of passages, weight for knowing: learned by\n# TestCalibrate from eval/sets. least is the chance below which the Base does\n# not know.\n")
	for i, name := range featureNames() {
		fmt.Fprintf(&b, "%s %.3f %.3f\n", name, c.rank[i], c.known[i])
	}
	fmt.Fprintf(&b, "least %.3f\n", c.least)
	calibrateClasses(t, c)
	for i, name := range classFeatureNames() {
		fmt.Fprintf(&b, "%s %.3f\n", name, c.class[i])
	}
	if err := os.WriteFile("calibration.txt", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Log(b.String())
}

func collect(t *testing.T, brand, lang string) (all []asked) {
	dir := filepath.Join("eval", "sets", brand)
	base, _, err := Import(t.Context(), os.DirFS(filepath.Join(dir, "knowledge")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := base.now.Load()
	for _, l := range readQuestions(t, dir) {
		if l.lang != lang {
			continue
		}
		q := base.understand(s, l.text)
		hits, err := base.index.Search(t.Context(), Probe{Terms: q.probe(1), Filter: Filter{Lang: lang}, N: candidates})
		if err != nil {
			t.Fatal(err)
		}
		a := asked{labelled: l}
		for _, h := range hits {
			a.found = append(a.found, q.compareTo(s, s.cache.get(s, &h.Passage)))
			a.right = append(a.right, l.right(h.Passage.Title))
		}
		all = append(all, a)
	}
	return all
}

// learnRank fits the order: the right passages of a question against its
// others (softmax within the question).
func learnRank(all []asked) features {
	var w features
	for range 3000 {
		var g features
		n := 0.0
		for _, a := range all {
			var sum, good float64
			p := make([]float64, len(a.found))
			for i, f := range a.found {
				p[i] = math.Exp(min(f.dot(w), 50))
				sum += p[i]
				if a.right[i] {
					good += p[i]
				}
			}
			if good == 0 {
				continue
			}
			n++
			for i, f := range a.found {
				d := p[i] / sum
				if a.right[i] {
					d -= p[i] / good
				}
				for j, v := range f {
					g[j] += d * v
				}
			}
		}
		for j := range w {
			w[j] -= 3 * (g[j]/n + 0.002*w[j])
			if w[j] = max(w[j], 0); j == fTrouble {
				w[j] = -trouble
			}
		}
	}
	return w
}

// trouble is how much a trouble that was not named counts against a passage.
// It is set, not learned: brands write more about troubles than the questions
// of the sets ask about ordinary things.
const trouble = 1.5

// learnKnown fits the chance that the best passage answers.
func learnKnown(c *calibration, all []asked) features {
	var w features
	for range 6000 {
		var g features
		n := 0.0
		for _, a := range all {
			i := c.top(a)
			if i < 0 || a.want != nil && !a.right[i] {
				continue
			}
			d := 1 / (1 + math.Exp(-a.found[i].dot(w)))
			if a.want != nil {
				d--
			}
			for j, v := range a.found[i] {
				g[j] += d * v
			}
			n++
		}
		for j := range w {
			w[j] -= 4 * (g[j]/n + 0.002*w[j])
			if j != fBias && j != fUnknown && j != fForeign && j != fThin && j != fTopic && j != fLoose && j != fTrouble {
				w[j] = max(w[j], 0)
			} else if j != fBias && j != fTopic {
				w[j] = min(w[j], 0)
			}
		}
	}
	return w
}

// top returns the passage ranked first, -1 when there is none.
func (c *calibration) top(a asked) int {
	best := -1
	for i, f := range a.found {
		if best < 0 || f.dot(c.rank) > a.found[best].dot(c.rank) {
			best = i
		}
	}
	return best
}

// threshold returns the chance below which 3 % of the answerable questions
// fall.
func threshold(c *calibration, all []asked) float64 {
	var tops []float64
	for _, a := range all {
		if a.want == nil {
			continue
		}
		top := 0.0
		if i := c.top(a); i >= 0 {
			top = c.chance(a.found[i])
		}
		tops = append(tops, top)
	}
	sort.Float64s(tops)
	return tops[len(tops)*3/100]
}
