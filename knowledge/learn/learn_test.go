package learn

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// TestTrain learns three small classes and tells new wordings of them apart.
func TestTrain(t *testing.T) {
	l, err := words.New()
	if err != nil {
		t.Fatal(err)
	}
	classes := [][]string{
		{"환불은 언제 되나요", "돈 언제 돌려줘요", "환불 며칠 걸려요", "환불이 아직 안 됐어요"},
		{"how can I track my parcel", "where is the tracking number", "track an order", "parcel tracking please"},
		{"비밀번호를 잊었어요", "비번 까먹음", "비밀번호 재설정", "비밀번호 바꾸고 싶어요"},
	}
	var examples []Example
	for c, list := range classes {
		for _, text := range list {
			examples = append(examples, Example{text, c})
		}
	}
	m, again := Train(l, examples, 3, Options{}), Train(l, examples, 3, Options{})
	for text, want := range map[string]int{"환불 언제 해줘요?": 0, "tracking of my order": 1, "비밀번호가 기억 안 나요": 2, "비빌번호 잊음": 2} {
		s, ok := m.Scores(text)
		if !ok || slices.Index(s, slices.Max(s)) != want {
			t.Errorf("%q: scores %v, want class %d first", text, s, want)
		}
		if other, _ := again.Scores(text); !slices.Equal(s, other) {
			t.Errorf("%q: trained twice, scored %v and %v", text, s, other)
		}
	}
	if _, ok := m.Scores("ㅋㅋ ???"); ok {
		t.Error("a text without any known feature is scored")
	}
}
