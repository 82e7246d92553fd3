package learn

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onkihq/onki/knowledge/words"
)

// TestBanking measures the classifier alone on held-out questions of BANKING77
// (set ONKI_DATA to a folder with banking77/train.tsv).
func TestBanking(t *testing.T) {
	dir := os.Getenv("ONKI_DATA")
	if dir == "" {
		t.Skip("ONKI_DATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, "banking77", "train.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	classes := map[string]int{}
	var all []Example
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		text, class, _ := strings.Cut(line, "\t")
		if _, ok := classes[class]; !ok {
			classes[class] = len(classes)
		}
		all = append(all, Example{text, classes[class]})
	}
	right, asked := 0, 0
	start := time.Now()
	for seed := range uint64(3) {
		rand.New(rand.NewPCG(seed, 2)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		cut := len(all) * 4 / 5
		m := Train(l, all[:cut], len(classes), Options{})
		for _, e := range all[cut:] {
			s, _ := m.Scores(e.Text)
			best := 0
			for c := range s {
				if s[c] > s[best] {
					best = c
				}
			}
			if best == e.Class {
				right++
			}
		}
		asked += len(all) - cut
	}
	accuracy := float64(right) / float64(asked)
	t.Logf("accuracy %.4f on %d, three times trained and asked in %v", accuracy, asked, time.Since(start))
	if accuracy < 0.9 {
		t.Errorf("accuracy %.4f is below 0.9", accuracy)
	}
}
