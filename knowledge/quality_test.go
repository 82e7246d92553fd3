package knowledge

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A labelled is a question with parts of the titles that answer it, none for
// a question that the brand has not answered.
type labelled struct {
	text, lang string
	want       []string
}

func (l labelled) right(title string) bool {
	for _, w := range l.want {
		if strings.Contains(title, w) {
			return true
		}
	}
	return false
}

func readQuestions(t testing.TB, dir string) []labelled {
	t.Helper()
	var out []labelled
	for _, lang := range []string{"ko", "en"} {
		f, err := os.Open(filepath.Join(dir, "questions."+lang+".tsv"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		s := bufio.NewScanner(f)
		for n := 1; s.Scan(); n++ {
			if strings.HasPrefix(s.Text(), "#") || s.Text() == "" {
				continue
			}
			text, want, ok := strings.Cut(s.Text(), "\t")
			if !ok {
				t.Fatalf("%s:%d: no tab", f.Name(), n)
			}
			l := labelled{text: text, lang: lang}
			if want != "-" {
				l.want = strings.Split(want, "|")
			}
			out = append(out, l)
		}
	}
	return out
}

// quality is what a brand's questions show.
type quality struct {
	answerable, first, refused int // with an answer; right first; said not to know
	unanswerable, recognized   int // without; said not to know
}

func (q quality) String() string {
	rate := func(a, b int) float64 { return 100 * float64(a) / float64(max(b, 1)) }
	return fmt.Sprintf("right first %.1f %%, refused %.1f %% of %d; not knowing recognized %.1f %% of %d",
		rate(q.first, q.answerable), rate(q.refused, q.answerable), q.answerable, rate(q.recognized, q.unanswerable), q.unanswerable)
}

func measure(t testing.TB, brand, lang string, verbose bool) quality {
	t.Helper()
	dir := filepath.Join("eval", "sets", brand)
	base, report, err := Import(t.Context(), os.DirFS(filepath.Join(dir, "knowledge")), Options{})
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	var q quality
	for _, l := range readQuestions(t, dir) {
		if l.lang != lang {
			continue
		}
		a, err := base.Ask(t.Context(), Query{Text: l.text, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		list := append(a.Passages, a.Near...)
		ok := len(list) > 0 && l.right(list[0].Title)
		if l.want == nil {
			q.unanswerable++
			if !a.Known {
				q.recognized++
			} else if verbose {
				t.Logf("KNOWN? %q: %s %.2f", l.text, a.Passages[0].Title, a.Passages[0].Score)
			}
			continue
		}
		q.answerable++
		if ok {
			q.first++
		}
		if !a.Known {
			q.refused++
		}
		if verbose && (!ok || !a.Known) {
			got := "nothing"
			if len(list) > 0 {
				got = fmt.Sprintf("%s %.2f", list[0].Title, list[0].Score)
			}
			t.Logf("known %v %q: %s, want %v", a.Known, l.text, got, l.want)
		}
	}
	return q
}

// TestQuality holds the search to what it reached on three brands: two that
// its weights and word lists were made with, and one of another industry.
// Together, nine of ten questions without an answer must be recognized while
// hardly one of twenty with an answer is refused.
func TestQuality(t *testing.T) {
	var all quality
	for _, brand := range []string{"shop", "air", "net"} {
		for _, lang := range []string{"ko", "en"} {
			q := measure(t, brand, lang, os.Getenv("VERBOSE") != "")
			t.Logf("%s %s: %s", brand, lang, q)
			if q.first*100 < q.answerable*80 {
				t.Errorf("%s %s: less than 80 %% right first", brand, lang)
			}
			all.answerable += q.answerable
			all.first += q.first
			all.refused += q.refused
			all.unanswerable += q.unanswerable
			all.recognized += q.recognized
		}
	}
	t.Logf("together: %s", all)
	if all.first*100 < all.answerable*88 || all.refused*100 > all.answerable*5 || all.recognized*100 < all.unanswerable*90 {
		t.Errorf("worse than before: %s", all)
	}
}
