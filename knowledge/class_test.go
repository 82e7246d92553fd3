package knowledge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onkihq/onki/bot"
)

// readTSV returns the rows of a data set under ONKI_DATA; the test is skipped
// when there is none.
func readTSV(t testing.TB, name ...string) [][]string {
	t.Helper()
	dir := os.Getenv("ONKI_DATA")
	if dir == "" {
		t.Skip("ONKI_DATA is not set: no data set to measure on")
	}
	data, err := os.ReadFile(filepath.Join(append([]string{dir}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		rows = append(rows, strings.Split(line, "\t"))
	}
	return rows
}

// banking makes a Base of four fifths of BANKING77 and returns the rest.
func banking(t testing.TB) (*Base, [][]string) {
	rows := readTSV(t, "banking77", "train.tsv")
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	cut := len(rows) * 4 / 5
	base, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	passages := make([]bot.Passage, cut)
	for i, r := range rows[:cut] {
		passages[i] = bot.Passage{ID: fmt.Sprint("b", i), Title: r[0], Question: r[0], Answer: r[1], Text: r[1], Lang: "en"}
	}
	if err := base.Add(t.Context(), passages...); err != nil {
		t.Fatal(err)
	}
	return base, rows[cut:]
}

// strangers are questions that no bank answers: the unanswerable ones of the
// shop and shopping requests of another data set, in two halves.
func strangers(t testing.TB) (learn, check []string) {
	for i, l := range readQuestions(t, filepath.Join("eval", "sets", "shop")) {
		if l.lang != "en" || l.want != nil || strings.Contains(l.text, "exchange rate") || strings.Contains(l.text, "currency") {
			continue
		}
		if i%2 == 0 {
			learn = append(learn, l.text)
		} else {
			check = append(check, l.text)
		}
	}
	shopping := []string{"delivery", "place_order", "track_order", "change_order", "cancel_order", "newsletter", "review", "shipping"}
	for i, r := range readTSV(t, "bitext-intents", "test.tsv") {
		if !slices.ContainsFunc(shopping, func(s string) bool { return strings.Contains(r[1], s) }) {
			continue
		}
		if strings.Contains(r[1], "order") && i%2 == 0 {
			learn = append(learn, r[0])
		} else if i%2 == 1 && !strings.Contains(r[1], "order") {
			check = append(check, r[0])
		}
	}
	return learn, check
}

// TestBanking measures the search path on questions that it has not seen.
func TestBanking(t *testing.T) {
	base, held := banking(t)
	_, none := strangers(t)
	right, refused, recognized := 0, 0, 0
	for _, r := range held {
		found, err := base.Search(t.Context(), r[0], 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			refused++
		} else if found[0].Answer == r[1] {
			right++
		}
	}
	for _, q := range none {
		if found, _ := base.Search(t.Context(), q, 1); len(found) == 0 {
			recognized++
		}
	}
	accuracy := float64(right) / float64(len(held))
	t.Logf("accuracy %.4f, refused %.1f %% of %d; not knowing recognized %.1f %% of %d", accuracy,
		100*float64(refused)/float64(len(held)), len(held), 100*float64(recognized)/float64(len(none)), len(none))
	if accuracy < 0.89 {
		t.Errorf("accuracy %.4f is below 0.89", accuracy)
	}
}

// calibrateClasses learns the class weights: held-out questions of BANKING77
// against questions that no bank answers.
func calibrateClasses(t *testing.T, c *calibration) {
	base, held := banking(t)
	none, _ := strangers(t)
	s := base.now.Load()
	see := func(text string) (classFeatures, bool) {
		q := base.understand(s, text)
		hits, err := base.index.Search(t.Context(), Probe{Terms: q.probe(1), N: voters})
		if err != nil {
			t.Fatal(err)
		}
		v, ok := s.classes.judge(text, &q, hits, func(*bot.Passage) bool { return true })
		return v.classFeatures, ok
	}
	var in, out []classFeatures
	for _, r := range held {
		if f, ok := see(r[0]); ok {
			in = append(in, f)
		}
	}
	for _, q := range none {
		if f, ok := see(q); ok {
			out = append(out, f)
		}
	}
	w := &c.class
	for range 5000 {
		var g classFeatures
		step := func(list []classFeatures, y float64) {
			for _, f := range list {
				x := 0.0
				for i, v := range f {
					x += w[i] * v
				}
				d := 1/(1+math.Exp(-x)) - y
				for i, v := range f {
					g[i] += d * v / float64(len(list))
				}
			}
		}
		step(in, 1)
		step(out, 0)
		for i := range w {
			w[i] -= 1.5 * (g[i] + 0.001*w[i])
		}
	}
	// The chance at which 1.5 % of the answerable questions fall becomes least.
	tops := make([]float64, len(in))
	for i, f := range in {
		tops[i] = c.classChance(f, 0)
	}
	slices.Sort(tops)
	p := tops[len(tops)*15/1000]
	w[cBias] += math.Log(c.least/(1-c.least)) - math.Log(p/(1-p))
}
